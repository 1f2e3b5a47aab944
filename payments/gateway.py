"""What we need from a payment provider, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from livecommerce.kernel.errors import Conflict, Unavailable
from livecommerce.kernel.money import Money
from payments.outgoing import OutgoingGateway, Unread


class OutcomeUnknown(Unavailable):
    """The provider may or may not have done it: ask again with the same key."""


class NotAsked(Unavailable):
    """The provider did not take the request, and nothing happened."""


class Refused(Conflict):
    """The provider understood and will not do it."""


class Declined(Refused):
    """The buyer's bank or wallet said no."""


class There(StrEnum):
    """How a payment or refund stands at the provider."""

    OPEN = "open"
    PROCESSING = "processing"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """One amount to collect. The same ``key`` always means the same payment."""

    key: str
    amount: Money
    description: str
    details: Mapping[str, str]
    account: str | None = None
    """Where it is sent with the charge itself, if it is."""
    fee: Money | None = None
    """What of it comes back to us."""


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider tells it."""

    id: str
    state: There
    amount: Money
    received: Money
    payment: str | None  # our id, if the provider carries it
    client_secret: str | None = field(repr=False, default=None)
    charge: str | None = None
    failure: str | None = None
    """The code of the last attempt's failure."""
    asks: bool = False
    """The bank or wallet waits for the buyer's word."""


@dataclass(frozen=True, slots=True)
class WantedTap:
    """A payment is to be paid with a kept method. The same ``key`` means the same tap."""

    key: str
    provider_payment: str
    provider_method: str
    back_to: str


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """A way to pay as the provider tells it. Without a ``customer`` nobody keeps it."""

    id: str
    customer: str | None
    kind: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None = field(repr=False, default=None)
    """The same for the same card, and tells nothing of it."""


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """One amount to give back. The same ``key`` always means the same refund."""

    key: str
    provider_payment: str
    amount: Money
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider tells it."""

    id: str
    state: There
    amount: Money
    refund: str | None  # our id, if the provider carries it
    provider_payment: str | None
    failure: str | None = None
    booked: str | None = None
    """The line of our balance by which it left."""
    unbooked: str | None = None
    """The line by which it came back, having failed."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A movement of our balance at the provider: what came, what it cost, when it is ours.

    ``gross`` is what the buyer paid; ``settled``, ``fee`` and ``net`` are in the currency
    the provider settles in, which may be another one. Then ``rate`` is what one of the
    buyer's currency was in that one, by the provider's word.
    """

    id: str
    gross: Money | None
    settled: Money
    fee: Money
    net: Money
    available_on: datetime
    rate: Decimal | None = None
    transfer: str | None = None
    application_fee: str | None = None
    """Of a charge that was sent on with itself: that transfer, and what came back of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the provider's whose signature, age and origin were checked."""

    source: str
    id: str
    kind: str
    said_at: datetime
    body: Mapping[str, Any] = field(repr=False)
    account: str | None = None
    """Whose account it happened on, if not on ours."""


class PaymentGateway(OutgoingGateway, Protocol):
    """A provider. Every call is safe to repeat with the same key.

    Raises:
        OutcomeUnknown: the effect may have happened.
        NotAsked: it certainly has not, and asking later may help.
        Refused: it certainly has not, and asking again will not help.
    """

    @property
    def source(self) -> str:
        """The provider's name, as written on what it says."""
        ...

    async def open(self, want: WantedPayment) -> ProviderPayment:
        """Make it possible to pay. Repeated, it tells the first answer, which may be old."""
        ...

    async def look(self, provider_id: str) -> ProviderPayment:
        """The payment as it stands now."""
        ...

    async def find(self, payment: str) -> ProviderPayment | None:
        """The payment that carries our id, for when its key has been forgotten."""
        ...

    async def cancel(self, provider_id: str) -> ProviderPayment:
        """Make it impossible to pay, or tell the state that forbids it.

        It takes no key: cancelling twice is harmless, and a key would be answered with the
        first refusal for a day, however the payment stands by then.
        """
        ...

    async def know_payer(self, owner: str, *, key: str) -> str:
        """Somebody who will keep ways to pay; what the provider calls them."""
        ...

    async def keep_method(self, provider_id: str, customer: str, *, wanted: bool) -> None:
        """The card that this payment will be paid with is kept for them, or is not."""
        ...

    async def tap(self, want: WantedTap) -> ProviderPayment:
        """Pay with a kept method, its owner being present.

        Raises:
            Declined: by the bank; the payment stays open.
        """
        ...

    async def let_go(self, provider_method: str) -> ProviderMethod:
        """Keep a method no longer; it never comes back."""
        ...

    async def refund(self, want: WantedRefund) -> ProviderRefund:
        """Give money back."""
        ...

    async def find_refund(self, provider_payment: str, refund: str) -> ProviderRefund | None:
        """The refund that carries our id, for when its key has been forgotten."""
        ...

    async def look_at_refund(self, provider_id: str) -> ProviderRefund:
        """The refund as it stands now."""
        ...

    async def booking(self, balance_transaction: str) -> Booking | Unread:
        """What a movement of our balance was made of."""
        ...

    def hear(
        self, raw: bytes, signature: str, *, now: datetime, connected: bool = False
    ) -> Heard:
        """Check a webhook's signature, age and mode. What happens on ``connected`` accounts
        has an endpoint and a secret of its own.

        Raises:
            EndpointOff: there is no secret to check with.
            Forged, Stale, Foreign: it is not to be believed.
        """
        ...

    async def said_since(
        self, since: datetime, *, account: str | None = None
    ) -> Sequence[Heard]:
        """What the provider has said since then, oldest first, for messages that got lost; of
        what happened on our account, or on a connected one."""
        ...

    async def close(self) -> None:
        """Give its connections back."""
        ...
