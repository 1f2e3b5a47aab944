"""Auctions and their bids as stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.auctions.rules import AuctionState


class Auction(SQLModel, table=True):
    """One piece under the hammer. ``version`` counts its changes; ``hold_id`` is the piece,
    set aside for the auction itself until it is sold."""

    __tablename__ = "auction"
    __table_args__ = (
        sa.Index(
            "uq_auction_running",
            "live_id",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
        ),
        sa.CheckConstraint("opening_minor > 0", name="opens_above_nothing"),
        sa.CheckConstraint("(leader IS NULL) = (price_minor IS NULL)", name="led_at_a_price"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    card_id: str = columns.ref("commerce.card.id")
    variant_id: str = columns.ref(index=False)
    currency: str = Field(sa_type=sa.Text)
    opening_minor: int = Field(sa_type=sa.BigInteger)
    steps: list[list[int]] = columns.json()
    lasts_s: int
    counter_s: int
    pay_within_s: int
    state: AuctionState = columns.choice(AuctionState, "auction_state")
    version: int = 0
    bids: int = 0
    price_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    leader: str | None = columns.ref(null=True, index=False)
    leader_name: str | None = Field(default=None, sa_type=sa.Text)
    most_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    hold_id: str | None = columns.ref(null=True, index=False)
    announced_at: datetime = columns.moment()
    started_at: datetime | None = columns.moment(null=True)
    ends_at: datetime | None = columns.moment(null=True)
    announced_by: str = columns.ref(index=False)


class AuctionBid(SQLModel, table=True):
    """Somebody would pay so much. Bids before the start wait for it, in their order."""

    __tablename__ = "auction_bid"
    __table_args__ = (
        sa.Index("ix_auction_bid_auction", "auction_id", "id"),
        {"schema": "commerce"},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    auction_id: str = columns.ref("commerce.auction.id", index=False)
    merchant_id: str = columns.ref(index=False)
    bidder: str = columns.ref(index=False)
    name: str = Field(sa_type=sa.Text)
    most_minor: int = Field(sa_type=sa.BigInteger)
    price_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    at: datetime = columns.moment()
