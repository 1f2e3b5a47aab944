"""A payment provider in memory, for tests of what commerce does with its answers.

It keeps the port's promises (same key, same payment; cancel refuses what is paid or busy)
and nothing else. How the real one behaves is the sandbox's business, and its own tests'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from livecommerce.kernel import ids
from payments.gateway import (
    Booking,
    Heard,
    ProviderPayment,
    ProviderRefund,
    Refused,
    There,
    WantedPayment,
    WantedRefund,
    WantedTap,
)


class Till:
    """Takes payments and gives refunds, by what the test tells it to."""

    source = "till"

    def __init__(self) -> None:
        self.payments: dict[str, ProviderPayment] = {}
        self.refunds: dict[str, ProviderRefund] = {}
        self.asked: list[str] = []
        self._by_key: dict[str, str] = {}
        self.bank_asks = False
        self.disputed = False
        """A bank has taken the money: nothing is refunded any more."""

    async def open(self, want: WantedPayment) -> ProviderPayment:
        """A payment that can be paid."""
        self.asked.append(f"open {want.key}")
        if want.key not in self._by_key:
            made = ProviderPayment(
                id=ids.new("pi"),
                state=There.OPEN,
                amount=want.amount,
                received=want.amount - want.amount,
                payment=want.details["payment"],
                client_secret="secret",
            )
            self._by_key[want.key] = made.id
            self.payments[made.id] = made
        return self.payments[self._by_key[want.key]]

    async def look(self, provider_id: str) -> ProviderPayment:
        """As it stands."""
        return self.payments[provider_id]

    async def find(self, payment: str) -> ProviderPayment | None:
        """By our id."""
        return next((p for p in self.payments.values() if p.payment == payment), None)

    async def cancel(self, provider_id: str, *, key: str = "") -> ProviderPayment:
        """Only what is still open can be cancelled."""
        self.asked.append(f"cancel {provider_id}")
        if self.payments[provider_id].state is There.OPEN:
            self._is(provider_id, There.CANCELLED)
        return self.payments[provider_id]

    async def keep_method(self, provider_id: str, customer: str, *, wanted: bool) -> None:
        """Who keeps what is the test's business."""
        self.asked.append(f"keep {provider_id} {customer} {wanted}")

    async def tap(self, want: WantedTap) -> ProviderPayment:
        """Paid at once, unless the bank asks."""
        self.asked.append(f"tap {want.key}")
        if self.bank_asks:
            return replace(self.payments[want.provider_payment], asks=True)
        self._is(want.provider_payment, There.CAPTURED, charge=ids.new("ch"))
        return self.payments[want.provider_payment]

    async def refund(self, want: WantedRefund) -> ProviderRefund:
        """Given back at once, unless a bank has it."""
        if self.disputed and want.key not in self.refunds:
            raise Refused(reason="charge_disputed")
        if want.key not in self.refunds:
            self.refunds[want.key] = ProviderRefund(
                id=ids.new("re"),
                state=There.SETTLED,
                amount=want.amount,
                refund=want.details["refund"],
                provider_payment=want.provider_payment,
            )
        return self.refunds[want.key]

    async def find_refund(self, provider_payment: str, refund: str) -> ProviderRefund | None:
        """By our id."""
        return next((r for r in self.refunds.values() if r.refund == refund), None)

    async def look_at_refund(self, provider_id: str) -> ProviderRefund:
        """As it stands."""
        return next(r for r in self.refunds.values() if r.id == provider_id)

    async def booking(self, balance_transaction: str) -> Booking:
        """Nothing is booked here."""
        raise LookupError(balance_transaction)

    def hear(self, raw: bytes, signature: str, *, now: datetime) -> Heard:
        """Nothing is said here."""
        raise LookupError(signature)

    async def said_since(
        self, since: datetime, *, account: str | None = None
    ) -> Sequence[Heard]:
        """Nothing was said."""
        return []

    async def close(self) -> None:
        """Nothing is open."""

    def pay(self, payment: str) -> ProviderPayment:
        """The buyer pays."""
        one = self._ours(payment)
        self._is(one.id, There.CAPTURED, received=one.amount, charge=ids.new("ch"))
        return self.payments[one.id]

    def busy(self, payment: str) -> ProviderPayment:
        """A wallet takes its time."""
        one = self._ours(payment)
        self._is(one.id, There.PROCESSING)
        return self.payments[one.id]

    def _ours(self, payment: str) -> ProviderPayment:
        return next(p for p in self.payments.values() if p.payment == payment)

    def _is(self, id_: str, state: There, **new: object) -> None:
        values: Mapping[str, object] = {"state": state, "client_secret": None, **new}
        self.payments[id_] = replace(self.payments[id_], **values)  # type: ignore[arg-type]
