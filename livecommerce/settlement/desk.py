"""The finance desk over HTTP: the books, plans, adjustments, disputes, reconciliation."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from livecommerce.identity.errors import NoSuchMerchant
from livecommerce.kernel.page import BadCursor
from livecommerce.settlement import adjustments, money_out, plans, queries, reconciliations
from livecommerce.settlement.errors import (
    AlreadyDecided,
    AlreadyReversed,
    BadPlan,
    NoSuchAdjustment,
    NotByHand,
    NothingToAdjust,
    OnlyPeople,
    SecondPairOfEyes,
    UndoneElsewhere,
)
from livecommerce.settlement.exchange import DatedRates
from livecommerce.settlement.wire import (
    AccountOut,
    AdjustmentIn,
    AdjustmentOut,
    ExplainedOut,
    OpenItemOut,
    PaymentListed,
    PayoutOut,
    PlanIn,
    PlanOut,
    ReconciliationOut,
    RefundListed,
    Resolve,
)
from livecommerce.settlement.wire_waiting import (
    AnswerDispute,
    DisputeOut,
    NotBackOut,
    UnsentOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from livecommerce.web.wire import Currency, PageOut
from payments.errors import (
    BeingExplained,
    BeyondCounting,
    DifferenceChanged,
    DisputeDecided,
    NoSuchAccount,
    NoSuchDifference,
    NoSuchDispute,
    NoSuchPosting,
    NothingToEven,
    Unbalanced,
)
from payments.rules import PaymentState

_TAGS = ("settlement",)
_DECIDES = (NoSuchAdjustment, AlreadyDecided)
_PROPOSES = (OnlyPeople, NoSuchAccount, NoSuchMerchant, BeyondCounting, NotByHand)


@route("GET", "/v1/ledger/trial-balance", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def trial_balance(call: Call) -> list[AccountOut]:
    """Every account's sum; per currency they sum to zero."""
    return await queries.trial_balance(call.tx, by=call.who)


@route(
    "GET",
    "/v1/ledger/balance",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    errors=(NoSuchAccount,),
    tags=("settlement",),
)
async def explain(
    call: Call,
    account: str,
    currency: Currency,
    owner: str | None = None,
    after: Annotated[int, Field(ge=1, lt=2**63)] | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> ExplainedOut:
    """A balance, explained down to the postings."""
    return await queries.explain_balance(
        call.tx, account, currency, owner, by=call.who, after=after, limit=limit
    )


@route(
    "GET",
    "/v1/ledger/journal",
    may=staff(StaffRole.FINANCE),
    tags=_TAGS,
    tx=False,
    gives=("text/plain", "2026-11-23 open Assets:StripePending\n"),
)
async def journal(call: Call) -> web.StreamResponse:
    """The whole journal as beancount text, for a bookkeeper's own tools."""
    headers = {"Content-Disposition": 'attachment; filename="livecommerce.beancount"'}
    answer = web.StreamResponse(headers=headers)
    answer.content_type, answer.charset = "text/plain", "utf-8"
    await answer.prepare(call.request)
    async for piece in queries.journal(call.r.db, by=call.who):
        await answer.write(piece.encode())
    await answer.write_eof()
    return answer


@route(
    "POST",
    "/v1/merchants/{merchant}/plans",
    status=201,
    may=staff(StaffRole.FINANCE),
    errors=(BadPlan,),
    tags=("settlement",),
)
async def agree(call: Call, merchant: str, body: PlanIn) -> PlanOut:
    """Agree on commission, hold and reserve with a merchant."""
    rates = call.r.part(DatedRates)
    return await plans.agree(call.tx, merchant, body, by=call.who, now=call.now, rates=rates)


@route(
    "GET",
    "/v1/merchants/{merchant}/plans",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def agreed(call: Call, merchant: str) -> list[PlanOut]:
    """What was agreed with a merchant, newest first, and which of it is in force."""
    return await plans.plans(call.tx, merchant, by=call.who, now=call.now)


@route("GET", "/v1/adjustments", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def adjusting(call: Call) -> list[AdjustmentOut]:
    """Adjustments of the books, those that wait for a decision first."""
    return await adjustments.listed(call.tx, by=call.who)


@route(
    "POST",
    "/v1/adjustments",
    status=201,
    may=staff(StaffRole.FINANCE),
    errors=(
        *_PROPOSES,
        NothingToAdjust,
        NoSuchPosting,
        AlreadyReversed,
        UndoneElsewhere,
        Unbalanced,
    ),
    tags=("settlement",),
)
async def propose(call: Call, body: AdjustmentIn) -> AdjustmentOut:
    """Propose to reverse a posting or to enter a correction; somebody else approves it."""
    return await adjustments.propose(call.tx, body, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/adjustments/{adjustment}/approval",
    may=staff(StaffRole.FINANCE),
    errors=(
        *_DECIDES,
        OnlyPeople,
        SecondPairOfEyes,
        AlreadyReversed,
        BeyondCounting,
        DifferenceChanged,
        UndoneElsewhere,
        NotByHand,
    ),
    tags=("settlement",),
)
async def approve(call: Call, adjustment: str) -> AdjustmentOut:
    """Post what somebody else proposed."""
    return await adjustments.approve(call.tx, adjustment, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/adjustments/{adjustment}/refusal",
    may=staff(StaffRole.FINANCE),
    errors=_DECIDES,
    tags=("settlement",),
)
async def refuse(call: Call, adjustment: str) -> AdjustmentOut:
    """Refuse what was proposed, or take it back."""
    return await adjustments.refuse(call.tx, adjustment, by=call.who, now=call.now)


@route("GET", "/v1/payouts", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def all_payouts(call: Call) -> list[PayoutOut]:
    """Everybody's payouts, the centre's own among them, newest first."""
    return await money_out.all_payouts(call.tx, by=call.who)


@route("GET", "/v1/unsent", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def all_unsent(call: Call) -> list[UnsentOut]:
    """What the payment provider would not send to merchants, and why; longest first."""
    return await money_out.all_unsent(call.tx, by=call.who)


@route(
    "POST",
    "/v1/merchants/{merchant}/unsent/again",
    may=staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def ask_again(call: Call, merchant: str) -> list[UnsentOut]:
    """Have what waits sent now, also what was kept until somebody says so."""
    return await money_out.ask_again(call.tx, merchant, by=call.who, now=call.now)


@route("GET", "/v1/not-taken-back", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def not_back(call: Call) -> list[NotBackOut]:
    """What the payment provider would not take back from merchants, newest first."""
    return await money_out.not_back(call.tx, by=call.who)


@route("GET", "/v1/disputes", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def disputes(call: Call) -> list[DisputeOut]:
    """Disputes, those that wait for an answer first."""
    return await money_out.disputes_of(call.tx, by=call.who)


@route(
    "POST",
    "/v1/disputes/{dispute}/answer",
    may=staff(StaffRole.FINANCE),
    errors=(NoSuchDispute, DisputeDecided),
    tags=("settlement",),
)
async def answer(call: Call, dispute: str, body: AnswerDispute) -> DisputeOut:
    """Have what speaks for us put before the bank."""
    return await money_out.answer(call.tx, dispute, body, by=call.who, now=call.now)


@route("GET", "/v1/reconciliation", may=staff(StaffRole.FINANCE), tags=("settlement",))
async def reconciliation(call: Call) -> ReconciliationOut | None:
    """The last comparison of our books with the provider's, and what is open by now."""
    return await reconciliations.latest(call.tx, by=call.who, now=call.now)


@route(
    "POST", "/v1/reconciliation", may=staff(StaffRole.FINANCE), tags=("settlement",), tx=False
)
async def reconcile(call: Call) -> ReconciliationOut:
    """Compare our books with the provider's now."""
    return await reconciliations.run(call.r.db, call.r.payments, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/reconciliation/{difference}/resolution",
    may=staff(StaffRole.FINANCE),
    errors=(*_PROPOSES, NoSuchDifference, BeingExplained, NothingToEven),
    tags=("settlement",),
)
async def resolve(call: Call, difference: str, body: Resolve) -> OpenItemOut:
    """Explain a difference, by a posting that somebody else approves or in words."""
    return await reconciliations.resolve(call.tx, difference, body, by=call.who, now=call.now)


@route("GET", "/v1/payments", may=staff(StaffRole.FINANCE), errors=(BadCursor,), tags=_TAGS)
async def payments(
    call: Call,
    state: PaymentState | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> PageOut[PaymentListed]:
    """Payments, newest first."""
    return await queries.payments_listed(
        call.tx, by=call.who, state=state, cursor=cursor, limit=limit
    )


@route("GET", "/v1/refunds", may=staff(StaffRole.FINANCE), tags=_TAGS)
async def refunds(call: Call) -> list[RefundListed]:
    """Refunds, newest first."""
    return await queries.refunds_listed(call.tx, by=call.who)


DESK = [
    payments,
    refunds,
    trial_balance,
    explain,
    journal,
    agree,
    agreed,
    adjusting,
    propose,
    approve,
    refuse,
    all_payouts,
    all_unsent,
    ask_again,
    not_back,
    disputes,
    answer,
    reconciliation,
    reconcile,
    resolve,
]
