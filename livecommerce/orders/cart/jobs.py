"""A cart's other devices hear of it; and carts that nobody comes back to are dropped."""

from datetime import datetime
from typing import Any

from livecommerce.orders.cart import actions, queries
from livecommerce.orders.cart.events import CartChanged
from livecommerce.resources import Resources


async def forget_old(r: Resources, *, now: datetime) -> None:
    """Guests who will not come back leave no cart."""
    async with r.db.begin() as tx:
        await actions.forget_old(tx, now=now)


async def tell_devices(r: Resources, event: CartChanged, *, now: datetime) -> None:
    """The owner's own channel hears the whole cart as it stands, with its version: one that
    comes late undoes nothing, and one that is missed loses nothing."""
    async with r.db.begin() as tx:
        version = await queries.version(tx, event.owner)
        rows = await queries.items(tx, event.owner)
    frame: dict[str, Any] = {
        "t": "cart",
        "version": version,
        "pieces": sum(row.count for row in rows),
        "items": [
            {
                "id": row.id,
                "live": row.live_id,
                "card": row.card_id,
                "variant": row.variant_id,
                "count": row.count,
            }
            for row in rows
        ],
    }
    await r.gateway.publish(f"#{event.owner}", frame, version=version, version_epoch="cart")
