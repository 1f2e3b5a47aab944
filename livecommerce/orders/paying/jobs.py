"""What follows when a card is kept no longer."""

from datetime import datetime

from livecommerce.resources import Resources
from payments import methods
from payments.events import MethodUnwanted


async def let_go(r: Resources, event: MethodUnwanted, *, now: datetime) -> None:
    """The provider keeps it no longer, either."""
    await methods.let_go(r.db, r.payments, event.method, now=now)
