"""Plans, merchants' shares of orders, and adjustments of the books, as stored."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import (
    AdjustmentState,
    ChargeMode,
    Charging,
    ShareState,
    Terms,
    converted,
)

SCHEMA = {"schema": "commerce"}
UNSENT = (
    "CASE WHEN state = 'pending' THEN 0"
    " ELSE left_minor - reserve_minor - held_minor - sent_minor END - over_minor"
)
"""What of a share is to be sent; less than nothing, what was taken beyond it."""

# A key has an id of its own, and a maker who could be the other one. A trigger, not a CHECK:
# what keys approved before this was a rule stays in the books as it is.
PEOPLE_APPROVE = (
    r"""
CREATE FUNCTION commerce.people_approve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.proposed_by NOT LIKE 'usr\_%' OR NEW.decided_by NOT LIKE 'usr\_%' THEN
    RAISE EXCEPTION 'people_approve: an adjustment is proposed and approved by people'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""",
    """
CREATE TRIGGER people_approve BEFORE INSERT OR UPDATE ON commerce.adjustment
  FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION commerce.people_approve()""",
)


def _minor(**extra: Any) -> Any:
    return Field(sa_type=sa.BigInteger, **extra)


class MerchantPlan(SQLModel, table=True):
    """What was agreed with a merchant, from a day on. Rows are added, never changed;
    ``minimums`` and ``caps`` are minor units by currency."""

    __tablename__ = "merchant_plan"
    __table_args__ = (
        sa.CheckConstraint(
            "bps BETWEEN 0 AND 10000 AND subsidy_bps BETWEEN 0 AND 10000"
            " AND reserve_bps BETWEEN 0 AND 10000 AND hold_days >= 0 AND reserve_days >= 0"
            " AND (charge_mode = 'separate' OR (hold_days = 0 AND reserve_bps = 0))",
            name="makes_sense",
        ),
        sa.Index("ix_merchant_plan_newest", "merchant_id", "valid_from"),
        SCHEMA,
    )

    id: str = columns.key()
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    bps: int
    minimums: dict[str, int] = columns.json()
    caps: dict[str, int] = columns.json()
    subsidy_bps: int
    hold_days: int
    reserve_bps: int
    reserve_days: int
    settles_in: str | None = Field(default=None, sa_type=sa.Text)
    charge_mode: ChargeMode = columns.choice(
        ChargeMode, "charge_mode", default=ChargeMode.SEPARATE
    )
    valid_from: datetime = columns.moment()
    set_by: str = columns.ref(index=False)
    set_at: datetime = columns.moment()


class MerchantShare(SQLModel, table=True):
    """What one paid order owes its merchant. ``left_minor`` is what refunds have left of
    ``share_minor``, ``over_minor`` what they took beyond it, ``sent_minor`` what was
    transferred of it, in so many ``transfers``; ``blocked`` counts the disputes that keep it
    from being released, and ``held_minor`` is what they keep back of it; ``lost_minor`` is what
    banks took for good of what the buyer paid, in the currency of the sale.

    A share that is settled in another currency than the sale's becomes one of that currency
    when it is released: all of the above is then in it (``total_minor`` stays the sale's),
    ``sold_minor`` is what was exchanged, in ``sold_currency``, at ``rate``, and
    ``sold_left_minor`` what refunds have left of that."""

    __tablename__ = "merchant_share"
    __table_args__ = (
        sa.CheckConstraint("left_minor BETWEEN 0 AND share_minor", name="refunds_fit"),
        sa.CheckConstraint(
            "least(reserve_minor, sent_minor, held_minor, over_minor, blocked) >= 0",
            name="counts",
        ),
        sa.CheckConstraint("state <> 'gone' OR left_minor = 0", name="gone_is_empty"),
        sa.CheckConstraint("(sold_currency IS NULL) = (rate IS NULL)", name="exchanged"),
        sa.Index(
            "ix_merchant_share_due", "due_at", postgresql_where=sa.text("state = 'pending'")
        ),
        sa.Index(
            "ix_merchant_share_reserve",
            "reserve_due_at",
            postgresql_where=sa.text("reserve_minor > 0"),
        ),
        sa.Index("ix_merchant_share_newest", "merchant_id", "paid_at", "order_id"),
        sa.Index(
            "ix_merchant_share_unsent",
            *("merchant_id", "currency", "released_at", "order_id"),
            postgresql_where=sa.text(f"({UNSENT}) <> 0"),
        ),
        SCHEMA,
    )

    order_id: str = columns.key()
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    payment_id: str = columns.ref()
    state: ShareState = columns.choice(ShareState, "share_state")
    currency: str = Field(sa_type=sa.Text)
    total_minor: int = _minor()
    share_minor: int = _minor()
    left_minor: int = _minor()
    reserve_minor: int = _minor(default=0)
    sent_minor: int = _minor(default=0)
    held_minor: int = _minor(default=0)
    over_minor: int = _minor(default=0, sa_column_kwargs={"server_default": "0"})
    lost_minor: int = Field(
        default=0, sa_column=sa.Column(sa.BigInteger, nullable=False, server_default="0")
    )
    transfers: int = Field(default=0)
    blocked: int = Field(default=0)
    sold_currency: str | None = Field(default=None, sa_type=sa.Text)
    sold_minor: int = _minor(default=0)
    sold_left_minor: int = _minor(default=0)
    rate: str | None = Field(default=None, sa_type=sa.Text)
    rate_source: str | None = Field(default=None, sa_type=sa.Text)
    rate_on: date | None = Field(default=None)
    terms: dict[str, Any] = columns.json()
    charging: str = Field(sa_type=sa.Text, default=Charging.SEPARATE.value)
    paid_at: datetime = columns.moment()
    due_at: datetime | None = columns.moment(null=True)
    released_at: datetime | None = columns.moment(null=True)
    reserve_due_at: datetime | None = columns.moment(null=True)

    @property
    def agreed(self) -> Terms:
        """The terms frozen with the order."""
        return Terms(**self.terms)

    @property
    def left(self) -> Money:
        """What is still owed of it, released or not."""
        return Money(self.left_minor, self.currency)

    @property
    def rate_used(self) -> Decimal:
        """By what it was exchanged; one, if it was not."""
        return Decimal(self.rate or 1)

    def exchanged(self, amount: Money) -> Money:
        """What an amount of the sale is in the share's currency, at the share's rate.

        It is the difference of two figures, each rounded once, so that amounts which add up
        to what was exchanged add up to what it became.
        """
        if self.sold_currency is None:
            return amount
        rate = self.rate_used
        left = Money(self.sold_left_minor, self.sold_currency)
        before = converted(left, rate, self.currency)
        return before - converted(left - amount, rate, self.currency)


class SendingWait(SQLModel, table=True):
    """What the provider would not send to a merchant, why, and when it is asked again; never,
    until somebody says so, if that is empty. ``reference`` is the order whose share it is, or
    the merchant if it is no order's."""

    __tablename__ = "sending_wait"
    __table_args__ = (
        sa.CheckConstraint("refusals >= 0 AND amount_minor > 0", name="counts"),
        sa.Index("ix_sending_wait_newest", "merchant_id", "since"),
        SCHEMA,
    )

    reference: str = columns.key()
    currency: str = Field(sa_type=sa.Text, primary_key=True)
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    amount_minor: int = _minor()
    refusals: int
    why: str = Field(sa_type=sa.Text)
    since: datetime = columns.moment()
    again_at: datetime | None = columns.moment(null=True)


class Adjustment(SQLModel, table=True):
    """A change of the books that one person proposes and another approves; ``explains`` is
    the difference of the reconciliation that it is to even out."""

    __tablename__ = "adjustment"
    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by <> proposed_by", name="second_pair_of_eyes"
        ),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided"),
        sa.Index("ix_adjustment_newest", "proposed_at", "id"),
        sa.Index(
            "uq_adjustment_one_at_a_time",
            "explains",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
        ),
        SCHEMA,
    )

    id: str = columns.key()
    state: AdjustmentState = columns.choice(AdjustmentState, "adjustment_state")
    reverses_kind: str | None = Field(default=None, sa_type=sa.Text)
    reverses_source: str | None = Field(default=None, sa_type=sa.Text)
    entries: list[dict[str, Any]] = columns.json()
    reason: str = Field(sa_type=sa.Text)
    explains: str | None = columns.ref(null=True, index=False)
    proposed_by: str = columns.ref(index=False)
    proposed_at: datetime = columns.moment()
    decided_by: str | None = columns.ref(null=True, index=False)
    decided_at: datetime | None = columns.moment(null=True)


class MerchantReceipt(SQLModel, table=True):
    """What one sale adds to its merchant's receipts of a year (in China), in US dollars, and
    the rate by which it was converted."""

    __tablename__ = "merchant_receipt"
    __table_args__ = (
        sa.Index(
            "ix_merchant_receipt_year",
            "merchant_id",
            "year",
            postgresql_include=["dollars_minor"],
        ),
        SCHEMA,
    )

    order_id: str = columns.key()
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    year: int
    paid_minor: int = _minor()
    currency: str = Field(sa_type=sa.Text)
    dollars_minor: int = _minor()
    rate: str = Field(sa_type=sa.Text)
    rate_source: str = Field(sa_type=sa.Text)
    at: datetime = columns.moment()


class ReceiptsAlert(SQLModel, table=True):
    """A threshold that a merchant's receipts have passed."""

    __tablename__ = "receipts_alert"
    __table_args__ = (SCHEMA,)

    merchant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.merchant.id"
    )
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    threshold_minor: int = Field(
        sa_type=sa.BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    at: datetime = columns.moment()


for _statement in PEOPLE_APPROVE:
    sa.event.listen(
        SQLModel.metadata.tables["commerce.adjustment"],
        "after_create",
        sa.DDL(_statement.replace("%", "%%")),  # type: ignore[no-untyped-call]
    )
