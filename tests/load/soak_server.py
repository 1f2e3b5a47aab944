"""A web process of the soak: the product's application on a given port with short holds, and,
for the twin, with claims that look before they take."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[2]))

from livecommerce.catalogue.claims import Claim
from livecommerce.catalogue.errors import SoldOut
from livecommerce.catalogue.queries import holds_by_key
from livecommerce.catalogue.settle import Ask
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database
from livecommerce.settings import Settings
from tests.load.drop_server import serving

_LOOK = sa.text("SELECT on_hand - held FROM commerce.stock WHERE variant_id = :variant")
_HOLD = sa.text(
    "INSERT INTO commerce.hold (id, claim_key, variant_id, merchant_id, buyer, live_id,"
    " card_id, count, price_minor, currency, state, hold_until, claimed_at) VALUES"
    " (:id, :key, :variant, :merchant, :buyer, :live, :card, :count, :price, :currency,"
    " 'held', :until, :now) ON CONFLICT (claim_key) DO NOTHING RETURNING id"
)
_RAISE = sa.text(
    "UPDATE commerce.stock SET held = held + :count, version = version + 1"
    " WHERE variant_id = :variant"
)


class LooksFirst:
    """Claims without the guard: looks, then takes. The twin that must oversell."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._lasts = settings.hold_lasts

    async def claim_all(self, wants: Sequence[Claim], now: datetime) -> list[HoldOut]:
        """One after the other."""
        return [await self._claim(want, now, n) for n, want in enumerate(wants)]

    async def _claim(self, want: Claim, now: datetime, position: int) -> HoldOut:
        ask = Ask.of(want, now=now, until=now + self._lasts, position=position)
        values = {
            "id": ask.hold,
            "key": ask.key,
            "variant": want.variant,
            "merchant": want.merchant,
            "buyer": want.buyer,
            "live": want.live,
            "card": want.card,
            "count": want.count,
            "price": want.price.minor,
            "currency": want.price.currency,
            "until": ask.until,
            "now": now,
        }
        async with self._db.begin() as tx:
            if (await tx.scalar(_LOOK, values) or 0) < want.count:
                raise SoldOut(variant=want.variant)
            if await tx.scalar(_HOLD, values):
                await tx.execute(_RAISE, values)
        async with self._db.begin() as tx:
            return (await holds_by_key(tx, [ask.key]))[ask.key]


async def serve() -> None:
    """Read the plan, serve until the input is closed."""
    logging.basicConfig(level=logging.CRITICAL)
    plan = json.loads(sys.stdin.readline())
    lasts = timedelta(seconds=plan["hold_lasts"])
    settles = LooksFirst if plan["twin"] else None
    at = {"port": plan["port"], "settles": settles, "hold_lasts": lasts}
    async with serving(plan["url"], plan["secret"], **at) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(serve())
