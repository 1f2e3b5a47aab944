"""Reads: a merchant's locations, what lies at them, and the journal."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue.errors import NoSuchLocation
from livecommerce.catalogue.locations.wire import (
    AtOut,
    LocationOut,
    MovementOut,
    VariantStockOut,
)
from livecommerce.catalogue.tables import StockLocation
from livecommerce.kernel.db import Tx
from livecommerce.web.wire import Both

_STOCK = sa.text(
    "SELECT v.id, v.product_id, v.sku, v.options, p.title, s.on_hand, s.held,"
    " v.archived_at IS NOT NULL OR p.archived_at IS NOT NULL AS archived"
    " FROM commerce.variant v JOIN commerce.stock s ON s.variant_id = v.id"
    " JOIN commerce.product p ON p.id = v.product_id"
    " WHERE v.merchant_id = :merchant AND (cast(:product AS text) IS NULL"
    " OR v.product_id = :product) AND (cast(:q AS text) IS NULL OR v.sku ILIKE :q)"
    " AND v.sku > :after ORDER BY v.sku LIMIT :most"
)
_AT = sa.text(
    "SELECT variant_id, location_id, on_hand FROM commerce.stock_at"
    " WHERE variant_id = ANY(:variants) ORDER BY location_id"
)
_JOURNAL = sa.text(
    "SELECT j.id, j.variant_id, v.sku, j.on_hand, j.held, j.reason, j.reference,"
    " j.location_id, j.at FROM commerce.stock_journal j"
    " JOIN commerce.variant v ON v.id = j.variant_id"
    " WHERE j.variant_id = :variant AND j.id < :before"
    " AND (:goods IS FALSE OR j.on_hand <> 0) ORDER BY j.id DESC LIMIT :most"
)
NEWEST = (1 << 63) - 1


async def locations(tx: Tx, merchant: str) -> list[LocationOut]:
    """The merchant's locations, in the order that sales are taken from them."""
    theirs = (
        sa.select(StockLocation)
        .where(col(StockLocation.merchant_id) == merchant)
        .order_by(col(StockLocation.priority), col(StockLocation.id))
    )
    return [location_out(row) for row in (await tx.execute(theirs)).scalars()]


async def location(tx: Tx, location_id: str) -> StockLocation:
    """One location.

    Raises:
        NoSuchLocation: there is none with that id.
    """
    found = await tx.get(StockLocation, location_id, populate_existing=True)
    if found is None:
        raise NoSuchLocation(location=location_id)
    return found


def location_out(row: StockLocation) -> LocationOut:
    """A stored location as clients see it."""
    return LocationOut(
        id=row.id,
        merchant=row.merchant_id,
        name=Both(**row.name),
        kind=row.kind,
        priority=row.priority,
    )


async def stock(
    tx: Tx,
    merchant: str,
    *,
    product: str | None = None,
    sku: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[VariantStockOut]:
    """Variants by SKU, with what lies where.

    Args:
        sku: only those whose SKU contains this.
        after: the last SKU seen.
    """
    pattern = None
    if sku:
        plain = sku.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{plain}%"
    asked = {
        "merchant": merchant,
        "product": product,
        "q": pattern,
        "after": after,
        "most": limit,
    }
    rows = (await tx.execute(_STOCK, asked)).all()
    at = await lying(tx, [row.id for row in rows])
    return [
        VariantStockOut(
            variant=row.id,
            product=row.product_id,
            title=Both(**row.title),
            sku=row.sku,
            options=row.options,
            archived=row.archived,
            on_hand=row.on_hand,
            held=row.held,
            left=row.on_hand - row.held,
            at=at.get(row.id, []),
        )
        for row in rows
    ]


async def lying(tx: Tx, variants: Sequence[str]) -> dict[str, list[AtOut]]:
    """What lies at each location, by variant; locations that never had any are left out."""
    found: dict[str, list[AtOut]] = {}
    for row in await tx.execute(_AT, {"variants": list(variants)}):
        entry = AtOut(location=row.location_id, on_hand=row.on_hand)
        found.setdefault(row.variant_id, []).append(entry)
    return found


async def journal(
    tx: Tx, variant: str, *, before: int = NEWEST, goods: bool = False, limit: int = 50
) -> list[MovementOut]:
    """A variant's movements, newest first.

    Args:
        goods: only those in which goods came or went, without holds made and ended.
    """
    asked = {"variant": variant, "before": before, "goods": goods, "most": limit}
    return [
        MovementOut(
            id=row.id,
            variant=row.variant_id,
            sku=row.sku,
            on_hand=row.on_hand,
            held=row.held,
            reason=row.reason,
            reference=row.reference,
            location=row.location_id,
            at=row.at,
        )
        for row in await tx.execute(_JOURNAL, asked)
    ]
