"""A till at which everything goes wrong: requests, messages, and the process itself."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Relay
from livecommerce.settlement import actions, shares
from livecommerce.settlement.rules import Charging, Parts, Terms, divide
from payments import disputes, intents, janitor, ledger, methods, payees, reconciling, refunds
from payments.events import PaymentCaptured, RefundSettled
from payments.gateway import NotAsked, OutcomeUnknown
from payments.sandbox.switches import Fault, Switches, Webhooks, What
from payments.tables import Payment
from tests import shop
from tests.dated import RATES
from tests.fault_points import Crash, Dying, Moment
from tests.sandbox_till import PRICE, PUBLIC, Till

T = TypeVar("T")
TERMS = Terms(bps=1000, hold_days=0)
BUYER = "usr_anna"
DAY = 24 * 3600
LEASES_LAST = timedelta(seconds=20)
_NOTICED_AFTER = 2


class Order(StrEnum):
    """How messages come."""

    IN_ORDER = "in order"
    BACKWARDS = "backwards"
    THRICE = "thrice"
    LATE = "late"
    LOST = "lost"  # and found by asking
    BADLY_SIGNED = "badly signed"  # refused, and sent again


_HOW = {
    Order.IN_ORDER: Webhooks(),
    Order.BACKWARDS: Webhooks(reorder=True),
    Order.THRICE: Webhooks(copies=3),
    Order.LATE: Webhooks(delay=40),
    Order.LOST: Webhooks(drop=10_000),
    Order.BADLY_SIGNED: Webhooks(bad_signature=True),
}
ENDPOINTS = (
    *(
        "accounts.create",
        "accounts.retrieve",
        "account_links.create",
        "customers.create",
        "disputes.update",
    ),
    *("payment_intents.create", "payment_intents.update", "payment_intents.confirm"),
    *("payment_intents.search", "balance_transactions.retrieve", "events.list"),
    *("refunds.create", "transfers.create", "transfers.reversals.create"),
    *("payment_methods.detach",),
)
"""Everything that the journeys ask for; each goes wrong the first time in every stage."""


@dataclass
class World:
    """One merchant, one buyer, a till, and what goes wrong there."""

    till: Till
    what: What | None = None
    order: Order = Order.IN_ORDER
    dying: Dying = field(default_factory=lambda: Dying(Moment.NEVER))
    merchant: str = ""
    now: datetime = field(default_factory=clock.utcnow)
    relay: Relay = field(init=False)
    _bad_payouts: int = 0

    async def open(self) -> None:
        """The merchant moves in, and from here on things go wrong."""
        till = self.till
        async with till.db.begin() as tx:
            self.merchant = await shop.add_merchant(tx, now=self.now)
        till.dies = self.dying.at
        till.payments = self.dying.gateway(till.payments)
        self._restart()
        await self.arm()

    def _restart(self) -> None:
        """Another process, which knows what the database knows."""
        reactions, jobs = self.till.listeners()
        reactions[PaymentCaptured].append(self._sold)
        reactions[RefundSettled].append(self._given_back)
        self.relay = Relay(
            self.till.db, self.dying.reactions(reactions), self.dying.jobs(jobs), self.till
        )

    async def arm(self, *, bad_payouts: int = 0) -> None:
        """Every endpoint goes wrong once more, and messages come as they come here."""
        self._bad_payouts = bad_payouts or self._bad_payouts
        what = self.what
        faults = [] if what is None else [Fault(endpoint=e, what=what) for e in ENDPOINTS]
        how = _HOW[self.order].model_copy(deep=True)
        left = self._bad_payouts
        await self.till.sandbox.set_switches(
            Switches(faults=faults, webhooks=how, fail_payouts=left)
        )

    async def calm(self) -> None:
        """Nothing goes wrong any more, but payouts that were to fail still do."""
        left = self.till.sandbox.switches.fail_payouts
        await self.till.sandbox.set_switches(Switches(fail_payouts=left))

    async def insist(self, work: Callable[[], Awaitable[T]]) -> T:
        """What a person does who gets no answer: the same again."""
        for _ in range(9):
            try:
                return await work()
            except (OutcomeUnknown, NotAsked):
                continue
            except Crash:
                self._died()
        raise AssertionError("there never was an answer")

    async def quiet(self) -> None:
        """Hours pass, with all that the worker does by itself, until nothing happens in one."""
        for hour in range(12):
            if hour == _NOTICED_AFTER:  # somebody has seen that every message is refused
                self.till.sandbox.switches.webhooks.bad_signature = False
            self.now += timedelta(hours=1)
            await self.till.sandbox.advance(60)
            if not await self._hour():
                return
        raise AssertionError("it never becomes quiet")

    async def days(self, count: int) -> None:
        """So many days pass: money becomes available, payouts reach their banks."""
        for _ in range(count):
            self.now += timedelta(days=1)
            await self.till.sandbox.advance(DAY + 1)
            await self._hour()

    async def _hour(self) -> int:
        done = await self._drain()
        db, gateway, now = self.till.db, self.till.payments, self.now
        ticks: list[Callable[[], Awaitable[int]]] = [
            lambda: shares.release_due(db, RATES, now=now),
            lambda: janitor.ask_again(db, gateway, now=now),
            lambda: janitor.listen_again(db, gateway, now=now, overlap=timedelta(days=9)),
            lambda: janitor.listen_to_payees(db, gateway, now=now),
        ]
        for tick in ticks:
            done += await self._alive(tick)
        return done + await self._drain()

    async def _drain(self) -> int:
        total = 0
        while True:
            done = await self.till.sandbox.settle()
            done += await self._alive(lambda: self.relay.tell(self.now))
            done += await self._alive(lambda: self.relay.work(self.now, at_once=1))
            if not done:
                return total
            total += done

    async def _alive(self, work: Callable[[], Awaitable[int]]) -> int:
        """What a process does by itself; it dies of a crash, and of nothing else."""
        try:
            return await work()
        except (OutcomeUnknown, NotAsked):
            return 1
        except Crash:
            self._died()
            return 1

    def _died(self) -> None:
        self.now += LEASES_LAST
        self._restart()

    async def _sold(self, tx: Tx, event: PaymentCaptured, *, now: datetime) -> None:
        none = Money.zero(event.amount.currency)
        sale = self.sale(event.payment, Parts(event.amount, none, none, none, none))
        if (await intents.get(tx, event.payment)).direct is not None:
            sale = replace(sale, charging=Charging.DIRECT)
        await actions.record_sale(tx, sale, now=now)
        await actions.goods_left(tx, sale.order, now=now)

    async def _given_back(self, tx: Tx, event: RefundSettled, *, now: datetime) -> None:
        none = Money.zero(PRICE.currency)
        sale = self.sale(event.payment, Parts(PRICE, none, none, none, none))
        back = Parts(event.amount, none, none, none, none)
        given = actions.GivenBack(event.refund, sale, back, none)
        await actions.record_refund(tx, given, now=now)

    def sale(self, payment: str, parts: Parts) -> actions.Sale:
        """The order that this payment is for."""
        order = payment.replace("pay_", "ord_")
        return actions.Sale(order, self.merchant, "DE", payment, parts, TERMS)

    async def opened(self, ref: str, *, direct: bool = False) -> Payment:
        """A payment that the buyer can pay; ``direct``, its share goes out with the charge."""
        async with self.till.db.begin() as tx:
            to = None
            if direct:
                payee = await payees.get(tx, self.merchant)
                assert payee.provider_id is not None
                fee = PRICE - divide(PRICE, TERMS).share
                to = intents.Direct(self.merchant, payee.provider_id, fee)
            made = await intents.record(
                tx,
                reference=ref,
                amount=PRICE,
                description="",
                metadata={},
                direct=to,
                now=self.now,
            )
        await self.quiet()
        return await self.till.payment(made.id)

    async def keep(self, payment: Payment) -> None:
        """The buyer wants the card kept."""
        db, gateway = self.till.db, self.till.payments
        await self.insist(
            lambda: methods.keep(
                db, gateway, payment.id, owner=BUYER, wanted=True, now=self.now
            )
        )

    async def tap(self, payment: Payment) -> None:
        """The buyer pays with the card they have kept."""
        async with self.till.db.begin() as tx:
            (card,) = await methods.of_owner(tx, BUYER)
        db, gateway = self.till.db, self.till.payments
        await self.insist(
            lambda: methods.tap(
                db,
                gateway,
                payment.id,
                card.id,
                owner=BUYER,
                key="tap",
                back_to="http://shop.test/",
                now=self.now,
            )
        )

    async def onboard(self) -> None:
        """The merchant answers the provider's questions."""
        db, gateway = self.till.db, self.till.payments
        async with db.begin() as tx:
            await payees.want(
                tx, self.merchant, country="CN", email="m@example.com", now=self.now
            )
        page = await self.insist(
            lambda: payees.onboarding_page(
                db,
                gateway,
                self.merchant,
                back_to="http://shop.test/money",
                again_at="http://shop.test/money",
                now=self.now,
            )
        )
        url, form = self.till.url + page, {"outcome": "complete"}
        async with self.till.http.post(url, data=form, allow_redirects=False) as answer:
            assert answer.status == 303
        await self.quiet()

    async def refund(self, payment: Payment, minor: int) -> None:
        """Some of it is to go back."""
        async with self.till.db.begin() as tx:
            await refunds.request(
                tx,
                payment=payment.id,
                reference=payment.id.replace("pay_", "ord_"),
                amount=Money(minor, payment.currency),
                reason="asked for",
                key=f"{payment.id}:r",
                now=self.now,
            )
        await self.quiet()

    async def defend(self, words: str) -> None:
        """What is said to the bank about the one dispute."""
        async with self.till.db.begin() as tx:
            (dispute,) = await disputes.newest(tx)
            await disputes.request_answer(tx, dispute.id, note=words, submit=True, now=self.now)
        await self.quiet()

    async def our_payout(self, minor: int) -> None:
        """Somebody has our own money sent to our bank, at the provider's desk."""
        key = f"Bearer {PUBLIC.replace('pk_', 'sk_')}"
        form = {"amount": str(minor), "currency": "eur"}
        url = f"{self.till.url}/v1/payouts"
        async with self.till.http.post(url, data=form, headers={"Authorization": key}) as told:
            assert told.status == 200, await told.text()

    async def end(self) -> Mapping[str, Any]:
        """How everything stands, here and there, without ids and times."""
        stands: dict[str, Any] = {"books": await self._books()}
        for name, sql in _STATES.items():
            async with self.till.db.begin() as tx:
                rows = (await tx.execute(sa.text(sql))).all()
            stands[name] = sorted(tuple(row) for row in rows)
        for kind, fields in _THEIRS.items():
            found = await self.till.stripe(kind)
            stands[f"their {kind}s"] = sorted(tuple(one[f] for f in fields) for one in found)
        return stands

    async def _books(self) -> dict[str, int]:
        async with self.till.db.begin() as tx:
            lines = await ledger.trial_balance(tx)
        sums: Counter[str] = Counter()
        for line in lines:
            at_theirs = line.account in {"stripe_pending", "stripe_available"}
            sums["at the provider" if at_theirs else line.account] += line.amount.minor
        assert sum(sums.values()) == 0
        return {name: minor for name, minor in sums.items() if minor}

    async def audit(self) -> None:
        """What holds whatever happened: charged once, nothing stuck, nothing to reconcile."""
        charges = [c for c in await self.till.stripe("charge") if c["paid"]]
        paid_for = Counter(c["metadata"]["payment"] for c in charges)
        assert set(paid_for.values()) <= {1}, "somebody was charged twice"
        intents_ = Counter(
            i["metadata"]["payment"] for i in await self.till.stripe("payment_intent")
        )
        assert set(intents_.values()) <= {1}, "a payment was opened twice"
        async with self.till.db.begin() as tx:
            for table in ("outbox", "job"):
                stuck = sa.text(f"SELECT * FROM kernel.{table} WHERE parked_at IS NOT NULL")
                assert (await tx.execute(stuck)).all() == []
            undone = sa.text("SELECT listener FROM kernel.job WHERE done_at IS NULL")
            assert (await tx.execute(undone)).all() == []
        db, gateway, later = self.till.db, self.till.payments, self.now + timedelta(days=30)
        row = await self.insist(lambda: reconciling.run(db, gateway, now=later))
        assert (row.open, row.young) == (0, 0)
        assert all(proof["holds"] for proof in row.proof)


_STATES = {
    "payments": "SELECT reference, state, captured_minor, refund_minor FROM payments.payment",
    "refunds": "SELECT state, amount_minor FROM payments.refund",
    "transfers": "SELECT state, amount_minor, taken_back_minor FROM payments.transfer",
    "reversals": "SELECT state, amount_minor FROM payments.transfer_reversal",
    "disputes": "SELECT state, taken_minor, fee_minor FROM payments.dispute",
    "payouts": "SELECT state, amount_minor, owner IS NULL FROM payments.payout",
    "cards": "SELECT state, last4 FROM payments.saved_method",
    "shares": "SELECT CASE WHEN left_minor = 0 AND held_minor = 0 THEN 'nothing left'"
    " ELSE state END, left_minor, sent_minor, held_minor, blocked FROM commerce.merchant_share",
}
_THEIRS = {
    "charge": ("paid", "amount", "amount_refunded", "disputed"),
    "refund": ("status", "amount"),
    "transfer": ("amount", "amount_reversed"),
    "dispute": ("status", "amount"),
    "payout": ("status", "amount"),
}
