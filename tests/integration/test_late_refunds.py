"""Money that came too late and could not be given back: it stays the buyer's, is seen, and is
sent again or paid another way, once."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders.errors import (
    MoreThanOwed,
    NoSuchCheckout,
    NothingOwed,
    RefundCurrencyDiffers,
    RefundNotPositive,
)
from livecommerce.orders.lates import queries
from livecommerce.orders.rules import CheckoutState
from livecommerce.orders.tables import Checkout
from livecommerce.orders.wire import CheckoutOut
from livecommerce.settlement import adjustments
from livecommerce.settlement.errors import UndoneElsewhere
from livecommerce.settlement.wire import AdjustmentIn, PostingRef
from livecommerce.web.principal import Kind, NotAllowed, Principal, StaffRole
from payments import queries as payments
from payments import refunds
from payments.errors import NotUnderstood, RefundTooLarge
from payments.gateway import ProviderRefund, There
from tests import shop
from tests.afterwards import balances, paid_order
from tests.lates import (
    Unwilling,
    again,
    bounces,
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
from tests.purchases import Counter

FINANCE = [
    Principal(id=f"usr_{name}", kind=Kind.PERSON, staff=frozenset({StaffRole.FINANCE}))
    for name in ("anna", "ben")
]


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_a_refund_that_comes_back_is_owed_and_stands_in_the_books(
    counter: Counter,
) -> None:
    bought = await late(counter)
    assert (bought.owed.minor, await in_the_books(counter)) == (0, (0, 0))
    await nothing_is_amiss(counter)
    (refund,) = await refunds_of(counter, bought)
    await bounces(counter, refund)
    after = await counter.checkout(bought.id)
    assert (after.state, after.owed) == (CheckoutState.LATE_REFUNDED, bought.total)
    assert await in_the_books(counter) == (bought.total.minor, bought.total.minor)
    (seen,) = await listed(counter)
    assert (seen.checkout, seen.orders) == (bought.id, bought.orders)
    assert (seen.paid, seen.owed) == (bought.total, bought.total)
    (told,) = await counter.told("orders.LateRefundFailed")
    assert (told["refund"], told["buyer"]) == (refund, (await _row(counter, bought)).buyer)
    assert told["owed"] == told["amount"] == {"minor": bought.total.minor, "currency": "EUR"}
    assert await counter.told("orders.OrderRefundFailed") == []
    await nothing_is_amiss(counter)


async def _row(counter: Counter, checkout: CheckoutOut) -> Checkout:
    async with counter.db.begin() as tx:
        return await tx.get_one(Checkout, checkout.id)


async def test_a_refund_that_is_refused_is_owed(db: Database, now: datetime) -> None:
    till = Unwilling()
    counter = Counter(db, now, till)
    bought = await late(counter)
    assert bought.owed == bought.total
    assert await in_the_books(counter) == (bought.total.minor, bought.total.minor)
    assert [each.owed for each in await listed(counter)] == [bought.total]
    assert len(await counter.told("orders.LateRefundFailed")) == 1
    await nothing_is_amiss(counter)
    till.willing = True
    await again(counter, bought)
    await counter.drain()
    assert (await owed(counter, bought), await in_the_books(counter)) == (0, (0, 0))
    assert await listed(counter) == []
    await nothing_is_amiss(counter)


async def test_it_is_sent_again_and_may_come_back_again(counter: Counter) -> None:
    bought = await owing(counter)
    second = await again(counter, bought, 400, "a")
    assert await again(counter, bought, 400, "a") == second, "one key, one refund"
    assert await owed(counter, bought) == bought.total.minor - 400, "on its way"
    await counter.drain()
    third = await again(counter, bought, None, "b")
    with pytest.raises(NothingOwed):
        await again(counter, bought, None, "c")
    assert await again(counter, bought, None, "b") == third
    await counter.drain()
    assert (await owed(counter, bought), await in_the_books(counter)) == (0, (0, 0))
    await bounces(counter, second)
    assert await owed(counter, bought) == 400
    assert await in_the_books(counter) == (400, 400)
    assert len(await counter.told("orders.LateRefundFailed")) == 2
    await nothing_is_amiss(counter)


async def test_it_is_paid_by_the_centres_bank(counter: Counter) -> None:
    bought = await owing(counter)
    paid = await pay(counter, bought, 400, "a")
    assert await pay(counter, bought, 400, "a") == paid
    assert await owed(counter, bought) == bought.total.minor - 400
    await pay(counter, bought, None, "b")
    assert await listed(counter) == []
    assert await in_the_books(counter) == (0, bought.total.minor), "the provider keeps it"
    assert (await balances(counter))["bank"] == -bought.total.minor
    await counter.drain()
    assert len(counter.till.refunds) == 1, "the provider was asked for the first one only"
    with pytest.raises(NotUnderstood):
        await by_the_desk(counter, bought, bought.total.minor)
    await nothing_is_amiss(counter)


async def test_what_the_bank_never_paid_is_owed_again(counter: Counter) -> None:
    bought = await owing(counter)
    paid = await pay(counter, bought)
    async with counter.db.begin() as tx:
        reverses = PostingRef(kind="refund-outside", source=paid)
        want = AdjustmentIn(reverses=reverses, reason="another buyer was paid")
        proposed = await adjustments.propose(tx, want, by=FINANCE[0], now=counter.now)
        await adjustments.approve(tx, proposed.id, by=FINANCE[1], now=counter.now)
    await counter.drain()
    assert await owed(counter, bought) == bought.total.minor
    assert await in_the_books(counter) == (bought.total.minor, bought.total.minor)
    assert (await balances(counter)).get("bank", 0) == 0
    assert (await counter.told("orders.LateRefundFailed"))[-1]["refund"] == paid
    sent = await again(counter, bought)
    await counter.drain()
    assert (await owed(counter, bought), (await in_the_books(counter))[0]) == (0, 0)
    payment = await counter.payment(bought.id)
    for kind, source in (("late-payment-refund", sent), ("late-payment", payment)):
        want = AdjustmentIn(reverses=PostingRef(kind=kind, source=source), reason="by hand")
        async with counter.db.begin() as tx:
            with pytest.raises(UndoneElsewhere):
                await adjustments.propose(tx, want, by=FINANCE[0], now=counter.now)
    await nothing_is_amiss(counter)


async def test_what_is_refused(counter: Counter) -> None:
    bought = await owing(counter)
    for minor in (0, -1):
        with pytest.raises(RefundNotPositive):
            await pay(counter, bought, minor)
    with pytest.raises(RefundCurrencyDiffers):
        await pay(counter, bought, 1, currency="GBP")
    for way in (pay, again):
        with pytest.raises(MoreThanOwed):
            await way(counter, bought, bought.total.minor + 1)
        with pytest.raises(NoSuchCheckout):
            await way(counter, bought.model_copy(update={"id": "chk_none"}))
        operator = Principal(id="usr_op", staff=frozenset({StaffRole.OPERATOR}))
        for who in (operator, shop.buyer()):
            with pytest.raises(NotAllowed):
                await way(counter, bought, by=who)
            with pytest.raises(NotAllowed):
                await listed(counter, by=who)
    sold, _ = await paid_order(counter, number=2)
    for way in (pay, again):
        with pytest.raises(NothingOwed):
            await way(counter, await counter.checkout(sold.checkout))
    assert await owed(counter, bought) == bought.total.minor


async def test_given_back_at_the_providers_desk_it_is_owed_no_more(counter: Counter) -> None:
    bought = await owing(counter)
    await by_the_desk(counter, bought, bought.total.minor - 100)
    assert (await owed(counter, bought), await in_the_books(counter)) == (100, (100, 100))
    (_, adopted) = await refunds_of(counter, bought)
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(bought.id))
        amount = bought.total - Money(100, "EUR")
        back = ProviderRefund(
            "re_desk", There.FAILED, amount, None, payment.provider_id or "", "declined"
        )
        await refunds.apply(tx, back, now=counter.now)
    await counter.drain()
    assert await owed(counter, bought) == bought.total.minor
    assert await in_the_books(counter) == (bought.total.minor, bought.total.minor)
    assert (await counter.told("orders.LateRefundFailed"))[-1]["refund"] == adopted
    await nothing_is_amiss(counter)


async def given(counter: Counter) -> int:
    """All that ever went back to buyers, by our refunds."""
    asked = sa.text("SELECT sum(amount_minor) FROM payments.refund WHERE state <> 'failed'")
    async with counter.db.begin() as tx:
        return int(await tx.scalar(asked) or 0)


@pytest.mark.parametrize("rival", ["sent again", "at the desk", "paid twice"])
async def test_at_the_same_moment_only_one_way_is_gone(counter: Counter, rival: str) -> None:
    bought = await owing(counter)

    async def other(n: int) -> Any:
        match rival:
            case "sent again":
                return await again(counter, bought, None, f"again{n}")
            case "at the desk":
                return await by_the_desk(counter, bought, bought.total.minor, f"re_desk{n}")
            case _:
                return await pay(counter, bought, None, f"twice{n}")

    both = [
        f(n) for n in range(3) for f in (other, lambda n: pay(counter, bought, None, f"k{n}"))
    ]
    results = await asyncio.gather(*both, return_exceptions=True)
    refused = [r for r in results if isinstance(r, BaseException)]
    assert len(refused) == len(results) - 1
    known = (NothingOwed, RefundTooLarge, NotUnderstood)
    assert [r for r in refused if not isinstance(r, known)] == []
    await counter.drain()
    assert (await owed(counter, bought), await given(counter)) == (0, bought.total.minor)
    await nothing_is_amiss(counter)


async def test_twin_that_reads_without_the_lock_pays_twice(counter: Counter) -> None:
    """The same steps on a payment that was only read: both find all of it owed."""
    bought = await owing(counter)
    payment = await counter.payment(bought.id)
    both = asyncio.Barrier(2)

    async def unguarded(n: int) -> None:
        async with counter.db.begin() as tx:
            left = await queries.owed(tx, await tx.get_one(Checkout, bought.id))
            await both.wait()
            assert left, "nothing is owed"
            written = (
                "INSERT INTO payments.refund (id, payment_id, reference, key, state,"
                " amount_minor, currency, reason, outside, requested_at) VALUES"
                " (:id, :payment, :checkout, :id, 'settled', :left, 'EUR', '', 'x', :now)"
            )
            binds = {"id": f"rfd_{n}", "payment": payment, "checkout": bought.id}
            binds |= {"left": left.minor, "now": counter.now}  # type: ignore[dict-item]
            await tx.execute(sa.text(written), binds)
            aside = "UPDATE payments.payment SET refund_minor = :left WHERE id = :id"
            await tx.execute(sa.text(aside), {"left": left.minor, "id": payment})

    await asyncio.gather(unguarded(1), unguarded(2))
    assert await given(counter) == 2 * bought.total.minor
