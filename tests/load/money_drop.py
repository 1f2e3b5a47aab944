"""A drop's winners before the provider's budget: all get their payment page, in order, and
nobody's hold lapses in the queue.

Winners' purchases are placed first; then the relay, the official library, its budget of 25 a
second and a sandbox that refuses the 26th run in real time, with the sweepers of holds and
purchases. Holds last a few seconds only, so that any which its queued owner did not keep would
be gone; one winner who never places shows that they do lapse.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa
from aiohttp import web

from livecommerce.catalogue import jobs as catalogue_jobs
from livecommerce.catalogue.claims import Claims
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.relay import Relay
from livecommerce.kernel.wake import Wake
from livecommerce.orders import actions, jobs
from livecommerce.orders.rules import Policy
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from payments.rules import PER_SECOND
from payments.sandbox import SandboxSettings, build_sandbox
from payments.stripe_gateway import StripeGateway
from tests import shop
from tests.customs import DESK
from tests.purchases import BERLIN, JOBS, REACTIONS

HOLD = timedelta(seconds=10)
PATIENCE = 180.0
BUYING_AT_ONCE = 8

_STANDS = sa.text("""
SELECT count(*) FILTER (WHERE p.state = 'open') AS open,
       count(*) FILTER (WHERE c.state = 'awaiting_payment') AS ready
FROM payments.payment p JOIN commerce.checkout c ON c.id = p.reference
""")
_ORDER = sa.text("""
SELECT max(abs(asked - opened)) FROM (
  SELECT row_number() OVER (ORDER BY recorded_at, id) AS asked,
         row_number() OVER (ORDER BY opened_at, id) AS opened
  FROM payments.payment) o
""")
_HOLDS = sa.text("SELECT state, count(*) FROM commerce.hold GROUP BY state")
_FASTEST = sa.text("""
SELECT max(n) FROM (
  SELECT count(*) OVER (ORDER BY opened_at RANGE BETWEEN interval '1 second' PRECEDING
                        AND CURRENT ROW) AS n FROM payments.payment) x
""")


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of the winners."""

    winners: int
    placed: float
    ready: int
    seconds: float
    out_of_order: int
    fastest: int
    kept: int
    lapsed: int


@asynccontextmanager
async def _sandbox(url: str) -> AsyncIterator[str]:
    settings = SandboxSettings(
        database_url=url, secret_key="sk_test_drop", publishable_key="pk_test_drop"
    )
    runner = web.AppRunner(build_sandbox(settings), shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def drop(db: Database, sandbox_database: str, winners: int) -> Dropped:
    """Everybody wins at once, and waits for the provider."""
    product = await shop.open_shop(db, now=utcnow(), on_hand=winners + 1, number=2)
    async with _sandbox(sandbox_database) as url:
        gateway = StripeGateway("sk_test_drop", base_url=url)
        resources = cast(Any, SimpleNamespace(db=db, payments=gateway))
        relay = Relay(db, REACTIONS, JOBS, resources)
        wake = Wake()
        ticks = [(1.0, jobs.end_overdue), (1.0, catalogue_jobs.lapse_holds)]
        placed = await _place(db, product, winners)
        running = asyncio.create_task(relay.run(wake, cast(Any, ticks)))
        began = monotonic()
        try:
            ready = await _until_ready(db, winners, began)
            seconds = monotonic() - began
            await asyncio.sleep(max(0.0, HOLD.total_seconds() + 3 - seconds))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await gateway.close()
    async with db.begin() as tx:
        holds = {row.state: int(row.count) for row in await tx.execute(_HOLDS)}
        return Dropped(
            winners=winners,
            placed=placed,
            ready=ready,
            seconds=seconds,
            out_of_order=int(await tx.scalar(_ORDER) or 0),
            fastest=int(await tx.scalar(_FASTEST) or 0),
            kept=holds.get("held", 0),
            lapsed=holds.get("lapsed", 0),
        )


async def _place(db: Database, product: Any, winners: int) -> float:
    """Claimed together and placed a few at a time; the seconds that took."""
    began = monotonic()
    rates, turns = Rates(), asyncio.Semaphore(BUYING_AT_ONCE)
    async with Claims(db, hold_lasts=HOLD).running() as claims:
        people = [shop.buyer() for _ in range(winners + 1)]

        async def one(number: int) -> None:
            who = people[number]
            async with turns:
                want = shop.claim_of(product, who.id, f"k{number}")
                hold = await claims.claim(want, utcnow())
                if number == winners:
                    return  # won, and never placed: the control
                ask = AskQuote(
                    holds=[hold.id],
                    destination=Destination(country="DE", postcode="10969"),
                    currency="EUR",
                )
                now = utcnow()
                async with db.begin() as tx:
                    quote = await actions.quote(
                        tx, ask, by=who, rates=rates, desk=DESK, now=now
                    )
                address = BERLIN.model_copy(update={"line1": f"Lindenstr. {number}"})
                order = PlaceCheckout(quote=quote.id, address=address, email="a@example.com")
                async with db.begin() as tx:
                    await actions.place(tx, order, by=who, policy=Policy(), now=utcnow())

        await asyncio.gather(*(one(number) for number in range(winners + 1)))
    return monotonic() - began


async def _until_ready(db: Database, winners: int, began: float) -> int:
    """How many can pay, when all can or patience is at an end."""
    while True:
        async with db.begin() as tx:
            stands = (await tx.execute(_STANDS)).one()
        if min(stands.open, stands.ready) >= winners or monotonic() - began > PATIENCE:
            return int(min(stands.open, stands.ready))
        await asyncio.sleep(0.5)


def at_best(winners: int) -> float:
    """The seconds that the provider's budget alone takes."""
    return winners / PER_SECOND
