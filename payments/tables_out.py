"""Payees, transfers and their reversals, payouts and disputes, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from payments.rules import DisputeState, PayeeState, PayoutState, TransferState

SCHEMA = "payments"

_WAITS = "state IN ('wanted', 'asked')"


def _minor(**extra: Any) -> Any:
    return Field(sa_type=sa.BigInteger, **extra)


def _text(*, null: bool = False, **extra: Any) -> Any:
    if null:
        extra.setdefault("default", None)
    return Field(sa_type=sa.Text, nullable=null, **extra)


def _count() -> Any:
    return Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))


class Payee(SQLModel, table=True):
    """Somebody who is to be paid, and their account at the provider. ``looks`` counts how often
    we began to look at that, ``looked`` is the newest of those whose answer stands here."""

    __tablename__ = "payee"
    __table_args__ = (sa.UniqueConstraint("provider_id"), {"schema": SCHEMA})

    owner: str = columns.key()
    state: PayeeState = columns.choice(PayeeState, "payee_state")
    country: str = _text()
    email: str = _text(repr=False)
    provider_id: str | None = _text(null=True)
    due: list[str] = columns.json()
    wanted_at: datetime = columns.moment()
    ready_at: datetime | None = columns.moment(null=True)
    heard_at: datetime | None = columns.moment(null=True)
    looks: int = _count()
    looked: int = _count()


class Transfer(SQLModel, table=True):
    """One amount to one payee, for one reference; out of one payment, if it has one."""

    __tablename__ = "transfer"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("taken_back_minor BETWEEN 0 AND amount_minor", name="taken_back"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("provider_id"),
        sa.Index("ix_transfer_newest", "owner", "wanted_at", "id"),
        sa.Index("ix_transfer_waiting", "id", postgresql_where=sa.text(_WAITS)),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    owner: str = columns.ref(index=False)
    reference: str = columns.ref()
    payment_id: str | None = columns.ref("payments.payment.id", null=True)
    key: str = _text()
    state: TransferState = columns.choice(TransferState, "transfer_state")
    amount_minor: int = _minor()
    taken_back_minor: int = _minor(default=0)
    currency: str = _text()
    provider_id: str | None = _text(null=True)
    application_fee: str | None = _text(null=True)
    failure: str | None = _text(null=True)
    wanted_at: datetime = columns.moment()
    asked_at: datetime | None = columns.moment(null=True)
    sent_at: datetime | None = columns.moment(null=True)

    @property
    def amount(self) -> Money:
        """What is sent."""
        return Money(self.amount_minor, self.currency)


class TransferReversal(SQLModel, table=True):
    """Some of a transfer, to come back."""

    __tablename__ = "transfer_reversal"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.UniqueConstraint("key"),
        sa.Index("ix_transfer_reversal_waiting", "id", postgresql_where=sa.text(_WAITS)),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    transfer_id: str = columns.ref("payments.transfer.id")
    key: str = _text()
    state: TransferState = columns.choice(TransferState, "reversal_state")
    amount_minor: int = _minor()
    currency: str = _text()
    provider_id: str | None = _text(null=True)
    failure: str | None = _text(null=True)
    wanted_at: datetime = columns.moment()
    asked_at: datetime | None = columns.moment(null=True)
    settled_at: datetime | None = columns.moment(null=True)

    @property
    def amount(self) -> Money:
        """What comes back."""
        return Money(self.amount_minor, self.currency)


class Payout(SQLModel, table=True):
    """Money on its way to a bank: from an owner's account, or from ours if there is none."""

    __tablename__ = "payout"
    __table_args__ = (
        sa.Index("ix_payout_newest", "owner", "made_at", "id"),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    owner: str | None = columns.ref(null=True, index=False)
    state: PayoutState = columns.choice(PayoutState, "payout_state")
    amount_minor: int = _minor()
    currency: str = _text()
    automatic: bool
    failure: str | None = _text(null=True)
    made_at: datetime = columns.moment()
    arrives_at: datetime = columns.moment()

    @property
    def amount(self) -> Money:
        """What is paid out."""
        return Money(self.amount_minor, self.currency)


class Dispute(SQLModel, table=True):
    """A buyer's bank contests a payment. ``taken_minor`` and ``fee_minor`` are what it took."""

    __tablename__ = "dispute"
    __table_args__ = (
        sa.UniqueConstraint("provider_id"),
        sa.Index("ix_dispute_newest", "opened_at", "id"),
        sa.Index(
            "ix_dispute_inquiry", "reference", postgresql_where=sa.text("state = 'inquiry'")
        ),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    provider_id: str = _text()
    payment_id: str = columns.ref("payments.payment.id")
    reference: str = columns.ref()
    state: DisputeState = columns.choice(DisputeState, "dispute_state")
    amount_minor: int = _minor()
    taken_minor: int = _minor(default=0)
    fee_minor: int = _minor(default=0)
    fee_currency: str | None = _text(null=True)
    currency: str = _text()
    reason: str = _text()
    note: str = _text(default="", repr=False)
    evidence: dict[str, str] = columns.json(repr=False)
    answer_by: datetime | None = columns.moment(null=True)
    opened_at: datetime = columns.moment()
    answered_at: datetime | None = columns.moment(null=True)
    closed_at: datetime | None = columns.moment(null=True)

    def money(self, minor: int) -> Money:
        """An amount in the dispute's currency."""
        return Money(minor, self.currency)

    @property
    def fee(self) -> Money:
        """What the provider keeps for it, in the currency of our balance."""
        return Money(self.fee_minor, self.fee_currency or self.currency)
