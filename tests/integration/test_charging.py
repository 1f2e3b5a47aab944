"""Charges that go to their merchant at once: agreed, decided by one rule, written down and
told; and what happens when the provider will not, or the money comes too late."""

from datetime import datetime

import pytest

from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions as settlement
from livecommerce.settlement import plans, queries
from livecommerce.settlement.errors import BadPlan
from livecommerce.settlement.rules import ChargeMode, Charging
from livecommerce.settlement.wire import PlanIn
from livecommerce.web.principal import SYSTEM, Principal
from payments import intents, ledger, payees, transfers
from payments.gateway import ProviderPayment, Refused, WantedPayment
from payments.outgoing import ProviderAccount
from payments.tables import Payment
from tests import shop
from tests.purchases import Counter
from tests.till import Till

AT_ONCE = PlanIn(bps=1000, hold_days=0, charge_mode=ChargeMode.DESTINATION)


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def known(counter: Counter, merchant: str, number: int = 1) -> None:
    """The provider knows the merchant, and can send them money."""
    told = ProviderAccount(f"acct_{number}", True, True, (), merchant)
    async with counter.db.begin() as tx:
        await payees.want(tx, merchant, country="CN", email="m@example.com", now=counter.now)
        await payees.apply(tx, told, look=1, now=counter.now)


async def sold_at_once(counter: Counter, number: int = 1) -> ProductOut:
    """Goods of a merchant with whom it is agreed that the money goes out with the charge."""
    product = await shop.open_shop(counter.db, now=counter.now, variants=1, number=number)
    async with counter.db.begin() as tx:
        await plans.agree(tx, product.merchant, AT_ONCE, by=SYSTEM, now=counter.now)
    return product


async def placed(counter: Counter, *products: ProductOut) -> tuple[str, Payment, Principal]:
    who = shop.buyer()
    holds = [await counter.claim(product, who) for product in products]
    checkout = await counter.place(who, *holds)
    async with counter.db.begin() as tx:
        payment = await intents.get(tx, await counter.payment(checkout))
    return checkout, payment, who


async def test_one_merchant_who_agreed_has_the_share_with_the_charge(counter: Counter) -> None:
    product = await sold_at_once(counter)
    await known(counter, product.merchant)
    checkout, payment, _ = await placed(counter, product)
    assert payment.details["charging"] == "direct"
    assert (payment.direct_owner, payment.direct_account) == (product.merchant, "acct_1")
    await counter.drain()
    await counter.pay(checkout)
    await counter.nothing_is_parked()
    async with counter.db.begin() as tx:
        (share,) = await queries.shares_of(tx, product.merchant, by=SYSTEM)
        (sent,) = await transfers.of_owner(tx, product.merchant)
        for account in ("pending", "available", "transit"):
            name = f"merchant_{account}"
            assert not await ledger.balance(tx, name, "EUR", product.merchant)
    assert (share.charging, share.sent, sent.amount) == (
        Charging.DIRECT,
        share.share,
        payment.direct,
    )
    assert share.share == share.left


@pytest.mark.parametrize("both", [False, True])
async def test_what_cannot_go_at_once_goes_the_usual_way_and_says_why(
    counter: Counter, both: bool
) -> None:
    products = [await sold_at_once(counter)]
    if both:
        products.append(await sold_at_once(counter, 2))
        for number, product in enumerate(products):
            await known(counter, product.merchant, number)
    checkout, payment, _ = await placed(counter, *products)
    why = Charging.SEVERAL_MERCHANTS if both else Charging.ACCOUNT_NOT_READY
    assert (payment.details["charging"], payment.direct_account) == (why, None)
    await counter.drain()
    await counter.pay(checkout)
    async with counter.db.begin() as tx:
        for product in products:
            (share,) = await queries.shares_of(tx, product.merchant, by=SYSTEM)
            assert (share.charging, share.sent.minor) == (why, 0)
        listed = await queries.payments_listed(tx, by=SYSTEM, state=None, cursor=None, limit=10)
    assert [one.charging for one in listed.items] == [why]


class WillNot(Till):
    """A provider that sends nothing on with a charge."""

    async def open(self, want: WantedPayment) -> ProviderPayment:
        if want.account is not None:
            self.asked.append(f"refused {want.key}")
            raise Refused(reason="insufficient_capabilities_for_transfer")
        return await super().open(want)


async def test_a_provider_that_will_not_is_asked_for_a_usual_one(counter: Counter) -> None:
    counter.till = till = WillNot()
    product = await sold_at_once(counter)
    await known(counter, product.merchant)
    checkout, payment, _ = await placed(counter, product)
    await counter.drain()
    first, second = till.asked
    assert (first, second) == (f"refused {checkout}:pay:1", f"open {checkout}:pay:1:usual")
    await counter.pay(checkout)
    async with counter.db.begin() as tx:
        after = await intents.get(tx, payment.id)
        (share,) = await queries.shares_of(tx, product.merchant, by=SYSTEM)
    assert (after.direct, share.charging) == (None, Charging.DESTINATION_REFUSED)
    assert share.sent.minor == 0


async def test_nothing_can_be_kept_back_of_what_is_gone(counter: Counter) -> None:
    product = await sold_at_once(counter)
    for wrong in ({"hold_days": 7}, {"reserve_bps": 500}):
        want = AT_ONCE.model_copy(update=wrong)
        with pytest.raises(BadPlan):
            async with counter.db.begin() as tx:
                await plans.agree(tx, product.merchant, want, by=SYSTEM, now=counter.now)


async def test_late_money_that_went_out_is_asked_back(counter: Counter) -> None:
    product = await sold_at_once(counter)
    await known(counter, product.merchant)
    _, payment, _ = await placed(counter, product)
    assert payment.direct is not None
    sent = (product.merchant, payment.direct)
    async with counter.db.begin() as tx:
        for _ in range(2):
            await settlement.record_late_payment(
                tx, payment.id, payment.amount, sent=sent, now=counter.now
            )
        owes = await ledger.balance(tx, "merchant_receivable", "EUR", product.merchant)
        (row,) = await transfers.of_owner(tx, product.merchant)
    assert (owes, row.amount) == (payment.direct, payment.direct)
    assert row.taken_back_minor == row.amount_minor


async def test_who_owes_us_is_paid_the_usual_way(counter: Counter) -> None:
    product = await sold_at_once(counter)
    await known(counter, product.merchant)
    async with counter.db.begin() as tx:
        owed = Money(1, "EUR")
        entries = [
            ledger.Entry("merchant_receivable", product.merchant, owed),
            ledger.Entry("bank", None, -owed),
        ]
        about = {"kind": "k", "source": "s", "occurred_at": counter.now}
        await ledger.post(tx, entries=entries, **about)
    checkout, payment, _ = await placed(counter, product)
    assert (payment.details["charging"], payment.direct) == (Charging.OWES, None)
    await counter.drain()
    await counter.pay(checkout)
    await counter.nothing_is_parked()
    async with counter.db.begin() as tx:
        (share,) = await queries.shares_of(tx, product.merchant, by=SYSTEM)
    assert (share.charging, share.sent.minor) == (Charging.OWES, 0)


async def test_who_is_settled_in_another_currency_is_paid_the_usual_way(
    counter: Counter,
) -> None:
    product = await shop.open_shop(counter.db, now=counter.now, variants=1)
    want = AT_ONCE.model_copy(update={"settles_in": "CNY"})
    async with counter.db.begin() as tx:
        await plans.agree(tx, product.merchant, want, by=SYSTEM, now=counter.now)
    await known(counter, product.merchant)
    _, payment, _ = await placed(counter, product)
    assert payment.details["charging"] == Charging.SETTLED_ELSEWHERE
    assert payment.direct is None
