"""Flash prices as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.flash.rules import FlashState


class Flash(SQLModel, table=True):
    """A lower price per variant of one card. ``basis`` says per variant which price was the
    lowest of how many days, as it stood when the flash price was set."""

    __tablename__ = "flash"
    __table_args__ = (
        sa.Index(
            "uq_flash_card", "card_id", unique=True, postgresql_where=sa.text("state = 'set'")
        ),
        sa.CheckConstraint("opens_at < closes_at", name="forward"),
        sa.CheckConstraint("per_buyer BETWEEN 1 AND total", name="limits_fit"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref("commerce.merchant.id")
    card_id: str = columns.ref("commerce.card.id", index=False)
    product_id: str = columns.ref(index=False)
    currency: str = Field(sa_type=sa.Text)
    prices: dict[str, int] = columns.json()
    basis: dict[str, Any] = columns.json()
    total: int
    per_buyer: int
    opens_at: datetime = columns.moment()
    closes_at: datetime = columns.moment()
    state: FlashState = columns.choice(FlashState, "flash_state")
    set_at: datetime = columns.moment()
    set_by: str = columns.ref(index=False)
