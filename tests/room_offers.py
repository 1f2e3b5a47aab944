"""What may be offered in a room and what viewers do with it, for tests of rooms."""

from collections.abc import Awaitable, Callable
from typing import Any

from livecommerce.live.offers import queries as offers
from livecommerce.live.offers.auctions import actions as auctions
from livecommerce.live.offers.auctions.wire import AnnounceAuction
from livecommerce.live.offers.bundles import actions as bundles
from livecommerce.live.offers.bundles.wire import SetBundle
from livecommerce.live.offers.coupons import actions as coupons
from livecommerce.live.offers.coupons.wire import MakeTemplate, PlanCoupon
from livecommerce.live.offers.draws import actions as draws
from livecommerce.live.offers.draws.wire import OpenDraw
from livecommerce.live.offers.flash import actions as flash
from livecommerce.live.offers.flash.wire import SetFlash
from livecommerce.live.offers.waitlist import actions as waitlist
from livecommerce.live.offers.wire import OffersOut
from livecommerce.live.offers.wishes import actions as wishes
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both
from tests.room_screens import Stage

TITLE = Both(zh="礼", en="Gift")


async def shown(stage: Stage) -> OffersOut:
    """What the room is offered."""
    async with stage.db.begin() as tx:
        return await offers.shown(tx, stage.live)


async def first_card(stage: Stage) -> tuple[str, str]:
    """The first card and its variant; two empty names, which nothing has, if there is none."""
    cards = (await stage.snapshot())["cards"]
    return (cards[0]["id"], cards[0]["variants"][0]["id"]) if cards else ("", "")


async def set_flash(stage: Stage, who: str) -> None:
    card, variant = await first_card(stage)
    await stage.shelf(flash.start, SetFlash(card=card, prices={variant: 9900}, total=3))


async def stop_flash(stage: Stage, who: str) -> None:
    for each in (await shown(stage)).flash:
        await stage.shelf(flash.stop, each.id)


async def plan_coupon(stage: Stage, who: str) -> None:
    merchant = stage.products[0].merchant
    want = MakeTemplate(merchant=merchant, title=TITLE, currency="CNY", off=100, stock=9)
    async with stage.db.begin() as tx:
        made = await coupons.make(tx, want, by=stage.host, now=stage.tick())
    await stage.shelf(coupons.plan, PlanCoupon(template=made.id, stock=2, minutes=1))


async def take_coupon(stage: Stage, who: str) -> None:
    for each in (await shown(stage)).coupons:
        async with stage.db.begin() as tx:
            await coupons.take(
                tx, stage.live, each.id, by=Principal(id=who), watched_s=0, now=stage.tick()
            )


async def announce(stage: Stage, who: str) -> None:
    card, variant = await first_card(stage)
    want = AnnounceAuction(card=card, variant=variant, opening=100, lasts_s=30)
    await stage.shelf(auctions.announce, want)


async def bid(stage: Stage, who: str) -> None:
    for each in (await shown(stage)).auctions:
        async with stage.db.begin() as tx:
            await auctions.bid(
                tx,
                stage.live,
                each.id,
                each.least.minor + 100 * len(who),
                by=Principal(id=who, name="Lin"),
                now=stage.tick(),
            )


async def open_draw(stage: Stage, who: str) -> None:
    await stage.shelf(draws.start, OpenDraw(prize=TITLE, lasts_s=30))


async def enter(stage: Stage, who: str) -> None:
    draw = (await shown(stage)).draw
    if draw is not None:
        viewer = Principal(id=who, name="Lin")
        async with stage.db.begin() as tx:
            await draws.enter(
                tx, stage.live, draw.id, viewer=viewer, watched_s=0, now=stage.tick()
            )


async def bundle(stage: Stage, who: str) -> None:
    card, _ = await first_card(stage)
    await stage.shelf(bundles.start, SetBundle(cards=[card], percent=50))


async def ask(stage: Stage, who: str) -> None:
    card, _ = await first_card(stage)
    async with stage.db.begin() as tx:
        await wishes.ask(tx, stage.live, card, viewer=who, now=stage.tick())


async def wait(stage: Stage, who: str) -> None:
    card, variant = await first_card(stage)
    async with stage.db.begin() as tx:
        await waitlist.join(
            tx,
            stage.live,
            card,
            variant,
            by=Principal(id=who),
            most=10,
            now=stage.tick(),
        )


Step = Callable[[Stage, str], Awaitable[Any]]
STEPS: list[Step] = [
    *(set_flash, stop_flash, plan_coupon, take_coupon, announce, bid),
    *(open_draw, enter, bundle, ask, wait),
]
