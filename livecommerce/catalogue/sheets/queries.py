"""Reads: the catalogue as rows, what a sheet names, and sheets that were sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.errors import NoSuchImport
from livecommerce.catalogue.sheets.cells import cells_of
from livecommerce.catalogue.sheets.columns import all_of
from livecommerce.catalogue.sheets.wire import ImportOut, RowOut, RowState
from livecommerce.catalogue.tables import Product, SheetImport, Variant
from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel.db import Tx

AT_ONCE = 200
"""Products read in one go."""


async def rows(tx: Tx, merchant: str) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows of all that the merchant sells; what is archived is left out."""
    theirs = (
        sa.select(col(Product.id))
        .where(col(Product.merchant_id) == merchant, col(Product.archived_at).is_(None))
        .order_by(col(Product.created_at), col(Product.id))
    )
    ids = list((await tx.execute(theirs)).scalars())
    found: list[dict[str, str]] = []
    dimensions, currencies = 0, set()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        products = await catalogue.products(tx, some)
        for product in (products[id_] for id_ in some):
            dimensions = max(dimensions, len(product.offered))
            for variant in product.variants:
                if not variant.archived:
                    found.append(cells_of(product, variant))
                    currencies |= {price.currency for price in variant.prices}
    return all_of(dimensions, sorted(currencies)), found


async def named(
    tx: Tx, merchant: str, sheet: Sequence[dict[str, str]], *, lock: bool = False
) -> list[ProductOut]:
    """The merchant's products that rows name, by id or by SKU, archived ones too.

    Args:
        lock: take their rows, in the order of their ids, until the transaction ends.
    """
    skus = [row.get("sku", "") for row in sheet]
    ids = {row.get("product", "") for row in sheet}
    by_sku = sa.select(col(Variant.product_id)).where(
        col(Variant.merchant_id) == merchant, col(Variant.sku).in_(skus)
    )
    found = (
        sa.select(Product)
        .where(
            col(Product.merchant_id) == merchant,
            col(Product.id).in_(list(ids)) | col(Product.id).in_(by_sku),
        )
        .order_by(col(Product.id))
        .execution_options(populate_existing=True)
    )
    if lock:
        found = found.with_for_update()
    return await catalogue.with_variants(tx, list((await tx.execute(found)).scalars()))


async def sheet_import(tx: Tx, import_id: str) -> SheetImport:
    """A sheet that was sent.

    Raises:
        NoSuchImport: there is none with that id.
    """
    found = await tx.get(SheetImport, import_id, populate_existing=True)
    if found is None:
        raise NoSuchImport(sheet=import_id)
    return found


def import_out(row: SheetImport) -> ImportOut:
    """A sheet with its report, as clients see it."""
    told = [RowOut.model_validate(one) for one in row.report["rows"]]
    counts = {state: sum(1 for one in told if one.state is state) for state in RowState}
    return ImportOut(
        id=row.id,
        merchant=row.merchant_id,
        filename=row.filename,
        state=row.state,
        sent_at=row.sent_at,
        applied_at=row.applied_at,
        counts=counts,
        unknown_columns=row.report["unknown"],
        rows=told,
    )
