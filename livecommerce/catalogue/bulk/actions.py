"""Doing to many products what was looked at."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import actions, queries, stock
from livecommerce.catalogue.bulk import preview
from livecommerce.catalogue.bulk.wire import (
    Archiving,
    BulkEdit,
    BulkOut,
    ByAmount,
    ByPercent,
    Moving,
    ToCategory,
)
from livecommerce.catalogue.errors import NoSuchLocation, NoSuchProduct, PlanChanged
from livecommerce.catalogue.search.index import index
from livecommerce.catalogue.tables import Product, Variant, VariantPrice
from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel.db import Tx
from livecommerce.web.principal import Principal


async def edit_many(
    tx: Tx, merchant: str, want: BulkEdit, *, by: Principal, now: datetime
) -> BulkOut:
    """The preview; or, if it was seen and is still what would happen, what was done.

    Raises:
        NoSuchProduct: one of them is not the merchant's.
        NoSuchLocation: the location is not the merchant's.
        PlanChanged: it would not be what was seen, or a line has a problem.
    """
    by.must_act_for(merchant, *actions.SELLERS)
    products = await _theirs(tx, merchant, sorted(set(want.products)))
    lying = {}
    if isinstance(want.edit, Moving):
        lying = await _lying(tx, products, want.edit.location)
    lines = preview.lines(products, want.edit, lying)
    problems = sum(1 for line in lines if line.problem is not None)
    seen = preview.seen(lines)
    if want.seen is not None:
        if problems or want.seen != seen:
            raise PlanChanged(seen=seen, problems=problems)
        await _do(tx, products, want, by=by, now=now)
    return BulkOut(lines=lines, problems=problems, seen=seen, applied=want.seen is not None)


async def _theirs(tx: Tx, merchant: str, products: Sequence[str]) -> list[ProductOut]:
    """The products, locked in the order of their ids."""
    rows = (
        sa.select(Product)
        .where(col(Product.id).in_(products), col(Product.merchant_id) == merchant)
        .order_by(col(Product.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list((await tx.execute(rows)).scalars())
    known = {row.id for row in found}
    for product in products:
        if product not in known:
            raise NoSuchProduct(product=product)
    return await queries.with_variants(tx, found)


async def _lying(
    tx: Tx, products: Sequence[ProductOut], location: str | None
) -> dict[str, tuple[int, int]]:
    variants = [one.id for product in products for one in product.variants]
    await stock.lock(tx, variants)
    left = await queries.left(tx, variants)
    found = {}
    for variant, places in (await stock.there(tx, variants)).items():
        at = {place: on_hand for place, on_hand in places if location in {None, place}}
        if not at:
            raise NoSuchLocation(location=location)
        there = sum(at.values())
        found[variant] = (there, min(there, left[variant]))
    return found


async def _do(
    tx: Tx, products: Sequence[ProductOut], want: BulkEdit, *, by: Principal, now: datetime
) -> None:
    edit = want.edit
    ids = [product.id for product in products]
    if isinstance(edit, Archiving):
        work = {
            "archive": actions.archive_product,
            "unarchive": actions.unarchive_product,
        }[edit.kind]
        for product in ids:
            await work(tx, product, by=by, now=now)
        return
    if isinstance(edit, Moving):
        sold = [
            (variant.id, edit.change, 0, by.id)
            for product in products
            for variant in product.variants
            if product.archived or not variant.archived
        ]
        await stock.move(tx, sold, reason=edit.reason, now=now, at=edit.location)
        return
    if isinstance(edit, ToCategory):
        named = sa.update(Product).where(col(Product.id).in_(ids))
        await tx.execute(named.values(category=edit.category))
    else:
        await _reprice(tx, products, edit)
    changed = sa.update(Product).where(col(Product.id).in_(ids))
    await tx.execute(changed.values(version=Product.version + 1))
    if isinstance(edit, ToCategory):
        await index(tx, ids)


async def _reprice(tx: Tx, products: Sequence[ProductOut], edit: ByPercent | ByAmount) -> None:
    for product in products:
        for variant in product.variants:
            if variant.archived and not product.archived:
                continue
            price = preview.repriced(variant.price, edit)
            if price != variant.price:
                one = sa.update(Variant).where(col(Variant.id) == variant.id)
                await tx.execute(one.values(price_minor=price.minor))
            for listed in variant.prices:
                other = preview.repriced(listed, edit)
                if other != listed:
                    row = sa.update(VariantPrice).where(
                        col(VariantPrice.variant_id) == variant.id,
                        col(VariantPrice.currency) == listed.currency,
                    )
                    await tx.execute(row.values(price_minor=other.minor))
