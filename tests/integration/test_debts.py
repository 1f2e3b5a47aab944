"""What failed refunds owe, paid by the centre's bank: never more, never twice, and the order,
the books and the provider's side end as if it had been refunded there."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders import debts, jobs, queries
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.desk import queries as desk
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.errors import (
    MoreThanOwed,
    NoSuchOrder,
    NothingOwed,
    RefundCurrencyDiffers,
    RefundNotPositive,
    RefundTooMuch,
)
from livecommerce.orders.events import OrderRefundFailed
from livecommerce.orders.papers import actions as papers
from livecommerce.orders.rules import OrderState, RefundState
from livecommerce.orders.tables import Order
from livecommerce.orders.wire import OrderOut, PayOwed
from livecommerce.settlement import queries as settlement
from livecommerce.web.principal import SYSTEM, NotAllowed, Principal, StaffRole
from payments import ledger, refunds
from payments import queries as payments
from payments.errors import NotUnderstood, RefundTooLarge
from payments.gateway import ProviderRefund, There
from tests import shop
from tests.afterwards import as_it_stands, balances, give_back, paid_order, ship
from tests.letters import Post, resources
from tests.purchases import Counter

BANK = "MT103 20261130-0042"


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def pay(
    counter: Counter,
    order: OrderOut,
    minor: int | None = None,
    key: str = "k",
    *,
    by: Principal = SYSTEM,
    currency: str = "EUR",
) -> str:
    amount = None if minor is None else Money(minor, currency)
    want = PayOwed(amount=amount, reference=BANK, reason="the card was closed")
    async with counter.db.begin() as tx:
        return await debts.paid(tx, order.id, want, key=key, by=by, now=counter.now)


async def bounces(counter: Counter, refund: str) -> None:
    """The buyer's bank sends it back."""
    told = counter.till.refunds[refund]
    back = replace(told, state=There.FAILED, failure="lost_or_stolen_card")
    async with counter.db.begin() as tx:
        assert await refunds.apply(tx, back, now=counter.now)
    await counter.drain()


async def owing(counter: Counter, minor: int | None = None, **made: Any) -> OrderOut:
    """An order of which a refund of so much, or of all, has failed."""
    order, _ = await paid_order(counter, **made)
    refund = await give_back(counter, order, minor, "first")
    await counter.drain()
    await bounces(counter, refund)
    return await as_it_stands(counter, order)


async def refundable(counter: Counter, order: OrderOut) -> int:
    payment = await counter.payment(order.checkout)
    async with counter.db.begin() as tx:
        return (await payments.payment(tx, payment)).refundable.minor


async def test_the_order_ends_as_if_the_provider_had_refunded(
    counter: Counter, now: datetime
) -> None:
    ways: list[tuple[Any, ...]] = []
    for number, outside in enumerate((False, True)):
        order, _ = await paid_order(counter, number=number + 1)
        async with counter.db.begin() as tx:
            want = AskCancel(reason=CancelReason.OTHER)
            await cancellations.cancel(tx, order.id, want, by=SYSTEM, now=now)
        await counter.drain()
        (first,) = (await as_it_stands(counter, order)).refunds
        await bounces(counter, first.id)
        before = await balances(counter)
        if outside:
            await pay(counter, order)
        else:
            await give_back(counter, order, None, "again")
        await counter.drain()
        after = await as_it_stands(counter, order)
        moved = {
            account: minor - before.get(account, 0)
            for account, minor in (await balances(counter)).items()
            if minor != before.get(account, 0)
        }
        told = [e for e in await counter.told("orders.OrderRefunded") if e["order"] == order.id]
        ways.append(
            (
                (after.state, after.refunded.minor, after.owed.minor),
                [(r.state, r.amount.minor) for r in after.refunds],
                await shop.stock_of(counter.db, order.lines[0].variant),
                await refundable(counter, order),
                {k: v for k, v in told[-1].items() if k not in {"order", "refund"}}
                | {"buyer": "", "merchant": "", "live": ""},
                {k: v for k, v in moved.items() if k not in {"bank", "stripe_available"}},
            )
        )
        assert moved["bank" if outside else "stripe_available"] == -order.total.minor
        assert ("bank" in moved) is outside
        paid_outside = [r.outside for r in after.refunds]
        assert paid_outside == [None, BANK if outside else None]
    assert ways[0] == ways[1]
    assert ways[1][0][0] is OrderState.REFUNDED
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def test_a_whole_refund_by_hand_puts_its_goods_back_once(counter: Counter) -> None:
    order = await owing(counter)
    await pay(counter, order)
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.REFUNDED
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (10, 0)
    await shop.books_agree(counter.db)


async def test_in_parts_and_with_one_key_once(counter: Counter) -> None:
    order = await owing(counter, 1000)
    part = await pay(counter, order, 400, "a")
    assert await pay(counter, order, 400, "a") == part
    partly = await as_it_stands(counter, order)
    assert (partly.refunded.minor, partly.owed.minor) == (400, 600)
    assert partly.state is OrderState.PAID
    await pay(counter, order, None, "b")
    after = await as_it_stands(counter, order)
    assert (after.refunded.minor, after.owed.minor) == (1000, 0)
    assert (await counter.told("orders.OrderRefunded"))[-1]["whole"] is False
    await counter.drain()
    assert len(counter.till.refunds) == 1, "the provider was asked for the first one only"
    await counter.nothing_is_parked()


async def test_what_is_refused(counter: Counter) -> None:
    order = await owing(counter, 1000)
    for minor in (0, -1):
        with pytest.raises(RefundNotPositive):
            await pay(counter, order, minor)
    with pytest.raises(RefundCurrencyDiffers):
        await pay(counter, order, 1, currency="GBP")
    with pytest.raises(MoreThanOwed) as refused:
        await pay(counter, order, 1001)
    assert refused.value.facts["owed"] == 1000
    with pytest.raises(NoSuchOrder):
        await pay(counter, order.model_copy(update={"id": "ord_none"}))
    desk_of_orders = Principal(id="usr_op", staff=frozenset({StaffRole.OPERATOR}))
    for who in (shop.owner(order.merchant), desk_of_orders, shop.buyer()):
        with pytest.raises(NotAllowed):
            await pay(counter, order, by=who)
    for reference in ("", " ", "x" * 101):
        with pytest.raises(ValueError, match="reference"):
            PayOwed(reference=reference, reason="closed")
    assert (await as_it_stands(counter, order)).owed.minor == 1000
    await pay(counter, order)
    with pytest.raises(NothingOwed):
        await pay(counter, order, 1, "again")
    sound, _ = await paid_order(counter, number=2)
    with pytest.raises(NothingOwed):
        await pay(counter, sound)


async def test_the_same_money_cannot_go_back_by_the_provider(counter: Counter) -> None:
    order = await owing(counter)
    await pay(counter, order)
    with pytest.raises(RefundTooMuch) as refused:
        await give_back(counter, order, None, "again")
    assert refused.value.facts["left"] == 0
    assert await refundable(counter, order) == 0
    payment = await counter.payment(order.checkout)
    async with counter.db.begin() as tx:
        with pytest.raises(RefundTooLarge):
            await refunds.request(
                tx,
                payment=payment,
                reference=order.id,
                amount=Money(1, "EUR"),
                reason="",
                key="more",
                now=counter.now,
            )


async def by_the_desk(counter: Counter, order: OrderOut, number: str = "re_desk") -> None:
    """All of it is given back at the provider's own desk."""
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(order.checkout))
        assert payment.provider_id is not None
        told = ProviderRefund(number, There.SETTLED, order.total, None, payment.provider_id)
        await refunds.apply(tx, told, now=counter.now)


async def test_at_the_providers_desk_after_all_it_is_for_somebody_to_look_at(
    counter: Counter,
) -> None:
    order = await owing(counter)
    await pay(counter, order)
    with pytest.raises(NotUnderstood):
        await by_the_desk(counter, order)
    assert await refundable(counter, order) == 0


async def given(counter: Counter) -> int:
    """All that ever went back to buyers, by our refunds."""
    asked = sa.text("SELECT sum(amount_minor) FROM payments.refund WHERE state <> 'failed'")
    async with counter.db.begin() as tx:
        return int(await tx.scalar(asked) or 0)


@pytest.mark.parametrize("rival", ["sent again", "at the desk", "paid twice"])
async def test_at_the_same_moment_only_one_way_is_gone(counter: Counter, rival: str) -> None:
    order = await owing(counter)

    async def other(n: int) -> None:
        match rival:
            case "sent again":
                await give_back(counter, order, order.total.minor, f"again{n}")
            case "at the desk":
                await by_the_desk(counter, order, f"re_desk{n}")
            case _:
                await pay(counter, order, None, f"twice{n}")

    both = [
        f(n) for n in range(3) for f in (other, lambda n: pay(counter, order, None, f"k{n}"))
    ]
    results = await asyncio.gather(*both, return_exceptions=True)
    refused = [r for r in results if isinstance(r, BaseException)]
    assert len(refused) == len(results) - 1
    known = (NothingOwed, RefundTooMuch, RefundTooLarge, NotUnderstood)
    assert [r for r in refused if not isinstance(r, known)] == []
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert (after.state, after.owed.minor) == (OrderState.REFUNDED, 0)
    assert after.refunded == order.total
    assert await given(counter) == order.total.minor
    await balances(counter)
    await counter.nothing_is_parked()


async def test_twin_that_reads_without_the_lock_pays_twice(counter: Counter) -> None:
    """The same steps on an order that was only read: both find all of it owed."""
    order = await owing(counter)
    async with counter.db.begin() as tx:  # what the database itself would refuse, too
        await tx.execute(
            sa.text("ALTER TABLE payments.payment DROP CONSTRAINT ck_payment_refunds")
        )
    both = asyncio.Barrier(2)

    async def unguarded(n: int) -> None:
        async with counter.db.begin() as tx:
            owed = (await tx.get_one(Order, order.id)).owed_minor
            await both.wait()
            assert owed, "nothing is owed"
            await tx.execute(
                sa.text(
                    "INSERT INTO payments.refund (id, payment_id, reference, key, state,"
                    " amount_minor, currency, reason, outside, requested_at) VALUES"
                    " (:id, :payment, :order, :id, 'settled', :owed, 'EUR', '', 'x', :now)"
                ),
                {
                    "id": f"rfd_{n}",
                    "payment": await counter.payment(order.checkout),
                    "order": order.id,
                    "owed": owed,
                    "now": counter.now,
                },
            )
            less = 'UPDATE commerce."order" SET owed_minor = 0, refunded_minor = :owed'
            await tx.execute(sa.text(less), {"owed": owed})

    await asyncio.gather(unguarded(1), unguarded(2))
    assert await given(counter) == 2 * order.total.minor


async def test_it_is_seen_as_what_it_is(counter: Counter) -> None:
    order = await owing(counter, 1000)
    refund = await pay(counter, order)
    async with counter.db.begin() as tx:
        listed = await settlement.refunds_listed(tx, by=SYSTEM)
        (posting,) = await ledger.journal(tx, sources=[refund])
    assert {each.outside: each.state for each in listed} == {BANK: "settled", None: "failed"}
    assert (posting.kind, posting.memo) == ("refund-outside", BANK)
    (out,) = [e for e in posting.entries if e.account == "bank"]
    assert out.amount == Money(-1000, "EUR")
    assert [e for e in posting.entries if e.account.startswith("stripe")] == []


async def test_what_was_invoiced_and_paid_outside_is_credited(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await ship(counter, order)
    async with counter.db.begin() as tx:
        await papers.issue(tx, order.id, now=counter.now)
    refund = await give_back(counter, order, None, "first")
    await counter.drain()
    await bounces(counter, refund)
    paid = await pay(counter, order)
    async with counter.db.begin() as tx:
        await papers.credit(tx, order.id, now=counter.now)
        sources = "SELECT source_id FROM commerce.invoice WHERE kind = 'credit_note'"
        assert list((await tx.execute(sa.text(sources))).scalars()) == [paid]


async def test_whoever_waits_for_the_money_is_told(counter: Counter) -> None:
    order = await owing(counter, 1000)
    (told,) = await counter.told("orders.OrderRefundFailed")
    event = OrderRefundFailed.model_validate(told)
    assert (event.order, event.merchant) == (order.id, order.merchant)
    assert event.amount == event.owed == Money(1000, "EUR")
    post = Post()
    for _ in range(2):
        await jobs.write_of_refund(resources(counter.db, post), event, now=counter.now)
    (to, subject, text, key), again = post.asked
    assert again[3] == key, "the mailer sends it once"
    assert (to, order.id in subject) == ("anna@example.com", True)
    assert text.count("10.00 EUR") == 2, "in both languages"
    assert order.seller.legal_name.zh in text
    assert order.seller.legal_name.en in text
    assert f"https://shop.example/orders/{order.id}" in text
    for secret in ("card_", "4242", "lost_or_stolen", "visa"):
        assert secret not in text.lower()


async def test_the_desk_finds_what_still_owes(counter: Counter) -> None:
    order = await owing(counter, 1000)
    await paid_order(counter, number=2)

    async def found() -> list[str]:
        async with counter.db.begin() as tx:
            rows = (await desk.found(tx, Wanted(owing=True), by=SYSTEM)).items
        return [row.id for row in rows]

    assert await found() == [order.id]
    await pay(counter, order)
    assert await found() == []


async def test_what_fails_again_is_owed_again(counter: Counter) -> None:
    order = await owing(counter, 1000)
    again = await give_back(counter, order, 1000, "again")
    with pytest.raises(NothingOwed):
        await pay(counter, order)
    await counter.drain()
    await bounces(counter, again)
    await pay(counter, order)
    after = await as_it_stands(counter, order)
    states = sorted(r.state for r in after.refunds)
    assert states == [RefundState.FAILED, RefundState.FAILED, RefundState.SETTLED]
    assert len(await counter.told("orders.OrderRefundFailed")) == 2
    async with counter.db.begin() as tx:
        shown = await queries.order(tx, order.id, by=SYSTEM)
    assert (shown.refunded.minor, shown.owed.minor) == (1000, 0)
