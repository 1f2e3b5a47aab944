"""Whatever befalls the orders of a merchant, paid with the charge or after the hold: what they
owe is asked back where they have more than is theirs, and else taken from what comes next."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import open_database
from livecommerce.settlement import actions, sending
from livecommerce.settlement.rules import Charging, Terms
from payments import ledger
from payments.events import DisputeOpened
from tests import database, shop
from tests.merchant_books import Books
from tests.taking_back import all_done, claimed, coming_back

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NO_HOLD = Terms(bps=0, hold_days=0)
AT_ONCE = Terms(bps=0, hold_days=0, charge_mode="destination")
SERVER: list[Server] = []

Step = tuple[str, int, int]
"""What befalls which order (or which refund, which dispute), and how much of it."""

WHAT = ["sell", "sell at once", "refund", "refund", "bounce", "contest", "win", "lose"]
WHAT += ["wait", "send", "answer"]

SOLD, AVAILABLE, WAIT = ("sell at once", 0, 100), ("sell", 0, 100), ("wait", 0, 0)

_BEYOND = sa.text("""
SELECT coalesce(sum(sent_minor - left_minor), 0) FROM commerce.merchant_share
WHERE sent_minor > left_minor
""")


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    SERVER.append(postgres)
    yield
    SERVER.clear()


class Story(Books):
    """A merchant's orders, what was refunded of them, and what banks keep."""

    def begin(self) -> None:
        self.sales: list[actions.Sale] = []
        self.refunds: list[tuple[actions.Sale, str, int]] = []
        self.disputes: list[DisputeOpened] = []

    async def befalls(self, step: Step) -> None:
        what, which, part = step
        if what in {"sell", "sell at once"}:
            terms = NO_HOLD if what == "sell" else AT_ONCE
            self.sales.append(await self.sell(100 * part, terms=terms))
        elif what == "wait":
            await self.hold_passes()
        elif what == "send":
            await sending.send_due(self.db, now=self.now)
        elif what == "answer":
            async with self.db.begin() as tx:
                await all_done(tx, now=self.now)
        elif what == "bounce" and self.refunds:
            of, refund, _ = self.refunds.pop(which % len(self.refunds))
            await self.bounce(of, refund)
        elif what in {"win", "lose"} and self.disputes:
            dispute = self.disputes.pop(which % len(self.disputes))
            await self.decide(dispute, won=what == "win")
        elif self.sales:
            await self.is_taken(what, self.sales[which % len(self.sales)], part)
        await self.agree()

    async def is_taken(self, what: str, sale: actions.Sale, part: int) -> None:
        if what == "contest":
            self.disputes.append(await self.contest(sale))
        elif what == "refund":
            gone = sum(minor for of, _, minor in self.refunds if of is sale)
            minor = (sale.parts.goods.minor - gone) * part // 100
            if minor:
                self.refunds.append((sale, await self.refund(sale, minor), minor))

    async def agree(self) -> None:
        """Shares and books say the same; and nobody owes who has more than is theirs."""
        has = await self.stands()
        async with self.db.begin() as tx:
            transit = await ledger.balance(tx, "merchant_transit", "EUR", self.merchant)
            back = await coming_back(tx, "EUR")
            pending, reserve, available = (await claimed(tx)).get("EUR", (0, 0, 0))
            beyond = int((await tx.execute(_BEYOND)).scalar_one())
        there, owes = has.get("available", 0), has.get("receivable", 0)
        assert (has.get("pending", 0), has.get("reserve", 0)) == (pending, reserve)
        assert there - owes + back == available
        assert transit.minor >= 0
        if owes > there + back:
            assert beyond == 0, "they have more than is theirs, and owe"

    async def ends(self) -> None:
        """Who sells on owes nothing in the end."""
        for what in ("wait", "send", "answer") * 2:
            await self.befalls((what, 0, 0))
        owed = (await self.stands()).get("receivable", 0)
        self.sales.append(await self.sell(owed + 100, terms=AT_ONCE))
        assert (self.sales[-1].charging is Charging.OWES) == bool(owed)
        await self.befalls(("wait", 0, 0))
        assert "receivable" not in await self.stands()


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(WHAT),
            st.integers(0, 5),
            st.integers(1, 100),
        ),
        max_size=20,
    )
)
@example(  # its money paid another's refund, and then it is refunded itself
    steps=[SOLD, AVAILABLE, WAIT, ("refund", 0, 100), ("refund", 1, 100)]
)
@example(  # what a lost dispute kept back was another's, which was refunded meanwhile
    steps=[SOLD, AVAILABLE, WAIT, ("contest", 0, 0), ("refund", 1, 100), ("lose", 0, 0)]
)
@example(  # a bank took it, and it was refunded all the same: they owe, and sell on
    steps=[SOLD, ("contest", 0, 0), ("lose", 0, 0), ("refund", 0, 100)]
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
)
def test_what_merchants_owe_is_asked_back_or_set_off(steps: list[Step]) -> None:
    async def whole() -> None:
        async with database.clone(SERVER[0]) as url:
            db = open_database(url, pool=2)
            try:
                async with db.begin() as tx:
                    merchant = await shop.add_merchant(tx, now=NOW)
                story = Story(db, merchant, NOW)
                story.begin()
                await story.is_known()
                for step in steps:
                    await story.befalls(step)
                await story.ends()
            finally:
                await db.close()

    asyncio.run(whole())
