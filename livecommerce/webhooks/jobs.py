"""What webhooks do on their own: write to the owner of a dead endpoint, forget old logs."""

from datetime import datetime

from livecommerce.identity import queries as people
from livecommerce.resources import Resources
from livecommerce.webhooks import letters, publishing, queries
from livecommerce.webhooks.events import EndpointSwitchedOff

BATCHES = 20


async def tell_owner(r: Resources, event: EndpointSwitchedOff, *, now: datetime) -> None:
    """Those who keep the endpoint learn that it is sent nothing any more."""
    async with r.db.begin() as tx:
        keepers = await people.keepers(tx, event.merchant)
        url = await queries.url_of(tx, event.endpoint)
    if url is None:
        return  # removed meanwhile
    letter = letters.switched_off(event, url, home=r.public_url)
    for number, mail in enumerate(keepers, 1):
        key = f"webhook-off/{event.endpoint}/{int(event.at.timestamp())}/{number}"
        await r.mail.send(mail, letter.subject, letter.text, key=key, now=now)


async def forget_old(r: Resources, *, now: datetime) -> None:
    """Drop deliveries and events older than the operator keeps them."""
    before = now - r.settings.webhook_log_kept
    for _ in range(BATCHES):
        async with r.db.begin() as tx:
            if not await publishing.forget_before(tx, before):
                return
