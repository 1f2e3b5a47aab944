"""Late money that did not reach its buyer: who hears of it, what a bank has of it, and what
happens to a refund of nothing we know."""

import runpy
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce import migrations
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders.errors import (
    NothingOwed,
)
from livecommerce.orders.events import LateRefundFailed
from livecommerce.orders.lates import actions, jobs
from livecommerce.orders.wire import CheckoutOut
from payments import disputes, refunds
from payments import queries as payments
from payments.events import RefundFailed
from payments.gateway import ProviderRefund, There
from payments.outgoing import DisputeThere, ProviderDispute
from tests.afterwards import balances, paid_order
from tests.lates import (
    by_the_desk,
    in_the_books,
    late,
    listed,
    nothing_is_amiss,
    owed,
    owing,
    pay,
    refunds_of,
)
from tests.letters import Post, resources
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_a_refund_of_nothing_we_know_that_comes_back_is_nobodys(
    counter: Counter, now: datetime
) -> None:
    """More was given back at the desk than is left of the order: somebody has to look, and no
    more once it has come back."""
    order, _ = await paid_order(counter)
    async with counter.db.begin() as tx:  # a bank has it, as far as the order knows
        taken = 'UPDATE commerce."order" SET refunded_minor = total_minor WHERE id = :id'
        await tx.execute(sa.text(taken), {"id": order.id})
    bought = await counter.checkout(order.checkout)
    before = await balances(counter)
    await by_the_desk(counter, bought, 500)
    assert (await balances(counter))["suspense"] == 500
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(bought.id))
        back = ProviderRefund(
            "re_desk",
            There.FAILED,
            Money(500, "EUR"),
            None,
            payment.provider_id or "",
            "declined",
        )
        await refunds.apply(tx, back, now=now)
    await counter.drain()
    after = await balances(counter)
    assert {k: v for k, v in after.items() if v} == {k: v for k, v in before.items() if v}
    assert await counter.told("orders.LateRefundFailed") == []
    await counter.nothing_is_parked()


async def test_that_it_failed_is_heard_before_that_it_settled(counter: Counter) -> None:
    bought = await late(counter)
    (refund,) = await refunds_of(counter, bought)
    early = RefundFailed(
        refund="rfd_unheard",
        payment=await counter.payment(bought.id),
        reference=bought.id,
        amount=bought.total,
        code="declined",
        settled=True,
    )
    with pytest.raises(Exception, match="posting"):
        async with counter.db.begin() as tx:
            await actions.failed(tx, early, now=counter.now)
    assert await counter.told("orders.LateRefundFailed") == []
    assert refund in counter.till.refunds


async def the_bank(counter: Counter, checkout: CheckoutOut, state: DisputeThere) -> None:
    """The buyer's bank has all of it, or has decided."""
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(checkout.id))
        told = ProviderDispute(
            id="dp_1",
            state=state,
            amount=checkout.total,
            withdrawn=checkout.total,
            fee=Money(0, "EUR"),
            reason="fraudulent",
            provider_payment=payment.provider_id,
            answer_by=None,
        )
        assert await disputes.apply(tx, told, now=counter.now)
    await counter.drain()


@pytest.mark.parametrize("won", [True, False])
async def test_what_a_bank_has_is_not_owed_by_us(counter: Counter, won: bool) -> None:
    counter.till.disputed = True
    bought = await late(counter)
    assert await counter.told("orders.LateRefundFailed") == [], "they have it from their bank"
    await the_bank(counter, bought, DisputeThere.NEEDS_ANSWER)
    assert (await owed(counter, bought), await listed(counter)) == (0, [])
    with pytest.raises(NothingOwed):
        await pay(counter, bought)
    await the_bank(counter, bought, DisputeThere.WON if won else DisputeThere.LOST)
    told = await counter.told("orders.LateRefundFailed")
    assert [each["owed"]["minor"] for each in told] == [bought.total.minor] * won
    assert all(each["dispute"] for each in told)
    left = bought.total.minor if won else 0
    assert (await owed(counter, bought), len(await listed(counter))) == (left, int(won))
    assert await in_the_books(counter) == (left, left)
    await nothing_is_amiss(counter)


async def test_what_the_buyer_had_back_before_is_somebodys_to_look_into(
    counter: Counter,
) -> None:
    bought = await late(counter)
    await the_bank(counter, bought, DisputeThere.NEEDS_ANSWER)
    await the_bank(counter, bought, DisputeThere.LOST)
    known = await balances(counter)
    assert known["suspense"] == bought.total.minor
    assert known.get("customer_payable", 0) == 0
    await nothing_is_amiss(counter)


async def test_whoever_waits_for_the_money_is_told(counter: Counter) -> None:
    bought = await owing(counter)
    (told,) = await counter.told("orders.LateRefundFailed")
    event = LateRefundFailed.model_validate(told)
    post = Post()
    for _ in range(2):
        await jobs.write_of_late_refund(resources(counter.db, post), event, now=counter.now)
    (to, subject, text, key), again = post.asked
    assert again[3] == key, "the mailer sends it once"
    assert (to, bought.id in subject) == ("anna@example.com", True)
    assert text.count(str(bought.total)) == 2, "in both languages"
    assert "没有到账" in text
    assert "did not arrive" in text
    assert f"https://shop.example/checkout/{bought.id}" in text
    for secret in ("card_", "4242", "lost_or_stolen", "visa"):
        assert secret not in text.lower()


async def test_what_failed_before_anybody_listened_is_told_again(counter: Counter) -> None:
    bought = await late(counter)
    (refund,) = await refunds_of(counter, bought)
    back = replace(counter.till.refunds[refund], state=There.FAILED, failure="declined")
    async with counter.db.begin() as tx:
        await refunds.apply(tx, back, now=counter.now)
        unheard = "UPDATE kernel.outbox SET told_at = :now WHERE told_at IS NULL"
        await tx.execute(sa.text(unheard), {"now": counter.now})
    await counter.drain()
    assert await in_the_books(counter) == (0, 0), "as it was: lost"
    (file,) = migrations.HERE.glob("versions/*_late_money_still_owed.py")
    told_again = runpy.run_path(str(file))["_TOLD_AGAIN"]
    for _ in range(2):
        async with counter.db.begin() as tx:
            await tx.execute(sa.text(told_again))
    await counter.drain()
    assert await owed(counter, bought) == bought.total.minor
    assert await in_the_books(counter) == (bought.total.minor, bought.total.minor)
    assert len(await counter.told("orders.LateRefundFailed")) == 1
    await nothing_is_amiss(counter)
