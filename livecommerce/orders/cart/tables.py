"""Carts as stored. They hold nothing of the stock: a hold is made when a cart is bought."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from livecommerce.orders.cart.rules import MOST_EACH

SCHEMA = {"schema": "commerce"}


class Cart(SQLModel, table=True):
    """One per guest or person who ever put something into it. Its row is the lock of all that
    changes the cart, and its version tells which of two is newer."""

    __tablename__ = "cart"
    __table_args__ = (SCHEMA,)

    owner: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)
    changed_at: datetime = columns.moment()


class CartItem(SQLModel, table=True):
    """So many of a variant, as offered on the card where it was seen, at the price it had.

    While it is being bought, ``buying`` is the claim's key, and ``buying_count`` how many.
    """

    __tablename__ = "cart_item"
    __table_args__ = (
        sa.UniqueConstraint("owner", "card_id", "variant_id"),
        sa.CheckConstraint(f"count BETWEEN 1 AND {MOST_EACH}", name="counts"),
        sa.CheckConstraint(
            "(buying IS NULL) = (buying_until IS NULL)"
            " AND (buying IS NULL) = (buying_count IS NULL)",
            name="bought_wholly",
        ),
        SCHEMA,
    )

    id: str = columns.key()
    owner: str = columns.ref("commerce.cart.owner", index=False)
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    live_id: str = columns.ref(index=False)
    card_id: str = columns.ref("commerce.card.id", index=False)
    variant_id: str = columns.ref("commerce.variant.id", index=False)
    count: int
    seen_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(sa_type=sa.Text)
    added_at: datetime = columns.moment()
    buying: str | None = columns.ref(null=True, index=False)
    buying_count: int | None = None
    buying_until: datetime | None = columns.moment(null=True)

    @property
    def seen(self) -> Money:
        """What it cost when it was put in."""
        return Money(self.seen_minor, self.currency)
