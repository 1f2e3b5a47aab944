"""Reads: whether pictures that a product names were given to us by its merchant."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue.errors import NoSuchPicture
from livecommerce.catalogue.pictures.making import FOLDER
from livecommerce.catalogue.tables import ProductPicture
from livecommerce.kernel.db import Tx

_OURS = re.compile(rf"/media/{FOLDER}/(.*)-[0-9]+\.webp")


async def must_exist(tx: Tx, merchant: str, addresses: Sequence[str]) -> None:
    """Raises NoSuchPicture if one of them is of our making and the merchant never sent it;
    other addresses below ``/media/`` are pictures that the centre keeps itself."""
    named = {found[1]: address for address in addresses if (found := _OURS.fullmatch(address))}
    theirs = sa.select(col(ProductPicture.digest)).where(
        col(ProductPicture.merchant_id) == merchant,
        col(ProductPicture.digest).in_(list(named)),
    )
    known = set((await tx.execute(theirs)).scalars())
    for digest, address in named.items():
        if digest not in known:
            raise NoSuchPicture(picture=address)
