"""Having transfers back: never more than was sent, and whoever asked for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from payments import rules, transfers
from payments.errors import BadAmount, TransferNotSent
from payments.events import ReversalRefused, ReversalSettled, ReversalWanted
from payments.gateway import PaymentGateway, Refused
from payments.outgoing import ProviderReversal, ProviderTransfer, WantedReversal
from payments.rules import TransferState
from payments.tables_out import Transfer, TransferReversal

NEVER_SENT = "never sent"
BACK_ALREADY = "back already"
"""Why nothing is missing though it was refused."""

_OPEN = [TransferState.WANTED, TransferState.ASKED]


async def take_back(tx: Tx, *, reference: str, amount: Money, key: str, now: datetime) -> Money:
    """Have as much as was sent for the reference come back, up to the amount; newest first.
    How much that will be."""
    theirs = sa.select(Transfer).where(
        col(Transfer.reference) == reference,
        col(Transfer.state) != TransferState.REFUSED,
        col(Transfer.currency) == amount.currency,
    )
    newest = theirs.order_by(col(Transfer.id).desc()).with_for_update()
    left = amount
    for transfer in (await tx.execute(newest)).scalars().all():
        part = min(left.minor, transfer.amount_minor - transfer.taken_back_minor)
        if part <= 0:
            continue
        transfer.taken_back_minor += part
        left -= Money(part, amount.currency)
        row = TransferReversal(
            id=ids.new("rev"),
            transfer_id=transfer.id,
            key=f"{key}:{transfer.id}",
            state=TransferState.WANTED,
            amount_minor=part,
            currency=amount.currency,
            wanted_at=now,
        )
        tx.add(row)
        await tx.flush()
        await emit(tx, ReversalWanted(reversal=row.id, transfer=transfer.id))
    return amount - left


async def reverse(
    db: Database, gateway: PaymentGateway, reversal_id: str, *, now: datetime
) -> None:
    """Have the provider take it back; done already, it changes nothing.

    Raises:
        TransferNotSent, OutcomeUnknown, NotAsked: call again later.
    """
    async with db.begin() as tx:
        row = await tx.get_one(TransferReversal, reversal_id)
        transfer = await transfers.get(tx, row.transfer_id)
        if row.state not in _OPEN:
            return
        if transfer.provider_id is None and transfer.state is not TransferState.REFUSED:
            raise TransferNotSent(transfer=transfer.id)
        if transfer.provider_id is not None:
            since = sa.func.coalesce(col(TransferReversal.asked_at), now)
            asked = await _move(tx, reversal_id, TransferState.ASKED, asked_at=since)
            if asked is None:
                return
            row = asked
    if transfer.provider_id is None:
        async with db.begin() as tx:
            await _refused(tx, reversal_id, NEVER_SENT, now=now)
        return
    try:
        number = await _ask(gateway, row, transfer.provider_id, now)
    except (Refused, BadAmount) as refusal:
        code = str(refusal.facts.get("reason", refusal.code))
        async with db.begin() as tx:
            await _refused(tx, reversal_id, code, now=now)
        return
    async with db.begin() as tx:
        await _settled(tx, reversal_id, number, now=now)


async def told(tx: Tx, about: ProviderTransfer, *, now: datetime) -> bool:
    """The provider has taken some of a transfer back: by our word, whose answer may have been
    lost, or by that of somebody at its own desk; whether the transfer is ours."""
    if not await transfers.apply(tx, about, now=now):
        return False
    of_theirs = sa.select(Transfer).where(col(Transfer.provider_id) == about.id)
    fresh = of_theirs.with_for_update().execution_options(populate_existing=True)
    transfer = (await tx.execute(fresh)).scalar_one_or_none()
    if transfer is None:
        return False
    for one in about.reversals:
        mine = sa.select(col(TransferReversal.id)).where(
            col(TransferReversal.transfer_id) == transfer.id,
            sa.or_(
                col(TransferReversal.provider_id) == one.id,
                col(TransferReversal.id) == one.reversal,
            ),
        )
        known = (await tx.execute(mine)).scalar()
        if known is not None:
            await _settled(tx, known, one.id, now=now)
        else:
            await _adopt(tx, transfer, one, now=now)
    return True


async def coming_back(tx: Tx, owner: str, currency: str) -> Money:
    """What is asked back of an owner's transfers and has no answer yet."""
    asked = (
        sa.select(sa.func.coalesce(sa.func.sum(col(TransferReversal.amount_minor)), 0))
        .join(Transfer, col(Transfer.id) == col(TransferReversal.transfer_id))
        .where(
            col(TransferReversal.state).in_(_OPEN),
            col(TransferReversal.currency) == currency,
            col(Transfer.owner) == owner,
        )
    )
    return Money(int((await tx.execute(asked)).scalar_one()), currency)


async def refused(tx: Tx, *, limit: int = 50) -> Sequence[tuple[TransferReversal, Transfer]]:
    """What the provider would not take back, newest first."""
    found = (
        sa.select(TransferReversal, Transfer)
        .join(Transfer, col(Transfer.id) == col(TransferReversal.transfer_id))
        .where(
            col(TransferReversal.state) == TransferState.REFUSED,
            col(TransferReversal.failure).not_in([NEVER_SENT, BACK_ALREADY]),
        )
    )
    newest = found.order_by(col(TransferReversal.id).desc()).limit(limit)
    return [(row, transfer) for row, transfer in await tx.execute(newest)]


async def _ask(
    gateway: PaymentGateway, row: TransferReversal, provider_transfer: str, now: datetime
) -> str:
    assert row.asked_at is not None
    if not rules.key_is_fresh(row.asked_at, now=now):
        found = await gateway.find_reversal(provider_transfer, row.id)
        if found is not None:
            return found.id
    details = {"reversal": row.id}
    return await gateway.take_back(
        WantedReversal(row.id, provider_transfer, row.amount, details)
    )


async def _settled(tx: Tx, reversal_id: str, number: str, *, now: datetime) -> None:
    news = {"provider_id": number, "settled_at": now}
    row = await _move(tx, reversal_id, TransferState.SENT, **news)
    if row is not None:
        await _tell(tx, row, await transfers.get(tx, row.transfer_id), now=now)


async def _adopt(tx: Tx, transfer: Transfer, one: ProviderReversal, *, now: datetime) -> None:
    row = TransferReversal(
        id=ids.new("rev"),
        transfer_id=transfer.id,
        key=one.id,
        state=TransferState.SENT,
        amount_minor=one.amount.minor,
        currency=one.amount.currency,
        provider_id=one.id,
        wanted_at=now,
        settled_at=now,
    )
    insert = postgresql.insert(TransferReversal).values(row.model_dump())
    once = insert.on_conflict_do_nothing(index_elements=["key"])
    if (await tx.execute(once.returning(col(TransferReversal.id)))).scalar() is not None:
        unasked = await _count(tx, transfer)
        await _tell(tx, row, transfer, unasked=Money(unasked, row.currency), now=now)


async def _tell(
    tx: Tx,
    row: TransferReversal,
    transfer: Transfer,
    *,
    unasked: Money | None = None,
    now: datetime,
) -> None:
    settled = ReversalSettled(
        reversal=row.id,
        transfer=transfer.id,
        owner=transfer.owner,
        reference=transfer.reference,
        amount=row.amount,
        unasked=unasked,
        at=now,
    )
    await emit(tx, settled)


async def _refused(tx: Tx, reversal_id: str, code: str, *, now: datetime) -> None:
    row = await _move(tx, reversal_id, TransferState.REFUSED, failure=code)
    if row is None or code == NEVER_SENT:
        return
    locked = sa.select(Transfer).where(col(Transfer.id) == row.transfer_id).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    transfer = (await tx.execute(fresh)).scalar_one()
    missing = -await _count(tx, transfer)
    if not missing:
        row.failure = BACK_ALREADY
        await tx.flush()
        return
    refused = ReversalRefused(
        reversal=row.id,
        transfer=transfer.id,
        owner=transfer.owner,
        reference=transfer.reference,
        amount=Money(missing, row.currency),
        code=code,
        at=now,
    )
    await emit(tx, refused)


async def _count(tx: Tx, transfer: Transfer) -> int:
    """What of the transfer is back or asked back, counted anew; by how much it is more. Two
    may have asked for the same money: it is not counted twice."""
    theirs = sa.select(sa.func.coalesce(sa.func.sum(col(TransferReversal.amount_minor)), 0))
    wanted = theirs.where(
        col(TransferReversal.transfer_id) == transfer.id,
        col(TransferReversal.state) != TransferState.REFUSED,
    )
    before = transfer.taken_back_minor
    total = int((await tx.execute(wanted)).scalar_one())
    transfer.taken_back_minor = min(transfer.amount_minor, total)
    await tx.flush()
    return transfer.taken_back_minor - before


async def _move(
    tx: Tx, reversal_id: str, to: TransferState, **new: Any
) -> TransferReversal | None:
    """Another one has answered for it, if there is nothing to move."""
    move = sa.update(TransferReversal).where(
        col(TransferReversal.id) == reversal_id, col(TransferReversal.state).in_(_OPEN)
    )
    moved = move.values(state=to, **new).returning(TransferReversal)
    fresh = moved.execution_options(synchronize_session=False, populate_existing=True)
    found: TransferReversal | None = (await tx.execute(fresh)).scalar_one_or_none()
    return found
