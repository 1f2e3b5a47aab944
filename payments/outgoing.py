"""What we need from a provider to send money on, and to account for all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from livecommerce.kernel.money import Money


@dataclass(frozen=True, slots=True)
class WantedAccount:
    """An account at the provider for somebody who is to be paid."""

    key: str
    owner: str
    country: str
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account as the provider tells it. ``due`` is what it still wants to know."""

    id: str
    ready: bool
    submitted: bool
    due: tuple[str, ...]
    owner: str | None  # whom we opened it for, if the provider carries it


@dataclass(frozen=True, slots=True)
class WantedTransfer:
    """One amount for one account, out of one charge or, if none is named, out of what is
    available in its currency. The same ``key`` means the same one."""

    key: str
    account: str
    amount: Money
    charge: str | None
    group: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProviderReversal:
    """Some of a transfer that came back, as the provider tells it."""

    id: str
    amount: Money
    reversal: str | None  # our id, if the provider carries it


@dataclass(frozen=True, slots=True)
class ProviderTransfer:
    """A transfer as the provider tells it. ``reversals`` are the newest of what came back of
    it, oldest first."""

    id: str
    amount: Money
    taken_back: Money
    transfer: str | None  # our id, if the provider carries it
    reversals: tuple[ProviderReversal, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedReversal:
    """Some of a transfer is to come back. The same ``key`` means the same reversal."""

    key: str
    provider_transfer: str
    amount: Money
    details: Mapping[str, str]


class PayoutThere(StrEnum):
    """How a payout stands at the provider."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "canceled"


@dataclass(frozen=True, slots=True)
class ProviderPayout:
    """Money on its way from a balance at the provider to a bank account."""

    id: str
    state: PayoutThere
    amount: Money
    arrives_at: datetime
    automatic: bool
    failure: str | None


class DisputeThere(StrEnum):
    """How a dispute stands at the provider."""

    INQUIRY = "inquiry"
    NEEDS_ANSWER = "needs_answer"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A dispute as the provider tells it. ``withdrawn`` and ``fee`` are what it took so far; an
    inquiry takes nothing. ``booked`` is what our balance lost, if it is in another currency
    than the buyer's, and ``booked_back`` what it got when the dispute was won; the fee is in
    the balance's."""

    id: str
    state: DisputeThere
    amount: Money
    withdrawn: Money
    fee: Money
    reason: str
    provider_payment: str | None
    answer_by: datetime | None
    booked: Money | None = None
    booked_back: Money | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of our balance at the provider. ``source`` is what it came of."""

    id: str
    kind: str
    amount: Money
    fee: Money
    net: Money
    source: str | None
    at: datetime
    available_on: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """A line of our balance, or what it holds in one currency, that cannot be read.

    Args:
        id: the line's; of what is held, ``balance``.
        currency: in capitals; none, if it is not one that we know.
        says: the provider's own figures, in its own units, for whoever looks into it.
        transfer, application_fee: as :class:`Booking` has them.
    """

    id: str
    kind: str
    currency: str | None
    says: str
    source: str | None = None
    at: datetime | None = None
    transfer: str | None = None
    application_fee: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What our balance at the provider holds in one currency."""

    available: Money
    pending: Money


class OutgoingGateway(Protocol):
    """A provider, as far as money leaves it. Raises as :class:`PaymentGateway` does."""

    async def open_account(self, want: WantedAccount) -> ProviderAccount:
        """An account for somebody; they have to answer its questions before it is ready."""
        ...

    async def look_at_account(self, provider_id: str) -> ProviderAccount:
        """The account as it stands now."""
        ...

    async def onboarding_page(self, account: str, *, back_to: str, again_at: str) -> str:
        """An address, good for minutes, where the owner answers what is still due."""
        ...

    async def transfer(self, want: WantedTransfer) -> ProviderTransfer:
        """Send some of a charge to an account."""
        ...

    async def find_transfer(self, group: str, transfer: str) -> ProviderTransfer | None:
        """The transfer that carries our id, for when its key has been forgotten."""
        ...

    async def take_back(self, want: WantedReversal) -> str:
        """Have some of a transfer back; the reversal's id."""
        ...

    async def find_reversal(
        self, provider_transfer: str, reversal: str
    ) -> ProviderReversal | None:
        """The reversal that carries our id, for when its key has been forgotten."""
        ...

    async def answer_dispute(
        self, provider_id: str, evidence: Mapping[str, str], *, submit: bool
    ) -> ProviderDispute:
        """Put evidence before the bank; not submitted, it can still be changed."""
        ...

    async def lines(self, since: datetime) -> Sequence[Line | Unread]:
        """Every line of our balance that was made since then, oldest first."""
        ...

    async def holdings(self) -> Sequence[Holding | Unread]:
        """What our balance holds now, by currency."""
        ...
