"""Any sequence of sales, refunds, releases, transfers, reversals and disputes leaves books that
balance, takes no merchant's money twice, and loses nothing in a split."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from livecommerce.embedded.server import Server
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx, open_database
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Reactions, Relay
from livecommerce.settlement import actions, disputing, exchange, reactions, sending, shares
from livecommerce.settlement.charging import Part, charging_of
from livecommerce.settlement.rules import Parts, Terms, converted
from payments import folding, ledger, reversals
from payments.events import (
    DisputeClosed,
    DisputeOpened,
    ReversalRefused,
    ReversalSettled,
    TransferRefused,
    TransferSent,
)
from payments.outgoing import ProviderReversal, ProviderTransfer
from payments.tables_out import Transfer, TransferReversal
from tests import database, money_out, shop
from tests.dated import fixed
from tests.taking_back import Provider, claimed, coming_back, left_of, of_no_share

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
PLAIN = Terms(bps=777, minimum_minor=40, cap_minor=900, subsidy_bps=3333, reserve_bps=1000)
SERVER: list[Server] = []


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    SERVER.append(postgres)
    yield
    SERVER.clear()


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


EXCHANGED = replace(PLAIN, settles_in="CNY")
AT_ONCE = replace(PLAIN, reserve_bps=0, hold_days=0, charge_mode="destination")
RATED: dict[str, str] = {}
"""What a euro is, by dated rates; it moves as time passes."""
RATES = fixed(RATED)


_TOO_MUCH = sa.text("""
SELECT s.order_id, s.share_minor, t.out FROM commerce.merchant_share s
JOIN (SELECT reference, sum(amount_minor - taken_back_minor) AS out FROM payments.transfer
      WHERE state <> 'refused' GROUP BY reference) t ON t.reference = s.order_id
WHERE t.out > s.share_minor OR s.sent_minor <> t.out
""")


_OVER_BEFORE = sa.text("""
SELECT 1 FROM commerce.merchant_share
WHERE terms->>'settles_in' IS NOT NULL AND sold_currency IS NULL AND over_minor > 0 LIMIT 1
""")
_BEYOND = sa.text("""
SELECT count(*) FROM commerce.merchant_share WHERE sent_minor > left_minor
AND NOT EXISTS (SELECT FROM payments.transfer_reversal WHERE state = 'refused')
""")
_NUMBERED = sa.text(
    "UPDATE payments.transfer SET provider_id = 'tr_' || id WHERE payment_id = :payment"
)


class MerchantsMoney(RuleBasedStateMachine):
    """One merchant who is ready to be paid, and whatever may befall their money."""

    adjusted = False  # by hand, too

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.clone = database.clone(SERVER[0])
        url = self.runner.run(self.clone.__aenter__())
        self.db: Database = open_database(url, pool=2)
        self.now = NOW
        self.sales: list[actions.Sale] = []
        self.given: dict[str, int] = {}
        self.by_bank = 0
        self.refunds: list[tuple[str, str, int]] = []
        self.exchanging = self.owed_on_the_way = False
        self.disputes: list[DisputeOpened] = []
        RATED["CNY"] = "7.8"

        async def prepare(tx: Tx) -> None:
            self.merchant = await shop.add_merchant(tx, now=NOW)
            await money_out.known(tx, self.merchant, now=NOW)

        self.do(prepare)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.db.close())
            self.runner.run(self.clone.__aexit__(None, None, None))
            self.runner.close()

    def do(self, work: Any) -> Any:
        async def whole() -> Any:
            async with self.db.begin() as tx:
                return await work(tx)

        return self.runner.run(whole())

    @rule(
        goods=st.integers(1, 20_000),
        tax=st.integers(0, 500),
        left=st.booleans(),
        terms=st.sampled_from([PLAIN, EXCHANGED, AT_ONCE]),
        by_provider=st.sampled_from([None, "7.8123", "0.9"]),
    )
    def sell(
        self, goods: int, tax: int, left: bool, terms: Terms, by_provider: str | None
    ) -> None:
        async def work(tx: Tx) -> None:
            settled_in = "EUR" if by_provider is None else "CNY"
            how = {"settled_in": settled_in, "rate": by_provider, "now": self.now}
            payment = await money_out.captured(tx, goods + tax, **how)
            none = euros(0)
            parts = Parts(euros(goods), none, none, euros(tax), none)
            part = Part(self.merchant, terms, parts.goods)
            charging, _ = await charging_of(tx, [part], parts.total)
            about = (ids.new("ord"), self.merchant, "DE", payment.id, parts, terms, charging)
            sale = actions.Sale(*about)
            await actions.record_sale(tx, sale, now=self.now)
            await tx.execute(_NUMBERED, {"payment": payment.id})
            if left:
                await actions.goods_left(tx, sale.order, now=self.now)
            self.sales.append(sale)

        self.do(work)
        self.exchanging = self.exchanging or terms is EXCHANGED

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), part=st.integers(1, 100), outside=st.sampled_from([None, "MT103"]))
    def give_back(self, data: st.DataObject, part: int, outside: str | None) -> None:
        sale = data.draw(st.sampled_from(self.sales))
        before = self.given.get(sale.order, 0)
        goods = (sale.parts.goods.minor - before) * part // 100
        if not goods:
            return
        none = euros(0)
        given = actions.GivenBack(
            ids.new("rfd"),
            sale,
            Parts(euros(goods), none, none, none, none),
            euros(before),
            outside=outside,
        )

        async def work(tx: Tx) -> None:
            await actions.record_refund(tx, given, now=self.now)
            await actions.record_refund(tx, given, now=self.now)

        self.do(work)
        self.given[sale.order] = before + goods
        if outside is None:
            self.refunds.append((sale.order, given.refund, goods))
        else:
            self.by_bank += goods

    @precondition(lambda self: self.refunds)
    @rule(data=st.data())
    def it_bounces(self, data: st.DataObject) -> None:
        """The buyer's bank sends a refund back, the newest or another one."""
        back = data.draw(st.sampled_from(self.refunds))
        self.refunds.remove(back)
        order, refund, goods = back
        self.given[order] -= goods

        async def work(tx: Tx) -> None:
            await actions.undo_refund(tx, order, refund, reason="bounced", now=self.now)

        self.do(work)

    @rule(
        days=st.integers(1, 60),
        fold=st.booleans(),
        rate=st.decimals("0.05", "20", places=4),
    )
    def pass_time(self, days: int, fold: bool, rate: Decimal) -> None:
        self.now += timedelta(days=days)
        RATED["CNY"] = str(rate)
        self.runner.run(shares.release_due(self.db, RATES, now=self.now))
        if fold:
            self.runner.run(folding.fold(self.db, now=self.now))

        async def work(tx: Tx) -> None:
            await sending.send_everything(tx, self.merchant, now=self.now)

        self.do(work)

    @rule(home=st.sampled_from(["CNY", "EUR"]))
    def value(self, home: str) -> None:
        """Once valued, what was exchanged is worth nothing at the day's rates."""
        if self.runner.run(exchange.revalue(self.db, RATES, home, now=self.now)) is None:
            return

        async def worth(tx: Tx) -> int:
            lines = [x for x in await ledger.trial_balance(tx) if x.account == "fx_clearing"]
            rates = [RATES.between(x.amount.currency, home, self.now).rate for x in lines]
            return sum(
                converted(x.amount, rate, home).minor
                for x, rate in zip(lines, rates, strict=True)
            )

        assert self.do(worth) == 0

    @rule(refused=st.booleans())
    def provider_answers(self, refused: bool) -> None:
        async def work(tx: Tx) -> None:
            wanted = sa.select(Transfer).where(Transfer.state == "wanted").limit(1)  # type: ignore[arg-type]
            row = (await tx.execute(wanted)).scalar_one_or_none()
            if row is None:
                return
            about = {
                "transfer": row.id,
                "owner": row.owner,
                "reference": row.reference,
                "amount": row.amount,
            }
            if refused:
                row.state = "refused"  # type: ignore[assignment]
                await tx.flush()
                await sending.refused(tx, TransferRefused(**about, code="x"), now=self.now)
            else:
                row.state = "sent"  # type: ignore[assignment]
                row.provider_id = f"tr_{row.id}"
                await tx.flush()
                await sending.sent(tx, TransferSent(**about, at=self.now), now=self.now)

        self.do(work)

    @rule()
    def some_comes_back(self) -> None:
        """The provider takes back what we asked for, or will not."""

        async def next_one(tx: Tx) -> str | None:
            wanted = sa.select(TransferReversal.id).join(  # type: ignore[call-overload]
                Transfer, Transfer.id == TransferReversal.transfer_id
            )
            open_ = wanted.where(
                TransferReversal.state == "wanted", Transfer.state.in_(["sent", "refused"])
            )
            found: str | None = (await tx.execute(open_.limit(1))).scalar()
            return found

        reversal = self.do(next_one)
        if reversal is not None:
            provider: Any = Provider(self.db)
            self.runner.run(reversals.reverse(self.db, provider, reversal, now=self.now))
            self.hear()

    @rule(part=st.integers(1, 100))
    def somebody_takes_some_back(self, part: int) -> None:
        """On the provider's own pages, while we may have asked for it, too."""

        async def work(tx: Tx) -> None:
            sent = sa.select(Transfer).where(Transfer.state == "sent")  # type: ignore[arg-type]
            row = (await tx.execute(sent.order_by(Transfer.id).limit(1))).scalar()  # type: ignore[arg-type]
            if row is None:
                return
            left = await left_of(tx, row.provider_id)
            amount = Money(left * part // 100, row.currency)
            if amount:
                back = ProviderReversal(ids.new("trr"), amount, None)
                there = ProviderTransfer(row.provider_id, row.amount, amount, None, (back,))
                assert await reversals.told(tx, there, now=self.now)

        self.do(work)
        self.hear()

    def hear(self) -> None:
        """Settling reacts to what payments told of reversals."""
        heard: Reactions = {
            ReversalSettled: [reactions.on_reversal_settled],
            ReversalRefused: [reactions.on_reversal_refused],
        }
        self.runner.run(Relay(self.db, heard, {}, self).drain(self.now))

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def contest(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from(self.sales))
        event = DisputeOpened(
            dispute=ids.new("dsp"),
            payment=sale.payment,
            reference="chk",
            amount=sale.parts.total,
            fee=euros(1500),
            at=self.now,
        )

        async def work(tx: Tx) -> None:
            await disputing.opened(tx, event, await money_out.parts_of(tx, event), now=self.now)
            await disputing.opened(tx, event, await money_out.parts_of(tx, event), now=self.now)

        self.do(work)
        self.disputes.append(event)

    @precondition(lambda self: self.disputes)
    @rule(data=st.data(), won=st.booleans())
    def decide(self, data: st.DataObject, won: bool) -> None:
        opened = data.draw(st.sampled_from(self.disputes))
        self.disputes.remove(opened)
        event = DisputeClosed(**opened.model_dump(), won=won)

        async def work(tx: Tx) -> None:
            await disputing.closed(tx, event, await money_out.parts_of(tx, event), now=self.now)
            await disputing.closed(tx, event, await money_out.parts_of(tx, event), now=self.now)

        self.do(work)

    @invariant()
    def the_books_hold(self) -> None:
        if not hasattr(self, "db"):
            return

        async def work(tx: Tx) -> None:
            lines = await ledger.trial_balance(tx)
            for currency in ("EUR", "CNY"):
                theirs = [x.amount for x in lines if x.amount.currency == currency]
                assert Money.sum(theirs, currency).minor == 0
            bank = await ledger.balance(tx, "bank", "EUR")
            assert bank.minor == -self.by_bank, "what it paid buyers, and nothing else"
            for line in lines:
                if line.account.startswith("merchant_") and not self.adjusted:
                    side = 1 if line.account == "merchant_receivable" else -1
                    assert line.amount.minor * side >= 0, line
            assert (await tx.execute(_TOO_MUCH)).all() == [], "more was sent than earned"

        self.do(work)

    @invariant()
    def shares_and_books_agree(self) -> None:
        """What shares claim is what the merchant's accounts hold, in every currency; unless
        debts in the sale's currency are paid on the way into the merchant's. And what they
        owe is set off, and asked back of what was sent beyond an order."""
        if not hasattr(self, "db"):
            return

        async def work(tx: Tx) -> None:
            found = await claimed(tx)
            owed = await ledger.balance(tx, "merchant_receivable", "EUR", self.merchant)
            over = bool((await tx.execute(_OVER_BEFORE)).scalar())
            self.owed_on_the_way |= self.exchanging and (over or bool(owed))
            for currency, (pending, reserve, available) in found.items():
                has = {
                    line.account: -line.amount.minor
                    for line in await ledger.trial_balance(tx, owner=self.merchant)
                    if line.amount.currency == currency
                }
                assert has.get("merchant_pending", 0) == pending
                assert has.get("merchant_reserve", 0) == reserve
                there, owes = (has.get(f"merchant_{n}", 0) for n in ("available", "receivable"))
                back = await coming_back(tx, currency)
                if not self.owed_on_the_way:
                    unclaimed = await of_no_share(tx, currency)
                    assert there + owes + back == available + unclaimed
                if self.adjusted:
                    continue
                assert not there or not owes
                if owes + back < 0 and not self.exchanging:
                    assert (await tx.execute(_BEYOND)).scalar_one() == 0

        self.do(work)


TestMerchantsMoney = MerchantsMoney.TestCase
TestMerchantsMoney.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
