"""Sending money on to payees."""

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
from payments import payees, queries, rules, stripe_words
from payments.errors import BadAmount, NoSuchTransfer, TransferNotSent
from payments.events import TransferRefused, TransferSent, TransferWanted
from payments.gateway import Booking, PaymentGateway, Refused
from payments.outgoing import ProviderTransfer, Unread, WantedTransfer
from payments.rules import TransferState
from payments.tables import Payment
from payments.tables_out import Payee, Transfer, TransferReversal


def largest(currency: str) -> Money | None:
    """The most that one transfer may be, if there is a limit: what is more goes in parts."""
    try:
        return stripe_words.largest(currency)
    except BadAmount:
        return None  # the provider will say so itself


async def request(
    tx: Tx,
    *,
    owner: str,
    reference: str,
    payment: str | None,
    amount: Money,
    key: str,
    now: datetime,
) -> Transfer:
    """Write down that this goes to the owner, out of this payment or, if there is none, out
    of what is available in its currency; a key is one transfer.

    Raises:
        BadAmount: nothing, or less than nothing.
    """
    if amount.minor <= 0:
        raise BadAmount(minor=amount.minor, currency=amount.currency)
    row = Transfer(
        id=ids.new("trf"),
        owner=owner,
        reference=reference,
        payment_id=payment,
        key=key,
        state=TransferState.WANTED,
        amount_minor=amount.minor,
        currency=amount.currency,
        wanted_at=now,
    )
    kept = await _kept(tx, row)
    if kept.id == row.id:
        wanted = TransferWanted(
            transfer=row.id, owner=owner, reference=reference, amount=amount
        )
        await emit(tx, wanted)
    return kept


async def with_charge(
    tx: Tx,
    *,
    owner: str,
    reference: str,
    payment: str,
    amount: Money,
    key: str,
    now: datetime,
) -> Transfer:
    """Write down what the provider has sent to the owner with the charge itself. Its number is
    learnt when the charge is booked; until then nothing of it can be asked back."""
    row = Transfer(
        id=ids.new("trf"),
        owner=owner,
        reference=reference,
        payment_id=payment,
        key=key,
        state=TransferState.SENT,
        amount_minor=amount.minor,
        currency=amount.currency,
        wanted_at=now,
        sent_at=now,
    )
    return await _kept(tx, row)


async def _kept(tx: Tx, row: Transfer) -> Transfer:
    """The row, written down; or the one that its key has already."""
    insert = postgresql.insert(Transfer).values(row.model_dump())
    fresh = await _one(tx, insert.on_conflict_do_nothing(index_elements=["key"]))
    if fresh is not None:
        return fresh
    same = sa.select(Transfer).where(col(Transfer.key) == row.key)
    return (await tx.execute(same)).scalar_one()


async def known(tx: Tx, payment: str, booking: Booking | Unread) -> None:
    """A charge that was sent on is booked: the transfer has its number.

    Raises:
        TransferNotSent: that the charge was captured is not understood yet; later it will be.
    """
    if booking.transfer is None:
        return
    mine = sa.update(Transfer).where(
        col(Transfer.payment_id) == payment,
        sa.or_(
            col(Transfer.provider_id).is_(None),
            col(Transfer.provider_id) == booking.transfer,
        ),
        col(Transfer.asked_at).is_(None),
    )
    numbers = {"provider_id": booking.transfer, "application_fee": booking.application_fee}
    done = await tx.execute(mine.values(**numbers).returning(col(Transfer.id)))
    if done.scalar() is None:
        raise TransferNotSent(payment=payment)


async def send(
    db: Database, gateway: PaymentGateway, transfer_id: str, *, now: datetime
) -> Transfer:
    """Have the provider send it; sent already, it changes nothing.

    Raises:
        OutcomeUnknown, NotAsked: call again later; nothing is lost and nothing doubled.
    """
    async with db.begin() as tx:
        since = sa.func.coalesce(col(Transfer.asked_at), now)
        waiting = [TransferState.WANTED, TransferState.ASKED]
        await _move(tx, transfer_id, TransferState.ASKED, before=waiting, asked_at=since)
        transfer = await get(tx, transfer_id)
        payee = await payees.get(tx, transfer.owner)
        about = transfer.payment_id
        payment = None if about is None else await queries.payment(tx, about)
    if transfer.state is not TransferState.ASKED:
        return transfer
    try:
        told = await _ask(gateway, transfer, payee, payment, now)
    except (Refused, BadAmount) as refusal:
        code = str(refusal.facts.get("reason", refusal.code))
        async with db.begin() as tx:
            await _refused(tx, transfer_id, code)
            return await get(tx, transfer_id)
    async with db.begin() as tx:
        await apply(tx, told, now=now)
        return await get(tx, transfer_id)


async def apply(tx: Tx, told: ProviderTransfer, *, now: datetime) -> bool:
    """The provider has sent it; whether it is one of ours."""
    mine = sa.or_(
        col(Transfer.provider_id) == told.id,
        sa.and_(col(Transfer.provider_id).is_(None), col(Transfer.id) == told.transfer),
    )
    found = (await tx.execute(sa.select(Transfer).where(mine))).scalar_one_or_none()
    if found is None:
        return False
    row = await _move(tx, found.id, TransferState.SENT, provider_id=told.id, sent_at=now)
    if row is not None:
        sent = TransferSent(
            transfer=row.id,
            owner=row.owner,
            reference=row.reference,
            amount=row.amount,
            at=now,
        )
        await emit(tx, sent)
    return True


async def get(tx: Tx, transfer_id: str) -> Transfer:
    """One transfer.

    Raises:
        NoSuchTransfer: there is none.
    """
    found = await tx.get(Transfer, transfer_id, populate_existing=True)
    if found is None:
        raise NoSuchTransfer(transfer=transfer_id)
    return found


async def of_owner(tx: Tx, owner: str, *, limit: int = 50) -> Sequence[Transfer]:
    """An owner's transfers, newest first."""
    theirs = sa.select(Transfer).where(col(Transfer.owner) == owner)
    newest = theirs.order_by(col(Transfer.wanted_at).desc(), col(Transfer.id).desc())
    return (await tx.execute(newest.limit(limit))).scalars().all()


async def waiting(tx: Tx, *, before: datetime, limit: int) -> tuple[list[str], list[str]]:
    """Transfers and reversals that were wanted before then and have no answer."""
    open_ = [TransferState.WANTED, TransferState.ASKED]
    sent = sa.select(col(Transfer.id)).where(
        col(Transfer.state).in_(open_), col(Transfer.wanted_at) < before
    )
    back = sa.select(col(TransferReversal.id)).where(
        col(TransferReversal.state).in_(open_), col(TransferReversal.wanted_at) < before
    )
    first = (await tx.execute(sent.order_by(col(Transfer.id)).limit(limit))).scalars()
    second = await tx.execute(back.order_by(col(TransferReversal.id)).limit(limit))
    return list(first), list(second.scalars())


async def _ask(
    gateway: PaymentGateway,
    transfer: Transfer,
    payee: Payee,
    payment: Payment | None,
    now: datetime,
) -> ProviderTransfer:
    assert transfer.asked_at is not None
    assert payee.provider_id is not None
    if not rules.key_is_fresh(transfer.asked_at, now=now):
        found = await gateway.find_transfer(transfer.reference, transfer.id)
        if found is not None:
            return found
    want = WantedTransfer(
        key=transfer.id,
        account=payee.provider_id,
        amount=transfer.amount,
        charge=None if payment is None else _covering(payment, transfer.currency),
        group=transfer.reference,
        details={"transfer": transfer.id, "reference": transfer.reference},
    )
    return await gateway.transfer(want)


def _covering(payment: Payment, currency: str) -> str | None:
    """Out of a charge only what it was settled in can be sent, and nothing out of one that was
    sent on with itself."""
    assert payment.charge is not None
    settled_in = payment.settled_in or payment.currency
    covers = currency == settled_in and payment.direct_account is None
    return payment.charge if covers else None


async def _refused(tx: Tx, transfer_id: str, code: str) -> None:
    row = await _move(tx, transfer_id, TransferState.REFUSED, failure=code)
    if row is not None:
        refused = TransferRefused(
            transfer=row.id,
            owner=row.owner,
            reference=row.reference,
            amount=row.amount,
            code=code,
        )
        await emit(tx, refused)


async def _move(
    tx: Tx,
    transfer_id: str,
    to: TransferState,
    *,
    before: list[TransferState] | None = None,
    **new: Any,
) -> Transfer | None:
    states = before or rules.before(rules.NEXT_TRANSFER, to)
    move = sa.update(Transfer).where(
        col(Transfer.id) == transfer_id, col(Transfer.state).in_(states)
    )
    return await _one(tx, move.values(state=to, **new))


async def _one(tx: Tx, write: Any) -> Transfer | None:
    written = write.returning(Transfer).execution_options(
        synchronize_session=False, populate_existing=True
    )
    found: Transfer | None = (await tx.execute(written)).scalar_one_or_none()
    return found
