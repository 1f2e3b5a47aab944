"""Merchants who are settled in another currency than they sell in: by the provider's rate or a
dated one, refunds included, and what that gains or loses."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, exchange, plans, queries, shares, statements
from livecommerce.settlement.errors import BadPlan
from livecommerce.settlement.rules import Parts, Terms
from livecommerce.settlement.wire import PlanIn
from livecommerce.web.principal import SYSTEM
from payments import explain, ledger
from tests import shop
from tests.dated import RATES, fixed
from tests.money_out import captured

TERMS = Terms(bps=1000, hold_days=7, reserve_bps=1000, reserve_days=90, settles_in="CNY")
WEEK = timedelta(days=8)


@pytest.fixture
async def merchant(db: Database, now: datetime) -> str:
    async with db.begin() as tx:
        return await shop.add_merchant(tx, now=now)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


async def sell(
    db: Database,
    merchant: str,
    *,
    now: datetime,
    goods: int = 10_000,
    terms: Terms = TERMS,
    settled_in: str | None = "EUR",
    rate: str | None = None,
) -> actions.Sale:
    """A paid order whose goods have left, and how the provider settled it."""
    none = euros(0)
    parts = Parts(euros(goods), none, none, none, none)
    async with db.begin() as tx:
        payment = await captured(tx, goods, settled_in=settled_in, rate=rate, now=now)
        sale = actions.Sale(ids.new("ord"), merchant, "DE", payment.id, parts, terms)
        await actions.record_sale(tx, sale, now=now)
        await actions.goods_left(tx, sale.order, now=now)
    return sale


async def give_back(
    db: Database, sale: actions.Sale, goods: int, *, before: int = 0, now: datetime
) -> str:
    none = euros(0)
    refund = ids.new("rfd")
    parts = Parts(euros(goods), none, none, none, none)
    async with db.begin() as tx:
        given = actions.GivenBack(refund, sale, parts, euros(before))
        await actions.record_refund(tx, given, now=now)
    return refund


async def stands(tx: Tx, merchant: str) -> dict[str, str]:
    """The merchant's accounts that are not empty."""
    lines = await ledger.trial_balance(tx, owner=merchant)
    side = {"merchant_receivable": 1}
    told = [(x.account, x.amount * side.get(x.account, -1)) for x in lines if x.amount]
    return {f"{name.removeprefix('merchant_')} {m.currency}": str(m.amount) for name, m in told}


async def sums(tx: Tx) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in await ledger.trial_balance(tx):
        found[line.amount.currency] = found.get(line.amount.currency, 0) + line.amount.minor
    return {currency: minor for currency, minor in found.items() if minor}


async def test_by_the_providers_rate_where_it_settled_in_the_merchants_currency(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = await sell(db, merchant, now=now, settled_in="CNY", rate="7.8")
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"pending EUR": "90.00"}
    assert await shares.release_due(db, fixed({"CNY": "9"}), now=now + WEEK) == 1
    async with db.begin() as tx:
        # 90.00 at 7.8 is 702.00, of which a tenth is kept back
        found = {"available CNY": "631.80", "reserve CNY": "70.20"}
        assert await stands(tx, merchant) == found
        assert await sums(tx) == {}
        (told,) = await queries.shares_of(tx, merchant, by=SYSTEM)
        assert told.exchanged is not None
        assert (told.exchanged.sold, told.exchanged.rate) == (euros(9000), "7.8")
        assert told.exchanged.source == "payment provider"
        seen = await explain.explain(tx, "merchant_available", "CNY", merchant)
        (move,) = [m for m in seen.movements if m.amount.minor > 0]
        assert (move.kind, move.source) == ("conversion", sale.order)
        assert move.memo == f"1 EUR = 7.8 CNY, payment provider, {now.date()}"


async def test_by_a_dated_rate_where_we_exchange_ourselves(
    db: Database, now: datetime, merchant: str
) -> None:
    await sell(db, merchant, now=now)
    await shares.release_due(db, RATES, now=now + WEEK)
    async with db.begin() as tx:
        (told,) = await queries.shares_of(tx, merchant, by=SYSTEM)
        assert told.exchanged is not None
        assert told.exchanged.on.isoformat() == "2026-10-30"
        assert told.exchanged.source.startswith("European Central Bank")
        whole = euros(9000).amount * Decimal(told.exchanged.rate)
        assert told.share == Money.of(whole, "CNY")
        month = (now + WEEK).date()
        paper = await statements.statement(tx, merchant, month, by=SYSTEM)
        lines = [x for part in paper.parts for x in part.lines if x.kind == "conversion"]
        assert {x.amount.currency for x in lines} == {"EUR", "CNY"}
        assert all("European Central Bank" in x.memo for x in lines)
        assert "European Central Bank" in statements.as_csv(paper)


async def test_it_waits_for_the_providers_word_and_for_a_rate_that_is_young_enough(
    db: Database, now: datetime, merchant: str, caplog: pytest.LogCaptureFixture
) -> None:
    await sell(db, merchant, now=now, settled_in=None)
    assert await shares.release_due(db, RATES, now=now + WEEK) == 0
    await sell(db, merchant, now=now)
    assert await shares.release_due(db, fixed({"USD": "1.1"}), now=now + WEEK) == 0
    assert "shares cannot be exchanged" in caplog.text
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"pending EUR": "180.00"}
    # one that cannot be does not keep the others
    plain = await sell(db, merchant, now=now, terms=Terms(bps=0))
    short = fixed({"USD": "1.1"})
    assert await shares.release_due(db, short, now=now + WEEK, limit=1) == 1
    async with db.begin() as tx:
        told = await queries.shares_of(tx, merchant, by=SYSTEM)
        assert {x.order for x in told if x.released_at} == {plain.order}


async def test_refunds_in_steps_take_exactly_what_the_share_became(
    db: Database, now: datetime, merchant: str
) -> None:
    terms = Terms(bps=777, settles_in="CNY")
    sale = await sell(db, merchant, now=now, goods=9_999, terms=terms)
    later = now + WEEK
    await shares.release_due(db, fixed({"CNY": "7.8391"}), now=later)
    before, refunds = 0, []
    for goods in (1, 3333, 17, 6648):
        refunds.append(await give_back(db, sale, goods, before=before, now=later))
        before += goods
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {}
        assert await sums(tx) == {}
    for refund in refunds:
        async with db.begin() as tx:
            await actions.undo_refund(tx, sale.order, refund, reason="bounced", now=later)
    async with db.begin() as tx:
        (told,) = await queries.shares_of(tx, merchant, by=SYSTEM)
        assert told.left == told.share
        assert await stands(tx, merchant) == {"available CNY": str(told.share.amount)}
        assert await sums(tx) == {}


async def test_a_refund_taken_before_and_undone_after_is_exchanged_like_the_rest(
    db: Database, now: datetime, merchant: str
) -> None:
    terms = Terms(bps=0, settles_in="CNY")
    sale = await sell(db, merchant, now=now, terms=terms)
    refund = await give_back(db, sale, 2_500, now=now)
    await shares.release_due(db, fixed({"CNY": "8"}), now=now + WEEK)
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available CNY": "600.00"}
        await actions.undo_refund(tx, sale.order, refund, reason="bounced", now=now + WEEK)
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available CNY": "800.00"}
        assert await sums(tx) == {}


async def test_what_is_owed_in_the_sales_currency_is_paid_before_the_exchange(
    db: Database, now: datetime, merchant: str
) -> None:
    async with db.begin() as tx:
        owes = [
            ledger.Entry("merchant_receivable", merchant, euros(1_500)),
            ledger.Entry("bank", None, euros(-1_500)),
        ]
        await ledger.post(tx, kind="k", source="s", entries=owes, occurred_at=now)
    await sell(db, merchant, now=now, terms=Terms(bps=0, settles_in="CNY"))
    await shares.release_due(db, fixed({"CNY": "8"}), now=now + WEEK)
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available CNY": "680.00"}
        assert await sums(tx) == {}


async def test_gains_and_losses_are_accounts_of_their_own(
    db: Database, now: datetime, merchant: str
) -> None:
    """We keep 100 EUR and owe 800 CNY; the euro rises, and falls again."""
    await sell(db, merchant, now=now, terms=Terms(bps=0, settles_in="CNY"))
    day = now + WEEK
    await shares.release_due(db, fixed({"CNY": "8"}), now=day)
    for rate, gain in (("8", 0), ("8.05", 500), ("7.95", -1000)):
        rates = fixed({"CNY": rate})
        assert await exchange.revalue(db, rates, "CNY", now=day) == yuan(gain)
        assert (await exchange.revalue(db, rates, "CNY", now=day) is None) is bool(gain)
        day += timedelta(days=1)
    async with db.begin() as tx:
        assert await ledger.balance(tx, "fx_gain", "CNY") == yuan(500)
        assert await ledger.balance(tx, "fx_loss", "CNY") == yuan(1000)
        assert await sums(tx) == {}
        told = await explain.explain(tx, "fx_loss", "CNY")
        assert [m.memo.split(",")[0] for m in told.movements] == ["a test"]


async def test_a_plan_names_only_a_currency_that_can_be_reached(
    db: Database, now: datetime, merchant: str
) -> None:
    async with db.begin() as tx:
        want = PlanIn(bps=100, settles_in="CNY")
        made = await plans.agree(tx, merchant, want, by=SYSTEM, now=now, rates=RATES)
        assert made.settles_in == "CNY"
        found = await plans.terms_for(tx, [merchant], "EUR", default_bps=1, now=now)
        assert found[merchant].settles_in == "CNY"
        want = PlanIn(bps=100, settles_in="VND")  # not on the bank's list
        with pytest.raises(BadPlan):
            await plans.agree(tx, merchant, want, by=SYSTEM, now=now, rates=RATES)
