"""Coupons: three layers of stock, each buyer once, in time, used once, given back unpaid."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live.offers import queries as offers
from livecommerce.live.offers.coupons import actions, queries
from livecommerce.live.offers.coupons.errors import (
    AllTaken,
    CapReached,
    CouponNotYours,
    CouponUsed,
    NothingInCurrency,
    NotYetTakeable,
    StockPlanned,
    WatchLonger,
    WorthWrong,
)
from livecommerce.live.offers.coupons.tables import Coupon, CouponPlan, CouponTemplate
from livecommerce.live.offers.coupons.wire import MakeTemplate, PlanCoupon
from livecommerce.orders import actions as orders
from livecommerce.orders import shipping
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import CheckoutState, OrderState, Policy
from livecommerce.orders.tables import OrderLine
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both
from tests import shop
from tests.afterwards import give_back
from tests.customs import DESK
from tests.purchases import BERLIN, RATES, Counter
from tests.room_screens import Stage, set_up


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def template(stage: Stage, **more: Any) -> CouponTemplate:
    want = MakeTemplate(
        merchant=stage.products[0].merchant,
        title=Both(zh="新客礼", en="Welcome"),
        **{"currency": "CNY", "stock": 100, "off": 1000, "least": 10_000, **more},
    )
    async with stage.db.begin() as tx:
        return await actions.make(tx, want, by=stage.host, now=stage.tick())


async def plan(stage: Stage, of: CouponTemplate, stock: int = 5, **more: Any) -> CouponPlan:
    want = PlanCoupon(template=of.id, stock=stock, **more)
    found: CouponPlan = await stage.shelf(actions.plan, want)
    return found


async def take(
    stage: Stage, of: CouponPlan, who: str, watched_s: float = 0, now: datetime | None = None
) -> Coupon:
    async with stage.db.begin() as tx:
        return await actions.take(
            tx, stage.live, of.id, by=shop.buyer(who), watched_s=watched_s, now=now or stage.now
        )


async def test_a_crowd_takes_exactly_what_is_planned(stage: Stage) -> None:
    coupons = await plan(stage, await template(stage), 5)
    wants = [take(stage, coupons, f"gst_{n % 9}") for n in range(18)]
    got = await asyncio.gather(*wants, return_exceptions=True)
    ids = {c.id for c in got if isinstance(c, Coupon)}
    assert len(ids) == 5
    assert {type(c) for c in got} == {Coupon, AllTaken}
    async with stage.db.begin() as tx:
        (shown,) = (await offers.shown(tx, stage.live)).coupons
    assert shown.left == 0


async def test_each_buyer_has_one_whoever_clicks_twice(stage: Stage) -> None:
    coupons = await plan(stage, await template(stage), 50)
    got = await asyncio.gather(*(take(stage, coupons, "gst_a") for _ in range(8)))
    assert len({c.id for c in got}) == 1
    async with stage.db.begin() as tx:
        (shown,) = (await offers.shown(tx, stage.live)).coupons
    assert shown.left == 49


async def test_twin_that_looks_before_it_takes_gives_two(stage: Stage) -> None:
    """Without the constraint's word, eight clicks that all look first are eight coupons."""
    async with stage.db.begin() as tx:
        await tx.execute(sa.text("CREATE TABLE commerce.loose (buyer text)"))
    there = asyncio.Barrier(8)

    async def unguarded() -> None:
        async with stage.db.begin() as tx:
            had = await tx.scalar(sa.text("SELECT count(*) FROM commerce.loose"))
            await there.wait()
            if not had:
                await tx.execute(sa.text("INSERT INTO commerce.loose VALUES ('gst_a')"))

    await asyncio.gather(*(unguarded() for _ in range(8)))
    async with stage.db.begin() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM commerce.loose")) > 1


async def test_stock_has_three_layers(stage: Stage) -> None:
    of = await template(stage, stock=10, caps={"usr_h": 6, "usr_i": 8})
    first = await plan(stage, of, 6, host="usr_h")
    with pytest.raises(CapReached):
        await plan(stage, of, 1, host="usr_h")
    with pytest.raises(StockPlanned):
        await plan(stage, of, 5, host="usr_i")
    await take(stage, first, "gst_a")
    await stage.shelf(actions.stop, first.id)
    await stage.shelf(actions.stop, first.id)
    second = await plan(stage, of, 5, host="usr_h")  # what was not taken is free again
    await take(stage, second, "gst_b")
    async with stage.db.begin() as tx:
        row = await queries.template(tx, of.id)
    assert row.planned == 6


async def test_a_coupon_is_taken_in_time_by_those_who_watched(stage: Stage) -> None:
    of = await template(stage)
    coupons = await plan(stage, of, 5, minutes=1, watch_s=60)
    with pytest.raises(WatchLonger) as early:
        await take(stage, coupons, "gst_a", 20)
    assert early.value.facts["watch_s"] == 60
    await take(stage, coupons, "gst_a", 60)
    assert coupons.closes_at is not None
    with pytest.raises(NotYetTakeable):
        await take(stage, coupons, "gst_b", 90, now=coupons.closes_at)
    await stage.relay.drain(coupons.closes_at)
    async with stage.db.begin() as tx:
        assert (await offers.shown(tx, stage.live)).coupons == []
        assert (await queries.template(tx, of.id)).planned == 1
    with pytest.raises(WorthWrong):
        await template(stage, percent=10)


async def test_it_is_used_once_recorded_and_given_back_unpaid(stage: Stage) -> None:
    counter = Counter(stage.db, stage.now)
    product, who = stage.products[0], shop.buyer()
    coupon = await take(stage, await plan(stage, await template(stage)), who.id)
    hold = await counter.claim(product, who, count=3)
    want = AskQuote(
        holds=[hold.id],
        destination=Destination(country="DE", postcode="10969"),
        currency="CNY",
        coupons=[coupon.id],
    )

    async def quote(by: Any = who, **more: Any) -> Any:
        async with stage.db.begin() as tx:
            asked = want.model_copy(update=more)
            return await orders.quote(tx, asked, by=by, rates=RATES, desk=DESK, now=stage.now)

    async def place(quoted: Any) -> str:
        body = PlaceCheckout(quote=quoted.id, address=BERLIN, email="anna@example.com")
        async with stage.db.begin() as tx:
            return await orders.place(tx, body, by=who, policy=Policy(), now=stage.now)

    plain = await quote(coupons=[])
    quoted = await quote()
    assert plain.goods - quoted.goods == Money(1000, "CNY")
    assert plain.tax is not None
    assert quoted.tax is not None
    assert quoted.tax < plain.tax  # duty and tax are worked out on what is paid
    checkout = await place(quoted)
    (order,) = await counter.orders(checkout)
    (line,) = order.lines
    assert [(x.kind, x.id, x.amount) for x in line.offers] == [
        ("coupon", coupon.id, Money(1000, "CNY"))
    ]
    assert line.offers[0].reason == Both(zh="优惠券：新客礼", en="Coupon: Welcome")
    assert line.goods == Money(3 * 19900 - 1000, "CNY")
    async with stage.db.begin() as tx:
        row = await tx.get_one(OrderLine, line.id)
    parts = shipping.unit_prices(Money(row.goods_minor, row.currency), row.count)
    assert sum(price.minor * n for price, n in parts) == line.goods.minor
    assert sum(n for _, n in parts) == 3
    hold = await counter.claim(stage.products[1], who)
    with pytest.raises(CouponNotYours):
        await quote(holds=[hold.id], coupons=["cpn_none"])
    with pytest.raises(CouponUsed):
        await quote(holds=[hold.id])
    await counter.drain()
    async with stage.db.begin() as tx:
        await orders.cancel(tx, checkout, by=who, now=stage.now)
    await counter.drain()
    (order,) = await counter.orders(checkout)
    assert order.state is OrderState.CANCELLED
    quoted = await quote(holds=[hold.id])
    stage.now += timedelta(minutes=1)
    checkout = await place(quoted)
    await counter.drain()
    await counter.pay(checkout)
    (order,) = await counter.orders(checkout)
    assert order.state is OrderState.PAID
    assert order.goods == Money(18900, "CNY")
    await counter.nothing_is_parked()


async def bought(
    stage: Stage, counter: Counter, who: Principal, coupon: str, count: int = 3
) -> str:
    """So many pieces with the coupon, placed and ready to be paid."""
    hold = await counter.claim(stage.products[0], who, count=count)
    want = AskQuote(
        holds=[hold.id],
        destination=Destination(country="DE", postcode="10969"),
        currency="CNY",
        coupons=[coupon],
    )
    async with stage.db.begin() as tx:
        quoted = await orders.quote(tx, want, by=who, rates=RATES, desk=DESK, now=counter.now)
        body = PlaceCheckout(quote=quoted.id, address=BERLIN, email="anna@example.com")
        checkout = await orders.place(tx, body, by=who, policy=Policy(), now=counter.now)
    await counter.drain()
    return checkout


async def of(stage: Stage, coupon: str) -> tuple[str, str | None]:
    async with stage.db.begin() as tx:
        row = await tx.get_one(Coupon, coupon, populate_existing=True)
        return row.state, row.checkout_id


async def given_up(counter: Counter, checkout: str, who: Principal) -> None:
    async with counter.db.begin() as tx:
        await orders.cancel(tx, checkout, by=who, now=counter.now)
    await counter.drain()


async def test_a_late_payment_takes_its_coupon_again(stage: Stage) -> None:
    counter, who = Counter(stage.db, stage.now), shop.buyer()
    coupon = (await take(stage, await plan(stage, await template(stage)), who.id)).id
    checkout = await bought(stage, counter, who, coupon)
    await given_up(counter, checkout, who)
    assert await of(stage, coupon) == ("taken", None)
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    assert await of(stage, coupon) == ("used", checkout)
    counter.now += timedelta(seconds=1)
    with pytest.raises(CouponUsed):
        await bought(stage, counter, who, coupon)


async def test_a_late_payment_whose_coupon_was_used_elsewhere_goes_back(stage: Stage) -> None:
    counter, who = Counter(stage.db, stage.now), shop.buyer()
    coupon = (await take(stage, await plan(stage, await template(stage)), who.id)).id
    first = await bought(stage, counter, who, coupon)
    await given_up(counter, first, who)
    counter.now += timedelta(seconds=1)
    second = await bought(stage, counter, who, coupon)
    await counter.pay(first)
    assert (await counter.checkout(first)).state is CheckoutState.LATE_REFUNDED
    assert await of(stage, coupon) == ("used", second)
    await shop.books_agree(stage.db)


async def test_a_late_payment_for_what_is_gone_leaves_the_coupon(stage: Stage) -> None:
    counter, who = Counter(stage.db, stage.now), shop.buyer()
    coupon = (await take(stage, await plan(stage, await template(stage)), who.id)).id
    checkout = await bought(stage, counter, who, coupon)
    await given_up(counter, checkout, who)
    variant = stage.products[0].variants[0].id
    left = (await shop.stock_of(stage.db, variant))[0]
    await counter.claim(stage.products[0], shop.buyer(), count=left)
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.LATE_REFUNDED
    assert await of(stage, coupon) == ("taken", None)


async def test_an_order_that_is_cancelled_whole_gives_its_coupon_back(stage: Stage) -> None:
    counter, who = Counter(stage.db, stage.now), shop.buyer()
    coupon = (await take(stage, await plan(stage, await template(stage)), who.id)).id
    checkout = await bought(stage, counter, who, coupon)
    await counter.pay(checkout)
    (order,) = await counter.orders(checkout)
    for count, state in ((1, "used"), (2, "taken")):
        lines = [LineCount(line=order.lines[0].id, count=count)]
        want = AskCancel(lines=lines, reason=CancelReason.OUT_OF_STOCK)
        owner = shop.owner(order.merchant)
        async with stage.db.begin() as tx:
            await cancellations.cancel(tx, order.id, want, by=owner, now=counter.now)
        assert (await of(stage, coupon))[0] == state


async def test_an_order_paid_back_unsent_gives_its_coupon_back(stage: Stage) -> None:
    counter, who = Counter(stage.db, stage.now), shop.buyer()
    coupon = (await take(stage, await plan(stage, await template(stage)), who.id)).id
    checkout = await bought(stage, counter, who, coupon)
    await counter.pay(checkout)
    (order,) = await counter.orders(checkout)
    await give_back(counter, order, None, "all")
    await counter.drain()
    assert await of(stage, coupon) == ("taken", None)


async def test_a_coupon_is_in_money_that_something_is_priced_in(stage: Stage) -> None:
    for code in ("XXX", "XAU", "ABC", "cny"):
        with pytest.raises(ValidationError):
            await template(stage, currency=code)
    for code in ("EUR", "KWD"):
        with pytest.raises(NothingInCurrency) as refused:
            await template(stage, currency=code)
        assert refused.value.facts == {"currency": code}
    assert (await template(stage, currency="CNY")).currency == "CNY"
