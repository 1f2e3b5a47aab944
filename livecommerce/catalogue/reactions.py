"""What the catalogue does when something happens elsewhere."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx

_MINE = sa.text(
    "UPDATE commerce.hold h SET buyer = :person FROM ("
    " SELECT id FROM commerce.hold WHERE buyer = :guest ORDER BY id FOR UPDATE) mine"
    " WHERE h.id = mine.id"
)


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """The guest's holds are the person's."""
    await tx.execute(_MINE, {"guest": event.guest, "person": event.person})
