"""What webhooks store: endpoints, what was told, how far it came, and every try."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.webhooks.rules import DeliveryState, EndpointState, Level, OffBecause

_SCHEMA = {"schema": "commerce"}


class WebhookEndpoint(SQLModel, table=True):
    """An address of somebody's system, and what it wants to hear. Without a merchant it is
    the centre's, and hears of all merchants.

    No secret is stored: it is derived from ``generation`` (see ``signing.py``). Until
    ``old_until`` the generation before it signs, too.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        sa.CheckConstraint("(state = 'off') = (off_because IS NOT NULL)", name="off_why"),
        _SCHEMA,
    )

    id: str = columns.key()
    merchant_id: str | None = columns.ref("commerce.merchant.id", null=True)
    url: str = Field(sa_type=sa.Text)
    note: str = Field(sa_type=sa.Text)
    choices: list[str] = columns.json()
    state: EndpointState = columns.choice(EndpointState, "webhook_endpoint_state")
    off_because: OffBecause | None = Field(
        default=None,
        sa_type=sa.Enum(
            OffBecause,
            name="webhook_off_because",
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda e: [member.value for member in e],
        ),
    )
    generation: int
    old_until: datetime | None = columns.moment(null=True)
    failing_since: datetime | None = columns.moment(null=True)
    made_by: str = columns.ref(index=False)
    made_at: datetime = columns.moment()


class WebhookEvent(SQLModel, table=True):
    """What was told, to the byte: tries and replays send the same body under the same id."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        sa.Index("ix_webhook_event_merchant_told", "merchant_id", "told_at"),
        _SCHEMA,
    )

    id: str = columns.key()
    kind: str = Field(sa_type=sa.Text)
    merchant_id: str | None = columns.ref(null=True, index=False)
    live_id: str | None = columns.ref(null=True, index=False)
    sequence: int | None = Field(default=None)
    body: str = Field(sa_type=sa.Text)
    told_at: datetime = columns.moment(index=True)
    only_for: str | None = columns.ref(null=True, index=False)


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one endpoint; waiting ones are leased while they are sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.Index(
            "ix_webhook_delivery_waiting",
            "endpoint_id",
            "next_at",
            "id",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_webhook_delivery_log", "endpoint_id", "made_at", "id"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        _SCHEMA,
    )

    id: str = columns.key()
    endpoint_id: str = columns.ref("commerce.webhook_endpoint.id", index=False)
    event_id: str = columns.ref("commerce.webhook_event.id")
    kind: str = Field(sa_type=sa.Text)
    state: DeliveryState = columns.choice(DeliveryState, "webhook_delivery_state")
    replay: bool
    tries: int
    made_at: datetime = columns.moment(index=True)
    next_at: datetime = columns.moment()
    locked_until: datetime | None = columns.moment(null=True)
    ended_at: datetime | None = columns.moment(null=True)


class WebhookAttempt(SQLModel, table=True):
    """One try, and what came of it."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (_SCHEMA,)

    delivery_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.webhook_delivery.id"
    )
    number: int = Field(primary_key=True)
    at: datetime = columns.moment()
    status: int | None = Field(default=None)
    error: str | None = Field(default=None, sa_type=sa.Text)
    ms: int
    response: str = Field(sa_type=sa.Text)


class WebhookSequence(SQLModel, table=True):
    """The last number given to an event about a live session."""

    __tablename__ = "webhook_sequence"
    __table_args__ = (_SCHEMA,)

    live_id: str = columns.key()
    last: int


class WebhookStock(SQLModel, table=True):
    """How much of a variant was left when stock news was last judged."""

    __tablename__ = "webhook_stock"
    __table_args__ = (_SCHEMA,)

    variant_id: str = columns.key()
    level: Level = columns.choice(Level, "webhook_stock_level")
    version: int = Field(sa_type=sa.BigInteger)
