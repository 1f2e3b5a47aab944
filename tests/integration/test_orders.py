"""Orders: placed from one's own holds, paid once, cancelled first, never doubled."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.errors import HoldGone, HoldInCheckout, NoSuchHold
from livecommerce.catalogue.rules import HoldState
from livecommerce.crossborder.errors import NoSuchQuote, QuoteExpired
from livecommerce.crossborder.wire import Destination
from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Database
from livecommerce.orders import actions, letters, queries, reactions
from livecommerce.orders.errors import (
    AddressNotQuoted,
    NoSuchCheckout,
    NoSuchOrder,
    NotCancellable,
)
from livecommerce.orders.rules import CheckoutState, OrderState, Policy
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from payments import ledger
from payments.events import PaymentCaptured
from tests import shop
from tests.customs import DESK
from tests.purchases import BERLIN, RATES, Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_from_hold_to_paid_order(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who, count=2))
    placed = await counter.checkout(checkout)
    assert placed.state is CheckoutState.PLACED
    assert placed.pay_by is None
    await counter.drain()
    ready = await counter.checkout(checkout)
    assert ready.state is CheckoutState.AWAITING_PAYMENT
    assert ready.pay_by == now + Policy().pay_within
    await counter.pay(checkout)
    paid = await counter.checkout(checkout)
    assert paid.state is CheckoutState.PAID
    (order,) = await counter.orders(checkout)
    assert order.state is OrderState.PAID
    assert order.total == paid.total
    assert order.lines[0].count == 2
    assert order.lines[0].unit_price == shop.PRICE
    assert await shop.stock_of(counter.db, product.variants[0].id) == (8, 0)
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def test_paid_order_stands_in_the_books(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who, count=3))
    await counter.drain()
    await counter.pay(checkout)
    (order,) = await counter.orders(checkout)
    async with counter.db.begin() as tx:
        (posting,) = await ledger.journal(tx, sources=[order.id])
    amounts = {entry.account: entry.amount.minor for entry in posting.entries}
    fee = (order.goods.minor * 500 + 5000) // 10000
    assert sum(amounts.values()) == 0
    assert amounts["stripe_pending"] == order.total.minor
    assert amounts["merchant_pending"] == fee - order.goods.minor
    assert amounts["platform_fee"] == -fee
    assert order.tax is not None
    assert order.duty is not None
    assert amounts["tax_payable:DE"] == -order.tax.minor
    assert order.duty.minor == -amounts.get("duty_payable:DE", 0)


async def test_the_buyer_gets_it_in_writing(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who, count=3))
    await counter.drain()
    await counter.pay(checkout)
    letter = letters.receipt(
        await counter.checkout(checkout), await counter.orders(checkout), home="https://shop"
    )
    assert checkout in letter.subject
    assert "3 × 全棉四件套 / Cotton bedding set" in letter.text
    assert "Nantong Jinmian Home Textiles Co." in letter.text
    assert str((await counter.checkout(checkout)).total) in letter.text


async def test_an_order_is_frozen_as_it_was(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    async with counter.db.begin() as tx:
        change = sa.text('UPDATE commerce.product SET title = \'{"zh": "x", "en": "x"}\'')
        await tx.execute(change)
    (order,) = await counter.orders(checkout)
    assert order.lines[0].snapshot.title.en == "Cotton bedding set"
    assert order.seller.legal_name.zh == "南通锦棉家纺有限公司"
    assert order.quote.total == order.total
    assert {rule.rule_id for rule in order.rules} == {
        charge.rule_id for parcel in order.quote.parcels for charge in parcel.charges
    }
    assert order.quote.rates[0].currency == "EUR"


async def test_one_order_per_merchant(counter: Counter, now: datetime) -> None:
    first = await shop.open_shop(counter.db, now=now)
    async with counter.db.begin() as tx:
        other = await shop.add_merchant(tx, now=now, number=2)
        want = shop.duvet(other)
        second = await catalogue.create_product(tx, want, by=shop.owner(other), now=now)
    who = shop.buyer()
    holds = [await counter.claim(product, who) for product in (first, second)]
    checkout = await counter.place(who, *holds)
    orders = await counter.orders(checkout)
    assert {order.merchant for order in orders} == {first.merchant, other}
    total = (await counter.checkout(checkout)).total
    assert sum(order.total.minor for order in orders) == total.minor
    async with counter.db.begin() as tx:
        for reader in (shop.owner(orders[0].merchant), who):
            seen = await queries.order(tx, orders[0].id, by=reader)
            assert len(seen.quote.parcels) == len(seen.quote.lines) == 1
            assert seen.quote.total == seen.total
        with pytest.raises(NoSuchOrder):
            await queries.order(tx, orders[0].id, by=shop.owner(orders[1].merchant))
        with pytest.raises(NoSuchOrder):
            await queries.order(tx, orders[0].id, by=shop.buyer())


async def test_foreign_and_ended_holds_are_refused(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who, thief = shop.buyer(), shop.buyer()
    hold = await counter.claim(product, who)
    berlin = Destination(country="DE", postcode="10969")
    ask = AskQuote(holds=[hold.id], destination=berlin, currency="EUR")
    async with counter.db.begin() as tx:
        with pytest.raises(NoSuchHold):
            await actions.quote(tx, ask, by=thief, rates=RATES, desk=DESK, now=now)
        quote = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
    want = PlaceCheckout(quote=quote.id, address=BERLIN, email="anna@example.com")
    with pytest.raises(NoSuchQuote):
        async with counter.db.begin() as tx:
            await actions.place(tx, want, by=thief, policy=Policy(), now=now)
    later = now + timedelta(minutes=11)
    with pytest.raises(HoldGone):
        async with counter.db.begin() as tx:
            await actions.place(tx, want, by=who, policy=Policy(), now=later)
    long_after = now + timedelta(hours=1)
    with pytest.raises(QuoteExpired):
        async with counter.db.begin() as tx:
            await actions.place(tx, want, by=who, policy=Policy(), now=long_after)
    moved = want.model_copy(update={"address": BERLIN.model_copy(update={"country": "FR"})})
    with pytest.raises(AddressNotQuoted):
        async with counter.db.begin() as tx:
            await actions.place(tx, moved, by=who, policy=Policy(), now=now)
    async with counter.db.begin() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM commerce.checkout")) == 0
    async with counter.db.begin() as tx:
        twice = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
    again = want.model_copy(update={"quote": twice.id})
    checkout = await counter.place(who, hold)
    async with counter.db.begin() as tx:
        with pytest.raises(HoldInCheckout) as refused:
            await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
        assert refused.value.facts == {"hold": hold.id, "checkout": checkout}
        with pytest.raises(HoldInCheckout):
            await actions.place(tx, again, by=who, policy=Policy(), now=now)
        with pytest.raises(HoldInCheckout):
            await catalogue.release_hold(tx, hold.id, by=who, now=now)


async def test_placing_twice_is_one_checkout(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    hold = await counter.claim(product, who)
    ask = AskQuote(holds=[hold.id], destination=Destination(country="DE"), currency="EUR")
    async with counter.db.begin() as tx:
        quote = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
    want = PlaceCheckout(quote=quote.id, address=BERLIN, email="anna@example.com")

    async def place() -> str:
        async with counter.db.begin() as tx:
            return await actions.place(tx, want, by=who, policy=Policy(), now=now)

    assert len(set(await asyncio.gather(*(place() for _ in range(5))))) == 1
    assert len(await counter.told("orders.CheckoutPlaced")) == 1


async def test_one_hold_quoted_twice_is_bought_once(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    hold = await counter.claim(product, who)
    results = await asyncio.gather(
        *(counter.place(who, hold) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert all(isinstance(r, (str, HoldInCheckout)) for r in results)


async def test_unpaid_purchase_lapses_and_stock_returns(
    counter: Counter, now: datetime
) -> None:
    product = await shop.open_shop(counter.db, now=now, on_hand=1)
    variant = product.variants[0].id
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    async with counter.db.begin() as tx:
        long_after = now + timedelta(days=1)
        assert await stock.lapse(tx, now=long_after) == 0, "a checkout decides its holds' end"
    await counter.passes(minutes=9)
    assert (await counter.checkout(checkout)).state is CheckoutState.AWAITING_PAYMENT
    await counter.passes(minutes=2)
    assert (await counter.checkout(checkout)).state is CheckoutState.CANCELLED
    assert (await counter.orders(checkout))[0].state is OrderState.CANCELLED
    assert await shop.stock_of(counter.db, variant) == (1, 0)
    assert counter.till.asked[-1].startswith("cancel")
    again = shop.buyer()
    await counter.claim(product, again)
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def test_stock_waits_for_the_providers_word(counter: Counter, now: datetime) -> None:
    """Cancel first: between asking and the answer the goods are still set aside."""
    product = await shop.open_shop(counter.db, now=now, on_hand=1)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    async with counter.db.begin() as tx:
        await actions.cancel(tx, checkout, by=who, now=now)
        await actions.cancel(tx, checkout, by=who, now=now)
    assert (await counter.checkout(checkout)).state is CheckoutState.CANCELLING
    assert await shop.stock_of(counter.db, product.variants[0].id) == (1, 1)
    await counter.drain()
    assert (await counter.checkout(checkout)).state is CheckoutState.CANCELLED
    assert await shop.stock_of(counter.db, product.variants[0].id) == (1, 0)
    assert len(await counter.told("orders.CheckoutCancelling")) == 1
    async with counter.db.begin() as tx:
        with pytest.raises(NoSuchCheckout):
            await actions.cancel(tx, checkout, by=shop.buyer(), now=now)


async def test_cancel_that_meets_a_success_is_a_sale(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    counter.till.pay(await counter.payment(checkout))  # its webhook is lost
    await counter.passes(minutes=11)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    async with counter.db.begin() as tx:
        with pytest.raises(NotCancellable):
            await actions.cancel(tx, checkout, by=who, now=counter.now)


async def test_busy_wallet_is_waited_for(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    counter.till.busy(await counter.payment(checkout))
    await counter.passes(minutes=11)
    waiting = await counter.checkout(checkout)
    assert waiting.state is CheckoutState.AWAITING_PAYMENT
    assert waiting.pay_by is not None
    assert waiting.pay_by > counter.now
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID


async def test_late_payment_claims_again(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now, on_hand=1)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    await counter.passes(minutes=11)
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    assert (await counter.orders(checkout))[0].state is OrderState.PAID
    assert await shop.stock_of(counter.db, product.variants[0].id) == (0, 0)
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def test_late_payment_for_what_is_gone_goes_back(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now, on_hand=1)
    who, faster = shop.buyer(), shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    await counter.passes(minutes=11)
    await counter.claim(product, faster)
    await counter.pay(checkout)
    ended = await counter.checkout(checkout)
    assert ended.state is CheckoutState.LATE_REFUNDED
    assert (await counter.orders(checkout))[0].state is OrderState.CANCELLED
    assert [r.amount for r in counter.till.refunds.values()] == [ended.total]
    assert len(await counter.told("orders.LatePaymentRefunded")) == 1
    assert await counter.told("orders.OrderPaid") == []
    async with counter.db.begin() as tx:
        assert await ledger.balance(tx, "customer_payable", "EUR") == ended.total - ended.total
        sums = [line.amount.minor for line in await ledger.trial_balance(tx)]
    assert sum(sums) == 0
    await shop.books_agree(counter.db)


async def test_webhook_return_and_sweeper_end_it_once(counter: Counter, now: datetime) -> None:
    """Five tellers of the same success and five sweepers at once: one sale, one posting."""
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    payment = await counter.payment(checkout)
    total = (await counter.checkout(checkout)).total
    fact = PaymentCaptured(
        payment=payment, reference=checkout, amount=total, charge="ch_1", at=now
    )
    late = now + timedelta(minutes=11)

    async def told() -> None:
        async with counter.db.begin() as tx:
            await reactions.on_payment_captured(tx, fact, now=now)

    async def swept() -> None:
        async with counter.db.begin() as tx:
            await actions.end_overdue(tx, now=late)

    await asyncio.gather(*(told() for _ in range(5)), *(swept() for _ in range(5)))
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    assert len(await counter.told("orders.OrderPaid")) == 1
    assert len(await counter.told("orders.CheckoutPaid")) == 1
    assert await shop.stock_of(counter.db, product.variants[0].id) == (9, 0)
    async with counter.db.begin() as tx:
        (order,) = (await counter.checkout(checkout)).orders
        assert len(await ledger.journal(tx, sources=[order])) == 1


async def test_twin_without_the_guard_sells_twice(counter: Counter, now: datetime) -> None:
    """Read the state, then act on it: two tellers both find it unpaid."""
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    both = asyncio.Barrier(2)

    async def unguarded() -> bool:
        async with counter.db.begin() as tx:
            read = sa.text("SELECT state FROM commerce.checkout WHERE id = :id")
            state = await tx.scalar(read, {"id": checkout})
            await both.wait()
            if state == "paid":
                return False
            write = sa.text("UPDATE commerce.checkout SET state = 'paid' WHERE id = :id")
            await tx.execute(write, {"id": checkout})
            return True

    assert await asyncio.gather(unguarded(), unguarded()) == [True, True]


async def test_guest_who_signs_in_keeps_their_purchase(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    guest = shop.buyer()
    checkout = await counter.place(guest, await counter.claim(product, guest))
    person = shop.buyer("usr_somebody")
    async with counter.db.begin() as tx:
        merged = GuestMerged(guest=guest.id, person=person.id)
        await reactions.on_guest_merged(tx, merged, now=now)
    async with counter.db.begin() as tx:
        shown = await queries.checkout(tx, checkout, by=person, sandbox=True)
        assert (await queries.listed(tx, by=person)).items[0].id == shown.orders[0]
        with pytest.raises(NoSuchCheckout):
            await queries.checkout(tx, checkout, by=guest, sandbox=True)


async def test_orders_are_listed_for_whom_they_concern(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    for _ in range(3):
        await counter.place(who, await counter.claim(product, who))
        counter.now += timedelta(minutes=1)
    async with counter.db.begin() as tx:
        first = await queries.listed(tx, by=who, limit=2)
        rest = await queries.listed(tx, by=who, limit=2, after=first.next)
        members = await queries.listed(tx, by=shop.owner(product.merchant))
        strangers = await queries.listed(tx, by=shop.buyer())
    assert [len(first.items), len(rest.items), len(members.items)] == [2, 1, 3]
    assert rest.next is None
    assert strangers.items == []
    assert [hold.state for hold in await shop.holds_in(counter.db)] == [HoldState.HELD] * 3
