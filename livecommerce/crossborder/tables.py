"""Quotes, declarations, their messages, and every customs answer as it came."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import DDL, event
from sqlmodel import Field, SQLModel

from livecommerce.crossborder.rules import DeclarationState, MessageState
from livecommerce.kernel import columns
from livecommerce.outside.customs.ceb.names import MessageKind

QUOTE_IS_FROZEN = (
    """\
CREATE OR REPLACE FUNCTION commerce.quote_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a quote never changes' USING ERRCODE = 'restrict_violation';
END $$""",
    """\
CREATE OR REPLACE TRIGGER quote_is_frozen BEFORE UPDATE ON commerce.quote
  FOR EACH ROW EXECUTE FUNCTION commerce.quote_is_frozen()""",
)

RECEIPT_IS_KEPT = (
    """\
CREATE OR REPLACE FUNCTION commerce.customs_receipt_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a customs answer is kept as it came' USING ERRCODE = 'restrict_violation';
END $$""",
    """\
CREATE OR REPLACE TRIGGER customs_receipt_is_kept BEFORE UPDATE OR DELETE
  ON commerce.customs_receipt
  FOR EACH ROW EXECUTE FUNCTION commerce.customs_receipt_is_kept()""",
)


class QuoteRow(SQLModel, table=True):
    """A quote, whole, with the seal that shows it was not altered."""

    __tablename__ = "quote"
    __table_args__ = (
        sa.CheckConstraint("expires_at > made_at", name="expires_after_made"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    buyer: str = columns.ref()
    country: str = Field(sa_type=sa.Text)
    currency: str = Field(sa_type=sa.Text)
    total_minor: int = Field(sa_type=sa.BigInteger)
    body: dict[str, Any] = columns.json()
    seal: str = Field(sa_type=sa.Text)
    made_at: datetime = columns.moment()
    expires_at: datetime = columns.moment()


class DeclarationRow(SQLModel, table=True):
    """One consignment's set."""

    __tablename__ = "declaration"
    __table_args__ = (
        sa.UniqueConstraint("consignment"),
        sa.Index("ix_declaration_waybill", "carrier_code", "tracking"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    consignment: str = Field(sa_type=sa.Text)
    order_id: str = columns.ref()
    merchant_id: str = columns.ref()
    mode: str = Field(sa_type=sa.Text)
    carrier_code: str = Field(sa_type=sa.Text)
    tracking: str = Field(sa_type=sa.Text)
    state: DeclarationState = columns.choice(DeclarationState, "declaration_state")
    attempt: int = Field(default=1)
    facts: dict[str, Any] = columns.json()
    desk: dict[str, Any] = columns.json()
    differences: list[dict[str, Any]] = columns.json()
    inventory_number: str | None = Field(default=None, sa_type=sa.Text)
    opened_at: datetime = columns.moment()
    changed_at: datetime = columns.moment()


class MessageRow(SQLModel, table=True):
    """One message of a set, as sent; a resend makes a new row with the next attempt.

    Answers name the document, not the sending: those up to ``floor`` (customs' time) belong to
    an earlier attempt.
    """

    __tablename__ = "declaration_message"
    __table_args__ = (
        sa.UniqueConstraint("declaration_id", "kind", "attempt"),
        sa.UniqueConstraint("guid"),
        sa.Index("ix_declaration_message_business_key", "kind", "business_key"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    declaration_id: str = columns.ref("commerce.declaration.id")
    kind: MessageKind = columns.choice(MessageKind, "declaration_message_kind")
    attempt: int
    business_key: str = Field(sa_type=sa.Text)
    guid: str = Field(sa_type=sa.Text)
    app_type: str = Field(sa_type=sa.Text)
    digest: str = Field(sa_type=sa.Text)
    xml: str = Field(sa_type=sa.Text)
    state: MessageState = columns.choice(MessageState, "declaration_message_state")
    status: str | None = Field(default=None, sa_type=sa.Text)
    info: str | None = Field(default=None, sa_type=sa.Text)
    floor: str = Field(default="", sa_type=sa.Text)
    accepted: bool = Field(default=False)
    asked_at: datetime | None = columns.moment(null=True)
    sent_at: datetime | None = columns.moment(null=True)
    answered_at: datetime | None = columns.moment(null=True)


class ReceiptRow(SQLModel, table=True):
    """One answer from customs, kept as it came; equal answers are one row."""

    __tablename__ = "customs_receipt"
    __table_args__ = (
        sa.UniqueConstraint("root", "business_key", "status", "return_time"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    root: str = Field(sa_type=sa.Text)
    business_key: str = Field(sa_type=sa.Text)
    status: str = Field(sa_type=sa.Text)
    return_time: str = Field(sa_type=sa.Text)
    info: str = Field(sa_type=sa.Text)
    message_id: str | None = columns.ref("commerce.declaration_message.id", null=True)
    raw: str = Field(sa_type=sa.Text)
    received_at: datetime = columns.moment()


for _table, _statements in (("quote", QUOTE_IS_FROZEN), ("customs_receipt", RECEIPT_IS_KEPT)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(SQLModel.metadata.tables[f"commerce.{_table}"], "after_create", _ddl)


class RateDay(SQLModel, table=True):
    """The euro's rates of one day, as they were fetched: what one euro is in each currency."""

    __tablename__ = "rate_day"
    __table_args__ = ({"schema": "commerce"},)

    on: date = Field(primary_key=True)
    per_euro: dict[str, str] = columns.json()
    source: str = Field(sa_type=sa.Text)
    address: str = Field(sa_type=sa.Text)
    fetched_at: datetime = columns.moment()
