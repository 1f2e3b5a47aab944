"""The web process of a drop, for benches: the product's own application, and beside its
claims the same route over a transaction per buyer.

``naive_claim`` is what one would write first: lock the row, look, insert, count, commit. It
lives only here.
"""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from aiohttp import web

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.app import build_app  # noqa: E402 -- the path comes first
from livecommerce.catalogue.claims import Claim, Claims  # noqa: E402
from livecommerce.catalogue.errors import SoldOut  # noqa: E402
from livecommerce.catalogue.events import HoldMade, StockChanged  # noqa: E402
from livecommerce.catalogue.queries import holds_by_key  # noqa: E402
from livecommerce.catalogue.rules import claim_key  # noqa: E402
from livecommerce.catalogue.settle import Ask  # noqa: E402
from livecommerce.catalogue.wire import HoldOut  # noqa: E402
from livecommerce.kernel.db import Database, open_database  # noqa: E402
from livecommerce.kernel.money import Money  # noqa: E402
from livecommerce.kernel.outbox import emit  # noqa: E402
from livecommerce.kernel.wake import Wake  # noqa: E402
from livecommerce.live.claiming import Claiming, Settles  # noqa: E402
from livecommerce.live.counter import Counter  # noqa: E402
from livecommerce.live.door import RoomDoor  # noqa: E402
from livecommerce.live.wire import ClaimsOut, MakeClaims  # noqa: E402
from livecommerce.resources import Resources  # noqa: E402
from livecommerce.settings import Settings  # noqa: E402
from livecommerce.web.api import Call, route  # noqa: E402
from livecommerce.web.guard import anyone  # noqa: E402
from livecommerce.web.wire import Wire  # noqa: E402
from streams.chat.chat import Chat  # noqa: E402
from streams.realtime.hub import Hub  # noqa: E402
from streams.realtime.options import PERSONAL, Options, room_namespaces  # noqa: E402

_LOOK = sa.text(
    "SELECT on_hand - held AS left, product_id FROM commerce.stock"
    " WHERE variant_id = :variant FOR UPDATE"
)
_HAD = sa.text(
    "SELECT coalesce(sum(count), 0) FROM commerce.hold WHERE buyer = :buyer"
    " AND variant_id = :variant AND card_id IS NOT DISTINCT FROM :card"
    " AND state IN ('held', 'sold')"
)
_INSERT = sa.text(
    "INSERT INTO commerce.hold (id, claim_key, variant_id, merchant_id, buyer, live_id,"
    " card_id, segment_id, count, price_minor, currency, state, hold_until, claimed_at)"
    " VALUES (:id, :key, :variant, :merchant, :buyer, :live, :card, :segment, :count, :price,"
    " :currency, 'held', :until, :now)"
)
_RAISE = sa.text(
    "UPDATE commerce.stock SET held = held + :count, version = version + 1"
    " WHERE variant_id = :variant RETURNING on_hand - held AS left, version"
)
_NOTE = sa.text(
    "INSERT INTO commerce.stock_journal (variant_id, on_hand, held, reason, reference, at)"
    " VALUES (:variant, 0, :count, 'held', :id, :now)"
)


async def naive_claim(db: Database, want: Claim, now: datetime, until: datetime) -> HoldOut:
    """One buyer, one transaction, one lock, one commit."""
    ask = Ask.of(want, now=now, until=until)
    values = {
        "id": ask.hold,
        "key": claim_key(want.buyer, want.key),
        "variant": want.variant,
        "merchant": want.merchant,
        "buyer": want.buyer,
        "live": want.live,
        "card": want.card,
        "segment": want.segment,
        "count": want.count,
        "price": want.price.minor,
        "currency": want.price.currency,
        "until": until,
        "now": now,
    }
    async with db.begin() as tx:
        stock = (await tx.execute(_LOOK, values)).one()
        known = await holds_by_key(tx, [values["key"]])
        if known:
            return known[values["key"]]
        await tx.execute(_HAD, values)
        if stock.left < want.count:
            raise SoldOut(variant=want.variant, left=stock.left)
        await tx.execute(_INSERT, values)
        after = (await tx.execute(_RAISE, values)).one()
        await tx.execute(_NOTE, values)
        made = HoldMade(
            hold=ask.hold,
            variant=want.variant,
            merchant=want.merchant,
            buyer=want.buyer,
            live=want.live,
            card=want.card,
            count=want.count,
            price=want.price,
            hold_until=until,
        )
        changed = StockChanged(
            variant=want.variant,
            product=stock.product_id,
            left=after.left,
            version=after.version,
        )
        await emit(tx, made, changed)
    return HoldOut(
        id=ask.hold,
        variant=want.variant,
        merchant=want.merchant,
        live=want.live,
        card=want.card,
        count=want.count,
        price=want.price,
        state="held",
        hold_until=until,
    )


Settling = Callable[[Database, Settings], Settles]
"""Makes whoever settles claims."""


class NaiveClaims:
    """Stands where the coalescer stands."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._lasts = settings.hold_lasts

    async def claim_all(self, wants: Sequence[Claim], now: datetime) -> list[HoldOut]:
        """One after the other; the bench asks for one."""
        return [await naive_claim(self._db, want, now, now + self._lasts) for want in wants]


class NaiveClaiming(Claiming):
    """The product's claims, but for who settles them."""


@route("POST", "/bench/live/{live}/claims", may=anyone, status=201, tx=False, key=True)
async def naive(call: Call, live: str, body: MakeClaims) -> ClaimsOut:
    """The product's claim route, but for who settles it."""
    claiming = call.r.part(NaiveClaiming)
    key = call.key or ""
    return await claiming.claim(live, body.items, buyer=call.who.id, key=key, now=call.now)


class Bare(Wire):
    """A claim whose price is known: what is left is HTTP and settling."""

    variant: str
    merchant: str
    price: Money


async def _bare(call: Call, body: Bare, claims: Claims | NaiveClaims) -> list[HoldOut]:
    want = Claim(
        buyer=call.who.id,
        key=call.key or "",
        variant=body.variant,
        merchant=body.merchant,
        count=1,
        price=body.price,
        limit_per_buyer=10,
    )
    return await claims.claim_all([want], call.now)


@route("POST", "/bench/bare", may=anyone, status=201, tx=False, key=True)
async def bare(call: Call, body: Bare) -> list[HoldOut]:
    """Settling alone, coalesced."""
    return await _bare(call, body, call.r.part(Claims))


@route("POST", "/bench/bare/naive", may=anyone, status=201, tx=False, key=True)
async def bare_naive(call: Call, body: Bare) -> list[HoldOut]:
    """Settling alone, a transaction per buyer."""
    return await _bare(call, body, call.r.part(NaiveClaims))


def settings_for(url: str, secret: str) -> Settings:
    """As in production, but for the peers that a claim never meets."""
    return Settings(database_url=url, secret=secret, log_level="WARNING")  # type: ignore[arg-type]


_ABSENT: dict[str, Any] = dict.fromkeys(("gateway", "payments", "customs", "mail"))
"""A claim meets none of them."""


def application(
    url: str, secret: str, *more: object, settles: Settling | None = None, **knobs: Any
) -> web.Application:
    """The product over that database, with nothing that a claim never meets.

    Args:
        more: parts beside (or instead of) ours.
        settles: who settles claims instead of the coalescer.
        knobs: settings other than usual.
    """
    settings = settings_for(url, secret).model_copy(update=knobs)

    @asynccontextmanager
    async def opened(_app: web.Application) -> AsyncIterator[Resources]:
        db = open_database(url)
        try:
            async with AsyncExitStack() as stack:
                http = await stack.enter_async_context(aiohttp.ClientSession())
                claims = Claims(db, hold_lasts=settings.hold_lasts)
                await stack.enter_async_context(claims.running())
                r = Resources(settings=settings, db=db, http=http, wake=Wake(), **_ABSENT)
                counter, slow = Counter(db), NaiveClaims(db, settings)
                settler = claims if settles is None else settles(db, settings)
                claiming = Claiming(counter, settler, settings.claim_limit)
                naive = NaiveClaiming(counter, slow, settings.claim_limit)
                for part in (claims, counter, claiming, slow, naive, *more):
                    r.add(part)
                if not more:  # benches of rooms bring a hub of their own
                    await stack.enter_async_context(_rooms(r, claiming))
                yield r
        finally:
            await db.close()

    return build_app(opened)


@asynccontextmanager
async def _rooms(r: Resources, claiming: Claiming) -> AsyncIterator[None]:
    """The rooms of the product, so that claims can be called in them."""
    hub = Hub(Options(namespaces=room_namespaces(), personal=PERSONAL))
    chat = Chat(hub, r.db)
    hub.door = RoomDoor(r.db, r.settings.secret_key(), chat, claiming)
    async with chat.running(), hub.running():
        r.add(hub)
        yield


@asynccontextmanager
async def serving(
    url: str,
    secret: str,
    *,
    port: int = 0,
    settles: Settling | None = None,
    **knobs: Any,
) -> AsyncIterator[int]:
    """The application on that port, or on a free one."""
    app = application(url, secret, settles=settles, **knobs)
    app.add_routes([made.as_route() for made in (naive, bare, bare_naive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def serve() -> None:
    """Read where the database is, say where we listen, serve until told to stop."""
    logging.basicConfig(level=logging.WARNING)
    plan = json.loads(sys.stdin.readline())
    url, secret = plan.pop("url"), plan.pop("secret")
    async with serving(url, secret, **plan) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(serve())
