"""Identity's housekeeping."""

from datetime import datetime

from livecommerce.identity import actions
from livecommerce.resources import Resources


async def forget_expired(r: Resources, *, now: datetime) -> None:
    """Drop sessions and attempt counts that no longer matter."""
    async with r.db.begin() as tx:
        await actions.forget_expired(tx, now=now)
