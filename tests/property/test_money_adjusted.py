"""Whatever people may change in the books by hand: what shares claim stays what the merchant's
accounts hold, but for the corrections that stand."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Tx
from livecommerce.settlement import actions, adjustments
from livecommerce.settlement.adjustments import INSTEAD, OF_ORDERS
from livecommerce.settlement.errors import NotByHand, UndoneElsewhere
from livecommerce.settlement.wire import AdjustmentIn, EntryOut, PostingRef
from livecommerce.web.principal import Kind, Principal, StaffRole
from payments import ledger
from tests.property import test_money_of_merchants as merchants
from tests.property.test_money_of_merchants import euros
from tests.taking_back import STANDING

ANNA, BEN = (
    Principal(f"usr_{n}", kind=Kind.PERSON, staff=frozenset({StaffRole.FINANCE}))
    for n in ("anna", "ben")
)
_IN_TRANSIT = sa.text("""
SELECT coalesce(sum(amount_minor), 0) FROM payments.transfer
WHERE state = 'wanted' AND currency = :currency
""")
OPEN = ("merchant_available", "merchant_receivable")


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    merchants.SERVER.append(postgres)
    yield
    merchants.SERVER.clear()


class AdjustedMoney(merchants.MerchantsMoney):
    """As without, and two people of finance who change what they can."""

    adjusted = True

    def adjust(self, want: AdjustmentIn) -> None:
        async def both(tx: Tx) -> None:
            proposed = await adjustments.propose(tx, want, by=ANNA, now=self.now)
            await adjustments.approve(tx, proposed.id, by=BEN, now=self.now)

        self.do(both)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def reverse_some_posting(self, data: st.DataObject) -> None:
        async def standing(tx: Tx) -> list[Any]:
            return list((await tx.execute(STANDING)).all())

        kind, source = data.draw(st.sampled_from(self.do(standing)))
        if kind == actions.REFUND_OUTSIDE:
            return  # undone with its order: tests/integration/test_debts_taken_back.py
        reverses = PostingRef(kind=kind, source=source)
        try:
            self.adjust(AdjustmentIn(reverses=reverses, reason="by hand"))
        except UndoneElsewhere:
            assert kind in INSTEAD
        else:
            assert kind not in INSTEAD

    @rule(
        account=st.sampled_from([*OPEN, *sorted(OF_ORDERS)]),
        minor=st.integers(-5_000, 5_000).filter(bool),
    )
    def correct(self, account: str, minor: int) -> None:
        entries = [
            EntryOut(account=account, owner=self.merchant, amount=euros(minor)),
            EntryOut(account="suspense", owner=None, amount=euros(-minor)),
        ]
        try:
            self.adjust(AdjustmentIn(entries=entries, reason="by hand"))
        except NotByHand:
            assert account not in OPEN
        else:
            assert account in OPEN

    @invariant()
    def transfers_and_books_agree(self) -> None:
        if not hasattr(self, "db"):
            return

        async def work(tx: Tx) -> None:
            for currency in ("EUR", "CNY"):
                has = await ledger.balance(tx, "merchant_transit", currency, self.merchant)
                wanted = await tx.execute(_IN_TRANSIT, {"currency": currency})
                assert has.minor == int(wanted.scalar_one())

        self.do(work)


TestAdjustedMoney = AdjustedMoney.TestCase
TestAdjustedMoney.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
