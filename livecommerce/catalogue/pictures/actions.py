"""Taking pictures in."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from livecommerce.catalogue.pictures.making import make
from livecommerce.catalogue.pictures.wire import PictureOut
from livecommerce.catalogue.tables import ProductPicture
from livecommerce.kernel.db import Database
from livecommerce.web.principal import Principal


async def add_picture(
    db: Database, merchant: str, content: bytes, folder: Path, *, by: Principal, now: datetime
) -> PictureOut:
    """Keep a picture of the merchant's; sending it again changes nothing. It is made beside
    the loop and before the transaction.

    Args:
        folder: where pictures are served from.

    Raises:
        NotAPicture, PictureTooLarge: by its content.
    """
    made = await asyncio.to_thread(make, content, folder)
    row = {
        "merchant_id": merchant,
        "digest": made.digest,
        "width": made.width,
        "height": made.height,
        "added_by": by.id,
        "added_at": now,
    }
    async with db.begin() as tx:
        await tx.execute(insert(ProductPicture).values(row).on_conflict_do_nothing())
    return PictureOut(picture=made.address, width=made.width, height=made.height)
