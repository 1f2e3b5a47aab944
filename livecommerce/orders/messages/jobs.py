"""Both sides hear that somebody wrote: on their screens, and by mail if they had read all."""

from datetime import datetime

from livecommerce.identity import queries as people
from livecommerce.orders import letters
from livecommerce.orders import queries as orders
from livecommerce.orders.links import letter as links
from livecommerce.orders.messages.events import MessageSent
from livecommerce.orders.messages.rules import MEMBERS, Side
from livecommerce.resources import Resources


async def tell_sides(r: Resources, event: MessageSent, *, now: datetime) -> None:
    """The buyer's own channel, and those of the merchant's members whose work it is."""
    async with r.db.begin() as tx:
        members = await people.members(tx, event.merchant, MEMBERS)
    frame = {
        "t": "message",
        "order": event.order,
        "merchant": event.merchant,
        "number": event.number,
        "side": event.side.value,
    }
    channels = [f"#{who}" for who in (event.buyer, *members)]
    await r.gateway.broadcast(channels, frame, idempotency_key=f"message/{event.message}")


async def send_notice(r: Resources, event: MessageSent, *, now: datetime) -> None:
    """A mail to each side that had nothing unread before: one until they look, however much is
    written meanwhile. It says that there is something to read, and not what."""
    for side in event.first:
        if side is Side.BUYER:
            async with r.db.begin() as tx:
                to = await orders.email_of(tx, event.checkout)
            secret = r.settings.secret_key()
            link = links.address(r.public_url, secret, event.checkout, now=now)
        else:
            async with r.db.begin() as tx:
                to = (await people.seller(tx, event.merchant)).contact["email"]
            link = f"{r.public_url}/orders/{event.order}"
        letter = letters.message(event.order, link)
        key = f"message/{event.message}/{side.value}"
        await r.mail.send(to, letter.subject, letter.text, key=key, now=now)
