"""A till for tests: our database, the real library, and the sandbox it talks to over HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import aiohttp
import orjson
from aiohttp import web

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Relay
from payments import events, fees, inbox, intents, methods, queries, refunds
from payments.intake import Intake
from payments.sandbox import SANDBOX, SandboxSettings, build_sandbox, store
from payments.sandbox.engine import Sandbox
from payments.sandbox.switches import Fault, Switches, Webhooks
from payments.stripe_gateway import StripeGateway
from payments.tables import Payment
from tests import money_out

PRICE = Money(12_000, "EUR")
SECRET, PUBLIC, SIGNING = "sk_test_till", "pk_test_till", "whsec_till"
CONNECT = "whsec_connect"
E = TypeVar("E", bound=Event)
TOLD = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
]


@dataclass
class Till:
    """What a shop holds open to collect money, and everything it was told."""

    db: Database
    payments: StripeGateway
    sandbox: Sandbox
    http: aiohttp.ClientSession
    url: str
    told: list[Event] = field(default_factory=list)
    deliveries: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    dies: Callable[[str, str], bool] = lambda _when, _what: False
    """Whether the web process dies at this moment of hearing that message."""
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        reactions, jobs = self.listeners()
        self.relay = Relay(self.db, reactions, jobs, self)

    def listeners(self) -> tuple[dict[type[Event], list[Any]], dict[type[Event], list[Any]]]:
        """Who reacts to what here, and which jobs are done."""

        async def remember(_tx: object, event: Event, *, now: datetime) -> None:
            self.told.append(event)

        reactions: dict[type[Event], list[Any]] = {kind: [remember] for kind in TOLD}
        reactions[events.StripeSaid].append(inbox.on_stripe_said)
        reactions[events.FundsDue].append(fees.on_funds_due)
        for kind, more in money_out.REACTIONS.items():
            reactions.setdefault(kind, []).extend(more)
        jobs: dict[type[Event], list[Any]] = {
            events.PaymentWanted: [_open],
            events.RefundWanted: [_send],
            events.ChargeBooked: [_fee],
            events.RefundBooked: [_exchange],
            events.MethodUnwanted: [_let_go],
            **money_out.JOBS,
        }
        return reactions, jobs

    def heard(self, kind: type[E]) -> list[E]:
        """The events of a kind, in the order in which they were told."""
        return [event for event in self.told if isinstance(event, kind)]

    async def settle(self, *, later: float = 0, now: datetime | None = None) -> None:
        """Let everything happen that is due, here and there, until nothing is."""
        if later:
            await self.sandbox.advance(later)
        while await self.sandbox.settle() + await self.relay.drain(now or clock.utcnow()):
            pass

    async def want(self, amount: Money = PRICE, reference: str = "chk_1") -> str:
        """A recorded payment, not yet opened; its id."""
        async with self.db.begin() as tx:
            payment = await intents.record(
                tx,
                reference=reference,
                amount=amount,
                description="Order",
                metadata={},
                now=clock.utcnow(),
            )
        return payment.id

    async def opened(self, amount: Money = PRICE, ref: str = "chk_1") -> Payment:
        """A payment that the buyer can pay."""
        payment = await self.want(amount, ref)
        await self.settle()
        return await self.payment(payment)

    async def paid(self, amount: Money = PRICE, ref: str = "chk_1") -> Payment:
        """A payment that has been paid, booked and understood."""
        payment = await self.opened(amount, ref)
        await self.pay(payment)
        await self.settle(later=2)
        return await self.payment(payment.id)

    async def payment(self, id_: str) -> Payment:
        async with self.db.begin() as tx:
            return await queries.payment(tx, id_)

    async def pay(self, payment: Payment, method: str = "pm_card_visa", **more: str) -> Any:
        """Confirm as a page does, with the publishable key and the client secret."""
        form = {"key": PUBLIC, "client_secret": payment.client_secret or ""}
        if method.startswith("pm_"):
            form["payment_method"] = method
        else:
            form |= {"payment_method_data[type]": method, "return_url": "http://shop.test/"}
        path = f"/v1/payment_intents/{payment.provider_id}/confirm"
        async with self.http.post(self.url + path, data=form | more) as answer:
            return await answer.json()

    async def answer(self, payment: Payment, outcome: str) -> Any:
        """Tell the bank or the wallet."""
        path = f"/sandbox/pay/{payment.provider_id}/answer"
        form = {"client_secret": payment.client_secret or "", "outcome": outcome}
        async with self.http.post(self.url + path, data=form) as answer:
            return await answer.json()

    async def refund(self, payment: Payment, minor: int, key: str = "r1") -> str:
        async with self.db.begin() as tx:
            refund = await refunds.request(
                tx,
                payment=payment.id,
                reference="ord_1",
                amount=Money(minor, payment.currency),
                reason="asked for",
                key=key,
                now=clock.utcnow(),
            )
        return refund.id

    async def fault(self, what: Any, endpoint: str = "*", times: int = 1) -> None:
        fault = Fault(endpoint=endpoint, what=what, times=times)
        await self.sandbox.set_switches(Switches(faults=[fault]))

    async def webhooks(self, **how: Any) -> None:
        await self.sandbox.set_switches(Switches(webhooks=Webhooks(**how)))

    async def stripe(self, kind: str) -> list[dict[str, Any]]:
        """The sandbox's own objects of a kind, oldest first."""
        async with self.sandbox.work() as work:
            found = await store.kept(work.tx, kind)
        return [thing.body for thing in reversed(found)]


async def _open(r: Till, event: events.PaymentWanted, *, now: datetime) -> None:
    await intents.open_with_provider(r.db, r.payments, event.payment, now=now)


async def _send(r: Till, event: events.RefundWanted, *, now: datetime) -> None:
    await refunds.send(r.db, r.payments, event.refund, now=now)


async def _fee(r: Till, event: events.ChargeBooked, *, now: datetime) -> None:
    await fees.post(r.db, r.payments, event, now=now)


async def _exchange(r: Till, event: events.RefundBooked, *, now: datetime) -> None:
    await fees.post_refund(r.db, r.payments, event, now=now)


async def _let_go(r: Till, event: events.MethodUnwanted, *, now: datetime) -> None:
    await methods.let_go(r.db, r.payments, event.method, now=now)


def _dead(request: web.Request) -> web.Response:
    """Nobody answers any more."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response(status=503)


async def _served(stack: AsyncExitStack, app: web.Application) -> str:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


@asynccontextmanager
async def opened_till(db: Database, own: str) -> AsyncIterator[Till]:
    """A till whose sandbox keeps its state in the database ``own`` and delivers to a hook of
    ours, but only when told to."""
    made: list[Till] = []

    async def hook(request: web.Request) -> web.Response:
        raw, signature = await request.read(), request.headers["Stripe-Signature"]
        till, now, connected = made[0], clock.utcnow(), request.path == "/connect"
        till.deliveries.append((raw, signature))
        what = str(orjson.loads(raw)["type"])
        if till.dies("arrived", what):
            return _dead(request)
        try:
            intake = Intake(till.db, till.payments)
            await intake.receive(raw, signature, now=now, connected=connected)
            status = 200
        except Problem:
            status = 400
        if till.dies("stored", what):
            return _dead(request)
        till.answers.append(status)
        return web.Response(status=status)

    async with AsyncExitStack() as stack:
        receiver = web.Application()
        receiver.router.add_post("/hook", hook)
        receiver.router.add_post("/connect", hook)
        hook_url = await _served(stack, receiver)
        settings = SandboxSettings(
            database_url=own,
            secret_key=SECRET,
            publishable_key=PUBLIC,
            webhook_url=f"{hook_url}/hook",
            webhook_secret=SIGNING,
            connect_url=f"{hook_url}/connect",
            connect_secret=CONNECT,
            per_second=1000,
            hang_seconds=0.2,
            runs_itself=False,
            page_switches=True,
        )
        app = build_sandbox(settings)
        began = clock.utcnow()
        app[SANDBOX]._now = lambda: began  # time passes there when a test says so
        url = await _served(stack, app)
        gateway = StripeGateway(
            SECRET,
            base_url=url,
            webhook_secrets=[SIGNING],
            connect_secrets=[CONNECT],
            per_second=1000,
            retries=0,
        )
        stack.push_async_callback(gateway.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        made.append(Till(db, gateway, app[SANDBOX], http, url))
        yield made[0]
