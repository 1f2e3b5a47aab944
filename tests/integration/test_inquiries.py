"""A bank that only asks: merchant and desk see it, nothing is held, and it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders.desk import queries as desk
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.wire import OrderOut
from livecommerce.settlement import queries as settlement
from livecommerce.settlement.wire_waiting import InquiryOut
from livecommerce.web.principal import SYSTEM
from payments import disputes
from payments import queries as payments
from payments.outgoing import DisputeThere, ProviderDispute
from tests import shop
from tests.afterwards import as_it_stands, balances, give_back, paid_order
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def asks(counter: Counter, order: OrderOut) -> ProviderDispute:
    """The buyer's bank asks about the whole payment."""
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(order.checkout))
    none = Money.zero(order.total.currency)
    by = counter.now + timedelta(days=7)
    return ProviderDispute(
        id="dp_1",
        state=DisputeThere.INQUIRY,
        amount=order.total,
        withdrawn=none,
        fee=none,
        reason="general",
        provider_payment=payment.provider_id,
        answer_by=by,
    )


async def hear(counter: Counter, told: ProviderDispute) -> None:
    async with counter.db.begin() as tx:
        assert await disputes.apply(tx, told, now=counter.now)
    await counter.drain()


async def seen(counter: Counter, order: OrderOut) -> list[InquiryOut | None]:
    """By the merchant on the order, on the order desk and on their money page."""
    owner = shop.owner(order.merchant)
    async with counter.db.begin() as tx:
        rows = (await desk.found(tx, Wanted(), by=owner)).items
        shares = await settlement.shares_of(tx, order.merchant, by=owner)
    on_desk = {row.id: row.inquiry for row in rows}
    on_money = {share.order: share.inquiry for share in shares}
    return [(await as_it_stands(counter, order)).inquiry, on_desk[order.id], on_money[order.id]]


async def test_a_merchant_sees_that_a_bank_asks_and_nothing_is_held(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    other, _ = await paid_order(counter, number=2)
    before = await balances(counter)
    told = await asks(counter, order)
    await hear(counter, told)
    assert told.answer_by is not None
    inquiry = InquiryOut(opened_at=counter.now, answer_by=told.answer_by)
    assert await seen(counter, order) == [inquiry] * 3
    assert await seen(counter, other) == [None] * 3
    stands = await as_it_stands(counter, order)
    assert (stands.dispute, stands.disputed.minor, stands.disputes) == (None, 0, [])
    async with counter.db.begin() as tx:
        (share,) = await settlement.shares_of(tx, order.merchant, by=SYSTEM)
    assert (share.disputed, share.left) == (False, share.share)
    assert await balances(counter) == before
    await give_back(counter, order, 1_000, "to please the bank")
    await counter.drain()
    assert (await as_it_stands(counter, order)).refunded.minor == 1_000


@pytest.mark.parametrize("end", [DisputeThere.WON, DisputeThere.NEEDS_ANSWER])
async def test_it_is_gone_when_it_ends_or_becomes_a_dispute(
    counter: Counter, end: DisputeThere
) -> None:
    order, _ = await paid_order(counter)
    told = await asks(counter, order)
    await hear(counter, told)
    taken = order.total if end is DisputeThere.NEEDS_ANSWER else told.withdrawn
    await hear(counter, replace(told, state=end, withdrawn=taken))
    assert await seen(counter, order) == [None] * 3
    assert (await as_it_stands(counter, order)).disputed == taken
