"""Refunds and parcels: never more back than was paid, goods that never left are put back."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.wire import ProductOut
from livecommerce.crossborder import queries as customs
from livecommerce.crossborder.facts import Carrier, Desk, Enterprise
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import Money
from livecommerce.orders import queries, reactions, refunding, shipping
from livecommerce.orders.errors import (
    NoSuchCarrier,
    NoSuchOrder,
    NotRefundable,
    NotShippable,
    ParcelNotDeclarable,
    RefundCurrencyDiffers,
    RefundNotPositive,
    RefundTooMuch,
)
from livecommerce.orders.rules import OrderState, RefundState
from livecommerce.orders.wire import AskRefund, OrderOut, ShipOrder
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.web.principal import SYSTEM, Principal
from livecommerce.web.wire import Both
from payments import ledger
from payments.errors import RefundTooLarge
from payments.events import RefundFailed, RefundSettled
from tests import shop
from tests.purchases import RATES, Counter

PARCEL = ShipOrder(carrier="YANWEN", tracking="YT0000000001", weight_g=4200)


def desk() -> Desk:
    """Who declares for the centre."""
    firm = Enterprise(code="3206960001", name="南通直播服务中心")
    return Desk(
        platform=firm,
        agent=firm,
        carriers=[
            Carrier(code="3206960002", name="YANWEN", label=Both(zh="燕文", en="Yanwen")),
            Carrier(code="3206960003", name="4PX", label=Both(zh="递四方", en="4PX")),
        ],
        payer=firm,
        sender=firm,
        dxp_id="DXPENT0000000001",
        receiver_id="DXPEDCCEB0000002",
        customs_office="2301",
        exit_port="2301",
        demo=True,
    )


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def paid_order(counter: Counter, *, count: int = 2, number: int = 1) -> OrderOut:
    """An order that was paid for."""
    product = await shop.open_shop(counter.db, now=counter.now, number=number)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who, count=count))
    await counter.drain()
    await counter.pay(checkout)
    return (await counter.orders(checkout))[0]


async def give_back(
    counter: Counter, order: OrderOut, minor: int | None, key: str, by: Principal = SYSTEM
) -> str:
    amount = None if minor is None else Money(minor, order.total.currency)
    want = AskRefund(amount=amount, reason="too small")
    async with counter.db.begin() as tx:
        return await refunding.refund(tx, order.id, want, key=key, by=by, now=counter.now)


async def as_it_stands(counter: Counter, order: OrderOut) -> OrderOut:
    async with counter.db.begin() as tx:
        return await queries.order(tx, order.id, by=SYSTEM)


async def balances(counter: Counter) -> dict[str, int]:
    async with counter.db.begin() as tx:
        lines = await ledger.trial_balance(tx)
    assert sum(line.amount.minor for line in lines) == 0
    return {line.account: line.amount.minor for line in lines}


async def test_partial_refunds_add_up_to_the_whole(counter: Counter) -> None:
    order = await paid_order(counter)
    for n, minor in enumerate([1, 333, 1000]):
        await give_back(counter, order, minor, f"k{n}")
    await counter.drain()
    partly = await as_it_stands(counter, order)
    assert partly.state is OrderState.PAID
    assert partly.refunded.minor == 1334
    await give_back(counter, order, None, "rest")
    await counter.drain()
    whole = await as_it_stands(counter, order)
    assert whole.state is OrderState.REFUNDED
    assert whole.refunded == whole.total
    assert {r.state for r in whole.refunds} == {RefundState.SETTLED}
    left = await balances(counter)
    assert {a: m for a, m in left.items() if m and not a.startswith("stripe_")} == {}
    assert left["stripe_pending"] == -left["stripe_available"] == order.total.minor
    await counter.nothing_is_parked()


async def test_goods_that_never_left_are_put_back(counter: Counter) -> None:
    order = await paid_order(counter, count=2)
    variant = order.lines[0].variant
    assert await shop.stock_of(counter.db, variant) == (8, 0)
    await give_back(counter, order, None, "all")
    assert await shop.stock_of(counter.db, variant) == (8, 0), "not before the money is back"
    with pytest.raises(NotShippable):
        await ship(counter, order)
    await counter.drain()
    assert await shop.stock_of(counter.db, variant) == (10, 0)
    await shop.books_agree(counter.db)


async def test_refunds_at_once_never_exceed_what_was_paid(counter: Counter) -> None:
    order = await paid_order(counter)
    third = order.total.minor // 3
    results = await asyncio.gather(
        *(give_back(counter, order, third, f"k{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(r, str) for r in results) == 3
    assert all(isinstance(r, (str, RefundTooMuch, RefundTooLarge)) for r in results)
    await counter.drain()
    given = sum(r.amount.minor for r in counter.till.refunds.values())
    assert given == 3 * third <= order.total.minor


async def test_twin_that_sums_before_it_gives_overpays(counter: Counter) -> None:
    """Sum what went back, then give: two at once both find room."""
    order = await paid_order(counter)
    most = order.total.minor
    both = asyncio.Barrier(2)

    async def unguarded() -> bool:
        async with counter.db.begin() as tx:
            read = sa.text('SELECT refunded_minor FROM commerce."order" WHERE id = :id')
            given = int(await tx.scalar(read, {"id": order.id}) or 0)
            await both.wait()
            return given + most <= most

    assert await asyncio.gather(unguarded(), unguarded()) == [True, True]


async def test_asking_twice_with_one_key_is_one_refund(counter: Counter) -> None:
    order = await paid_order(counter)
    first = await give_back(counter, order, 100, "k")
    assert await give_back(counter, order, 100, "k") == first
    assert (await as_it_stands(counter, order)).refunded.minor == 100


async def test_one_key_of_two_people_is_two_refunds(counter: Counter) -> None:
    order = await paid_order(counter)
    first = await give_back(counter, order, 100, "k")
    assert await give_back(counter, order, 30, "k", by=shop.owner(order.merchant)) != first
    assert (await as_it_stands(counter, order)).refunded.minor == 130


async def test_who_may_not_refund(counter: Counter) -> None:
    order = await paid_order(counter)
    stranger = shop.owner("mer_other")
    with pytest.raises(Problem, match="no such"):
        await give_back(counter, order, 1, "k", by=stranger)
    for minor in (0, -1):
        with pytest.raises(RefundNotPositive):
            await give_back(counter, order, minor, "k")
    foreign = AskRefund(amount=Money(1, "GBP"), reason="a gesture")
    async with counter.db.begin() as tx:
        with pytest.raises(RefundCurrencyDiffers):
            await refunding.refund(tx, order.id, foreign, key="k", by=SYSTEM, now=counter.now)
    with pytest.raises(RefundTooMuch):
        await give_back(counter, order, order.total.minor + 1, "k")
    product = await shop_again(counter)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    (unpaid,) = await counter.orders(checkout)
    with pytest.raises(NotRefundable):
        await give_back(counter, unpaid, 1, "k")
    with pytest.raises(NoSuchOrder):
        await give_back(counter, order.model_copy(update={"id": "ord_none"}), 1, "k")


async def test_a_refund_that_bounced_is_the_orders_again(counter: Counter) -> None:
    order = await paid_order(counter)
    refund = await give_back(counter, order, None, "all")
    await counter.drain()
    before = await balances(counter)
    bounced = RefundFailed(
        refund=refund,
        payment=await counter.payment(order.checkout),
        reference=order.id,
        amount=order.total,
        code="lost_or_stolen_card",
        settled=True,
    )
    async with counter.db.begin() as tx:
        await reactions.on_refund_failed(tx, bounced, now=counter.now)
        await reactions.on_refund_failed(tx, bounced, now=counter.now)
    assert (await as_it_stands(counter, order)).refunded.minor == 0
    after = await balances(counter)
    assert after["stripe_available"] == before["stripe_available"] + order.total.minor


async def test_a_refund_made_at_the_providers_desk_is_adopted(counter: Counter) -> None:
    order = await paid_order(counter)
    made = RefundSettled(
        refund="rfd_theirs",
        payment=await counter.payment(order.checkout),
        reference=order.checkout,
        amount=Money(500, "EUR"),
        at=counter.now,
    )
    for _ in range(2):
        async with counter.db.begin() as tx:
            await reactions.on_refund_settled(tx, made, now=counter.now)
    shown = await as_it_stands(counter, order)
    assert shown.refunded.minor == 500
    assert len(shown.refunds) == 1


async def ship(counter: Counter, order: OrderOut, by: Principal = SYSTEM) -> str:
    office = shipping.Office(desk(), RATES)
    async with counter.db.begin() as tx:
        return await shipping.ship(tx, order.id, PARCEL, by=by, office=office, now=counter.now)


async def shop_again(counter: Counter) -> ProductOut:
    """The product that is for sale."""
    async with counter.db.begin() as tx:
        return (await catalogue.listed(tx, merchants=None, after=None, limit=1)).items[0]


async def test_shipping_declares_the_parcel_once(counter: Counter) -> None:
    order = await paid_order(counter)
    with pytest.raises(Problem, match="no such"):
        await ship(counter, order, by=shop.owner("mer_other"))
    results = await asyncio.gather(
        *(ship(counter, order) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(r, str) for r in results) == 1
    assert all(isinstance(r, (str, NotShippable)) for r in results)
    shipped = await as_it_stands(counter, order)
    assert shipped.state is OrderState.SHIPPED
    async with counter.db.begin() as tx:
        (declared,) = await customs.of_orders(tx, [order.id])
    assert declared.consignment == shipped.consignments[0].id
    assert declared.id == shipped.consignments[0].declaration
    blocking = [d for d in declared.differences if d.level == "block"]
    assert blocking == []


async def test_delivery_is_said_once(counter: Counter) -> None:
    order = await paid_order(counter)
    parcel = await ship(counter, order)
    for _ in range(2):
        async with counter.db.begin() as tx:
            await shipping.deliver(tx, parcel, by=SYSTEM, now=counter.now)
    assert (await as_it_stands(counter, order)).state is OrderState.DELIVERED
    assert len(await counter.told("orders.OrderDelivered")) == 1
    await give_back(counter, order, None, "all")
    await counter.drain()
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (8, 0)


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"weight_g": 3599}, "M6", "603/netWeight"),
        ({"tracking": "TAKEN"}, "M9", "505/logisticsNo"),
    ],
)
async def test_what_customs_can_never_take_is_not_shipped(
    counter: Counter, changes: dict[str, Any], rule: str, field: str
) -> None:
    earlier = await paid_order(counter)
    office = shipping.Office(desk(), RATES)
    taken = PARCEL.model_copy(update={"tracking": "TAKEN"})
    async with counter.db.begin() as tx:
        await shipping.ship(tx, earlier.id, taken, by=SYSTEM, office=office, now=counter.now)
    order = await paid_order(counter, number=2)
    wrong = PARCEL.model_copy(update=changes)
    with pytest.raises(ParcelNotDeclarable) as refused:
        async with counter.db.begin() as tx:
            await shipping.ship(tx, order.id, wrong, by=SYSTEM, office=office, now=counter.now)
    (difference,) = refused.value.facts["differences"]
    assert (difference["rule"], difference["field"]) == (rule, field)
    after = await as_it_stands(counter, order)
    assert (after.state, after.consignments) == (OrderState.PAID, [])
    async with counter.db.begin() as tx:
        assert await customs.of_orders(tx, [order.id]) == []
        await shipping.ship(tx, order.id, PARCEL, by=SYSTEM, office=office, now=counter.now)


@pytest.mark.parametrize("said", ["3206960003", "4PX"])
async def test_the_papers_carry_the_chosen_carrier(counter: Counter, said: str) -> None:
    order = await paid_order(counter)
    office = shipping.Office(desk(), RATES)
    for wrong in ("DHL", ""):
        want = PARCEL.model_copy(update={"carrier": wrong})
        async with counter.db.begin() as tx:
            with pytest.raises(NoSuchCarrier) as refused:
                await shipping.ship(
                    tx, order.id, want, by=SYSTEM, office=office, now=counter.now
                )
        named = [each["name"] for each in refused.value.facts["carriers"]]
        assert named == ["YANWEN", "4PX"]
    want = PARCEL.model_copy(update={"carrier": said})
    async with counter.db.begin() as tx:
        await shipping.ship(tx, order.id, want, by=SYSTEM, office=office, now=counter.now)
    (parcel,) = (await as_it_stands(counter, order)).consignments
    assert parcel.carrier == "4PX"
    assert parcel.declaration is not None
    async with counter.db.begin() as tx:
        for kind in (MessageKind.WAYBILL, MessageKind.INVENTORY):
            xml = await customs.document(tx, parcel.declaration, kind)
            assert "<ceb:logisticsCode>3206960003<" in xml
            assert "<ceb:logisticsName>4PX<" in xml


def test_a_waybill_number_has_32_characters_at_most() -> None:
    assert ShipOrder(carrier="YANWEN", tracking="X" * 32, weight_g=1)
    with pytest.raises(ValidationError):
        ShipOrder(carrier="YANWEN", tracking="X" * 33, weight_g=1)
