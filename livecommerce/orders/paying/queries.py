"""Reading kept cards: one's own, and nobody else's."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.orders.errors import NoSuchCheckout
from livecommerce.orders.paying.wire import MethodOut
from livecommerce.orders.tables import Checkout
from livecommerce.web.principal import Principal
from payments import methods
from payments.tables_payers import SavedMethod


async def of(tx: Tx, owner: str, *, now: datetime) -> list[MethodOut]:
    """What the owner keeps, newest first."""
    return [_out(row, now) for row in await methods.of_owner(tx, owner)]


async def payment_of(tx: Tx, checkout_id: str, *, by: Principal) -> str:
    """The payment of the caller's own purchase.

    Raises:
        NoSuchCheckout: there is none with that id, or it is somebody else's.
    """
    row = await tx.get(Checkout, checkout_id, populate_existing=True)
    if row is None or row.buyer != by.id or row.payment_id is None:
        raise NoSuchCheckout(checkout=checkout_id)
    return row.payment_id


def _out(row: SavedMethod, now: datetime) -> MethodOut:
    return MethodOut(
        id=row.id,
        kind=row.kind,
        brand=row.brand,
        last4=row.last4,
        exp_month=row.exp_month,
        exp_year=row.exp_year,
        expired=(row.exp_year, row.exp_month) < (now.year, now.month),
    )
