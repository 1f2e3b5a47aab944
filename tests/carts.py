"""Carts for tests: two merchants' rooms, what they sell, and buyers who put it into carts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database
from livecommerce.live.counter import Counter
from livecommerce.orders.cart import actions, buying, priced, queries
from livecommerce.orders.cart.wire import BuyCart, BuyLine, CartOut, PutItem
from livecommerce.resources import Resources
from livecommerce.web.principal import Principal
from tests.room_screens import Stage, set_up


@dataclass
class Arcade:
    """Two rooms side by side, each of a merchant of its own; ten pieces of everything."""

    db: Database
    r: Resources
    rooms: list[Stage]
    now: datetime
    cards: dict[str, dict[str, str]]
    counter: Counter

    def item(self, room: int = 0, count: int = 1, product: int = 0) -> PutItem:
        """So many of a product of a room."""
        stage = self.rooms[room]
        one = stage.products[product]
        card = self.cards[stage.live][one.id]
        return PutItem(live=stage.live, card=card, variant=one.variants[0].id, count=count)

    async def put(self, who: Principal, want: PutItem, now: datetime | None = None) -> str:
        """Into the cart, at the price of the moment."""
        offer, price = (await self.counter.wares(want.live)).price(want.card, want.variant)
        async with self.db.begin() as tx:
            return await actions.put(
                tx, want, by=who, merchant=offer.merchant, price=price, now=now or self.now
            )

    async def cart(self, who: Principal) -> CartOut:
        """As its owner sees it."""
        return await priced.cart(self.db, self.counter, who.id)

    async def counts(self, who: Principal) -> list[int]:
        """The counts of its lines, in order."""
        async with self.db.begin() as tx:
            return [row.count for row in await queries.items(tx, who.id)]

    async def wish(self, who: Principal) -> BuyCart:
        """All that is in the cart, as it is shown."""
        shown = await self.cart(who)
        return BuyCart(
            lines=[
                BuyLine(
                    live=line.live,
                    card=line.card,
                    variant=line.variant,
                    count=line.count,
                    price=line.price,
                )
                for group in shown.groups
                for line in group.lines
            ]
        )

    async def buy(
        self, who: Principal, want: BuyCart, key: str = "k", now: datetime | None = None
    ) -> list[HoldOut]:
        """All of it set aside."""
        return await buying.buy(self.r, want, who=who, key=key, now=now or self.now)


@asynccontextmanager
async def arcade(db: Database, now: datetime) -> AsyncIterator[Arcade]:
    """Both rooms, open, with their counter and their claims."""
    rooms = [await set_up(db, now, number=n) for n in (1, 2)]
    cards: dict[str, dict[str, str]] = {}
    for stage in rooms:
        shown = await stage.snapshot()
        cards[stage.live] = {card["product"]: card["id"] for card in shown["cards"]}
    r = rooms[0].r
    counter = Counter(db, fresh=0.0)
    async with Claims(db, latch=0).running() as claims:
        for part in (claims, counter):
            r.add(part)
        yield Arcade(db, r, rooms, now, cards, counter)
