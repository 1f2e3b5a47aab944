"""A room on a real database, and screens that show it: what the page does, in Python.

``Screen`` is the reference for the rules that ``livecommerce/live/README.md`` states: it joins
with a snapshot and the positions that came with it, hears frames over the room protocol, and
must at any time show what somebody who joins now is shown.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from livecommerce import wiring
from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue.events import StockChanged
from livecommerce.catalogue.rules import Reason
from livecommerce.catalogue.wire import MoveStock, ProductOut
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Jobs, Relay
from livecommerce.kernel.wake import Wake
from livecommerce.live import actions, reactions, room
from livecommerce.live.board import Board
from livecommerce.live.jobs import make_replay
from livecommerce.live.offers import reactions as offers
from livecommerce.live.tables import Shelf
from livecommerce.live.wire import AddCard
from livecommerce.orders import jobs as order_jobs
from livecommerce.orders.events import OrderPaid, SoldLine
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.principal import Principal
from streams.chat.archive import Archive
from streams.chat.chat import Chat
from streams.chat.rules import Badge, Speaker
from streams.presence.viewers import Viewers
from streams.realtime.hub import Hub
from streams.realtime.options import Limits
from streams.replays import actions as replays
from streams.sessions import actions as sessions
from streams.sessions.events import LiveEnded
from tests import shop
from tests.room_states import explaining_in, fresh, moment, offers_in, visible
from tests.rooms import OpenDoor, options, token
from tests.rooms_in_memory import Line, opened

HOST = Speaker("usr_host", "Mei", Badge.HOST)
KEPT = 50
OFFERS_DUE = {
    kind: found
    for kind, found in wiring.REACTIONS.items()
    if kind.__module__.startswith("livecommerce.live.") or kind is StockChanged
}
CHANNELS = ("room", "cards", "stock", "offers", "stats")


class Standing:
    """A monotonic clock that only moves when told to: nobody is slowed by surprise."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """One live session on air, with everything that tells its room."""

    db: Database
    hub: Hub
    chat: Chat
    viewers: Viewers
    r: Resources
    relay: Relay
    clock: Standing
    live: str
    host: Principal
    products: list[ProductOut]
    now: datetime
    pairs: int = 0

    def tick(self) -> datetime:
        """A moment later than every one before it."""
        self.now += timedelta(milliseconds=7)
        return self.now

    async def tell(self) -> None:
        """Everything committed is told."""
        await self.relay.drain(self.now + timedelta(seconds=60))

    async def shelf(self, work: Any, *args: Any) -> Any:
        """One of the shelf's actions, committed and not yet told."""
        async with self.db.begin() as tx:
            return await work(tx, self.live, *args, by=self.host, now=self.tick())

    async def add(self, product: int) -> str:
        row = await self.shelf(actions.add_card, AddCard(product=self.products[product].id))
        return str(row.id)

    async def move_stock(self, product: int, change: int) -> None:
        want = MoveStock(change=change, reason=Reason.COUNTED)
        variant = self.products[product].variants[0].id
        async with self.db.begin() as tx:
            await catalogue.move_stock(tx, variant, want, by=self.host, now=self.tick())

    async def become(self, step: Any) -> None:
        async with self.db.begin() as tx:
            await step(tx, self.live, now=self.tick())

    async def sell(self) -> None:
        variant = self.products[0].variants[0]
        line = SoldLine(
            line=ids.new("lin"),
            product=self.products[0].id,
            variant=variant.id,
            card=None,
            segment=None,
            count=2,
            unit_price=shop.PRICE,
        )
        told = OrderPaid(
            order=ids.new("ord"),
            checkout="chk",
            merchant=self.products[0].merchant,
            buyer="gst_buyer",
            live=self.live,
            lines=[line],
            total=Money(1, "CNY"),
            at=self.now,
        )
        await order_jobs.tell_room(self.r, told, now=self.now)

    async def say(self, text: str, who: Speaker = HOST) -> dict[str, Any]:
        return await self.chat.say(self.live, who, text, now=self.tick())

    async def replay(self) -> None:
        """The broadcast's recording is there, and its session archived."""
        async with self.db.begin() as tx:
            row = await replays.want(tx, self.live, now=self.tick())
            timeline = {"media_start": self.now.isoformat(), "chapters": []}
            await replays.finish(tx, row, timeline, duration=3.0, now=self.tick())

    async def snapshot(
        self, stood: room.Stood | None = None, currency: str | None = None
    ) -> dict[str, Any]:
        """What somebody who joins is given, as JSON."""
        stood = stood or await room.stands(self.r, self.live)
        async with self.db.begin() as tx:
            found = await room.snapshot(
                self.r,
                tx,
                self.live,
                who=self.host,
                currency=currency,
                stood=stood,
                now=self.now,
            )
        return dict(found.model_dump(mode="json"))


async def set_up(db: Database, now: datetime, number: int = 1) -> Stage:
    """A room on air with two cards of four products."""
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now, number=number)
        host = shop.owner(merchant)
        products = [
            await catalogue.create_product(
                tx, shop.duvet(merchant, sku=f"S{n}"), by=host, now=now
            )
            for n in range(4)
        ]
        slot = Period(now, now + timedelta(hours=2))
        live = await sessions.create(
            tx,
            reference=ids.new("bkg"),
            host_reference=merchant,
            title={"zh": "专场", "en": "Show"},
            period=slot,
            now=now,
        )
        tx.add(Shelf(live_id=live.id, merchant_id=merchant, booking_id=live.reference))
        await tx.flush()
        await sessions.clear(tx, live.id, {"by": "test"}, now=now)
        await sessions.start(tx, live.id, now=now)
    hub = Hub(options(Limits(window=0.0)), OpenDoor())
    clock = Standing()
    chat = Chat(hub, db, archive=Archive(db), clock=clock)
    nothing: Any = None
    r = Resources(
        settings=Settings(),
        db=db,
        http=nothing,
        wake=Wake(),
        gateway=hub,
        payments=nothing,
        customs=nothing,
        mail=nothing,
    )
    viewers = Viewers(hub)
    for part in (chat, viewers, Board(db, hub), Rates()):
        r.add(part)
    jobs: Jobs = {
        kind: [job for job in listed if job is not make_replay]
        for kind, listed in wiring.JOBS.items()
        if kind.__module__.startswith(("streams.", "livecommerce.live")) or kind is StockChanged
    }
    ends = [reactions.on_live_ended, offers.on_live_ended]
    relay = Relay(db, {**OFFERS_DUE, LiveEnded: ends}, jobs, r)
    stage = Stage(db, hub, chat, viewers, r, relay, clock, live.id, host, products, now)
    for product in (0, 1):
        await stage.add(product)
    await stage.tell()
    return stage


@dataclass
class Screen:
    """One viewer's page. ``read_again`` is set by frames that say that something changed which
    they do not carry."""

    stage: Stage
    snapshot: dict[str, Any]
    line: Line = field(default_factory=Line)
    heard: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    read_again: bool = False
    state: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def join(cls, stage: Stage, user: str, stood: room.Stood | None = None) -> "Screen":
        """Read the room (``stood``: its positions are older), then listen from there."""
        found = await stage.snapshot(stood)
        screen = cls(stage, found)
        screen.state = fresh(found)
        peer, screen.line = opened(stage.hub)
        hello = {"id": 1, "connect": {"token": token(user)}}
        await peer.receive(orjson.dumps(hello))
        for n, kind in enumerate(CHANNELS, 2):
            channel = f"{kind}:{stage.live}"
            asked: dict[str, Any] = {"channel": channel}
            if channel in found["positions"]:
                asked |= {"recover": True, **found["positions"][channel]}
            await peer.receive(orjson.dumps({"id": n, "subscribe": asked}))
        return screen

    async def catch_up(self) -> None:
        """Apply everything that has arrived, and read again what has to be."""
        await asyncio.sleep(0)
        for reply in self.line.take():
            missed = reply.get("subscribe", {}).get("publications", [])
            pushed = reply.get("push", {}).get("pub")
            for publication in [*missed, *([pushed] if pushed else [])]:
                self.hear(publication["data"])
            assert "error" not in reply, reply
        if self.read_again:
            self.read_again = False
            self.merge(await self.stage.snapshot())

    def hear(self, frame: dict[str, Any]) -> None:
        """The rules, one for each kind of frame."""
        kind, s = frame["t"], self.state
        self.heard.append(kind)
        if kind == "chat":
            line = {name: frame[name] for name in ("id", "user", "name", "badge", "text")}
            self.add_lines([{**line, "at": moment(frame["at"])}])
        elif kind == "del":
            self.gone.add(frame["id"])
            s["chat"] = [line for line in s["chat"] if line["id"] != frame["id"]]
        elif kind == "state":
            if frame["version"] > s["live_version"]:
                s["live_state"], s["live_version"] = frame["state"], frame["version"]
                self.read_again = True
        elif kind == "shelf":
            self.read_again |= frame["version"] > s["shelf_version"]
        elif kind == "card":
            if frame["version"] > s["card_version"]:
                s["card_version"] = frame["version"]
                s["explaining"] = explaining_in(frame)
                s["times"] = frame["times"]
        elif kind == "stock":
            if frame["version"] > s["stock_version"]:
                s["stock"], s["stock_version"] = frame["left"], frame["version"]
        elif kind == "offers":
            if frame["version"] > s["offers_version"]:
                s["offers"], s["offers_version"] = offers_in(frame), frame["version"]
        elif kind == "stats":
            s["stats"] = (frame["viewers"], frame["peak"])
        elif kind in {"settings", "announcement"}:
            if frame["version"] > s[kind]["version"]:
                s[kind] = {name: frame[name] for name in s[kind]}
                if kind == "announcement":
                    s[kind]["at"] = moment(frame["at"])
        elif kind == "replay":
            self.read_again = True
        elif kind == "price":
            if frame["version"] > s["shelf_version"]:
                self.price(frame)
        else:  # shown for a moment, part of no state
            assert kind in {"more", "sold", "soldout", "restock"}, kind

    def price(self, frame: dict[str, Any]) -> None:
        """New prices, until the shelf is read anew."""
        for card in self.state["cards"]:
            if card["id"] == frame["card"]:
                card["prices"] = {
                    variant: {"minor": minor, "currency": frame["currency"]}
                    for variant, minor in frame["prices"].items()
                }

    def add_lines(self, lines: list[dict[str, Any]]) -> None:
        """Lines not known and not gone, in the order in which they were said."""
        known = {line["id"] for line in self.state["chat"]} | self.gone
        new = [line for line in lines if line["id"] not in known]
        every = sorted([*self.state["chat"], *new], key=lambda line: (line["at"], line["id"]))
        self.state["chat"] = every[-KEPT:]

    def merge(self, found: dict[str, Any]) -> None:
        """A later snapshot: each part of it counts if it is newer than what is shown."""
        new, s = fresh(found), self.state
        self.add_lines(new["chat"])
        if new["live_version"] >= s["live_version"]:
            s["live_state"], s["live_version"] = new["live_state"], new["live_version"]
        if new["shelf_version"] >= s["shelf_version"]:
            s["cards"], s["shelf_version"] = new["cards"], new["shelf_version"]
        if new["shelf_version"] >= s["card_version"]:
            for name in ("explaining", "times", "card_version"):
                s[name] = new[name]
        if new["stock_version"] >= s["stock_version"]:
            s["stock"], s["stock_version"] = new["stock"], new["stock_version"]
        if new["offers_version"] >= s["offers_version"]:
            s["offers"], s["offers_version"] = new["offers"], new["offers_version"]
        for name in ("settings", "announcement"):
            if new[name]["version"] >= s[name]["version"]:
                s[name] = new[name]
        s["replay"], s["video"] = new["replay"], new["video"]

    def shown(self) -> dict[str, Any]:
        """What can be seen of it: no versions of what was merely read."""
        return visible(self.state)
