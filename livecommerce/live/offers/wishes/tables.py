"""Who asked for which card, as stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns


class ProductWish(SQLModel, table=True):
    """One viewer asks for one card. It is met once the card is presented; then they may ask
    again."""

    __tablename__ = "product_wish"
    __table_args__ = (
        sa.Index("ix_product_wish_open", "live_id", postgresql_where=sa.text("met_at IS NULL")),
        {"schema": "commerce"},
    )

    card_id: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="commerce.card.id")
    viewer: str = Field(sa_type=sa.Text, primary_key=True)
    live_id: str = columns.ref(index=False)
    merchant_id: str = columns.ref(index=False)
    asked_at: datetime = columns.moment()
    met_at: datetime | None = columns.moment(null=True)
