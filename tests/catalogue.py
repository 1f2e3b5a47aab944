"""Products for tests of the catalogue: what a merchant sends, edits and finds."""

from typing import Any

import sqlalchemy as sa

from livecommerce.catalogue import actions
from livecommerce.catalogue.locations import actions as locations
from livecommerce.catalogue.locations import queries
from livecommerce.catalogue.locations.wire import LocationOut, NewLocation
from livecommerce.catalogue.textiles import PRODUCT
from livecommerce.catalogue.wire import NewProduct, ProductOut
from livecommerce.kernel.db import Database
from livecommerce.web.wire import Both
from tests import shop


def told(merchant: str, sku: str = "SET", **more: Any) -> NewProduct:
    """The description's example, as the merchant's, with a SKU of one's own."""
    variant = {**PRODUCT["variants"][0], "sku": f"{sku}-1", **more.pop("variant", {})}
    return NewProduct.model_validate(
        {**PRODUCT, "merchant": merchant, "variants": [variant], **more}
    )


async def add(db: Database, want: NewProduct, now: Any) -> ProductOut:
    """The product, made by its merchant's owner."""
    async with db.begin() as tx:
        by = shop.owner(want.merchant)
        return await actions.create_product(tx, want, by=by, now=now)


async def studio(db: Database, merchant: str, now: Any, *, priority: int = 5) -> LocationOut:
    """One more location, asked after the warehouse."""
    name = Both(zh="演播间", en="Studio")
    want = NewLocation(merchant=merchant, name=name, kind="studio", priority=priority)
    async with db.begin() as tx:
        return await locations.add_location(tx, want, by=shop.owner(merchant), now=now)


async def lying(db: Database, variant: str) -> dict[str, int]:
    """How many lie where."""
    async with db.begin() as tx:
        return {at.location: at.on_hand for at in (await queries.lying(tx, [variant]))[variant]}


async def scalar(db: Database, query: str, **values: Any) -> Any:
    """One value."""
    async with db.begin() as tx:
        return await tx.scalar(sa.text(query), values)
