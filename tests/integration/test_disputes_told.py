"""Who reads by mail that a bank contests an order, that it has decided, and what is owed."""

from datetime import datetime

import pytest

from livecommerce.identity import actions as identity
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders import jobs
from livecommerce.orders.events import OrderDisputed, OrderRefundFailed
from livecommerce.web.principal import MerchantRole
from tests import shop
from tests.afterwards import as_it_stands, give_back, paid_order
from tests.contested import cancel, contest, decide, is_square
from tests.letters import Post, resources
from tests.purchases import Counter

SECRETS = ("anna", "beispiel", "lindenstr", "usr_", "card_", "4242", "secret", "pi_")


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def enrolled(counter: Counter, merchant: str, name: str, *roles: MerchantRole) -> str:
    async with counter.db.begin() as tx:
        person = await identity.add_person(
            tx,
            email=f"{name}@seller.example",
            name=name,
            locale="zh-CN",
            password_hash=None,
            now=counter.now,
        )
        for role in roles:
            await identity.enrol(tx, merchant, person, role)
    return person


@pytest.mark.parametrize("won", [False, True])
async def test_whoever_sees_the_merchants_money_reads_of_a_dispute_and_of_its_end(
    counter: Counter, won: bool
) -> None:
    order, _ = await paid_order(counter)
    await enrolled(counter, order.merchant, "both", MerchantRole.OWNER, MerchantRole.FINANCE)
    await enrolled(counter, order.merchant, "books", MerchantRole.FINANCE)
    await enrolled(counter, order.merchant, "host", MerchantRole.HOST, MerchantRole.ASSISTANT)
    async with counter.db.begin() as tx:
        other = await shop.add_merchant(tx, now=counter.now, number=2)
    await enrolled(counter, other, "stranger", MerchantRole.OWNER)
    await decide(counter, await contest(counter, order), won=won)
    facts = [
        OrderDisputed.model_validate(each)
        for each in await counter.told("orders.OrderDisputed")
    ]
    post = Post()
    for fact in (*facts, *facts):  # a job may run twice
        await jobs.write_of_dispute(resources(counter.db, post), fact, now=counter.now)
    ours = {"both@seller.example", "books@seller.example"}
    assert len(post.sent) == 4
    assert {to for to, _, _ in post.sent.values()} == ours
    opened, *_, closed = post.sent.values()
    for _, subject, text in (opened, closed):
        assert order.id in subject
        assert text.count(str(order.total)) == 2, "in both languages"
        assert f"https://shop.example/orders/{order.id}" in text
        assert f"https://shop.example/money/{order.merchant}" in text
        assert [word for word in SECRETS if word in text.lower()] == []
    assert "contests" in opened[2]
    assert "提出争议" in opened[2]
    assert ("for you" in closed[2], "for the buyer" in closed[2]) == (won, not won)
    assert ("争议不成立" in closed[2], "由贵司承担" in closed[2]) == (won, not won)


async def failures(counter: Counter) -> list[OrderRefundFailed]:
    told = await counter.told("orders.OrderRefundFailed")
    return [OrderRefundFailed.model_validate(each) for each in told]


async def test_what_is_owed_again_when_a_dispute_is_won_is_told_as_a_refund_that_failed(
    counter: Counter,
) -> None:
    order, buyer = await paid_order(counter)
    for minor in (1_000, 500):
        await give_back(counter, order, minor, f"first {minor}")
    await counter.drain()
    assert (await as_it_stands(counter, order)).refunded.minor == 1_500
    rest = order.total.minor - 1_500
    counter.till.disputed = True  # the bank is faster than the refund
    await cancel(counter, order, by=buyer)
    opened = await contest(counter, order, rest)
    await counter.drain()
    assert await failures(counter) == []
    await decide(counter, opened, won=True, times=2)
    (told,) = await failures(counter)
    seen = await as_it_stands(counter, order)
    (refused,) = [each for each in seen.refunds if each.state == "failed"]
    assert (told.refund, told.dispute) == (refused.id, opened.dispute)
    assert told.amount == told.owed == seen.owed == Money(rest, "EUR")
    await is_square(counter)
    post = Post()
    for _ in range(2):
        await jobs.write_of_refund(resources(counter.db, post), told, now=counter.now)
    ((to, _, text),) = post.sent.values()
    assert to == "anna@example.com"
    assert text.count(str(told.amount)) == 2, "in both languages"
    earlier = told.model_copy(update={"dispute": None})
    await jobs.write_of_refund(resources(counter.db, post), earlier, now=counter.now)
    assert len(post.sent) == 2, "what was written before the bank took it is another letter"


async def test_each_refund_that_is_owed_again_is_told_and_they_add_up(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    counter.till.disputed = True
    for minor in (1_000, 700):
        await give_back(counter, order, minor, f"of {minor}")
    opened = await contest(counter, order)
    await counter.drain()
    assert await failures(counter) == []
    await decide(counter, opened, won=True)
    told = await failures(counter)
    assert sorted(each.amount.minor for each in told) == [700, 1_000]
    assert len({each.refund for each in told}) == 2
    assert {each.owed.minor for each in told} == {1_700}


async def test_a_dispute_that_covered_no_debt_tells_of_none(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await decide(counter, await contest(counter, order), won=True)
    assert await failures(counter) == []


async def test_a_refusal_that_comes_after_the_bank_has_decided_for_us_is_told(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter)
    await decide(counter, await contest(counter, order), won=True)
    counter.till.disputed = True  # the provider has not heard of it yet
    await give_back(counter, order, 900, "a gesture")
    await counter.drain()
    (told,) = await failures(counter)
    assert told.amount == told.owed == Money(900, "EUR")
    assert (await as_it_stands(counter, order)).owed.minor == 900
