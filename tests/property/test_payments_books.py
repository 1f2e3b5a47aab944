"""Any sequence of facts leaves books that balance and gives back no more than came in."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database, Tx, open_database
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import Money
from payments import intents, ledger, queries, refunds
from payments.gateway import ProviderPayment, ProviderRefund, There
from payments.ledger import Entry
from payments.rules import LIVE, PaymentState, RefundState
from tests import database

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ACCOUNTS = [
    ("stripe_pending", None),
    ("stripe_available", None),
    ("merchant_pending", "mer_1"),
    ("merchant_pending", "mer_2"),
    ("tax_payable:DE", None),
    ("platform_fee", None),
]
REFERENCES = ("chk_1", "chk_2")
SERVER: list[Server] = []


@pytest.fixture(autouse=True)
def _server(postgres: Server) -> Iterator[None]:
    SERVER.append(postgres)
    yield
    SERVER.clear()


class Books(RuleBasedStateMachine):
    """Payments, what the provider says of them in any order, refunds, and postings."""

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.clone = database.clone(SERVER[0])
        url = self.runner.run(self.clone.__aenter__())
        self.db: Database = open_database(url, pool=2)
        self.payments: dict[str, int] = {}
        self.refunds: list[str] = []
        self.posted = 0

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.db.close())
            self.runner.run(self.clone.__aexit__(None, None, None))
            self.runner.close()

    def do(self, work: Any) -> Any:
        """In a transaction; a refusal is an answer, and rolls back."""

        async def whole() -> Any:
            async with self.db.begin() as tx:
                return await work(tx)

        try:
            return self.runner.run(whole())
        except Problem:
            return None

    @rule(reference=st.sampled_from(REFERENCES), minor=st.integers(-1, 500))
    def want(self, reference: str, minor: int) -> None:
        async def work(tx: Tx) -> str:
            payment = await intents.record(
                tx,
                reference=reference,
                amount=Money(minor, "EUR"),
                description="",
                metadata={},
                now=NOW,
            )
            return payment.id

        id_ = self.do(work)
        if id_ is not None:
            self.payments[id_] = minor

    @rule(reference=st.sampled_from(REFERENCES), minor=st.integers(100, 500))
    def be_paid(self, reference: str, minor: int) -> None:
        """The commonest story at once, so that short runs reach the refunds."""
        self.want(reference, minor)
        for payment in sorted(self.payments):
            self.tell(payment, There.CAPTURED, secret=False)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), state=st.sampled_from(list(There)[:4]), secret=st.booleans())
    def said(self, data: st.DataObject, state: There, secret: bool) -> None:
        self.tell(data.draw(st.sampled_from(sorted(self.payments))), state, secret=secret)

    def tell(self, payment: str, state: There, *, secret: bool) -> None:
        amount = Money(self.payments[payment], "EUR")
        got = amount if state is There.CAPTURED else Money(0, "EUR")
        told = ProviderPayment(
            id=f"pi_{payment}",
            state=state,
            amount=amount,
            received=got,
            payment=payment,
            client_secret="s" if secret else None,
            charge="ch_1",
        )

        async def work(tx: Tx) -> None:
            await intents._about_to_ask(tx, payment, NOW)
            await intents.apply(tx, told, now=NOW)

        self.do(work)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), minor=st.integers(0, 300), key=st.integers(0, 9))
    def give_back(self, data: st.DataObject, minor: int, key: int) -> None:
        payment = data.draw(st.sampled_from(sorted(self.payments)))

        async def work(tx: Tx) -> str:
            refund = await refunds.request(
                tx,
                payment=payment,
                reference="ord_1",
                amount=Money(minor, "EUR"),
                reason="",
                key=str(key),
                now=NOW,
            )
            return refund.id

        id_ = self.do(work)
        if id_ is not None and id_ not in self.refunds:
            self.refunds.append(id_)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), minor=st.integers(0, 300), key=st.integers(0, 9))
    def pay_outside(self, data: st.DataObject, minor: int, key: int) -> None:
        """A bank has paid; the provider, should it say anything of it, changes nothing."""
        payment = data.draw(st.sampled_from(sorted(self.payments)))

        async def work(tx: Tx) -> str:
            refund = await refunds.paid_outside(
                tx,
                payment=payment,
                reference="ord_1",
                amount=Money(minor, "EUR"),
                by="MT103",
                reason="",
                key=str(key),
                now=NOW,
            )
            return refund.id

        self.do(work)

    @precondition(lambda self: self.refunds)
    @rule(
        data=st.data(),
        state=st.sampled_from([There.PENDING, There.SETTLED, There.FAILED]),
    )
    def refund_said(self, data: st.DataObject, state: There) -> None:
        refund = data.draw(st.sampled_from(self.refunds))

        async def work(tx: Tx) -> None:
            mine = await refunds.get(tx, refund)
            await refunds._move(
                tx, refund, RefundState.ASKED, before=[RefundState.WANTED], asked_at=NOW
            )
            told = ProviderRefund(
                f"re_{refund}", state, mine.amount, refund, f"pi_{mine.payment_id}"
            )
            await refunds.apply(tx, told, now=NOW)

        self.do(work)

    @rule(
        amounts=st.lists(
            st.tuples(
                st.sampled_from(ACCOUNTS),
                st.integers(-50, 50),
                st.sampled_from(["EUR", "USD"]),
            ),
            max_size=5,
        ),
        source=st.integers(0, 5),
        level=st.booleans(),
    )
    def post(self, amounts: list[Any], source: int, level: bool) -> None:
        entries = [
            Entry(code, owner, Money(minor, currency))
            for (code, owner), minor, currency in amounts
        ]
        if level:  # make it balance; otherwise it is mostly refused
            for currency in ("EUR", "USD"):
                mine = [e.amount for e in entries if e.amount.currency == currency]
                entries.append(Entry("suspense", None, -Money.sum(mine, currency)))

        async def work(tx: Tx) -> None:
            await ledger.post(
                tx, kind="k", source=str(source), entries=entries, occurred_at=NOW
            )

        self.do(work)

    @rule(source=st.integers(0, 5))
    def undo(self, source: int) -> None:
        async def work(tx: Tx) -> None:
            await ledger.reverse(
                tx, kind="k", source=str(source), reason="wrong", occurred_at=NOW
            )

        self.do(work)

    @invariant()
    def it_adds_up(self) -> None:
        if not hasattr(self, "db"):
            return

        async def work(tx: Tx) -> None:
            sums: dict[str, int] = {}
            for line in await ledger.trial_balance(tx):
                currency = line.amount.currency
                sums[currency] = sums.get(currency, 0) + line.amount.minor
            assert not any(sums.values())
            everything = await queries.payments_for(tx, REFERENCES)
            live = [p.reference for p in everything if p.state in LIVE]
            assert len(live) == len(set(live)), "one live payment per reference"
            for payment in everything:
                back = [
                    r.amount_minor
                    for r in await queries.refunds_of(tx, payment.id)
                    if r.state is not RefundState.FAILED
                ]
                assert payment.refund_minor == sum(back) <= payment.captured_minor
                captured = payment.state is PaymentState.CAPTURED
                assert bool(payment.captured_minor) is captured

        self.runner.run(self._read(work))

    async def _read(self, work: Any) -> None:
        async with self.db.begin() as tx:
            await work(tx)


TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
