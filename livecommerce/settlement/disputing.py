"""What a dispute means in the books: held money, a fee, and who bears it in the end.

What of it falls on which order, whoever knows the orders says; it stays so to the end.
"""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import bearing, exchange, shares
from livecommerce.settlement.rules import ShareState
from livecommerce.settlement.tables import MerchantShare
from payments import ledger
from payments.errors import NoSuchPosting
from payments.events import DisputeClosed, DisputeOpened
from payments.ledger import Entry

OPENED = "dispute"
HELD = "dispute-hold"
LOST = "dispute-lost"


async def opened(
    tx: Tx, event: DisputeOpened, parts: Mapping[str, Money], *, now: datetime
) -> None:
    """The bank has taken the money: it is held, the fee is spent, and what the merchants have
    of it is kept back until the bank decides.

    Args:
        parts: what falls on each order; what falls on none is somebody's to look into.
    """
    taken = [
        Entry("dispute_held", None, event.amount),
        Entry("stripe_available", None, -(event.booked or event.amount)),
        Entry("dispute_fee", None, event.fee),
        Entry("stripe_available", None, -event.fee),
    ]
    if event.booked is not None:  # our balance is in another currency than the buyer's
        taken += exchange.legs(event.amount, event.booked)
    if not await _post(tx, OPENED, event.dispute, taken, now):
        return
    for share, part in await _shares_of(tx, parts):
        share.blocked += 1
        free = max(0, share.left_minor - share.held_minor)
        amount = Money(min(share.exchanged(part).minor, free), share.currency)
        source = f"{event.dispute}:{share.order_id}"
        await tx.flush()
        await _hold(tx, share, amount, source, now)


async def closed(
    tx: Tx,
    event: DisputeClosed,
    parts: Mapping[str, Money],
    *,
    payable: Money | None = None,
    now: datetime,
) -> None:
    """Won: everything is as before. Lost: the merchants bear it, by what was kept back and
    then by what they owe us.

    Args:
        parts: as they were when it opened.
        payable: what of it was the buyer's own money, which came too late: it is no longer
            owed to them.
    """
    if not event.amount:
        return  # an inquiry that never took anything
    if not await ledger.stands(tx, kind=OPENED, source=event.dispute):
        raise NoSuchPosting(source=event.dispute, kind=OPENED)  # not yet: tried again
    if event.won:
        if await ledger.reverse(
            tx, kind=OPENED, source=event.dispute, reason="won", occurred_at=now
        ):
            await _given_free(tx, event, parts, now)
        if event.exchanged:  # the mirror image is at the rate at which it was taken
            moved = [
                Entry("stripe_available", None, event.exchanged),
                Entry(exchange.CLEARING, None, -event.exchanged),
            ]
            await ledger.post(
                tx,
                kind="exchange",
                source=f"{event.dispute}:won",
                entries=moved,
                occurred_at=now,
                memo=event.dispute,
            )
        return
    for share, part in await _shares_of(tx, parts):
        if not await ledger.stands(tx, kind=LOST, source=f"{event.dispute}:{share.order_id}"):
            share.lost_minor += part.minor
            await _borne(tx, event, share, part, now)
    unknown = event.amount - Money.sum(parts.values(), event.amount.currency)
    if unknown:  # a payment of no order of ours: somebody has to look
        theirs = payable or Money.zero(unknown.currency)
        entries = [
            Entry("customer_payable", None, theirs),
            Entry("suspense", None, unknown - theirs),
            Entry("dispute_held", None, -unknown),
        ]
        await _post(tx, LOST, event.dispute, entries, now)


async def _hold(
    tx: Tx, share: MerchantShare, amount: Money, source: str, now: datetime
) -> None:
    account = _where(share)
    await shares.lock(tx, share.merchant_id, share.currency)
    has = await ledger.balance(tx, account, share.currency, share.merchant_id)
    held = Money(max(0, min(amount.minor, has.minor)), share.currency)
    share.held_minor += held.minor
    await tx.flush()
    if held:
        entries = [
            Entry(account, share.merchant_id, held),
            Entry("merchant_reserve", share.merchant_id, -held),
        ]
        await _post(tx, HELD, source, entries, now)


async def _given_free(
    tx: Tx, event: DisputeClosed, parts: Mapping[str, Money], now: datetime
) -> None:
    for share, _ in await _shares_of(tx, parts):
        source = f"{event.dispute}:{share.order_id}"
        if await ledger.stands(tx, kind=HELD, source=source):
            await ledger.reverse(tx, kind=HELD, source=source, reason="won", occurred_at=now)
        share.blocked = max(0, share.blocked - 1)
        share.held_minor -= (await _held(tx, source, share)).minor
        await tx.flush()
        await shares.recover(tx, share.merchant_id, share.currency, source, now=now)


async def _held(tx: Tx, source: str, share: MerchantShare) -> Money:
    """What this dispute keeps back of the share."""
    for posting in await ledger.journal(tx, sources=[source]):
        if posting.kind == HELD:
            return posting.entries[0].amount
    return Money.zero(share.currency)


async def _borne(
    tx: Tx, event: DisputeClosed, share: MerchantShare, part: Money, now: datetime
) -> None:
    source = f"{event.dispute}:{share.order_id}"
    if await ledger.stands(tx, kind=LOST, source=source):
        return
    held, theirs = await _held(tx, source, share), share.exchanged(part)
    borne = min(held, theirs, key=lambda money: money.minor)  # a rounding may part them
    pending = share.state is ShareState.PENDING
    rest = await _rest_of(tx, share, theirs - borne)
    share.held_minor -= held.minor
    entries = [
        Entry("merchant_reserve", share.merchant_id, held),
        Entry(_where(share), share.merchant_id, -(held - borne)),
        *rest,
        *bearing.back_from(theirs, part),
        Entry("dispute_held", None, -part),
    ]
    await _post(tx, LOST, source, entries, now)
    share.sold_left_minor -= part.minor if share.sold_currency else 0
    share.blocked = max(0, share.blocked - 1)
    owed = rest[-1].amount
    if pending:  # what is owed was never there
        share.left_minor -= (theirs - owed).minor
        share.over_minor += owed.minor
    else:  # all that is borne is gone from it, also what had been sent and is asked back
        bearing.taken_from(share, theirs)
    await tx.flush()
    await bearing.take_back(tx, share, owed, source=source, now=now)
    await shares.recover(tx, share.merchant_id, share.currency, source, now=now)
    await bearing.take_back_beyond(tx, share, source=source, now=now)


async def _rest_of(tx: Tx, share: MerchantShare, rest: Money) -> list[Entry]:
    """How the merchant bears what was not kept back: by what is pending of the same share, or
    by what is available to them once it is released; and what is left of it is owed."""
    if share.state is not ShareState.PENDING:
        return await shares.from_available(tx, share.merchant_id, rest)
    await shares.lock(tx, share.merchant_id, share.currency)
    there = await ledger.balance(tx, "merchant_pending", share.currency, share.merchant_id)
    free = min(share.left_minor - share.held_minor, there.minor)
    covered = Money(max(0, min(rest.minor, free)), rest.currency)
    return [
        Entry("merchant_pending", share.merchant_id, covered),
        Entry("merchant_receivable", share.merchant_id, rest - covered),
    ]


def _where(share: MerchantShare) -> str:
    """On which account what can be kept back of a share stands."""
    pending = share.state is ShareState.PENDING
    return "merchant_pending" if pending else "merchant_available"


async def _shares_of(tx: Tx, parts: Mapping[str, Money]) -> list[tuple[MerchantShare, Money]]:
    """The shares of these orders, locked, and what falls on each."""
    theirs = sa.select(MerchantShare).where(col(MerchantShare.order_id).in_(parts))
    locked = theirs.order_by(col(MerchantShare.order_id)).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    return [(share, parts[share.order_id]) for share in (await tx.execute(fresh)).scalars()]


async def _post(tx: Tx, kind: str, source: str, entries: list[Entry], now: datetime) -> bool:
    return await ledger.post(tx, kind=kind, source=source, entries=entries, occurred_at=now)
