"""What becomes of addresses that nobody can see any more."""

from datetime import datetime

from livecommerce.identity.addresses import actions
from livecommerce.resources import Resources


async def forget_old(r: Resources, *, now: datetime) -> None:
    """Guests who will not come back leave no address."""
    async with r.db.begin() as tx:
        await actions.forget_old(tx, now=now)
