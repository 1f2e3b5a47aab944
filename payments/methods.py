"""Ways to pay that buyers keep with the provider: kept, used again in one tap, let go.

The provider keeps the card; we know what it is called. What is kept and what is gone is the
provider's word, heard in any order: a method that was let go never comes back at the provider,
so gone follows everything and nothing follows gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.outbox import emit
from payments import intents, queries
from payments.errors import NoSuchMethod, NotOpen
from payments.events import MethodUnwanted
from payments.gateway import (
    Declined,
    PaymentGateway,
    ProviderMethod,
    Refused,
    There,
    WantedTap,
)
from payments.rules import MethodState, PaymentState
from payments.tables import Payment
from payments.tables_payers import Payer, SavedMethod

_PAID = frozenset({PaymentState.CAPTURED, PaymentState.PROCESSING})


@dataclass(frozen=True, slots=True)
class Tapped:
    """How far one tap has come. ``asks``: the buyer's bank wants a word with the buyer, in the
    provider's element."""

    state: PaymentState
    asks: bool


async def keep(
    db: Database,
    gateway: PaymentGateway,
    payment_id: str,
    *,
    owner: str,
    wanted: bool,
    now: datetime,
) -> None:
    """Have the card that this payment will be paid with kept, or not. Wallets never are.

    Raises:
        NotOpen: it cannot be paid (any more, or yet).
        Refused, OutcomeUnknown, NotAsked: saying it again is harmless.
    """
    async with db.begin() as tx:
        payment = await _open(tx, payment_id)
    if payment.keeps is wanted:
        return
    known = await _known(db, gateway, owner, now=now)
    assert payment.provider_id is not None
    await gateway.keep_method(payment.provider_id, known, wanted=wanted)
    await _noted(db, payment_id, customer=known, keeps=wanted)


async def tap(
    db: Database,
    gateway: PaymentGateway,
    payment_id: str,
    method_id: str,
    *,
    owner: str,
    key: str,
    back_to: str,
    now: datetime,
) -> Tapped:
    """Pay with a kept method, its owner being present; what the provider says is applied at
    once, and comes as a message besides. Paid already, it is not paid again: of any number of
    taps at once, one pays, and all hear what came of it.

    Args:
        key: one tap; asked again with it, the first answer comes again.
        back_to: where a bank's page leads back to.

    Raises:
        NoSuchMethod: the owner keeps no such method.
        NotOpen: the payment cannot be paid (any more, or yet).
        Declined: by the bank; another method may be tried.
        Refused, OutcomeUnknown, NotAsked.
    """
    async with db.begin() as tx:
        method = await _kept(tx, method_id, owner)
        payment = await queries.payment(tx, payment_id)
        if payment.state in _PAID:
            return Tapped(payment.state, asks=False)  # an earlier tap's answer was lost
        payment = await _open(tx, payment_id)
        payer = await tx.get_one(Payer, owner)
    assert payment.provider_id is not None
    assert payer.provider_id is not None
    want = WantedTap(
        key=f"{payment_id}:{key}",
        provider_payment=payment.provider_id,
        provider_method=method.provider_id,
        back_to=back_to,
    )
    try:
        if payment.customer != payer.provider_id:
            await gateway.keep_method(
                payment.provider_id, payer.provider_id, wanted=payment.keeps
            )
            await _noted(db, payment_id, customer=payer.provider_id)
        told = await gateway.tap(want)
    except Declined:
        raise
    except Refused:  # perhaps because another tap was quicker: look
        told = await gateway.look(payment.provider_id)
        if told.state is There.OPEN and not told.asks:
            raise
    async with db.begin() as tx:
        await intents.apply(tx, told, now=now)
        after = await queries.payment(tx, payment_id)
    if told.state not in {There.OPEN, There.PROCESSING, There.CAPTURED}:
        raise NotOpen(payment=payment_id, state=after.state)
    return Tapped(after.state, asks=told.state is There.OPEN and told.asks)


async def of_owner(tx: Tx, owner: str) -> Sequence[SavedMethod]:
    """What the owner keeps, newest first."""
    mine = sa.select(SavedMethod).where(
        col(SavedMethod.owner) == owner, col(SavedMethod.state) == MethodState.KEPT
    )
    newest = mine.order_by(col(SavedMethod.kept_at).desc(), col(SavedMethod.id).desc())
    return (await tx.execute(newest)).scalars().all()


async def forget(tx: Tx, method_id: str, *, owner: str, now: datetime) -> None:
    """Nobody can use it from now on; the provider is told soon.

    Raises:
        NoSuchMethod: the owner keeps no such method.
    """
    await _leave(tx, (await _kept(tx, method_id, owner)).id, now=now)


async def let_go(
    db: Database, gateway: PaymentGateway, method_id: str, *, now: datetime
) -> None:
    """Job: the provider keeps it no longer; gone already, it changes nothing.

    Raises:
        OutcomeUnknown, NotAsked: call again later.
    """
    async with db.begin() as tx:
        row = await tx.get_one(SavedMethod, method_id, populate_existing=True)
    if row.state is MethodState.LEAVING:
        told = await gateway.let_go(row.provider_id)
        async with db.begin() as tx:
            await apply(tx, told, now=now)


async def leaving(tx: Tx, *, before: datetime, limit: int) -> Sequence[str]:
    """Methods that should have been gone since then."""
    waiting = sa.select(col(SavedMethod.id)).where(
        col(SavedMethod.state) == MethodState.LEAVING, col(SavedMethod.left_at) < before
    )
    oldest = waiting.order_by(col(SavedMethod.left_at)).limit(limit)
    return (await tx.execute(oldest)).scalars().all()


async def apply(tx: Tx, told: ProviderMethod, *, now: datetime) -> bool:
    """Make our record agree with the provider's; whether it is one of ours.

    A card that its owner keeps already is kept once: the newer one stays."""
    if told.customer is None:
        return await _gone(tx, told, now)
    theirs = sa.select(col(Payer.owner)).where(col(Payer.provider_id) == told.customer)
    owner = (await tx.execute(theirs)).scalar_one_or_none()
    if owner is None:
        return False
    row = _row(told, owner, MethodState.KEPT, now)
    fresh = {"exp_month": row.exp_month, "exp_year": row.exp_year, "brand": row.brand}
    insert = postgresql.insert(SavedMethod).values(row.model_dump())
    # Known already, a card may have been renewed; what is gone stays gone.
    upsert = insert.on_conflict_do_update(
        index_elements=["provider_id"],
        set_=fresh,
        where=col(SavedMethod.state) == MethodState.KEPT,
    )
    kept = (await tx.execute(upsert.returning(col(SavedMethod.id)))).scalar()
    if kept == row.id and row.fingerprint is not None:
        same = sa.select(col(SavedMethod.id)).where(
            col(SavedMethod.owner) == owner,
            col(SavedMethod.fingerprint) == row.fingerprint,
            col(SavedMethod.state) == MethodState.KEPT,
            col(SavedMethod.id) != row.id,
        )
        for twin in (await tx.execute(same.order_by(col(SavedMethod.id)))).scalars().all():
            await _leave(tx, twin, now=now)
    return True


async def _gone(tx: Tx, told: ProviderMethod, now: datetime) -> bool:
    """It is gone for good; heard before that it was kept, it is remembered as gone."""
    row = _row(told, None, MethodState.GONE, now)
    insert = postgresql.insert(SavedMethod).values(row.model_dump() | {"left_at": now})
    gone = {"state": MethodState.GONE, "left_at": now}
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["provider_id"],
            set_=gone,
            where=col(SavedMethod.state) != MethodState.GONE,
        )
    )
    return True


async def _leave(tx: Tx, method_id: str, *, now: datetime) -> None:
    move = sa.update(SavedMethod).where(
        col(SavedMethod.id) == method_id, col(SavedMethod.state) == MethodState.KEPT
    )
    leaving = move.values(state=MethodState.LEAVING, left_at=now)
    moved = leaving.returning(col(SavedMethod.id))
    if (await tx.execute(moved)).scalar() is not None:
        await emit(tx, MethodUnwanted(method=method_id))


async def _known(db: Database, gateway: PaymentGateway, owner: str, *, now: datetime) -> str:
    """What the provider calls the owner, who is made known to it the first time. A crash in
    between and a day's wait would make a second customer there, with nothing in the first."""
    async with db.begin() as tx:
        row = Payer(owner=owner, wanted_at=now)
        insert = postgresql.insert(Payer).values(row.model_dump())
        await tx.execute(insert.on_conflict_do_nothing(index_elements=["owner"]))
        payer = await tx.get_one(Payer, owner, populate_existing=True)
    if payer.provider_id is not None:
        return payer.provider_id
    number = await gateway.know_payer(owner, key=f"{owner}:payer")
    first = sa.update(Payer).where(col(Payer.owner) == owner, col(Payer.provider_id).is_(None))
    async with db.begin() as tx:
        await tx.execute(first.values(provider_id=number))
        payer = await tx.get_one(Payer, owner, populate_existing=True)
    assert payer.provider_id is not None
    return payer.provider_id


async def _open(tx: Tx, payment_id: str) -> Payment:
    payment = await queries.payment(tx, payment_id)
    if payment.state is not PaymentState.OPEN or payment.provider_id is None:
        raise NotOpen(payment=payment_id, state=payment.state)
    return payment


async def _kept(tx: Tx, method_id: str, owner: str) -> SavedMethod:
    mine = sa.select(SavedMethod).where(
        col(SavedMethod.id) == method_id,
        col(SavedMethod.owner) == owner,
        col(SavedMethod.state) == MethodState.KEPT,
    )
    found = (await tx.execute(mine)).scalar_one_or_none()
    if found is None:
        raise NoSuchMethod(method=method_id)
    return found


async def _noted(db: Database, payment_id: str, **new: Any) -> None:
    mine = sa.update(Payment).where(col(Payment.id) == payment_id)
    async with db.begin() as tx:
        await tx.execute(mine.values(**new))


def _row(
    told: ProviderMethod, owner: str | None, state: MethodState, now: datetime
) -> SavedMethod:
    return SavedMethod(
        id=ids.new("mth"),
        owner=owner,
        provider_id=told.id,
        state=state,
        kind=told.kind,
        brand=told.brand,
        last4=told.last4,
        exp_month=told.exp_month,
        exp_year=told.exp_year,
        fingerprint=told.fingerprint,
        kept_at=now,
    )
