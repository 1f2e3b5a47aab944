"""Parts that are killed while people buy. What answers says what is wrong, what was killed
comes back by itself, and the reckoning comes out right.
"""

import asyncio
import contextlib
import os
import random
import secrets
import signal
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from livecommerce.demo.client import Browser, Unexpected
from tests import people, reckoning
from tests.journeys.conftest import Breakable, Started
from tests.people import Centre, Show
from tests.product import Product
from tests.rooms import Link

HEALS_WITHIN = 30.0


@dataclass
class Buyer:
    """Somebody who buys again and again, and tries once more when something fails."""

    browser: Browser
    show: Show
    paid: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    problems: list[Any] = field(default_factory=list)

    async def buy(self, until: asyncio.Event) -> None:
        """Until told to stop; a purchase that was begun is brought to its end."""
        while not until.is_set():
            await self.once()

    async def once(self) -> None:
        card = random.randrange(len(self.show.cards))
        variant = random.choice(self.show.cards[card]["variants"])["id"]
        item = {"card": self.show.cards[card]["id"], "variant": variant, "count": 1}
        path = f"/v1/live/{self.show.live}/claims"
        holds = (await self.insist("POST", path, {"items": [item]}))["holds"]
        want = {
            "holds": [hold["id"] for hold in holds],
            "destination": {"country": "DE", "postcode": people.COLOGNE["postcode"]},
            "currency": "EUR",
        }
        quoted = await self.insist("POST", "/v1/quotes", want)
        want = {"quote": quoted["id"], "address": people.COLOGNE, "email": people.MAIL}
        checkout = await self.insist("POST", "/v1/checkouts", want)
        path, paying = f"/v1/checkouts/{checkout['id']}", False
        while checkout["state"] != "paid":
            payable = checkout["payment"]["client_secret"] is not None
            if checkout["state"] == "awaiting_payment" and payable and not paying:
                with contextlib.suppress(Unexpected, aiohttp.ClientError):
                    await self.browser.pay_by_card(checkout["payment"], "pm_card_visa")
                    paying = True
            await asyncio.sleep(0.1)
            checkout = await self.insist("GET", path)
        self.paid.append(checkout)

    async def insist(self, method: str, path: str, body: Any = None) -> Any:
        """Ask with the same key until it is answered."""
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method != "GET" else {}
        while True:
            more = {"json": body} if body is not None else {}
            try:
                status, told = await people.ask(
                    self.browser, method, path, headers=headers, **more
                )
            except (aiohttp.ClientError, ConnectionError):
                await asyncio.sleep(0.1)
                continue
            self.statuses.append(status)
            if status < 300:
                return told
            self.problems.append((method, path, told))
            if status != 503:
                raise Unexpected(f"{method} {path}: {status} {told}")
            await asyncio.sleep(0.1)


@dataclass
class Crowd:
    """Several buyers at once."""

    buyers: list[Buyer]
    stop: asyncio.Event
    tasks: list[asyncio.Task[None]]

    async def come_to_an_end(self, within: float = 60.0) -> None:
        """Everybody finishes the purchase they are in."""
        self.stop.set()
        async with asyncio.timeout(within):
            await asyncio.gather(*self.tasks)

    @property
    def paid(self) -> list[dict[str, Any]]:
        return [checkout for buyer in self.buyers for checkout in buyer.paid]

    async def have_paid(self, more: int, within: float = HEALS_WITHIN) -> None:
        """Return when so many more have paid."""
        wanted = len(self.paid) + more

        async def look() -> bool:
            for task in self.tasks:
                if task.done():
                    task.result()
            return len(self.paid) >= wanted

        await people.eventually(look, within=within, what=f"{more} more purchases")


@contextlib.asynccontextmanager
async def crowd(centre: Centre, show: Show, size: int = 4) -> Any:
    """Buyers who come one after the other and are at it all the time."""
    async with contextlib.AsyncExitStack() as stack:
        buyers = []
        for _ in range(size):
            browser = await stack.enter_async_context(centre.guest())
            await browser.get("/v1/me")
            buyers.append(Buyer(browser, show))
        stop = asyncio.Event()
        tasks = [asyncio.create_task(buyer.buy(stop)) for buyer in buyers]
        try:
            yield Crowd(buyers, stop, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def set_out(own: Breakable) -> Show:
    async with own.centre.person("host") as host:
        return await people.prepare(host, own.centre, cards=4, minutes=120)


def comes_out_right(product: Product, crowd: Crowd) -> None:
    """Every purchase is there once, and all sums agree."""
    assert reckoning.discrepancies(product) == {}
    assert reckoning.parked(product) == []
    checkouts = [checkout["id"] for checkout in crowd.paid]
    assert len(set(checkouts)) == len(checkouts)
    orders = [order for checkout in crowd.paid for order in checkout["orders"]]
    assert len(set(orders)) == len(orders)


@pytest.mark.timeout(240)
async def test_every_part_may_be_killed_while_people_buy(start: Started) -> None:
    own = await asyncio.to_thread(start)
    show = await set_out(own)
    async with crowd(own.centre, show) as buying:
        await buying.have_paid(4)
        for kill in (_database, _one_backend, _peers, _media_server, _web):
            await asyncio.to_thread(kill, own.product)
            await buying.have_paid(4)
        await buying.come_to_an_end()
    answered = {status for buyer in buying.buyers for status in buyer.statuses}
    assert answered <= {200, 201, 503}
    for _, _, told in [found for buyer in buying.buyers for found in buyer.problems]:
        assert told["status"] == 503
        assert told["type"].startswith("/problems/")
    await asyncio.to_thread(comes_out_right, own.product, buying)
    code, _ = await asyncio.to_thread(own.product.stop)
    assert code == 0
    assert await asyncio.to_thread(own.product.orphans) == []


def _database(product: Product) -> None:
    """The whole of PostgreSQL, with its postmaster first."""
    postmaster = product.relative("/postgres")
    family = [postmaster, *postmaster.children()]
    for process in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _one_backend(product: Product) -> None:
    """One of its backends: it ends all others and recovers, as it does after a crash."""
    postmaster = product.relative("/postgres")
    backend = max(postmaster.children(), key=lambda one: one.create_time())
    backend.kill()


def _peers(product: Product) -> None:
    before = product.relative("livecommerce.peers")
    before.kill()


def _media_server(product: Product) -> None:
    with contextlib.suppress(ValueError):  # none on this machine
        product.relative("nginx").kill()


def _web(product: Product) -> None:
    """The process that serves, and everything that was in its memory."""
    product.kill()
    product.start()


async def test_what_a_buyer_was_in_the_middle_of_goes_on_after_a_crash(start: Started) -> None:
    own = await asyncio.to_thread(start)
    show = await set_out(own)
    async with own.centre.guest() as guest, people.watching(guest, show.live) as viewer:
        # Given a hold, a quote, a placed and a payable checkout, and a viewer in the room
        held = await people.claim(guest, show)
        quoted = await people.quote(guest, await people.claim(guest, show, card=1))
        ready = await people.payable(guest, show, card=2)
        again = await people.quote(guest, await people.claim(guest, show, card=3))
        placed = await people.place(guest, again["id"])

        # When the web process is killed and started again
        await asyncio.to_thread(_web, own.product)

        # Then each of them goes on from where it was, the card being charged once.
        assert [hold["id"] for hold in await guest.get("/v1/holds")] >= [held[0]["id"]]
        await people.pay(guest, ready)
        await people.pay(
            guest, await people.checkout_in(guest, placed["id"], "awaiting_payment")
        )
        checkout = await people.place(guest, quoted["id"])
        await people.pay(
            guest, await people.checkout_in(guest, checkout["id"], "awaiting_payment")
        )
        await guest.delete(f"/v1/holds/{held[0]['id']}")

        # And the viewer is in the room again, and hears.
        await viewer.told("order", state="paid")
        await viewer.say("still here")
        await viewer.until("room", "chat", text="still here")
    found = await asyncio.to_thread(reckoning.discrepancies, own.product)
    assert found == {}


async def test_while_the_database_is_away_answers_say_so(start: Started) -> None:
    own = await asyncio.to_thread(start)
    async with own.centre.guest() as guest:
        await guest.get("/v1/me")
        await asyncio.to_thread(_database, own.product)
        seen: dict[int, Any] = {}

        async def healed() -> bool:
            status, told = await people.ask(guest, "GET", "/v1/products?limit=1")
            seen[status] = told
            probe, _ = await people.ask(guest, "GET", "/readyz")
            alive, _ = await people.ask(guest, "GET", "/livez")
            assert probe in {200, 503}
            assert alive == 200
            return status == 200

        await people.eventually(healed, within=HEALS_WITHIN, what="PostgreSQL is back")
        assert set(seen) <= {200, 503}
        if 503 in seen:
            assert seen[503]["type"] == "/problems/down"


async def test_a_lost_connection_recovers_without_loss_or_repetition(
    centre: Centre, show: Show
) -> None:
    port = int(centre.url.rpartition(":")[2])
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        link = await enter(Link(port).open())
        guests = [await enter(centre.guest()) for _ in range(5)]
        viewer = await enter(people.watching(guests[0], show.live, socket=link.url))
        speakers = [await enter(people.watching(guest, show.live)) for guest in guests[1:]]
        said = []
        for turn in range(4):
            # Given that every other time the connection breaks, and cannot be made again
            if turn % 2:
                link.cut()
            for n, speaker in enumerate(speakers):
                said.append(f"{turn}.{n} {secrets.token_hex(4)}")
                await speaker.say(said[-1])
                await asyncio.sleep(0.15)  # a room in flood shows only some of it
            # When it can, then what was said meanwhile is heard, in order and once.
            link.mend()
            await viewer.until("room", "chat", text=said[-1])
        heard = [frame["text"] for frame in viewer.frames("room", "chat")]
        assert [text for text in heard if text in said] == said
        recoveries = [ctx for ctx in viewer.heard["room"].subscribed if ctx.was_recovering]
        assert recoveries
        assert all(ctx.recovered for ctx in recoveries)
