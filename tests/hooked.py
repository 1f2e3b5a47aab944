"""Endpoints of a merchant, what they are told, and their logs."""

from datetime import datetime

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.web.principal import Principal
from livecommerce.webhooks import actions, public, publishing, queries
from livecommerce.webhooks.public import Said
from livecommerce.webhooks.rules import EndpointState
from livecommerce.webhooks.wire import DeliveryOut, MadeEndpoint, MakeEndpoint
from tests import shop
from tests.receiver import HOST

ROOT = "the installation's secret"


async def made(
    db: Database, merchant: str | None, url: str, *events: str, by: Principal | None = None
) -> MadeEndpoint:
    """An endpoint of the merchant's owner's; it hears of orders unless told otherwise."""
    want = MakeEndpoint(merchant=merchant, url=url, events=list(events or ["orders.*"]))
    async with db.begin() as tx:
        return await actions.make(
            tx,
            want,
            by=by or shop.owner(merchant or ""),
            trusted=(HOST,),
            secret=ROOT,
            now=utcnow(),
        )


def delivered(merchant: str, order: str = "ord_1") -> Said:
    """That an order has arrived."""
    data = public.OrderDelivered(merchant=merchant, order=order, consignment="cns_1")
    return Said(data)


async def tell(db: Database, *said: Said, now: datetime) -> list[str | None]:
    """Tell it outside; the events' ids."""
    async with db.begin() as tx:
        return [await publishing.publish(tx, one, now=now) for one in said]


async def log(db: Database, merchant: str, endpoint: str) -> list[DeliveryOut]:
    """What the endpoint's owner reads, newest first."""
    async with db.begin() as tx:
        page = await queries.deliveries(tx, endpoint, by=shop.owner(merchant), limit=100)
    return list(page.items)


async def look(db: Database, merchant: str, endpoint: str) -> tuple[EndpointState, str | None]:
    """Whether the endpoint is on, and why not."""
    async with db.begin() as tx:
        found = await queries.endpoint(tx, endpoint, by=shop.owner(merchant))
    return found.state, found.off_because
