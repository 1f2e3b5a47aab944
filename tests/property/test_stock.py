"""Whatever is done in whatever order: 0 ≤ held ≤ on hand, and the journal is the stock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from livecommerce.catalogue import actions, stock
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import HoldGone, SoldOut, StockShort, TooMany
from livecommerce.catalogue.rules import Reason
from livecommerce.catalogue.wire import HoldOut, MoveStock, ProductOut
from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database, open_database
from tests import database, shop

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
EXAMPLES = 12
STEPS = 14


class Shop(RuleBasedStateMachine):
    """Two variants, a few buyers, a clock; several things happen at once."""

    loop: asyncio.AbstractEventLoop
    db: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.holds: list[str] = []
        self.keys = 0
        self.product: ProductOut = self._do(self._open())
        self.total = dict.fromkeys((v.id for v in self.product.variants), 5)

    def _do(self, work):  # type: ignore[no-untyped-def]
        return self.loop.run_until_complete(work)

    async def _open(self) -> ProductOut:
        number = int((await self._count()) or 0) + 1
        async with self.db.begin() as tx:
            merchant = await shop.add_merchant(tx, now=NOW, number=number)
            want = shop.duvet(merchant, on_hand=5, variants=2)
            return await actions.create_product(tx, want, by=shop.owner(merchant), now=NOW)

    async def _count(self) -> int:
        async with self.db.begin() as tx:
            return int(await tx.scalar(sa.text("SELECT count(*) FROM commerce.merchant")) or 0)

    @rule(
        wants=st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(1, 3)), max_size=8
        )
    )
    def claims_at_once(self, wants: list[tuple[int, int, int]]) -> None:
        async def run() -> None:
            async with (
                Claims(self.db, latch=0).running() as one,
                Claims(self.db).running() as two,
            ):
                asked = []
                for n, (who, variant, count) in enumerate(wants):
                    self.keys += 1
                    want = shop.claim_of(
                        self.product,
                        f"gst_{who}_{self.product.id}",
                        f"k{self.keys}",
                        count=count,
                        variant=variant,
                        limit=6,
                    )
                    asked.append((one if n % 2 else two).claim(want, self.now))
                for answer in await asyncio.gather(*asked, return_exceptions=True):
                    if isinstance(answer, HoldOut):
                        self.holds.append(answer.id)
                    else:
                        assert isinstance(answer, (SoldOut, TooMany)), answer

        self._do(run())

    @rule(data=st.data())
    def cart(self, data: st.DataObject) -> None:
        counts = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        self.keys += 1

        async def run() -> None:
            wants = [
                shop.claim_of(
                    self.product,
                    f"gst_c_{self.product.id}",
                    f"k{self.keys}",
                    count=c,
                    variant=v,
                )
                for v, c in enumerate(counts)
            ]
            async with Claims(self.db).running() as claims:
                with suppress(SoldOut):
                    self.holds += [h.id for h in await claims.claim_all(wants, self.now)]

        self._do(run())

    @rule(data=st.data())
    def fates_at_once(self, data: st.DataObject) -> None:
        """Sell, release, re-claim and lapse, all at the same time."""
        if not self.holds:
            return
        picks = data.draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["sell", "release", "reclaim"]),
                    st.lists(st.sampled_from(self.holds), min_size=1, max_size=3, unique=True),
                ),
                max_size=5,
            )
        )

        async def one(what: str, holds: list[str]) -> None:
            async with self.db.begin() as tx:
                if what == "sell":
                    await stock.sell(tx, holds, now=self.now)
                elif what == "release":
                    await stock.release(tx, holds, now=self.now)
                else:
                    await stock.reclaim(tx, holds, now=self.now)

        async def lapse() -> None:
            async with self.db.begin() as tx:
                await stock.lapse(tx, now=self.now)

        async def run() -> None:
            work = [one(what, holds) for what, holds in picks]
            for answer in await asyncio.gather(*work, lapse(), return_exceptions=True):
                assert answer is None or isinstance(answer, HoldGone), answer

        self._do(run())

    @rule(minutes=st.integers(1, 12))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(variant=st.integers(0, 1), change=st.integers(-4, 4).filter(bool))
    def counted(self, variant: int, change: int) -> None:
        id_ = self.product.variants[variant].id

        async def run() -> None:
            want = MoveStock(change=change, reason=Reason.COUNTED)
            async with self.db.begin() as tx:
                by = shop.owner(self.product.merchant)
                await actions.move_stock(tx, id_, want, by=by, now=self.now)

        with suppress(StockShort):
            self._do(run())
            self.total[id_] += change

    @invariant()
    def books_agree(self) -> None:
        self._do(shop.books_agree(self.db))

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        async def run() -> None:
            sold: dict[str, int] = {}
            for hold in await shop.holds_in(self.db):
                if hold.state.value == "sold":
                    sold[hold.variant_id] = sold.get(hold.variant_id, 0) + hold.count
            for variant, total in self.total.items():
                on_hand, _ = await shop.stock_of(self.db, variant)
                assert on_hand + sold.get(variant, 0) == total

        self._do(run())


@contextmanager
def own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        loop.close()


@pytest.mark.timeout(180)
def test_stock_is_right_under_any_interleaving(postgres: Server) -> None:
    with own_loop() as loop:
        clone = database.clone(postgres)
        url = loop.run_until_complete(clone.__aenter__())
        db = open_database(url)
        try:
            machine = type("OneShop", (Shop,), {"loop": loop, "db": db})
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            loop.run_until_complete(db.close())
            loop.run_until_complete(clone.__aexit__(None, None, None))
