"""Refunds of exchanged shares bounce in any order, around releases and disputes: what shares
claim and what the books hold stay worth the same, and once nothing is refunded any more every
share is whole."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import open_database
from livecommerce.settlement import actions
from payments import ledger
from payments.events import DisputeOpened
from tests import database, shop
from tests.merchant_books import Yen
from tests.taking_back import claimed

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SERVER: list[Server] = []

Step = tuple[str, int, int]
"""What befalls which order (or which refund, which dispute), and how much of it."""


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    SERVER.append(postgres)
    yield
    SERVER.clear()


class Story(Yen):
    """A merchant's orders, what was refunded of them, and what banks keep."""

    def begin(self) -> None:
        self.sales: list[actions.Sale] = []
        self.refunds: list[tuple[actions.Sale, str, int]] = []
        self.disputes: list[DisputeOpened] = []
        self.owed_in_euros, self.lost, self.roundings = False, False, 0

    async def befalls(self, step: Step) -> None:
        what, which, part = step
        sale = self.sales[which % len(self.sales)]
        if what == "refund":
            gone = sum(minor for of, _, minor in self.refunds if of is sale)
            minor = (sale.parts.goods.minor - gone) * part // 100
            if minor:
                self.refunds.append((sale, await self.refund(sale, minor), minor))
        elif what == "bounce" and self.refunds:
            of, refund, _ = self.refunds.pop(which % len(self.refunds))
            await self.bounce(of, refund)
        elif what == "contest":
            self.disputes.append(await self.contest(sale))
        elif what in {"win", "lose"} and self.disputes:
            self.lost |= what == "lose"
            dispute = self.disputes.pop(which % len(self.disputes))
            await self.decide(dispute, won=what == "win")
        elif what == "wait":
            await self.hold_passes()
        self.roundings += 2
        await self.agree()

    async def agree(self) -> None:
        """Shares and books are worth the same; in yen they are the same, unless a debt in euros
        was paid on the way into yen (and converted by itself)."""
        has: dict[str, int] = {"EUR": 0, "JPY": 0}
        async with self.db.begin() as tx:
            for line in await ledger.trial_balance(tx, owner=self.merchant):
                has[line.amount.currency] -= line.amount.minor
                owes = line.account == "merchant_receivable" and line.amount
                self.owed_in_euros |= bool(owes) and line.amount.currency == "EUR"
            theirs = {name: sum(three) for name, three in (await claimed(tx)).items()}
        apart = {name: has[name] - theirs.get(name, 0) for name in has}
        worth = apart["JPY"] + Decimal(apart["EUR"]) * Decimal(self.rate) / 100
        assert abs(worth) <= (self.roundings if self.owed_in_euros else 0), apart
        if not self.owed_in_euros:
            assert apart == {"EUR": 0, "JPY": 0}

    async def ends(self, order: list[int]) -> None:
        """Every refund comes back, every bank decides for us: all of it is the merchant's,
        unless one had decided otherwise."""
        for which in order:
            await self.befalls(("bounce", which, 0))
            await self.befalls(("win", which, 0))
        while self.refunds or self.disputes:
            await self.befalls(("bounce", 0, 0))
            await self.befalls(("win", 0, 0))
        await self.befalls(("wait", 0, 0))
        if self.lost:
            return
        whole = {(await self.share(sale)) for sale in self.sales}
        assert all(left == share for left, share in whole), whole
        has = await self.holds()
        if not self.owed_in_euros:
            shares = [(await self.share(sale))[1] for sale in self.sales]
            assert has == ({"available JPY": sum(shares)} if sum(shares) else {})


@given(
    goods=st.lists(st.integers(1, 30_000), min_size=1, max_size=2),
    rate=st.decimals("0.5", "200", places=2),
    steps=st.lists(
        st.tuples(
            st.sampled_from(
                ["refund", "refund", "bounce", "bounce", "wait", "contest", "win", "lose"]
            ),
            st.integers(0, 5),
            st.integers(1, 100),
        ),
        max_size=14,
    ),
    order=st.lists(st.integers(0, 5), max_size=6),
)
@example(  # one of before the exchange bounces after one of after it was refunded
    goods=[10_000],
    rate=Decimal(160),
    steps=[("refund", 0, 30), ("wait", 0, 0), ("refund", 0, 40)],
    order=[0, 0],
)
@example(  # the first of two took a yen more than it is worth without the second
    goods=[300],
    rate=Decimal("1.5"),
    steps=[("wait", 0, 0), ("refund", 0, 33), ("refund", 0, 50), ("bounce", 0, 0)],
    order=[0],
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
def test_bounced_in_any_order_shares_and_books_agree(
    goods: list[int], rate: Decimal, steps: list[Step], order: list[int]
) -> None:
    async def whole() -> None:
        async with database.clone(SERVER[0]) as url:
            db = open_database(url, pool=2)
            try:
                async with db.begin() as tx:
                    merchant = await shop.add_merchant(tx, now=NOW)
                story = Story(db, merchant, NOW, rate=str(rate))
                story.begin()
                for minor in goods:
                    story.sales.append(await story.sell(minor))
                for step in steps:
                    await story.befalls(step)
                await story.ends(order)
            finally:
                await db.close()

    asyncio.run(whole())
