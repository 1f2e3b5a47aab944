"""What merchants see of money."""

from datetime import date
from typing import Annotated

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import MOST, Money
from livecommerce.settlement.rules import AdjustmentState, ChargeMode, Charging, ShareState
from livecommerce.settlement.wire_waiting import InquiryOut
from livecommerce.web.wire import Both, Currency, Wire
from payments.matching import Match
from payments.rules import (
    PayeeState,
    PaymentState,
    PayoutState,
    RefundState,
    TransferState,
)

Bps = Annotated[int, Field(ge=0, le=10_000)]
Minor = Annotated[int, Field(ge=0, le=MOST)]


class BalanceOut(Wire):
    """What the centre owes a merchant and they owe it; ``held`` until a dispute is decided."""

    pending: Money
    available: Money
    reserve: Money
    held: Money
    transit: Money
    owes: Money


class EntryOut(Wire):
    """One side of a posting; positive debits, negative credits."""

    account: Annotated[str, Field(max_length=64)]
    owner: Annotated[str, Field(max_length=64)] | None
    amount: Money


class PostingOut(Wire):
    """One fact in the books."""

    id: int
    kind: str
    source: str
    memo: str
    occurred_at: Instant
    entries: list[EntryOut]


class OddMessageOut(Wire):
    """A signed message of the provider's that lacks what its kind promises."""

    id: str
    event: str
    kind: str
    received_at: Instant


class Heard(Wire):
    """The message was stored."""

    received: bool = True


class PayeeOut(Wire):
    """Whether a merchant can be paid; ``due`` is what the provider still asks them."""

    state: PayeeState | None
    due: list[str]
    ready_at: Instant | None


class OnboardingOut(Wire):
    """Where the merchant answers the provider's questions; good for minutes."""

    url: str


class TransferOut(Wire):
    """Money sent on to a merchant's account."""

    id: str
    order: str | None
    state: TransferState
    amount: Money
    taken_back: Money
    wanted_at: Instant
    sent_at: Instant | None
    failure: str | None


class PayoutOut(Wire):
    """Money on its way to a bank."""

    id: str
    merchant: str | None
    state: PayoutState
    amount: Money
    made_at: Instant
    arrives_at: Instant
    failure: str | None


class PlanIn(Wire):
    """What is agreed with a merchant from ``valid_from`` on (now, if none is given).

    ``bps`` and the like are hundredths of a percent; ``minimums`` and ``caps`` are the least
    and the most commission of an order, in minor units by currency. ``settles_in`` is the
    currency in which the merchant is paid, whatever the sale was in; none, that of the sale.
    """

    bps: Bps
    minimums: dict[Currency, Minor] = Field(default_factory=dict)
    caps: dict[Currency, Minor] = Field(default_factory=dict)
    subsidy_bps: Bps = 0
    hold_days: Annotated[int, Field(ge=0, le=180)] = 7
    reserve_bps: Bps = 0
    reserve_days: Annotated[int, Field(ge=0, le=365)] = 90
    settles_in: Currency | None = None
    charge_mode: ChargeMode = Field(
        default=ChargeMode.SEPARATE,
        description="destination: the money goes to the merchant's account with the charge"
        " itself, so hold and reserve must be nothing",
        examples=["separate"],
    )
    valid_from: Instant | None = None


class PlanOut(Wire):
    """A plan as it was agreed; orders placed now freeze the one that is ``in_force``."""

    id: str
    bps: int
    minimums: dict[str, int]
    caps: dict[str, int]
    subsidy_bps: int
    hold_days: int
    reserve_bps: int
    reserve_days: int
    settles_in: str | None
    charge_mode: ChargeMode = Field(examples=["separate"])
    valid_from: Instant
    in_force: bool
    set_by: str
    set_at: Instant


class PostingRef(Wire):
    """A posting, as the books know it."""

    kind: Annotated[str, Field(min_length=1, max_length=64)]
    source: Annotated[str, Field(min_length=1, max_length=128)]


class AdjustmentIn(Wire):
    """What should be undone (``reverses``) or entered (``entries``), and why."""

    reverses: PostingRef | None = None
    entries: list[EntryOut] = Field(default_factory=list, max_length=20)
    reason: Annotated[str, Field(min_length=3, max_length=500)]


class AdjustmentOut(Wire):
    """A proposed adjustment and what became of it. ``posts`` is what its approval enters;
    ``explains`` the difference of the reconciliation that it is to even out; ``proposer`` and
    ``decider`` are people's names."""

    id: str
    state: AdjustmentState
    reverses: PostingRef | None = None
    entries: list[EntryOut]
    posts: list[EntryOut]
    reason: str
    explains: str | None = None
    proposed_by: str
    proposer: str | None
    proposed_at: Instant
    decided_by: str | None
    decider: str | None
    decided_at: Instant | None


class AccountOut(Wire):
    """An account's sum in the trial balance; positive debits, negative credits."""

    account: str
    owner: str | None
    amount: Money


class PostedOut(Wire):
    """One entry of an account, and what then stood in it, on its normal side."""

    posting: int
    kind: str
    source: str
    memo: str
    occurred_at: Instant
    amount: Money
    balance: Money


class ExplainedOut(Wire):
    """A balance and the movements that led to it, newest first; pass ``after`` to go on."""

    balance: Money
    movements: list[PostedOut]
    after: int | None


class ProofOut(Wire):
    """One currency: what our books have at the provider, what it says itself (null: it cannot
    be read), and how much of the difference the open ones below explain."""

    ours: Money
    theirs: Money | None
    explained: Money
    holds: bool


class OpenItemOut(Wire):
    """One thing on which our books and the provider do not agree. What is ``unreadable`` has
    no figures: its ``lines`` are the provider's own words."""

    id: str
    thing: str
    match: Match
    kind: str
    ours: Money | None
    theirs: Money | None
    lines: list[str]
    at: Instant
    age_days: int
    adjustment: str | None
    closed_at: Instant | None
    why: str | None


class ReconciliationOut(Wire):
    """A run of the reconciliation, and everything that is open by now."""

    id: str
    since: Instant
    until: Instant
    matched: int
    young: int
    proof: list[ProofOut]
    open: list[OpenItemOut]


class Resolve(Wire):
    """How a difference is explained: by a posting against ``account``, or in words alone."""

    account: Annotated[str, Field(max_length=64)] | None = None
    owner: Annotated[str, Field(max_length=64)] | None = None
    reason: Annotated[str, Field(min_length=3, max_length=400)]


class Exchanged(Wire):
    """What a share was before it became the merchant's own currency, and by which rate."""

    sold: Money
    rate: str
    source: str
    on: date


class ShareOut(Wire):
    """A merchant's share of one order: what is left of it, and when it becomes theirs. No
    ``due_at``: the goods have not left yet. ``settles_in``: it will be exchanged into that
    currency when it is released; ``exchanged``: it was."""

    order: str
    state: ShareState
    share: Money
    left: Money
    reserve: Money
    sent: Money
    disputed: bool
    inquiry: InquiryOut | None
    lost: Money = Field(description="what of the sale the buyer's bank took for good")
    charging: Charging = Field(
        description="how it was charged, and why so", examples=["separate"]
    )
    paid_at: Instant
    due_at: Instant | None
    released_at: Instant | None
    reserve_due_at: Instant | None
    settles_in: str | None
    exchanged: Exchanged | None


class StatementLine(Wire):
    """One movement, and what then stood in the account."""

    at: Instant
    kind: str
    source: str
    memo: str
    amount: Money
    balance: Money


class StatementPart(Wire):
    """One account in one currency: what came, what went, and every movement."""

    account: str
    opening: Money
    came: Money
    went: Money
    closing: Money
    lines: list[StatementLine]


class StatementOut(Wire):
    """A merchant's calendar month (Beijing)."""

    merchant: str
    name: Both
    month: date
    parts: list[StatementPart]


class PaymentListed(Wire):
    """A payment, as finance staff look for it."""

    id: str
    checkout: str
    state: PaymentState
    amount: Money
    refunded: Money
    provider: str | None
    recorded_at: Instant
    captured_at: Instant | None
    failure: str | None
    charging: str = Field(
        description="how it is charged, and why so: direct to one merchant, or separate",
        examples=["separate"],
    )


class RefundListed(Wire):
    """A refund, as finance staff look for it. ``outside`` is the bank's reference, where it
    was paid by bank transfer and not by the provider."""

    id: str
    payment: str
    order: str
    state: RefundState
    amount: Money
    reason: str
    requested_at: Instant
    settled_at: Instant | None
    failure: str | None
    outside: str | None = None
