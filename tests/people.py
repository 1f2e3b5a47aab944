"""People of the journeys: hosts who prepare sessions, guests who buy, viewers who watch.

They hold a browser without a screen and, as viewers, the official SDK; and they know
nothing of the product but its address, the demo centre's names and its sign-ins.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import Morsel
from typing import Any

import centrifuge
import orjson
import yarl

from livecommerce.demo.client import Browser, Unexpected
from livecommerce.demo.seed import SeededCentre
from livecommerce.kernel.clock import utcnow
from tests import shop
from tests.rooms import Heard, farewell

CHANNELS = ("room", "cards", "stock", "stats")
COLOGNE = {
    "name": "Erika Mustermann",
    "line1": "Heidestraße 17",
    "city": "Köln",
    "postcode": "51147",
    "country": "DE",
    "phone": "+4922112345678",
}
MAIL = "erika.mustermann@example.org"


@dataclass(frozen=True)
class Centre:
    """The demo centre at an address."""

    url: str
    seeded: SeededCentre
    _signed_in: dict[str, list[Morsel[str]]] = field(default_factory=dict, repr=False)

    def guest(self, lang: str = "en") -> Browser:
        """Somebody who has just come in."""
        return Browser(self.url, lang=lang)

    @asynccontextmanager
    async def person(self, who: str) -> AsyncIterator[Browser]:
        """Somebody with an account, signed in; the next time, they still are."""
        async with Browser(self.url) as browser:
            jar = browser._http.cookie_jar
            if who in self._signed_in:
                jar.update_cookies(
                    [(c.key, c) for c in self._signed_in[who]], yarl.URL(self.url)
                )
            else:
                await browser.sign_in(*self.seeded.login(who))
                self._signed_in[who] = list(jar)
            yield browser


@dataclass
class Show:
    """A live session and its shelf, as its host knows it."""

    live: str
    booking: str
    cards: list[dict[str, Any]]
    ingest: dict[str, Any] = field(repr=False)

    @property
    def key_url(self) -> str:
        """What an encoder publishes to."""
        return f"{self.ingest['server']}/{self.ingest['key']}"

    def variant(self, card: int = 0) -> dict[str, Any]:
        """The variant of a card of which there were most when it came on the shelf."""
        found: dict[str, Any] = max(self.cards[card]["variants"], key=lambda v: v["left"])
        return found


async def book(
    host: Browser, centre: Centre, *, at: datetime | None = None, minutes: int = 60, **more: Any
) -> dict[str, Any]:
    """A slot in whichever studio is free then (from just before now on, unless told).

    Raises:
        Unexpected: all are taken.
    """
    starts = at or utcnow() - timedelta(minutes=5)
    want = {
        "merchant": centre.seeded.merchant,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(minutes=minutes)).isoformat(),
        **more,
    }
    studios = [r["id"] for r in await host.get("/v1/studios") if r["kind"] == "studio"]
    refused: Unexpected | None = None
    for studio in dict.fromkeys([centre.seeded.studio, *studios]):
        try:
            made: dict[str, Any] = await host.post(
                "/v1/bookings", {**want, "studio": studio}, expect=201
            )
            return made
        except Unexpected as taken:
            refused = taken
    assert refused is not None
    raise refused


async def prepare(
    host: Browser,
    centre: Centre,
    *,
    cards: int = 2,
    products: list[str] | None = None,
    ready: bool = True,
    at: datetime | None = None,
    minutes: int = 60,
) -> Show:
    """A session in a free studio with a shelf and a stream key; ready to go on air."""
    booking = await book(host, centre, at=at, minutes=minutes)
    title = {"zh": "秋冬家纺专场", "en": "Autumn bedding"}
    want = {"booking": booking["id"], "title": title}
    live = (await host.post("/v1/live", want, expect=201))["id"]
    if products is None:
        path = f"/v1/products?merchant={centre.seeded.merchant}&limit=100"
        there = [product["id"] for product in (await host.get(path))["items"]]
        sown = set(centre.seeded.products.values())  # not what other tests have added
        products = [product for product in there if product in sown][:cards]
    shelf = [
        await host.post(f"/v1/live/{live}/cards", {"product": product}, expect=201)
        for product in products
    ]
    ingest = await host.post(f"/v1/live/{live}/ingest")
    if ready:
        assert (await host.post(f"/v1/live/{live}/ready"))["state"] == "ready"
    return Show(live, booking["id"], shelf, ingest)


async def new_product(
    owner: Browser, centre: Centre, *, on_hand: int, pictured: bool = True
) -> dict[str, Any]:
    """A product that nobody else buys, with exactly so much stock of its one variant. Its
    picture has an address, and no file that a browser could show."""
    sku = f"T{secrets.token_hex(4)}"
    want = shop.duvet(centre.seeded.merchant, on_hand=on_hand, sku=sku).model_dump(mode="json")
    if not pictured:
        want["pictures"] = []
    made: dict[str, Any] = await owner.post("/v1/products", want, expect=201)
    return made


async def claim(
    guest: Browser,
    show: Show,
    *,
    card: int = 0,
    count: int = 1,
    key: str | None = None,
) -> list[dict[str, Any]]:
    """Goods set aside: the holds."""
    variant = show.variant(card)["id"]
    item = {"card": show.cards[card]["id"], "variant": variant, "count": count}
    path, key = f"/v1/live/{show.live}/claims", key or secrets.token_hex(8)
    told = await guest.post(path, {"items": [item]}, expect=201, key=key)
    holds: list[dict[str, Any]] = told["holds"]
    return holds


async def quote(guest: Browser, holds: list[dict[str, Any]]) -> dict[str, Any]:
    """What they cost in Cologne, in euros."""
    want = {
        "holds": [hold["id"] for hold in holds],
        "destination": {"country": "DE", "postcode": COLOGNE["postcode"]},
        "currency": "EUR",
    }
    told: dict[str, Any] = await guest.post("/v1/quotes", want, expect=201)
    return told


async def place(guest: Browser, quoted: str, key: str | None = None) -> dict[str, Any]:
    """A checkout of what was quoted."""
    want = {"quote": quoted, "address": COLOGNE, "email": MAIL}
    told: dict[str, Any] = await guest.post("/v1/checkouts", want, expect=201, key=key)
    return told


async def checkout_in(
    guest: Browser, checkout: str, *wanted: str, within: float = 20.0
) -> dict[str, Any]:
    """The checkout, once it is in one of those states."""

    async def look() -> dict[str, Any] | None:
        told: dict[str, Any] = await guest.get(f"/v1/checkouts/{checkout}")
        return told if told["state"] in wanted else None

    return await eventually(look, within=within, what=f"{checkout} is {wanted}")


async def payable(guest: Browser, show: Show, *, card: int = 0, count: int = 1) -> Any:
    """A checkout that waits for its payment."""
    quoted = await quote(guest, await claim(guest, show, card=card, count=count))
    placed = await place(guest, quoted["id"])
    return await checkout_in(guest, placed["id"], "awaiting_payment")


async def pay(guest: Browser, checkout: dict[str, Any], card: str = "pm_card_visa") -> Any:
    """Pay as Stripe.js does, and wait until the webhook has marked it paid."""
    await guest.pay_by_card(checkout["payment"], card)
    return await checkout_in(guest, checkout["id"], "paid")


async def buy(guest: Browser, show: Show, *, card: int = 0, count: int = 1) -> dict[str, Any]:
    """The whole purchase; the paid checkout."""
    paid: dict[str, Any] = await pay(guest, await payable(guest, show, card=card, count=count))
    return paid


async def ask(browser: Browser, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Any request as this browser makes it: the status, and the body if it is JSON.

    ``headers`` may name more; the CSRF token is added as our pages add it.
    """
    headers = dict(more.pop("headers", {}))
    for cookie in browser._http.cookie_jar:
        if cookie.key == "lc_csrf":
            headers.setdefault("X-CSRF-Token", cookie.value)
    async with browser._http.request(
        method, yarl.URL(browser.url + path, encoded=True), headers=headers, **more
    ) as answer:
        raw = await answer.read()
        kind = answer.content_type
        return answer.status, orjson.loads(raw) if raw and kind.endswith("json") else kind


async def status(browser: Browser, method: str, path: str, **more: Any) -> int:
    """Only the status of it."""
    return (await ask(browser, method, path, **more))[0]


async def eventually(
    look: Callable[[], Awaitable[Any]], *, within: float = 30.0, what: str = "it"
) -> Any:
    """The first true thing that ``look`` gives.

    Raises:
        Unexpected: it gave none in time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not (found := await look()):
        if loop.time() > deadline:
            raise Unexpected(f"waited {within:g} s, and still not: {what}")
        await asyncio.sleep(0.05)
    return found


class Personal(centrifuge.ClientEventHandler):
    """What a viewer's private channel says, which the server subscribes by itself."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.connected: list[centrifuge.ConnectedContext] = []
        self.changed = asyncio.Event()

    async def on_connected(self, ctx: centrifuge.ConnectedContext) -> None:
        self.connected.append(ctx)
        self.changed.set()

    async def on_publication(self, ctx: centrifuge.ServerPublicationContext) -> None:
        self.frames.append(ctx.pub.data)
        self.changed.set()


@dataclass
class Watcher:
    """Somebody in a room, with the official SDK."""

    client: centrifuge.Client
    heard: dict[str, Heard]
    private: Personal
    live: str

    async def say(self, text: str) -> None:
        """In the chat; who speaks too fast for it, waits and says it again."""
        for _ in range(40):
            try:
                await self.client.rpc("chat.say", {"live": self.live, "text": text})
                return
            except centrifuge.ReplyError as refused:
                if not refused.temporary:
                    raise
                await asyncio.sleep(0.25)
        raise Unexpected(f"nobody was let say {text!r}")

    def frames(self, channel: str, kind: str) -> list[dict[str, Any]]:
        """Every frame of that ``t`` that this channel has brought."""
        return [frame for frame in self.heard[channel].data if frame.get("t") == kind]

    async def until(
        self, channel: str, kind: str, *, within: float = 30.0, **facts: Any
    ) -> dict[str, Any]:
        """The first frame of that ``t`` with those facts."""

        def found() -> dict[str, Any] | None:
            for frame in self.frames(channel, kind):
                if all(frame.get(name) == value for name, value in facts.items()):
                    return frame
            return None

        try:
            await self.heard[channel].until(found, within)
        except TimeoutError:
            heard = self.heard[channel].data
            raise Unexpected(f"{channel} never said {kind} {facts}; it said {heard}") from None
        frame = found()
        assert frame is not None
        return frame

    async def told(self, kind: str, *, within: float = 30.0, **facts: Any) -> dict[str, Any]:
        """The same of the private channel."""

        async def look() -> dict[str, Any] | None:
            for frame in self.private.frames:
                same = all(frame.get(name) == value for name, value in facts.items())
                if frame.get("t") == kind and same:
                    return frame
            return None

        what = f"{kind} {facts} in private"
        frame: dict[str, Any] = await eventually(look, within=within, what=what)
        return frame


@asynccontextmanager
async def watching(
    guest: Browser, live: str, *, socket: str | None = None
) -> AsyncIterator[Watcher]:
    """A guest in the room, subscribed as our page is.

    Args:
        socket: another way to the room's socket, one that can be cut.
    """

    async def token() -> str:
        told: dict[str, str] = await guest.get(f"/v1/live/{live}/token")
        return told["token"]

    private = Personal()
    address = socket or guest.url.replace("http", "ws", 1) + "/connection/websocket"
    client = centrifuge.Client(
        address,
        private,
        get_token=token,
        proxy=None,
        min_reconnect_delay=0.05,
        max_reconnect_delay=0.5,
    )
    heard = {name: Heard() for name in CHANNELS}
    await client.connect()
    try:
        await client.ready()
        for name in CHANNELS:
            sub = client.new_subscription(f"{name}:{live}", heard[name], recoverable=True)
            await sub.subscribe()
            await sub.ready()
        yield Watcher(client, heard, private, live)
    finally:
        with contextlib.suppress(centrifuge.CentrifugeError):
            await farewell(client)


async def ship(assistant: Browser, order: dict[str, Any]) -> dict[str, Any]:
    """The order's parcel with the carrier; its consignment."""
    weighs = sum(line["weight_g"] * line["count"] for line in order["lines"]) + 350
    want = {"carrier": "演示国际速递 Demo Express", "tracking": tracking(), "weight_g": weighs}
    told = await assistant.post(f"/v1/orders/{order['id']}/consignments", want, expect=201)
    consignment: dict[str, Any] = told["consignments"][0]
    return consignment


def tracking() -> str:
    """A fresh S10 number with its check digit."""
    digits = [secrets.randbelow(10) for _ in range(8)]
    weighed = sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - weighed % 11, 11 - weighed % 11)
    return f"LX{''.join(map(str, digits))}{check}CN"
