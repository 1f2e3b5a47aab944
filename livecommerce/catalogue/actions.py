"""What merchants do with their catalogue, and buyers with their holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.catalogue import prices, queries, stock
from livecommerce.catalogue.errors import HoldGone, HoldInCheckout, NoSuchHold, SkuTaken
from livecommerce.catalogue.events import StockChanged
from livecommerce.catalogue.locations import actions as locations
from livecommerce.catalogue.pictures.queries import must_exist
from livecommerce.catalogue.rules import HoldState, Reason
from livecommerce.catalogue.search.index import index
from livecommerce.catalogue.tables import (
    Hold,
    Product,
    Stock,
    Variant,
    VariantPrice,
    WasPrice,
)
from livecommerce.catalogue.wire import (
    HoldOut,
    MoveStock,
    NewProduct,
    ProductOut,
    ProductWords,
    StockOut,
    VariantWords,
)
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.web.principal import MerchantRole, Principal

SELLERS = (MerchantRole.OWNER, MerchantRole.ASSISTANT)


async def create_product(
    tx: Tx, want: NewProduct, *, by: Principal, now: datetime
) -> ProductOut:
    """A product with its variants, prices and first stock.

    Raises:
        SkuTaken: the merchant uses one of the SKUs already.
        NoSuchPicture: one of the pictures has not been uploaded.
        PriceNotPositive, PriceNotPayable, CurrenciesDiffer: nobody could buy it so.
    """
    by.must_act_for(want.merchant, *SELLERS)
    prices.must_be_sound({one.sku: [one.price, *one.prices] for one in want.variants})
    await must_exist(tx, want.merchant, want.pictures)
    await locations.must_have_one(tx, want.merchant, now=now)
    product = Product(
        id=ids.new("prd"),
        merchant_id=want.merchant,
        options=[dimension.model_dump() for dimension in want.options],
        created_at=now,
        **words_of(want),
    )
    tx.add(product)
    await tx.flush()
    for position, one in enumerate(want.variants):
        variant = await add_variant(tx, product, one, one.options, position)
        first = [(variant, one.on_hand, 0, by.id)]
        await stock.move(tx, first, reason=Reason.RECEIVED, now=now)
    await must_be_one_currency(tx, product.id)
    await index(tx, [product.id])
    return await queries.product(tx, product.id)


async def must_be_one_currency(tx: Tx, product_id: str) -> None:
    """Raises CurrenciesDiffer if the variants that are sold are not priced in one currency."""
    theirs = sa.select(col(Variant.currency)).where(
        col(Variant.product_id) == product_id, col(Variant.archived_at).is_(None)
    )
    prices.must_be_one_currency((await tx.execute(theirs)).scalars())


def words_of(want: ProductWords) -> dict[str, Any]:
    """A product's columns, from what was said of it."""
    return {
        "title": want.title.model_dump(),
        "description": want.description.model_dump(),
        "category": want.category,
        "hs_code": want.hs_code,
        "origin": want.origin,
        "fibre": [part.model_dump() for part in want.fibre],
        "textile": want.textile.model_dump(mode="json", exclude_none=True),
        "customs_name": want.customs_name,
        "customs_unit": want.customs_unit,
        "gmodel": want.gmodel,
        "pictures": want.pictures,
        "alts": {address: text.model_dump() for address, text in want.alts.items()},
    }


async def add_variant(
    tx: Tx, product: Product, want: VariantWords, options: Mapping[str, str], position: int
) -> str:
    """One more variant of a product, with nothing in stock; its id.

    Raises:
        SkuTaken: the merchant uses the SKU already.
        PriceNotPositive, PriceNotPayable: nobody could buy it.
    """
    values = {
        "id": ids.new("var"),
        "product_id": product.id,
        "merchant_id": product.merchant_id,
        "sku": want.sku,
        "options": dict(options),
        "weight_g": want.weight_g,
        "price_minor": want.price.minor,
        "currency": want.price.currency,
        "measures": want.measures.model_dump(exclude_none=True),
        "position": position,
    }
    taken = insert(Variant).values(values)
    free = taken.on_conflict_do_nothing(index_elements=["merchant_id", "sku"])
    variant = (await tx.execute(free.returning(col(Variant.id)))).scalar()
    if variant is None:
        raise SkuTaken(sku=want.sku)
    tx.add(Stock(variant_id=variant, product_id=product.id))
    await tx.flush()
    await set_prices(tx, variant, want)
    return variant


async def set_prices(tx: Tx, variant: str, want: VariantWords) -> None:
    """The price lists and was-prices of a variant are these, and no others.

    Raises:
        PriceNotPositive, PriceNotPayable: one of its prices could be asked of nobody.
    """
    prices.must_be_sound({want.sku: [want.price, *want.prices]})
    for table in (VariantPrice, WasPrice):
        await tx.execute(sa.delete(table).where(col(table.variant_id) == variant))
    for price in want.prices:
        tx.add(
            VariantPrice(variant_id=variant, currency=price.currency, price_minor=price.minor)
        )
    for was in want.was:
        tx.add(
            WasPrice(
                variant_id=variant,
                currency=was.price.currency,
                price_minor=was.price.minor,
                basis=was.basis,
                since=was.since,
            )
        )
    await tx.flush()


async def archive_product(tx: Tx, product_id: str, *, by: Principal, now: datetime) -> None:
    """Take a product out of the catalogue: it is neither shelved nor claimed any more, and
    what was sold keeps its words. Archiving it again changes nothing.

    Raises:
        NoSuchProduct: there is none with that id.
    """
    product = await queries.own_product(tx, product_id, by)
    if product.archived_at is None:
        product.archived_at = now
        product.version += 1
        await tell_left(tx, product_id)


async def unarchive_product(
    tx: Tx, product_id: str, *, by: Principal, now: datetime
) -> ProductOut:
    """Put an archived product back into the catalogue, with the stock it has.

    Raises:
        NoSuchProduct: there is none with that id.
    """
    product = await queries.own_product(tx, product_id, by)
    if product.archived_at is not None:
        product.archived_at = None
        product.version += 1
        await tell_left(tx, product_id)
    return await queries.product(tx, product_id)


async def tell_left(tx: Tx, product_id: str) -> None:
    """Rooms hear how many are left to sell: none of what is archived."""
    await tx.flush()
    touched = (
        sa.update(Stock)
        .where(col(Stock.product_id) == product_id)
        .values(version=Stock.version + 1)
        .returning(col(Stock.variant_id), col(Stock.version))
        .execution_options(synchronize_session=False)
    )
    versions = {row.variant_id: row.version for row in await tx.execute(touched)}
    shown = await queries.product(tx, product_id)
    facts = [
        StockChanged(
            variant=one.id, product=product_id, left=one.left, version=versions[one.id]
        )
        for one in shown.variants
    ]
    await emit(tx, *facts)


async def move_stock(
    tx: Tx, variant_id: str, want: MoveStock, *, by: Principal, now: datetime
) -> StockOut:
    """Goods came in or broke, or a count showed more or fewer than the books.

    Raises:
        NoSuchVariant, NoSuchLocation: there is none with that id.
        StockShort: fewer would be on hand than are held, or than none at the location.
    """
    variant = await queries.variant(tx, variant_id)
    by.must_act_for(variant.merchant_id, *SELLERS)
    moves = [(variant_id, want.change, 0, want.reference or by.id)]
    await stock.move(tx, moves, reason=want.reason, now=now, at=want.location)
    return await queries.stock(tx, variant_id)


async def release_hold(tx: Tx, hold_id: str, *, by: Principal, now: datetime) -> HoldOut:
    """Give up one's own hold; giving it up again changes nothing.

    Raises:
        NoSuchHold: there is none with that id, or it is somebody else's.
        HoldInCheckout: it is in a purchase of the caller's that is still open.
        HoldGone: it is sold, or its purchase has ended.
    """
    own = sa.select(Hold).where(col(Hold.id) == hold_id, col(Hold.buyer) == by.id)
    hold = (await tx.execute(own.with_for_update())).scalar_one_or_none()
    if hold is None:
        raise NoSuchHold(hold=hold_id)
    if hold.state is HoldState.HELD and hold.checkout_id is not None:
        raise HoldInCheckout(hold=hold_id, checkout=hold.checkout_id)
    if hold.state is HoldState.SOLD or hold.checkout_id is not None:
        raise HoldGone(hold=hold_id, checkout=hold.checkout_id)
    await stock.release(tx, [hold_id], now=now)
    await tx.refresh(hold)
    return queries.hold_out(hold)
