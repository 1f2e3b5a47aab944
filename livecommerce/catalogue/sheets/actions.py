"""Sheets in: looked at first, then applied as they were seen, all of it or nothing."""

import asyncio
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.editing.rules import merged
from livecommerce.catalogue.errors import (
    AppliedAlready,
    ImportHasErrors,
    PlanChanged,
)
from livecommerce.catalogue.pictures.queries import must_exist
from livecommerce.catalogue.rules import Reason, SheetState
from livecommerce.catalogue.search.index import index
from livecommerce.catalogue.sheets import queries
from livecommerce.catalogue.sheets.plan import LINE, Group, plan
from livecommerce.catalogue.sheets.reading import read
from livecommerce.catalogue.sheets.wire import ImportOut
from livecommerce.catalogue.tables import Product, SheetImport, Variant
from livecommerce.catalogue.wire import Dimension, NewProduct, NewVariant
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.web.principal import Principal
from livecommerce.web.upload import Upload

KEPT = timedelta(days=7)


async def check(
    db: Database, merchant: str, sent: Upload, *, by: Principal, now: datetime
) -> ImportOut:
    """Keep a sheet and tell what it would do. Nothing of the catalogue is changed; sheets
    older than a week are forgotten.

    Raises:
        NotASheet, SheetTooLarge: it cannot be read.
    """
    table = await asyncio.to_thread(read, sent.content)
    rows = [{**row, LINE: str(line)} for row, line in zip(table.rows, table.lines, strict=True)]
    async with db.begin() as tx:
        products = await queries.named(tx, merchant, rows)
    planned = await asyncio.to_thread(plan, rows, products)
    kept = SheetImport(
        id=ids.new("imp"),
        merchant_id=merchant,
        filename=sent.name,
        cells=rows,
        report={
            "rows": [row.model_dump(mode="json") for row in planned.rows],
            "unknown": table.unknown,
        },
        plan=planned.digest,
        state=SheetState.CHECKED,
        sent_by=by.id,
        sent_at=now,
    )
    async with db.begin() as tx:
        old = sa.delete(SheetImport).where(
            col(SheetImport.merchant_id) == merchant, col(SheetImport.sent_at) < now - KEPT
        )
        await tx.execute(old)
        tx.add(kept)
    return queries.import_out(kept)


async def apply(tx: Tx, import_id: str, *, by: Principal, now: datetime) -> ImportOut:
    """Do what the report said, if it is still what the sheet would do.

    Raises:
        NoSuchImport: there is none with that id.
        AppliedAlready: once is enough.
        ImportHasErrors: some rows have errors.
        PlanChanged: the catalogue has changed since; send the sheet again.
        SkuTaken, NoSuchPicture: as for single products.
    """
    row = await queries.sheet_import(tx, import_id)
    by.must_act_for(row.merchant_id, *catalogue.SELLERS)
    await tx.refresh(row, with_for_update=True)
    if row.state is SheetState.APPLIED:
        raise AppliedAlready(sheet=import_id)
    products = await queries.named(tx, row.merchant_id, row.cells, lock=True)
    planned = await asyncio.to_thread(plan, row.cells, products)
    if planned.errors:
        raise ImportHasErrors(rows=planned.errors)
    if planned.digest != row.plan:
        raise PlanChanged(sheet=import_id)
    for group in planned.groups:
        if group.id is None:
            await _create(tx, row.merchant_id, group, by=by, now=now)
        elif group.changes or any(ware.changes or ware.id is None for ware in group.wares):
            await _change(tx, group, by=by, now=now)
    row.state, row.applied_at = SheetState.APPLIED, now
    await tx.flush()
    return queries.import_out(row)


async def _create(tx: Tx, merchant: str, group: Group, *, by: Principal, now: datetime) -> None:
    assert group.said is not None, "a plan without errors has said everything"
    variants = [
        NewVariant(**dict(ware.said), options=ware.options, on_hand=ware.on_hand)
        for ware in group.wares
    ]
    want = NewProduct(
        **dict(group.said), merchant=merchant, options=group.options, variants=variants
    )
    await catalogue.create_product(tx, want, by=by, now=now)


async def _change(tx: Tx, group: Group, *, by: Principal, now: datetime) -> None:
    assert group.said is not None, "a plan without errors has said everything"
    product = await tx.get_one(Product, group.id)
    await must_exist(tx, product.merchant_id, group.said.pictures)
    for name, value in catalogue.words_of(group.said).items():
        setattr(product, name, value)
    before = [Dimension.model_validate(one) for one in product.options]
    product.options = [one.model_dump() for one in merged(before, group.options)]
    product.version += 1
    await tx.flush()
    position = await tx.scalar(
        sa.select(sa.func.coalesce(sa.func.max(col(Variant.position)), -1)).where(
            col(Variant.product_id) == product.id
        )
    )
    for ware in group.wares:
        if ware.id is None:
            position = (position or 0) + 1
            made = await catalogue.add_variant(tx, product, ware.said, ware.options, position)
            first = [(made, ware.on_hand, 0, by.id)]
            await stock.move(tx, first, reason=Reason.RECEIVED, now=now)
        elif ware.changes:
            member = await tx.get_one(Variant, ware.id)
            member.weight_g = ware.said.weight_g
            member.price_minor = ware.said.price.minor
            member.currency = ware.said.price.currency
            member.measures = ware.said.measures.model_dump(exclude_none=True)
            await tx.flush()
            await catalogue.set_prices(tx, ware.id, ware.said)
    await catalogue.must_be_one_currency(tx, product.id)
    await index(tx, [product.id])
