"""Reads of the books for merchants and staff."""

from collections.abc import AsyncIterator, Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.page import Cursor
from livecommerce.settlement.rules import Charging
from livecommerce.settlement.tables import MerchantShare
from livecommerce.settlement.wire import (
    AccountOut,
    BalanceOut,
    EntryOut,
    Exchanged,
    ExplainedOut,
    OddMessageOut,
    PaymentListed,
    PostedOut,
    PostingOut,
    RefundListed,
    ShareOut,
)
from livecommerce.settlement.wire_waiting import InquiryOut
from livecommerce.web.principal import MerchantRole, NotYours, Principal, StaffRole
from livecommerce.web.wire import PageOut
from payments import beancount, inbox, ledger
from payments import queries as collected
from payments.explain import explain
from payments.intents import CHARGING
from payments.ledger import Posting
from payments.rules import PaymentState
from payments.tables_out import Dispute

_ONE_MOMENT = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_OWES = "merchant_receivable"


async def balances(tx: Tx, merchant: str, *, by: Principal) -> list[BalanceOut]:
    """What the merchant is owed, by currency.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
        NoSuchMerchant: staff ask for one that does not exist.
    """
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)
    sums: dict[str, dict[str, Money]] = {}
    for line in await ledger.trial_balance(tx, owner=merchant):
        side = 1 if line.account == _OWES else -1
        here = sums.setdefault(line.amount.currency, {})
        here[line.account] = line.amount * side
    held = await _held(tx, merchant)
    return [
        BalanceOut(
            pending=by_account.get("merchant_pending", Money.zero(currency)),
            available=by_account.get("merchant_available", Money.zero(currency)),
            reserve=by_account.get("merchant_reserve", Money.zero(currency))
            - held.get(currency, Money.zero(currency)),
            held=held.get(currency, Money.zero(currency)),
            transit=by_account.get("merchant_transit", Money.zero(currency)),
            owes=by_account.get(_OWES, Money.zero(currency)),
        )
        for currency, by_account in sorted(sums.items())
    ]


async def trial_balance(tx: Tx, *, by: Principal) -> list[AccountOut]:
    """Every account's sum. Per currency they sum to zero."""
    by.must_be_staff(StaffRole.FINANCE)
    return [
        AccountOut(account=line.account, owner=line.owner, amount=line.amount)
        for line in await ledger.trial_balance(tx)
    ]


async def journal(db: Database, *, by: Principal) -> AsyncIterator[str]:
    """The whole journal as beancount text, as it stood at one moment."""
    by.must_be_staff(StaffRole.FINANCE)
    async with db.begin() as tx:
        await tx.execute(_ONE_MOMENT)
        async for piece in beancount.export(tx):
            yield piece


async def explain_balance(
    tx: Tx,
    account: str,
    currency: str,
    owner: str | None,
    *,
    by: Principal,
    after: int | None = None,
    limit: int = 50,
) -> ExplainedOut:
    """What stands in an account, down to the postings. Merchants may ask about their own.

    Raises:
        NoSuchAccount: the chart has no such account.
        NotYours: the account is somebody else's.
    """
    if not by.is_staff(StaffRole.FINANCE):
        if owner is None:
            raise NotYours()
        by.must_act_for(owner, MerchantRole.FINANCE)
    told = await explain(tx, account, currency, owner, after=after, limit=limit)
    return ExplainedOut(
        balance=told.balance,
        movements=[PostedOut.model_validate(m) for m in told.movements],
        after=told.after,
    )


async def postings(tx: Tx, sources: Sequence[str]) -> list[PostingOut]:
    """The facts that came from these orders, refunds or payments."""
    return [_out(posting) for posting in await ledger.journal(tx, sources=sources)]


async def postings_for_staff(tx: Tx, source: str, *, by: Principal) -> list[PostingOut]:
    """The facts that came from one order, refund or payment.

    Raises:
        NotYours: the caller does not keep the books.
    """
    if not by.is_staff(StaffRole.FINANCE, StaffRole.OPERATOR):
        raise NotYours()
    return await postings(tx, [source])


async def not_understood(tx: Tx, *, by: Principal) -> list[OddMessageOut]:
    """What the payment provider said that we could make nothing of, newest first.

    Raises:
        NotYours: the caller does not keep the books.
    """
    if not by.is_staff(StaffRole.FINANCE, StaffRole.OPERATOR):
        raise NotYours()
    return [
        OddMessageOut(id=row.id, event=row.event_id, kind=row.kind, received_at=row.received_at)
        for row in await inbox.not_understood(tx)
    ]


async def shares_of(tx: Tx, merchant: str, *, by: Principal) -> list[ShareOut]:
    """What each order owes the merchant, newest first, a hundred at most.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
    """
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)
    theirs = sa.select(MerchantShare).where(col(MerchantShare.merchant_id) == merchant)
    newest = theirs.order_by(
        col(MerchantShare.paid_at).desc(), col(MerchantShare.order_id).desc()
    )
    rows = (await tx.execute(newest.limit(100))).scalars().all()
    asked = await collected.inquiries(tx, [row.payment_id for row in rows])
    return [
        ShareOut(
            order=row.order_id,
            state=row.state,
            share=Money(row.share_minor, row.currency),
            left=row.left,
            reserve=Money(row.reserve_minor, row.currency),
            sent=Money(row.sent_minor, row.currency),
            disputed=row.blocked > 0,
            inquiry=_inquiry(asked.get(row.payment_id)),
            lost=Money(row.lost_minor, row.sold_currency or row.currency),
            charging=row.charging,
            paid_at=row.paid_at,
            due_at=row.due_at,
            released_at=row.released_at,
            reserve_due_at=row.reserve_due_at,
            settles_in=row.agreed.settles_in,
            exchanged=_exchanged(row),
        )
        for row in rows
    ]


def _inquiry(row: Dispute | None) -> InquiryOut | None:
    return None if row is None else InquiryOut.model_validate(row)


async def payments_listed(
    tx: Tx, *, by: Principal, state: PaymentState | None, cursor: str | None, limit: int
) -> PageOut[PaymentListed]:
    """Payments, newest first.

    Raises:
        BadCursor: the cursor is none of ours.
    """
    by.must_be_staff(StaffRole.FINANCE)
    after = Cursor.decode(cursor) if cursor else None
    page = await collected.newest_payments(tx, state=state, after=after, limit=limit)
    items = [
        PaymentListed(
            id=row.id,
            checkout=row.reference,
            state=row.state,
            amount=row.amount,
            refunded=Money(row.refund_minor, row.currency),
            provider=row.provider_id,
            recorded_at=row.recorded_at,
            captured_at=row.captured_at,
            failure=row.failure,
            charging=row.details.get(CHARGING, Charging.SEPARATE),
        )
        for row in page.items
    ]
    return PageOut(items=items, next_cursor=page.next.encode() if page.next else None)


async def refunds_listed(tx: Tx, *, by: Principal) -> list[RefundListed]:
    """Refunds, newest first."""
    by.must_be_staff(StaffRole.FINANCE)
    return [
        RefundListed(
            id=row.id,
            payment=row.payment_id,
            order=row.reference,
            state=row.state,
            amount=row.amount,
            reason=row.reason,
            requested_at=row.requested_at,
            settled_at=row.settled_at,
            failure=row.failure,
            outside=row.outside,
        )
        for row in await collected.newest_refunds(tx)
    ]


async def _held(tx: Tx, merchant: str) -> dict[str, Money]:
    """What open disputes keep back, by currency; the books have it in the reserve."""
    total = sa.func.sum(col(MerchantShare.held_minor))
    theirs = (
        sa.select(col(MerchantShare.currency), total)
        .where(col(MerchantShare.merchant_id) == merchant, col(MerchantShare.held_minor) > 0)
        .group_by(col(MerchantShare.currency))
    )
    return {currency: Money(int(held), currency) for currency, held in await tx.execute(theirs)}


def _exchanged(row: MerchantShare) -> Exchanged | None:
    if row.sold_currency is None or row.rate is None or row.rate_on is None:
        return None
    sold = Money(row.sold_minor, row.sold_currency)
    return Exchanged(sold=sold, rate=row.rate, source=row.rate_source or "", on=row.rate_on)


def _out(posting: Posting) -> PostingOut:
    return PostingOut(
        id=posting.id,
        kind=posting.kind,
        source=posting.source,
        memo=posting.memo,
        occurred_at=posting.occurred_at,
        entries=[
            EntryOut(account=entry.account, owner=entry.owner, amount=entry.amount)
            for entry in posting.entries
        ],
    )
