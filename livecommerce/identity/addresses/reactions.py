"""What becomes of a guest's addresses."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.identity.addresses.actions import alone
from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx

_KNOWN_ALREADY = sa.text(
    "DELETE FROM commerce.saved_address g USING commerce.saved_address p"
    " WHERE g.owner = :guest AND p.owner = :person AND g.address = p.address"
)
_MINE = sa.text(
    "UPDATE commerce.saved_address SET owner = :person, is_default = is_default AND NOT EXISTS"
    " (SELECT 1 FROM commerce.saved_address WHERE owner = :person AND is_default)"
    " WHERE owner = :guest"
)


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """They are the person's, but for those that the person keeps as well. The person's own
    default stays."""
    for owner in sorted((event.guest, event.person)):
        await alone(tx, owner)
    values = {"guest": event.guest, "person": event.person}
    await tx.execute(_KNOWN_ALREADY, values)
    await tx.execute(_MINE, values)
