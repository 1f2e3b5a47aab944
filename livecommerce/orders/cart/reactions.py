"""What becomes of a guest's cart."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.orders.cart import actions
from livecommerce.orders.cart.events import CartChanged

_SAME_LINE = "g.card_id = p.card_id AND g.variant_id = p.variant_id"
_MORE_OF_BOTH = sa.text(
    "UPDATE commerce.cart_item p SET count = greatest(p.count, g.count)"  # noqa: S608
    " FROM commerce.cart_item g"
    f" WHERE p.owner = :person AND g.owner = :guest AND {_SAME_LINE}"
)
_IN_BOTH = sa.text(
    "DELETE FROM commerce.cart_item g USING commerce.cart_item p"  # noqa: S608
    f" WHERE p.owner = :person AND g.owner = :guest AND {_SAME_LINE}"
)
_MINE = sa.text("UPDATE commerce.cart_item SET owner = :person WHERE owner = :guest")


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """The guest's lines go into the person's cart; of what is in both, the larger count stays,
    so that somebody who puts the same into both does not find it doubled.

    The carts are locked as they are in ``put``: the guest's first.
    """
    guest = await actions.lock(tx, event.guest, now=now)
    person = await actions.lock(tx, event.person, now=now)
    values = {"guest": event.guest, "person": event.person}
    for statement in (_MORE_OF_BOTH, _IN_BOTH, _MINE):
        await tx.execute(statement, values)
    await emit(
        tx,
        CartChanged(owner=event.guest, version=guest, at=now),
        CartChanged(owner=event.person, version=person, at=now),
    )
