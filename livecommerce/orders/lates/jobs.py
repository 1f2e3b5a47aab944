"""What buyers are written about late money."""

from datetime import datetime

from livecommerce.orders import letters, queries
from livecommerce.orders.events import LateRefundFailed
from livecommerce.orders.links import letter as links
from livecommerce.resources import Resources
from livecommerce.web.principal import SYSTEM


async def write_of_late_refund(r: Resources, event: LateRefundFailed, *, now: datetime) -> None:
    """The buyer reads that late money did not come back to them, and what is done about it."""
    async with r.db.begin() as tx:
        bought = await queries.checkout(tx, event.checkout, by=SYSTEM, sandbox=False)
    assert bought.email is not None
    link = links.address(r.public_url, r.settings.secret_key(), event.checkout, now=now)
    letter = letters.late_refund_failed(event, home=r.public_url, link=link)
    again = f"/{event.dispute}" if event.dispute else ""
    key = f"late-refund-failed/{event.refund}{again}"
    await r.mail.send(bought.email, letter.subject, letter.text, key=key, now=now)
