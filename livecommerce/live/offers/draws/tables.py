"""Draws, who entered, who won, and who follows whom, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.draws.rules import Condition, DrawState, PrizeState


class Draw(SQLModel, table=True):
    """A draw. ``seed`` is told to nobody before it is drawn; its hash is, at once."""

    __tablename__ = "draw"
    __table_args__ = (
        sa.Index(
            "uq_draw_open", "live_id", unique=True, postgresql_where=sa.text("state = 'open'")
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    prize: dict[str, str] = columns.json()
    prizes: int
    condition: Condition = columns.choice(Condition, "draw_condition")
    watch_s: int = 0
    opens_at: datetime = columns.moment()
    closes_at: datetime = columns.moment()
    state: DrawState = columns.choice(DrawState, "draw_state")
    seed: str = Field(sa_type=sa.Text, repr=False)
    seed_hash: str = Field(sa_type=sa.Text)
    entries_hash: str | None = Field(default=None, sa_type=sa.Text)
    winners: list[int] | None = columns.json(null=True, default=None)


class DrawEntry(SQLModel, table=True):
    """Somebody is in it."""

    __tablename__ = "draw_entry"
    __table_args__ = (sa.UniqueConstraint("draw_id", "viewer"), {"schema": "commerce"})

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    draw_id: str = columns.ref("commerce.draw.id", index=False)
    merchant_id: str = columns.ref(index=False)
    viewer: str = columns.ref(index=False)
    name: str = Field(sa_type=sa.Text)
    at: datetime = columns.moment()


class Prize(SQLModel, table=True):
    """Somebody's prize, and where it goes once they say."""

    __tablename__ = "prize"
    __table_args__ = (sa.UniqueConstraint("draw_id", "winner"), {"schema": "commerce"})

    id: str = columns.key()
    draw_id: str = columns.ref("commerce.draw.id", index=False)
    live_id: str = columns.ref()
    merchant_id: str = columns.ref(index=False)
    winner: str = columns.ref()
    name: str = Field(sa_type=sa.Text)
    state: PrizeState = columns.choice(PrizeState, "prize_state")
    claim_by: datetime = columns.moment()
    address: dict[str, Any] | None = columns.json(null=True, default=None, repr=False)


class Follow(SQLModel, table=True):
    """A viewer follows a merchant."""

    __tablename__ = "follow"
    __table_args__ = {"schema": "commerce"}

    merchant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.merchant.id"
    )
    viewer: str = Field(sa_type=sa.Text, primary_key=True)
    since: datetime = columns.moment()
