"""What draws do when their moments come."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.draws import actions
from livecommerce.live.offers.draws.events import DrawDue, PrizeDue


async def on_draw_due(tx: Tx, event: DrawDue, *, now: datetime) -> None:
    """It is drawn by the clock of the facts, not by a page."""
    await actions.draw_due(tx, event.draw, now=now)


async def on_prize_due(tx: Tx, event: PrizeDue, *, now: datetime) -> None:
    """Whoever gave no address in time has no prize."""
    await actions.lapse_due(tx, event.prize, now=now)
