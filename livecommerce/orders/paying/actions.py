"""What people do with the cards they keep. What asks the provider opens its own
transactions."""

from datetime import datetime

from livecommerce.kernel.db import Database, Tx
from livecommerce.orders.paying import queries
from livecommerce.orders.paying.wire import TapOut
from livecommerce.web.principal import Principal
from payments import methods
from payments.gateway import PaymentGateway


async def keep(
    db: Database,
    gateway: PaymentGateway,
    checkout: str,
    *,
    wanted: bool,
    by: Principal,
    now: datetime,
) -> None:
    """Have the card that the purchase will be paid with kept, or not.

    Raises:
        NoSuchCheckout: there is none with that id, or it is somebody else's.
        NotOpen: it cannot be paid now.
        Refused, OutcomeUnknown, NotAsked: by the provider; saying it again is harmless.
    """
    async with db.begin() as tx:
        payment = await queries.payment_of(tx, checkout, by=by)
    await methods.keep(db, gateway, payment, owner=by.id, wanted=wanted, now=now)


async def tap(
    db: Database,
    gateway: PaymentGateway,
    checkout: str,
    method: str,
    *,
    key: str,
    home: str,
    by: Principal,
    now: datetime,
) -> TapOut:
    """Pay for the caller's purchase with a card they keep.

    Raises:
        NoSuchCheckout, NoSuchMethod: it does not exist, or is somebody else's.
        NotOpen: it cannot be paid now.
        Declined: by the bank; another card may be tried.
        Refused, OutcomeUnknown, NotAsked: ask again with the same key.
    """
    async with db.begin() as tx:
        payment = await queries.payment_of(tx, checkout, by=by)
    told = await methods.tap(
        db,
        gateway,
        payment,
        method,
        owner=by.id,
        key=key,
        back_to=f"{home}/checkout/{checkout}",
        now=now,
    )
    return TapOut(state=told.state, asks=told.asks)


async def forget(tx: Tx, method: str, *, by: Principal, now: datetime) -> None:
    """Keep a card no longer: nobody can use it from now on.

    Raises:
        NoSuchMethod: there is none with that id, or it is somebody else's.
    """
    await methods.forget(tx, method, owner=by.id, now=now)
