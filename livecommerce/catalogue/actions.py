"""What merchants do with their catalogue, and buyers with their holds."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.catalogue import queries, stock
from livecommerce.catalogue.errors import HoldGone, NoSuchHold, NoSuchProduct, SkuTaken
from livecommerce.catalogue.rules import HoldState, Reason
from livecommerce.catalogue.tables import Hold, Product, Stock, Variant, VariantPrice
from livecommerce.catalogue.wire import (
    HoldOut,
    MoveStock,
    NewProduct,
    NewVariant,
    ProductOut,
    StockOut,
)
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.web.principal import MerchantRole, Principal


async def create_product(
    tx: Tx, want: NewProduct, *, by: Principal, now: datetime
) -> ProductOut:
    """A product with its variants, prices and first stock.

    Raises:
        SkuTaken: the merchant uses one of the SKUs already.
    """
    by.must_act_for(want.merchant, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    product = Product(
        id=ids.new("prd"),
        merchant_id=want.merchant,
        title=want.title.model_dump(),
        description=want.description.model_dump(),
        category=want.category,
        hs_code=want.hs_code,
        origin=want.origin,
        fibre=[part.model_dump() for part in want.fibre],
        customs_name=want.customs_name,
        customs_unit=want.customs_unit,
        gmodel=want.gmodel,
        pictures=want.pictures,
        options=[dimension.model_dump() for dimension in want.options],
        created_at=now,
    )
    tx.add(product)
    await tx.flush()
    for position, one in enumerate(want.variants):
        await _add_variant(tx, product, one, position, by=by, now=now)
    return await queries.product(tx, product.id)


async def _add_variant(
    tx: Tx, product: Product, want: NewVariant, position: int, *, by: Principal, now: datetime
) -> None:
    values = {
        "id": ids.new("var"),
        "product_id": product.id,
        "merchant_id": product.merchant_id,
        "sku": want.sku,
        "options": want.options,
        "weight_g": want.weight_g,
        "price_minor": want.price.minor,
        "currency": want.price.currency,
        "position": position,
    }
    free = insert(Variant).values(values).on_conflict_do_nothing().returning(col(Variant.id))
    variant = (await tx.execute(free)).scalar()
    if variant is None:
        raise SkuTaken(sku=want.sku)
    tx.add(Stock(variant_id=variant, product_id=product.id))
    for price in want.prices:
        tx.add(
            VariantPrice(variant_id=variant, currency=price.currency, price_minor=price.minor)
        )
    await tx.flush()
    first = [(variant, want.on_hand, 0, by.id)]
    await stock.move(tx, first, reason=Reason.RECEIVED, now=now)


async def archive_product(tx: Tx, product_id: str, *, by: Principal, now: datetime) -> None:
    """Take a product out of the catalogue; what was sold keeps its words.

    Raises:
        NoSuchProduct: there is none with that id.
    """
    product = await tx.get(Product, product_id)
    if product is None:
        raise NoSuchProduct(product=product_id)
    by.must_act_for(product.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    product.archived_at = product.archived_at or now


async def move_stock(
    tx: Tx, variant_id: str, want: MoveStock, *, by: Principal, now: datetime
) -> StockOut:
    """Goods came in, or a count showed more or fewer than the books.

    Raises:
        NoSuchVariant: there is none with that id.
        StockShort: fewer would be on hand than are held.
    """
    variant = await queries.variant(tx, variant_id)
    by.must_act_for(variant.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    moves = [(variant_id, want.change, 0, want.reference or by.id)]
    await stock.move(tx, moves, reason=want.reason, now=now)
    return await queries.stock(tx, variant_id)


async def release_hold(tx: Tx, hold_id: str, *, by: Principal, now: datetime) -> HoldOut:
    """Give up one's own hold; giving it up again changes nothing.

    Raises:
        NoSuchHold: there is none with that id, or it is somebody else's.
        HoldGone: it is in a checkout, or sold.
    """
    own = sa.select(Hold).where(col(Hold.id) == hold_id, col(Hold.buyer) == by.id)
    hold = (await tx.execute(own.with_for_update())).scalar_one_or_none()
    if hold is None:
        raise NoSuchHold(hold=hold_id)
    if hold.state is HoldState.SOLD or hold.checkout_id is not None:
        raise HoldGone(hold=hold_id, checkout=hold.checkout_id)
    await stock.release(tx, [hold_id], now=now)
    await tx.refresh(hold)
    return queries.hold_out(hold)
