"""What merchants change of products that are there. Each takes the product's row first, and
goes on only from the version that was read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries
from livecommerce.catalogue.actions import (
    add_variant,
    must_be_one_currency,
    set_prices,
    tell_left,
    words_of,
)
from livecommerce.catalogue.editing import rules
from livecommerce.catalogue.editing.wire import (
    EditOptions,
    EditProduct,
    EditVariant,
    EditVariants,
    Fill,
)
from livecommerce.catalogue.errors import (
    EditedMeanwhile,
    NoSuchVariant,
    OptionsWrong,
    SkuTaken,
)
from livecommerce.catalogue.pictures.queries import must_exist
from livecommerce.catalogue.prices import must_be_sound
from livecommerce.catalogue.rules import options_fit
from livecommerce.catalogue.search.index import index
from livecommerce.catalogue.tables import Product, Variant
from livecommerce.catalogue.wire import Dimension, ProductOut, VariantWords
from livecommerce.kernel.db import Tx
from livecommerce.web.principal import Principal


async def edit_product(
    tx: Tx, product_id: str, want: EditProduct, *, by: Principal
) -> ProductOut:
    """The product says this from now on; what was sold keeps its words.

    Raises:
        NoSuchProduct: there is none with that id.
        EditedMeanwhile: it is not at that version any more.
        NoSuchPicture: one of the pictures has not been uploaded.
    """
    product = await _open(tx, product_id, want.version, by)
    await must_exist(tx, product.merchant_id, want.pictures)
    for name, value in words_of(want).items():
        setattr(product, name, value)
    return await _close(tx, product)


async def edit_options(
    tx: Tx, product_id: str, want: EditOptions, *, by: Principal, now: datetime
) -> ProductOut:
    """Offer these dimensions and values. Existing variants stay what they are: one whose
    value is not offered any more is archived, and comes back when it is offered again.

    Raises:
        NoSuchProduct, EditedMeanwhile: as in :func:`edit_product`.
        ExistingValueMissing, DimensionInUse, TooManyVariants: the change is not clear.
        PriceNotPositive, PriceNotPayable, CurrenciesDiffer: as for new products.
    """
    product = await _open(tx, product_id, want.version, by)
    before = [Dimension.model_validate(one) for one in product.options]
    after = [Dimension(key=d.key, label=d.label, values=d.values) for d in want.options]
    members = await _members(tx, product_id)
    what = rules.change(
        before,
        after,
        {m.id: m.options for m in members if m.archived_at is None},
        {m.id: m.options for m in members if m.archived_at is not None},
        {d.key: d.existing for d in want.options if d.existing is not None},
    )
    row = {member.id: member for member in members}
    for variant in what.retired:
        row[variant].archived_at = now
    await tx.flush()
    for variant, options in what.kept.items():
        row[variant].options = options
    for variant in what.revived:
        row[variant].archived_at = None
    await tx.flush()
    if want.fill is not None:
        await _fill(tx, product, want.fill, what.fresh, len(members))
    product.options = [one.model_dump() for one in rules.merged(before, after)]
    await must_be_one_currency(tx, product_id)
    if what.retired or what.revived:
        await tell_left(tx, product_id)
    return await _close(tx, product)


async def _fill(
    tx: Tx, product: Product, fill: Fill, fresh: Sequence[Mapping[str, str]], position: int
) -> None:
    stem = f"{fill.sku}-"
    taken = sa.select(col(Variant.sku)).where(
        col(Variant.merchant_id) == product.merchant_id, col(Variant.sku).startswith(stem)
    )
    known = set((await tx.execute(taken)).scalars())
    numbers = (n for n in range(1, 1000) if f"{stem}{n:03}" not in known)
    for place, options in enumerate(fresh, position):
        one = VariantWords(
            sku=f"{stem}{next(numbers):03}",
            weight_g=fill.weight_g,
            price=fill.price,
            prices=fill.prices,
            measures=fill.measures,
        )
        await add_variant(tx, product, one, options, place)


async def edit_variants(
    tx: Tx, product_id: str, want: EditVariants, *, by: Principal, now: datetime
) -> ProductOut:
    """SKUs, weights, measures and price lists of some variants; archive some, or bring them
    back.

    Raises:
        NoSuchProduct, EditedMeanwhile: as in :func:`edit_product`.
        NoSuchVariant: one of them is not of this product.
        OptionsWrong: one cannot come back, its value is not offered any more.
        SkuTaken: the merchant uses one of the SKUs already.
        PriceNotPositive, PriceNotPayable, CurrenciesDiffer: as for new products.
    """
    product = await _open(tx, product_id, want.version, by)
    must_be_sound({one.id: [one.price, *one.prices] for one in want.variants})
    offered = [Dimension.model_validate(one) for one in product.options]
    offered = [one for one in offered if not one.retired]
    row = {member.id: member for member in await _members(tx, product_id)}
    for one in want.variants:
        if one.id not in row:
            raise NoSuchVariant(variant=one.id)
        member = row[one.id]
        if not one.archived and member.archived_at is not None:
            twins = [
                m for m in row.values() if m.archived_at is None and m.options == member.options
            ]
            if twins or not options_fit(offered, member.options):
                raise OptionsWrong(variant=one.id)
    await _skus_are_free(tx, product.merchant_id, want.variants, row)
    told = False
    for one in want.variants:
        member = row[one.id]
        told = told or one.archived != (member.archived_at is not None)
        member.weight_g = one.weight_g
        member.price_minor, member.currency = one.price.minor, one.price.currency
        member.measures = one.measures.model_dump(exclude_none=True)
        member.archived_at = (member.archived_at or now) if one.archived else None
        await tx.flush()
        await set_prices(tx, one.id, one)
    await must_be_one_currency(tx, product_id)
    if told:
        await tell_left(tx, product_id)
    return await _close(tx, product)


async def _skus_are_free(
    tx: Tx, merchant: str, wanted: Sequence[EditVariant], row: Mapping[str, Variant]
) -> None:
    """Give the variants their SKUs; two that change places do so by way of their ids."""
    changed = [one for one in wanted if row[one.id].sku != one.sku]
    others = sa.select(col(Variant.sku)).where(
        col(Variant.merchant_id) == merchant,
        col(Variant.sku).in_([one.sku for one in changed]),
        col(Variant.id).not_in([one.id for one in changed]),
    )
    taken = (await tx.execute(others.limit(1))).scalar()
    if taken is not None:
        raise SkuTaken(sku=taken)
    for one in changed:
        row[one.id].sku = one.id[-20:]
    await tx.flush()
    for one in changed:
        row[one.id].sku = one.sku
    await tx.flush()


async def _open(tx: Tx, product_id: str, version: int, by: Principal) -> Product:
    product = await queries.own_product(tx, product_id, by)
    if product.version != version:
        raise EditedMeanwhile(product=product_id, version=product.version)
    return product


async def _close(tx: Tx, product: Product) -> ProductOut:
    product.version += 1
    await tx.flush()
    await index(tx, [product.id])
    return await queries.product(tx, product.id)


async def _members(tx: Tx, product_id: str) -> list[Variant]:
    theirs = (
        sa.select(Variant)
        .where(col(Variant.product_id) == product_id)
        .order_by(col(Variant.position), col(Variant.id))
        .execution_options(populate_existing=True)
    )
    return list((await tx.execute(theirs)).scalars())
