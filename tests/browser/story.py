"""What has happened before somebody opens a window: a session on air, one that is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from livecommerce.demo.client import Browser
from livecommerce.kernel.clock import utcnow
from tests import people
from tests.browser.camera import Camera
from tests.people import Centre, Show

SHELF = ("sateen-set", "watercolour-set", "embroidered-set", "lyocell-set", "quilted-bedspread")
GREETINGS = (
    ("zh-CN", "主播好，这款四件套能机洗吗？"),
    ("en", "Does it come in 240 × 220?"),
    ("zh-CN", "刚拍了一套雾蓝，期待！"),
    ("en", "Shipping to Lyon, how long does it take?"),
    ("zh-CN", "枕套可以单独买吗"),
)
HERE = {
    "DE": people.COLOGNE,
    "FR": {
        "name": "Camille Laurent",
        "line1": "12 Rue de la République",
        "city": "Lyon",
        "postcode": "69001",
        "country": "FR",
        "phone": "+33472101010",
    },
    "GB": {
        "name": "Oliver Grant",
        "line1": "4 Clarence Road",
        "city": "Bristol",
        "postcode": "BS1 4DJ",
        "country": "GB",
        "phone": "+441179222000",
    },
}
MONEY = {"DE": "EUR", "FR": "EUR", "GB": "GBP"}


@dataclass(frozen=True)
class Aired:
    """A session that is over."""

    show: Show
    orders: list[str]  # paid, by buyers in three countries
    checkout: str  # of the first
    buyer: dict[str, str]  # the cookies of who bought the first


async def prepared(host: Browser, centre: Centre, *, minutes: int = 180) -> Show:
    """A session with a full shelf at live prices and a key, ready to go on air."""
    products = [
        centre.seeded.products[slug] for slug in SHELF if slug in centre.seeded.products
    ]
    others = [i for i in centre.seeded.products.values() if i not in products]
    luxi = await host.get(f"/v1/products?merchant={centre.seeded.merchant}&limit=100")
    own = {product["id"]: product for product in luxi["items"]}
    chosen = [i for i in [*products, *others] if i in own][:5]
    booking = await people.book(host, centre, minutes=minutes)
    title = {"zh": "秋冬床品专场 · 南通直播", "en": "Autumn bedding, live from Nantong"}
    want = {"booking": booking["id"], "title": title}
    live = (await host.post("/v1/live", want, expect=201))["id"]
    shelf = []
    for product in chosen:
        prices = {
            variant["id"]: variant["price"]["minor"] * 88 // 10_000 * 100
            for variant in own[product]["variants"]
        }
        body = {"product": product, "prices": prices}
        shelf.append(await host.post(f"/v1/live/{live}/cards", body, expect=201))
    ingest = await host.post(f"/v1/live/{live}/ingest")
    assert (await host.post(f"/v1/live/{live}/ready"))["state"] == "ready"
    return Show(live, booking["id"], shelf, ingest)


async def seen_on_air(host: Browser, live: str) -> None:
    """Wait until it is live, and there is a picture for those who come."""

    async def look() -> bool:
        return await host.status(f"/hls/{live}/index.m3u8") == 200

    await people.eventually(look, within=30, what="a playlist")
    assert (await host.get(f"/v1/live/{live}"))["state"] == "live"


@asynccontextmanager
async def audience(centre: Centre, live: str) -> AsyncIterator[None]:
    """A few people are in the room, and each has said something."""
    async with AsyncExitStack() as stack:
        for lang, text in GREETINGS:
            guest = await stack.enter_async_context(centre.guest(lang))
            viewer = await stack.enter_async_context(people.watching(guest, live))
            await viewer.say(text)
        yield


def cookies(browser: Browser) -> dict[str, str]:
    """What a browser without a screen carries, for one with a screen."""
    return {cookie.key: cookie.value for cookie in browser._http.cookie_jar}


async def aired(centre: Centre, camera: Camera) -> Aired:
    """Made, on air, explained twice, bought from by three, ended, and cut into a replay."""
    async with centre.person("host") as host:
        show = await prepared(host, centre, minutes=60)
        with camera.on(show.key_url):
            await seen_on_air(host, show.live)
            bought, buyer = await _explained_and_bought(centre, host, show)
            await host.post(f"/v1/live/{show.live}/end")

        async def made() -> Any:
            return (await host.get(f"/v1/live/{show.live}/room"))["replay"]

        await people.eventually(made, within=60, what="a replay")
    orders = [checkout["orders"][0] for checkout in bought]
    return Aired(show, orders, bought[0]["id"], buyer)


async def _explained_and_bought(
    centre: Centre, host: Browser, show: Show
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Two chapters worth watching, and what each of them sold."""
    first, second = (f"/v1/live/{show.live}/cards/{card['id']}" for card in show.cards[:2])
    async with centre.guest() as near, centre.guest() as other, centre.guest() as third:
        await host.post(f"{first}/explain")
        bought = [
            await buy(near, show, to="DE"),
            await buy(other, show, to="FR", count=2),
        ]
        await host.post(f"{second}/explain")
        bought.append(await buy(third, show, to="GB", card=1))
        await asyncio.sleep(1)
        return bought, cookies(near)


async def buy(
    buyer: Browser, show: Show, *, to: str, card: int = 0, count: int = 1
) -> dict[str, Any]:
    """Claimed, quoted, placed and paid; the checkout."""
    holds = await people.claim(buyer, show, card=card, count=count)
    address = HERE[to]
    want = {
        "holds": [hold["id"] for hold in holds],
        "destination": {"country": to, "postcode": address["postcode"]},
        "currency": MONEY[to],
    }
    quoted = await buyer.post("/v1/quotes", want, expect=201)
    body = {"quote": quoted["id"], "address": address, "email": people.MAIL}
    placed = await buyer.post("/v1/checkouts", body, expect=201)
    ready = await people.checkout_in(buyer, placed["id"], "awaiting_payment")
    paid: dict[str, Any] = await people.pay(buyer, ready)
    return paid


async def taken_tomorrow(
    centre: Centre, studio: str, hour: int, hours: int, *, who: str = "rival-host"
) -> None:
    """A slot on the centre's next day that somebody has already."""
    rival = who == "rival-host"
    day = centre.seeded.day(utcnow() + timedelta(days=1))
    want = {
        "merchant": centre.seeded.rival if rival else centre.seeded.merchant,
        "studio": centre.seeded.resources[studio],
        "starts_at": f"{day}T{hour:02d}:00:00+08:00",
        "ends_at": f"{day}T{hour + hours:02d}:00:00+08:00",
        "equipment": ["camera", "light"],
        "title": {"zh": "云眠冬被专场", "en": "Yunmian quilts"}
        if rival
        else {"zh": "窗边晨读", "en": "Morning by the window"},
    }
    async with centre.person(who) as person:
        await person.post("/v1/bookings", want, expect=201)
