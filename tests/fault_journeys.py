"""Every way that money goes, from beginning to end, in a world where things go wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import open_database
from payments.sandbox.switches import What
from tests import database
from tests.fault_points import Dying, Moment
from tests.fault_world import Order, World
from tests.sandbox_till import opened_till

Journey = Callable[[World], Awaitable[None]]


async def _paid(w: World, method: str, *, answer: str = "", direct: bool = False) -> str:
    payment = await w.opened("chk_1", direct=direct)
    await w.arm()
    await w.till.pay(payment, method)
    if answer:
        await w.till.answer(payment, answer)
    await w.quiet()
    return payment.id


async def card(w: World) -> None:
    """A card that asks nothing."""
    await _paid(w, "pm_card_visa")


async def three_d_secure(w: World) -> None:
    """A card whose bank asks."""
    await _paid(w, "pm_card_authenticationRequired", answer="approve")


async def alipay(w: World) -> None:
    """A wallet that is redirected to, and takes its time."""
    await _paid(w, "alipay", answer="approve")


async def wechat(w: World) -> None:
    """A wallet that scans a code."""
    await _paid(w, "wechat_pay", answer="slowly")


async def one_tap(w: World) -> None:
    """A card is kept, and pays the next time without a question."""
    first = await w.opened("chk_1")
    await w.keep(first)
    await w.till.pay(first)
    await w.quiet()
    second = await w.opened("chk_2")
    await w.arm()
    await w.tap(second)
    await w.quiet()


async def refund(w: World) -> None:
    """All of it goes back."""
    payment = await w.till.payment(await _paid(w, "pm_card_visa"))
    await w.arm()
    await w.refund(payment, payment.captured_minor)


async def partial_refund(w: World) -> None:
    """Some of it goes back, and takes its time."""
    payment = await w.till.payment(await _paid(w, "pm_card_pendingRefund"))
    await w.arm()
    await w.refund(payment, 6_000)


async def dispute_won(w: World) -> None:
    """A bank contests it, and is convinced."""
    await _paid(w, "pm_card_createDispute")
    await w.quiet()
    await w.arm()
    await w.defend("winning_evidence")


async def dispute_lost(w: World) -> None:
    """A bank contests it, and is not."""
    await _paid(w, "pm_card_createDispute")
    await w.quiet()
    await w.arm()
    await w.defend("losing_evidence")


async def transfer(w: World) -> None:
    """The merchant gets their share, and some of it comes back by a refund."""
    await w.onboard()
    payment = await w.till.payment(await _paid(w, "pm_card_visa"))
    await w.quiet()
    await w.arm()
    await w.refund(payment, 5_000)


async def destination(w: World) -> None:
    """The merchant gets their share with the charge itself; some comes back by a refund."""
    await w.onboard()
    payment = await w.till.payment(await _paid(w, "pm_card_visa", direct=True))
    await w.quiet()
    await w.arm()
    await w.refund(payment, 5_000)


async def destination_disputed(w: World) -> None:
    """The same, and a bank contests it and is not convinced."""
    await w.onboard()
    await _paid(w, "pm_card_createDispute", direct=True)
    await w.quiet()
    await w.arm()
    await w.defend("losing_evidence")


async def payout_failed(w: World) -> None:
    """The merchant's bank sends their payout back, and ours sends ours."""
    await w.onboard()
    await _paid(w, "pm_card_bypassPending")
    await w.arm(bad_payouts=2)
    await w.our_payout(100)
    await w.days(3)


JOURNEYS: tuple[Journey, ...] = (
    *(card, three_d_secure, alipay, wechat, one_tap, refund, partial_refund),
    *(dispute_won, dispute_lost, transfer, destination, destination_disputed, payout_failed),
)


async def go(w: World, journey: Journey) -> None:
    """The journey, and then the days after it in which nothing goes wrong any more."""
    await w.open()
    await journey(w)
    await w.calm()
    await w.quiet()
    await w.days(3)
    await w.quiet()


@asynccontextmanager
async def in_a_world(
    server: Server,
    *,
    what: What | None = None,
    order: Order = Order.IN_ORDER,
    moment: Moment = Moment.NEVER,
) -> AsyncIterator[World]:
    """A world of its own, in two fresh databases: ours, and the provider's."""
    async with database.clone(server) as ours, database.clone(server) as theirs:
        db = open_database(ours)
        try:
            async with opened_till(db, theirs) as till:
                yield World(till, what, order, Dying(moment))
        finally:
            await db.close()
