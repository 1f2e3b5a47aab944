"""The mail with the link."""

from datetime import datetime

from livecommerce.orders import letters
from livecommerce.orders import queries as orders
from livecommerce.orders.links import letter as links
from livecommerce.orders.links.events import LinkWanted
from livecommerce.resources import Resources


async def send_link(r: Resources, event: LinkWanted, *, now: datetime) -> None:
    """The buyer gets a fresh link."""
    async with r.db.begin() as tx:
        to = await orders.email_of(tx, event.checkout)
    link = links.address(r.public_url, r.settings.secret_key(), event.checkout, now=now)
    letter = letters.link(event.checkout, link)
    key = f"link/{event.checkout}/{int(event.at.timestamp())}"
    await r.mail.send(to, letter.subject, letter.text, key=key, now=now)
