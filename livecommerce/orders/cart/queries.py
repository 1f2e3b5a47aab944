"""Reading carts as they are stored."""

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.orders.cart.tables import Cart, CartItem


async def version(tx: Tx, owner: str) -> int:
    """How often the cart has changed; 0 if there never was one."""
    found = sa.select(col(Cart.version)).where(col(Cart.owner) == owner)
    return (await tx.execute(found)).scalar_one_or_none() or 0


async def items(tx: Tx, owner: str) -> list[CartItem]:
    """What is in the cart, in the order it was put in."""
    mine = (
        sa.select(CartItem)
        .where(col(CartItem.owner) == owner)
        .order_by(col(CartItem.id))
        .execution_options(populate_existing=True)
    )
    return list((await tx.execute(mine)).scalars())
