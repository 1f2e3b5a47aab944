"""Payments, refunds, what the provider said, and the ledger, as stored."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from payments.rules import LIVE, PaymentState, RefundState

SCHEMA = "payments"
_ODD = "outcome = 'not understood'"
_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))


def _minor(**extra: Any) -> Any:
    return Field(sa_type=sa.BigInteger, **extra)


def _text(*, null: bool = False, **extra: Any) -> Any:
    if null:
        extra.setdefault("default", None)
    return Field(sa_type=sa.Text, nullable=null, **extra)


class Payment(SQLModel, table=True):
    """One amount to collect for one reference, and how far that has come.

    ``settled_in`` is the currency in which the provider booked it, once that is known, and
    ``exchange_rate`` what one of ours was in it, if it is another.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("refund_minor BETWEEN 0 AND captured_minor", name="refunds"),
        sa.UniqueConstraint("provider_id"),
        sa.UniqueConstraint("reference", "attempt"),
        sa.Index(
            "uq_payment_live",
            "reference",
            unique=True,
            postgresql_where=sa.text(f"state IN ({_LIVE})"),
        ),
        sa.Index("ix_payment_newest", "recorded_at", "id"),
        sa.Index("ix_payment_charge", "charge", postgresql_where=sa.text("charge IS NOT NULL")),
        sa.Index(
            "ix_payment_waiting",
            "recorded_at",
            postgresql_where=sa.text("state IN ('wanted', 'asked')"),
        ),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    reference: str = columns.ref(index=False)
    attempt: int = Field(sa_type=sa.Integer)
    state: PaymentState = columns.choice(PaymentState, "payment_state")
    amount_minor: int = _minor()
    currency: str = _text()
    description: str = _text()
    details: dict[str, str] = columns.json()
    provider_id: str | None = _text(null=True)
    client_secret: str | None = _text(null=True, repr=False)
    charge: str | None = _text(null=True)
    balance_transaction: str | None = _text(null=True)
    settled_in: str | None = _text(null=True)
    exchange_rate: str | None = _text(null=True)
    captured_minor: int = _minor(default=0)
    refund_minor: int = _minor(default=0)
    failure: str | None = _text(null=True)
    direct_owner: str | None = _text(null=True)
    direct_account: str | None = _text(null=True)
    fee_minor: int | None = _minor(default=None, nullable=True)
    customer: str | None = _text(null=True)
    keeps: bool = Field(default=False)
    recorded_at: datetime = columns.moment()
    asked_at: datetime | None = columns.moment(null=True)
    opened_at: datetime | None = columns.moment(null=True)
    captured_at: datetime | None = columns.moment(null=True)
    cancelled_at: datetime | None = columns.moment(null=True)

    @property
    def amount(self) -> Money:
        """What is to be collected."""
        return Money(self.amount_minor, self.currency)

    @property
    def direct(self) -> Money | None:
        """What its owner has of it with the charge itself, if that was asked for."""
        if self.direct_account is None:
            return None
        return Money(self.amount_minor - (self.fee_minor or 0), self.currency)

    @property
    def captured(self) -> Money:
        """What was collected."""
        return Money(self.captured_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What of it has not been given back or promised back."""
        return Money(self.captured_minor - self.refund_minor, self.currency)


class Refund(SQLModel, table=True):
    """One amount to give back from one payment.

    ``outside`` is the bank's reference, where it was paid past the provider; failed, it never
    was."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint(
            "outside IS NULL OR (state IN ('settled', 'failed') AND provider_id IS NULL)",
            name="outside",
        ),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("provider_id"),
        sa.Index("ix_refund_newest", "requested_at", "id"),
        sa.Index(
            "ix_refund_waiting",
            "requested_at",
            postgresql_where=sa.text("state IN ('wanted', 'asked')"),
        ),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    payment_id: str = columns.ref("payments.payment.id")
    reference: str = columns.ref()
    key: str = _text()
    state: RefundState = columns.choice(RefundState, "refund_state")
    amount_minor: int = _minor()
    currency: str = _text()
    reason: str = _text()
    outside: str | None = _text(null=True)
    provider_id: str | None = _text(null=True)
    failure: str | None = _text(null=True)
    requested_at: datetime = columns.moment()
    asked_at: datetime | None = columns.moment(null=True)
    settled_at: datetime | None = columns.moment(null=True)
    failed_at: datetime | None = columns.moment(null=True)

    @property
    def amount(self) -> Money:
        """What is given back."""
        return Money(self.amount_minor, self.currency)


class InboxRow(SQLModel, table=True):
    """What the provider said, word for word but for secrets; stored first, understood once."""

    __tablename__ = "inbox"
    __table_args__ = (
        sa.UniqueConstraint("source", "event_id"),
        sa.Index("ix_inbox_said", "source", "said_at"),
        sa.Index(
            "ix_inbox_odd",
            "received_at",
            postgresql_where=sa.text("outcome = 'not understood'"),
        ),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    source: str = _text()
    event_id: str = _text()
    kind: str = _text()
    said_at: datetime = columns.moment()
    received_at: datetime = columns.moment()
    body: dict[str, Any] = columns.json(repr=False)
    account: str | None = _text(null=True)
    understood_at: datetime | None = columns.moment(null=True)
    outcome: str | None = _text(null=True)


class LedgerAccount(SQLModel, table=True):
    """An account of the chart in one currency, for one owner or for the platform."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('A', 'L', 'R', 'E', 'X')", name="kind"),
        sa.CheckConstraint("normal_side IN (1, -1)", name="normal_side"),
        sa.UniqueConstraint("code", "currency", "owner", postgresql_nulls_not_distinct=True),
        sa.UniqueConstraint("id", "currency"),
        {"schema": SCHEMA},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    code: str = _text()
    kind: str = _text()
    normal_side: int = Field(sa_type=sa.SmallInteger)
    currency: str = _text()
    owner: str | None = _text(null=True)


class LedgerPosting(SQLModel, table=True):
    """One fact in the books. Its source and kind are unique, so it is posted once."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        sa.UniqueConstraint("source", "kind"),
        sa.CheckConstraint("entry_count >= 2", name="entry_count"),
        # Facts are posted nearly in the order in which they occur.
        sa.Index("ix_ledger_posting_occurred", "occurred_at", postgresql_using="brin"),
        {"schema": SCHEMA},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    kind: str = _text()
    source: str = _text()
    memo: str = _text()
    occurred_at: datetime = columns.moment()
    entry_count: int = Field(sa_type=sa.SmallInteger)


class LedgerEntry(SQLModel, table=True):
    """One side of a posting: debit positive, credit negative."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint("amount_minor <> 0", name="amount"),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["payments.ledger_account.id", "payments.ledger_account.currency"],
        ),
        sa.Index(
            "ix_ledger_entry_account",
            "account_id",
            "id",
            postgresql_include=["amount_minor", "posting_id"],
        ),
        {"schema": SCHEMA},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    posting_id: int = Field(
        sa_type=sa.BigInteger, foreign_key="payments.ledger_posting.id", index=True
    )
    account_id: int = Field(sa_type=sa.BigInteger)
    currency: str = _text()
    amount_minor: int = _minor()


class LedgerMonth(SQLModel, table=True):
    """One account's entries of one calendar month (Beijing), folded: their sum, how many, and
    between which ids they lie. Made from the entries by a job, and can be made again."""

    __tablename__ = "ledger_month"
    __table_args__ = ({"schema": SCHEMA},)

    account_id: int = Field(
        sa_type=sa.BigInteger,
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
        foreign_key="payments.ledger_account.id",
    )
    month: date = Field(sa_type=sa.Date, primary_key=True)
    sum_minor: int = _minor()
    entries: int = Field(sa_type=sa.BigInteger)
    first_id: int = Field(sa_type=sa.BigInteger)
    last_id: int = Field(sa_type=sa.BigInteger)


class LedgerHorizon(SQLModel, table=True):
    """Up to which entry the months are folded; one row."""

    __tablename__ = "ledger_horizon"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"), {"schema": SCHEMA})

    id: int = Field(
        sa_type=sa.SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    entry_id: int = Field(sa_type=sa.BigInteger)
    folded_at: datetime = columns.moment()


# The count is part of the check so that nobody can add a balanced pair to an old posting.
LEDGER_RULES = (
    """
CREATE FUNCTION payments.ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE posting bigint; wanted int; found int;
BEGIN
  IF TG_TABLE_NAME = 'ledger_posting' THEN posting := NEW.id;
  ELSE posting := NEW.posting_id; END IF;
  IF EXISTS (SELECT FROM payments.ledger_entry WHERE posting_id = posting
             GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'posting % is not balanced', posting USING ERRCODE = 'check_violation';
  END IF;
  SELECT p.entry_count, (SELECT count(*) FROM payments.ledger_entry e WHERE e.posting_id = p.id)
    INTO wanted, found FROM payments.ledger_posting p WHERE p.id = posting;
  IF wanted <> found THEN
    RAISE EXCEPTION 'posting % has % entries instead of %', posting, found, wanted
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION payments.ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %: the ledger is only ever added to', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$
""",
    *(
        f"""
CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON payments.{table}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.ledger_balanced()
"""
        for table in ("ledger_posting", "ledger_entry")
    ),
    *(
        f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.{table}
  FOR EACH STATEMENT EXECUTE FUNCTION payments.ledger_is_append_only()
"""
        for table in ("ledger_posting", "ledger_entry", "ledger_account")
    ),
)
"""Run once, after the ledger's tables exist."""

for _rule in LEDGER_RULES:
    _made = sa.DDL(_rule.replace("%", "%%"))  # type: ignore[no-untyped-call]
    sa.event.listen(LedgerEntry.__table__, "after_create", _made)  # type: ignore[attr-defined]
