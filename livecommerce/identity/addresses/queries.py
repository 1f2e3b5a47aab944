"""Reading saved addresses: one's own, and nobody else's."""

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity.addresses.tables import SavedAddress
from livecommerce.identity.addresses.wire import Address, SavedAddressOut
from livecommerce.kernel.db import Tx


async def of(tx: Tx, owner: str) -> list[SavedAddressOut]:
    """What the owner keeps: the default one first, then the newest."""
    mine = (
        sa.select(SavedAddress)
        .where(col(SavedAddress.owner) == owner)
        .order_by(col(SavedAddress.is_default).desc(), col(SavedAddress.id).desc())
        .execution_options(populate_existing=True)
    )
    return [address_out(row) for row in (await tx.execute(mine)).scalars()]


def address_out(row: SavedAddress) -> SavedAddressOut:
    """A saved address as its owner sees it."""
    return SavedAddressOut(
        id=row.id, label=row.label, address=Address(**row.address), default=row.is_default
    )
