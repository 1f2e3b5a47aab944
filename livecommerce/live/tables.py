"""Shelves, cards and explain segments as stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.rules import CardState


class Shelf(SQLModel, table=True):
    """One per live session. Its row is the lock of everything that changes the shelf, and its
    version tells which of two publications is newer."""

    __tablename__ = "shelf"
    __table_args__ = {"schema": "commerce"}

    live_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="streams.live_session.id"
    )
    merchant_id: str = columns.ref("commerce.merchant.id")
    booking_id: str = columns.ref()
    version: int = Field(default=0, sa_type=sa.BigInteger)
    hosted_by: str | None = columns.ref(null=True, index=False)


class Card(SQLModel, table=True):
    """One product offered at live prices; ``prices`` maps variant ids to minor units."""

    __tablename__ = "card"
    __table_args__ = (
        sa.Index(
            "uq_card_product",
            "live_id",
            "product_id",
            unique=True,
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
        sa.Index(
            "uq_card_explaining",
            "live_id",
            unique=True,
            postgresql_where=sa.text("state = 'explaining'"),
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR state <> 'explaining'", name="gone_is_silent"
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    product_id: str = columns.ref("commerce.product.id")
    position: int
    currency: str = Field(sa_type=sa.Text)
    prices: dict[str, int] = columns.json()
    state: CardState = columns.choice(CardState, "card_state")
    explained_times: int = 0
    added_at: datetime = columns.moment()
    removed_at: datetime | None = columns.moment(null=True)


class CardPrice(SQLModel, table=True):
    """A live price from the moment on in which it was set: what was asked, and how long, is
    what a flash price is compared with."""

    __tablename__ = "card_price"
    __table_args__ = (
        sa.Index("ix_card_price_variant", "variant_id", "at"),
        {"schema": "commerce"},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    card_id: str = columns.ref("commerce.card.id", index=False)
    merchant_id: str = columns.ref(index=False)
    variant_id: str = columns.ref(index=False)
    currency: str = Field(sa_type=sa.Text)
    minor: int = Field(sa_type=sa.BigInteger)
    at: datetime = columns.moment()


class ExplainSegment(SQLModel, table=True):
    """A stretch of the broadcast in which one card was presented."""

    __tablename__ = "explain_segment"
    __table_args__ = (
        sa.Index(
            "uq_explain_segment_open",
            "live_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="forward"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    card_id: str = columns.ref("commerce.card.id")
    product_id: str = columns.ref("commerce.product.id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    started_at: datetime = columns.moment()
    ended_at: datetime | None = columns.moment(null=True)
    started_by: str = columns.ref(index=False)
