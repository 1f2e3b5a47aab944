"""Payees, transfers, payouts and disputes, as merchants and staff see and steer them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from livecommerce.identity import queries as people
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import waits
from livecommerce.settlement.wire import (
    PayeeOut,
    PayoutOut,
    TransferOut,
)
from livecommerce.settlement.wire_waiting import (
    AnswerDispute,
    DisputeOut,
    NotBackOut,
    UnsentOut,
)
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from payments import disputes, payees, payouts, queries, reversals, transfers
from payments.gateway import PaymentGateway
from payments.tables_out import Dispute, Payout

COUNTRY = "CN"
"""Where the park's merchants are."""


async def payee(tx: Tx, merchant: str, *, by: Principal) -> PayeeOut:
    """Whether the merchant can be paid; no state, if nobody ever asked.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
    """
    await _must_see(tx, merchant, by)
    found = (await payees.find(tx, [merchant])).get(merchant)
    if found is None:
        return PayeeOut(state=None, due=[], ready_at=None)
    return PayeeOut(state=found.state, due=found.due, ready_at=found.ready_at)


async def onboard(
    db: Database,
    gateway: PaymentGateway,
    merchant: str,
    *,
    home: str,
    by: Principal,
    now: datetime,
) -> str:
    """An address where the merchant's owner answers the provider's questions.

    Raises:
        NotYours, NotAllowed: only an owner may say who they are.
        OutcomeUnknown, NotAsked: the provider is away; try again.
    """
    by.must_act_for(merchant, MerchantRole.OWNER)
    async with db.begin() as tx:
        seller = await people.seller(tx, merchant)
        email = seller.contact.get("email", "")
        await payees.want(tx, merchant, country=COUNTRY, email=email, now=now)
    page = f"{home}/money/{merchant}"
    return await payees.onboarding_page(
        db, gateway, merchant, back_to=page, again_at=page, now=now
    )


async def transfers_of(tx: Tx, merchant: str, *, by: Principal) -> list[TransferOut]:
    """A merchant's transfers, newest first."""
    await _must_see(tx, merchant, by)
    return [
        TransferOut(
            id=row.id,
            order=None if row.reference == merchant else row.reference,
            state=row.state,
            amount=row.amount,
            taken_back=Money(row.taken_back_minor, row.currency),
            wanted_at=row.wanted_at,
            sent_at=row.sent_at,
            failure=row.failure,
        )
        for row in await transfers.of_owner(tx, merchant)
    ]


async def unsent_of(tx: Tx, merchant: str, *, by: Principal) -> list[UnsentOut]:
    """What the provider would not send to a merchant, and why; longest first."""
    await _must_see(tx, merchant, by)
    return _unsent(await waits.listed(tx, merchant))


async def all_unsent(tx: Tx, *, by: Principal) -> list[UnsentOut]:
    """What the provider would not send to anybody, and why; longest first."""
    by.must_be_staff(StaffRole.FINANCE)
    return _unsent(await waits.listed(tx))


async def ask_again(tx: Tx, merchant: str, *, by: Principal, now: datetime) -> list[UnsentOut]:
    """Have what waits asked for again within a minute, also what waits for somebody's word."""
    by.must_be_staff(StaffRole.FINANCE)
    await people.seller(tx, merchant)
    await waits.ask_again(tx, merchant, now=now, stopped=True)
    return _unsent(await waits.listed(tx, merchant))


async def not_back(tx: Tx, *, by: Principal) -> list[NotBackOut]:
    """What the provider would not take back from merchants, newest first."""
    by.must_be_staff(StaffRole.FINANCE)
    return [
        NotBackOut(
            id=row.id,
            merchant=transfer.owner,
            order=None if transfer.reference == transfer.owner else transfer.reference,
            amount=row.amount,
            why=row.failure or "",
            wanted_at=row.wanted_at,
        )
        for row, transfer in await reversals.refused(tx)
    ]


async def payouts_of(tx: Tx, merchant: str, *, by: Principal) -> list[PayoutOut]:
    """A merchant's payouts, newest first."""
    await _must_see(tx, merchant, by)
    return _payouts(await payouts.newest(tx, owner=merchant))


async def all_payouts(tx: Tx, *, by: Principal) -> list[PayoutOut]:
    """Everybody's payouts, newest first."""
    by.must_be_staff(StaffRole.FINANCE)
    return _payouts(await payouts.newest(tx, all_=True))


async def disputes_of(tx: Tx, *, by: Principal) -> list[DisputeOut]:
    """Disputes, those that wait for an answer first."""
    by.must_be_staff(StaffRole.FINANCE)
    rows = await disputes.newest(tx)
    outside = await queries.given_outside(tx, [row.payment_id for row in rows])
    return [_dispute(row, outside) for row in rows]


async def answer(
    tx: Tx, dispute: str, want: AnswerDispute, *, by: Principal, now: datetime
) -> DisputeOut:
    """Have the evidence put together and put before the bank.

    Raises:
        NoSuchDispute, DisputeDecided.
    """
    by.must_be_staff(StaffRole.FINANCE)
    row = await disputes.request_answer(
        tx, dispute, note=want.note, submit=want.submit, now=now
    )
    return _dispute(row, await queries.given_outside(tx, [row.payment_id]))


async def _must_see(tx: Tx, merchant: str, by: Principal) -> None:
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)


def _unsent(rows: Iterable[waits.Waiting]) -> list[UnsentOut]:
    return [
        UnsentOut(
            merchant=row.merchant_id,
            order=None if row.reference == row.merchant_id else row.reference,
            amount=amount,
            why=row.why,
            refusals=row.refusals,
            since=row.since,
            again_at=row.again_at,
        )
        for row, amount in rows
    ]


def _payouts(rows: Iterable[Payout]) -> list[PayoutOut]:
    return [
        PayoutOut(
            id=row.id,
            merchant=row.owner,
            state=row.state,
            amount=row.amount,
            made_at=row.made_at,
            arrives_at=row.arrives_at,
            failure=row.failure,
        )
        for row in rows
    ]


def _dispute(row: Dispute, outside: Mapping[str, Money]) -> DisputeOut:
    return DisputeOut(
        id=row.id,
        payment=row.payment_id,
        checkout=row.reference,
        state=row.state,
        amount=row.money(row.amount_minor),
        fee=row.fee,
        reason=row.reason,
        evidence=row.evidence,
        answer_by=row.answer_by,
        opened_at=row.opened_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        paid_outside=outside.get(row.payment_id, Money.zero(row.currency)),
    )
