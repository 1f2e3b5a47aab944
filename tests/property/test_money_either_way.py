"""Whether a merchant's money is sent on after the hold or goes out with the charge: every
order's books sum to zero, and merchant, platform and tax office end with the same."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from livecommerce.embedded.server import Server
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, open_database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, disputing, sending, shares
from livecommerce.settlement.rules import Charging, Parts, Terms
from payments.events import DisputeClosed, DisputeOpened
from tests import database, money_out, shop
from tests.dated import RATES
from tests.taking_back import all_done

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SERVER: list[Server] = []
_OF_ORDER = sa.text("""
SELECT sum(e.amount_minor) FROM payments.ledger_entry e
JOIN payments.ledger_posting p ON p.id = e.posting_id
WHERE p.source = :order OR p.memo = :payment OR p.source IN (
  SELECT id FROM payments.transfer WHERE payment_id = :payment)
""")
_ENDS = sa.text("""
SELECT a.code, sum(e.amount_minor) FROM payments.ledger_entry e
JOIN payments.ledger_account a ON a.id = e.account_id GROUP BY a.code
""")
_THEIRS = sa.text(
    "SELECT coalesce(sum(amount_minor - taken_back_minor), 0) FROM payments.transfer"
)


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    SERVER.append(postgres)
    yield
    SERVER.clear()


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


class Way:
    """One merchant's money, the one way or the other, with a provider that always does it."""

    def __init__(self, db: Database, charging: Charging, terms: Terms) -> None:
        self.db, self.charging, self.terms, self.now = db, charging, terms, NOW

    async def sell(self, parts: Parts) -> None:
        async with self.db.begin() as tx:
            self.merchant = await shop.add_merchant(tx, now=NOW)
            await money_out.known(tx, self.merchant, now=NOW)
            payment = await money_out.captured(tx, parts.total.minor, now=NOW)
            self.sale = actions.Sale(
                *(ids.new("ord"), self.merchant, "DE", payment.id, parts),
                terms=self.terms,
                charging=self.charging,
            )
            await actions.record_sale(tx, self.sale, now=NOW)
            await actions.record_sale(tx, self.sale, now=NOW)
            await actions.goods_left(tx, self.sale.order, now=NOW)

    async def give_back(self, goods: int, tax: int, before: int) -> None:
        none = euros(0)
        parts = Parts(euros(goods), none, none, euros(tax), none)
        given = actions.GivenBack(ids.new("rfd"), self.sale, parts, euros(before))
        async with self.db.begin() as tx:
            await actions.record_refund(tx, given, now=self.now)

    async def contest(self, amount: Money, *, won: bool) -> None:
        opened = DisputeOpened(
            dispute=ids.new("dsp"),
            payment=self.sale.payment,
            reference="chk",
            amount=amount,
            fee=euros(1500),
            at=self.now,
        )
        async with self.db.begin() as tx:
            await disputing.opened(
                tx, opened, await money_out.parts_of(tx, opened), now=self.now
            )
        async with self.db.begin() as tx:
            closed = DisputeClosed(**opened.model_dump(), won=won)
            await disputing.closed(
                tx, closed, await money_out.parts_of(tx, closed), now=self.now
            )

    async def weeks_pass(self) -> None:
        """What is due is released and sent, and what is asked back comes back."""
        self.now += timedelta(days=30)
        await shares.release_due(self.db, RATES, now=self.now)
        for _ in range(3):
            async with self.db.begin() as tx:
                await sending.send_everything(tx, self.merchant, now=self.now)
                await all_done(tx, now=self.now)

    async def end(self) -> dict[str, int]:
        """What every account holds, and what the merchant has at the provider."""
        async with self.db.begin() as tx:
            about = {"order": self.sale.order, "payment": self.sale.payment}
            assert await tx.scalar(_OF_ORDER, about) == 0
            ends = {row.code: int(row[1]) for row in await tx.execute(_ENDS)}
            theirs = int((await tx.execute(_THEIRS)).scalar_one())
        at_provider = ends.pop("stripe_pending", 0) + ends.pop("stripe_available", 0)
        ends |= {"at the provider": at_provider}
        assert sum(ends.values()) == 0
        ends |= {"the merchant has": theirs}
        return {name: minor for name, minor in ends.items() if minor}


Refund = tuple[int, int, bool]
MINE = {
    "goods": st.integers(1, 20_000),
    "tax": st.integers(0, 900),
    "bps": st.integers(0, 3_000),
    "subsidy_bps": st.integers(0, 10_000),
    "refunds": st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 100), st.booleans()), max_size=3
    ),
    "contested": st.sampled_from([None, "won", "lost"]),
}


@given(**MINE)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
def test_whichever_way_it_ends_the_same(
    goods: int,
    tax: int,
    bps: int,
    subsidy_bps: int,
    refunds: list[Refund],
    contested: str | None,
) -> None:
    async def one(charging: Charging) -> dict[str, int]:
        terms = Terms(bps=bps, subsidy_bps=subsidy_bps, hold_days=0)
        async with database.clone(SERVER[0]) as url:
            db = open_database(url, pool=2)
            try:
                way = Way(db, charging, terms)
                none = euros(0)
                await way.sell(Parts(euros(goods), none, none, euros(tax), none))
                left_goods, left_tax = goods, tax
                for of_goods, of_tax, later in refunds:
                    if later:
                        await way.weeks_pass()
                    part, levy = left_goods * of_goods // 100, left_tax * of_tax // 100
                    if part or levy:
                        await way.give_back(part, levy, goods - left_goods)
                        left_goods, left_tax = left_goods - part, left_tax - levy
                await way.weeks_pass()
                if contested and left_goods + left_tax:
                    whole = euros(left_goods + left_tax)
                    await way.contest(whole, won=contested == "won")
                await way.weeks_pass()
                return await way.end()
            finally:
                await db.close()

    async def both() -> None:
        separate, direct = await one(Charging.SEPARATE), await one(Charging.DIRECT)
        assert direct == separate

    asyncio.run(both())
