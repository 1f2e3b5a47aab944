"""Reads: products, variants, prices, stock and holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue.errors import NoSuchHold, NoSuchProduct, NoSuchVariant, NotPriced
from livecommerce.catalogue.rules import HoldState
from livecommerce.catalogue.settle import Executes
from livecommerce.catalogue.tables import Hold, Product, Stock, Variant, VariantPrice, WasPrice
from livecommerce.catalogue.textiles import Measures
from livecommerce.catalogue.wire import HoldOut, ProductOut, StockOut, VariantOut, Was
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.page import Cursor, Page
from livecommerce.web.principal import MerchantRole, Principal
from livecommerce.web.wire import Both

_HOLDS_BY_KEY = sa.text(
    "SELECT claim_key, id, variant_id, merchant_id, live_id, card_id, count AS pieces,"
    " price_minor, currency, state, hold_until, offer_id, normal_minor"
    " FROM commerce.hold WHERE claim_key = ANY(:keys)"
)


async def holds_by_key(tx: Executes, keys: Sequence[str]) -> dict[str, HoldOut]:
    """The holds that claims with these keys were given."""
    rows = (await tx.execute(_HOLDS_BY_KEY, {"keys": list(keys)})).all()
    return {row.claim_key: _hold_out(row, row.pieces) for row in rows}


def hold_out(row: Hold) -> HoldOut:
    """A stored hold as clients see it."""
    return _hold_out(row, row.count)


def _hold_out(row: Any, count: int) -> HoldOut:
    return HoldOut(
        id=row.id,
        variant=row.variant_id,
        merchant=row.merchant_id,
        live=row.live_id,
        card=row.card_id,
        count=count,
        price=Money(row.price_minor, row.currency),
        state=HoldState(row.state),
        hold_until=row.hold_until,
        offer=row.offer_id,
        normal=_normal(row),
    )


def _normal(row: Any) -> Money | None:
    return None if row.normal_minor is None else Money(row.normal_minor, row.currency)


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Goods set aside, as those who sell them need to know."""

    id: str
    variant: str
    merchant: str
    buyer: str
    live: str | None
    card: str | None
    segment: str | None
    count: int
    price: Money
    state: HoldState
    hold_until: datetime
    checkout: str | None
    offer: str | None = None
    normal: Money | None = None


async def holds(
    tx: Tx, ids: Sequence[str], *, buyer: str, lock: bool = False
) -> list[HoldFacts]:
    """The buyer's holds with these ids, in the order asked for; with ``lock``, nobody else's
    to move until the transaction ends.

    Raises:
        NoSuchHold: one of them does not exist, or is somebody else's.
    """
    found = sa.select(Hold).where(col(Hold.id).in_(ids), col(Hold.buyer) == buyer)
    if lock:
        found = found.order_by(col(Hold.id)).with_for_update()
    fresh = found.execution_options(populate_existing=True)
    rows = {row.id: _hold_facts(row) for row in (await tx.execute(fresh)).scalars()}
    for wanted in ids:
        if wanted not in rows:
            raise NoSuchHold(hold=wanted)
    return [rows[wanted] for wanted in ids]


async def holds_of_checkout(tx: Tx, checkout: str) -> list[str]:
    """The ids of the holds that a checkout took."""
    taken = sa.select(col(Hold.id)).where(col(Hold.checkout_id) == checkout)
    return list((await tx.execute(taken.order_by(col(Hold.id)))).scalars())


async def held_by(tx: Tx, buyer: str, *, now: datetime) -> list[HoldOut]:
    """What is set aside for the buyer and in no checkout yet."""
    mine = (
        sa.select(Hold)
        .where(
            col(Hold.buyer) == buyer,
            col(Hold.state) == HoldState.HELD,
            col(Hold.checkout_id).is_(None),
            col(Hold.hold_until) > now,
        )
        .order_by(col(Hold.id))
    )
    return [hold_out(row) for row in (await tx.execute(mine)).scalars()]


async def variant(tx: Tx, variant_id: str) -> Variant:
    """One variant.

    Raises:
        NoSuchVariant: there is none with that id.
    """
    found = await tx.get(Variant, variant_id)
    if found is None:
        raise NoSuchVariant(variant=variant_id)
    return found


async def goods(tx: Tx, variants: Sequence[str]) -> dict[str, tuple[ProductOut, VariantOut]]:
    """Each variant and its product, by the variant's id.

    Raises:
        NoSuchVariant: one of them does not exist.
    """
    theirs = sa.select(col(Variant.product_id)).where(col(Variant.id).in_(variants))
    rows = (await tx.execute(sa.select(Product).where(col(Product.id).in_(theirs)))).scalars()
    shown = await with_variants(tx, list(rows))
    found = {member.id: (product, member) for product in shown for member in product.variants}
    for wanted in variants:
        if wanted not in found:
            raise NoSuchVariant(variant=wanted)
    return {wanted: found[wanted] for wanted in variants}


async def price(tx: Tx, variant_id: str, currency: str) -> Money:
    """The list price in that currency.

    Raises:
        NoSuchVariant: there is none with that id.
        NotPriced: it has no price in that currency.
    """
    one = await variant(tx, variant_id)
    if one.currency == currency:
        return Money(one.price_minor, currency)
    other = await tx.get(VariantPrice, (variant_id, currency))
    if other is None:
        raise NotPriced(variant=variant_id, currency=currency)
    return Money(other.price_minor, currency)


async def archived(tx: Tx, variants: Sequence[str]) -> set[str]:
    """Those of the variants that are no longer sold, by themselves or with their product."""
    gone = (
        sa.select(col(Variant.id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(
            col(Variant.id).in_(variants),
            col(Variant.archived_at).is_not(None) | col(Product.archived_at).is_not(None),
        )
    )
    return set((await tx.execute(gone)).scalars())


async def sells_in(tx: Tx, merchant: str, currency: str) -> bool:
    """Whether anything of the merchant's, archived or not, is priced in the currency; price
    lists are not asked, since what is sold in a room is sold at its own price."""
    there = sa.select(
        sa.exists().where(
            col(Variant.merchant_id) == merchant, col(Variant.currency) == currency
        )
    )
    return bool((await tx.execute(there)).scalar_one())


async def had(tx: Tx, buyer: str, variant: str, card: str) -> int:
    """How many pieces of it the buyer holds or has bought from the card."""
    pieces = sa.select(sa.func.coalesce(sa.func.sum(col(Hold.count)), 0)).where(
        col(Hold.buyer) == buyer,
        col(Hold.variant_id) == variant,
        col(Hold.card_id) == card,
        col(Hold.state).in_([HoldState.HELD, HoldState.SOLD]),
    )
    return int((await tx.execute(pieces)).scalar_one())


async def left(tx: Tx, variants: Sequence[str]) -> dict[str, int]:
    """How many of each are left to sell."""
    found = sa.select(
        col(Stock.variant_id), (col(Stock.on_hand) - col(Stock.held)).label("left")
    ).where(col(Stock.variant_id).in_(variants))
    return {row.variant_id: row.left for row in await tx.execute(found)}


async def stock(tx: Tx, variant_id: str) -> StockOut:
    """How many there are.

    Raises:
        NoSuchVariant: there is none with that id.
    """
    row = await tx.get(Stock, variant_id, populate_existing=True)
    if row is None:
        raise NoSuchVariant(variant=variant_id)
    return StockOut(
        variant=variant_id,
        on_hand=row.on_hand,
        held=row.held,
        left=row.on_hand - row.held,
        version=row.version,
    )


async def product(tx: Tx, product_id: str) -> ProductOut:
    """One product with its variants.

    Raises:
        NoSuchProduct: there is none with that id.
    """
    row = await tx.get(Product, product_id)
    if row is None:
        raise NoSuchProduct(product=product_id)
    return (await with_variants(tx, [row]))[0]


async def merchant_of(tx: Tx, product_id: str) -> str:
    """Whose product it is, archived or not.

    Raises:
        NoSuchProduct: there is none.
    """
    mine = sa.select(col(Product.merchant_id)).where(col(Product.id) == product_id)
    found = (await tx.execute(mine)).scalar_one_or_none()
    if found is None:
        raise NoSuchProduct(product=product_id)
    return found


async def own_product(tx: Tx, product_id: str, by: Principal) -> Product:
    """The caller's product, locked: whoever changes it goes on from what is there.

    Raises:
        NoSuchProduct: there is none with that id.
        NotYours, NotAllowed: it is somebody else's, or their role does not sell.
    """
    found = sa.select(Product).where(col(Product.id) == product_id).with_for_update()
    fresh = found.execution_options(populate_existing=True)
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is None:
        raise NoSuchProduct(product=product_id)
    by.must_act_for(row.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    return row


async def products(tx: Tx, ids: Sequence[str]) -> dict[str, ProductOut]:
    """The products with these ids, archived ones too, by id; unknown ids are left out."""
    found = sa.select(Product).where(col(Product.id).in_(ids))
    rows = list((await tx.execute(found)).scalars())
    return {one.id: one for one in await with_variants(tx, rows)}


async def listed(
    tx: Tx, *, merchants: Sequence[str] | None, after: Cursor | None, limit: int
) -> Page[ProductOut]:
    """Products that are not archived, newest first; of some merchants, or of all."""
    wanted = sa.select(Product).where(col(Product.archived_at).is_(None))
    if merchants is not None:
        wanted = wanted.where(col(Product.merchant_id).in_(merchants))
    place = sa.tuple_(col(Product.created_at), col(Product.id))
    if after is not None:
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(Product.created_at).desc(), col(Product.id).desc())
    rows = list((await tx.execute(wanted.order_by(*newest).limit(limit + 1))).scalars())
    shown = rows[:limit]
    more = Cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return Page(await with_variants(tx, shown), more)


async def with_variants(tx: Tx, rows: Sequence[Product]) -> list[ProductOut]:
    """Products as clients see them, in four reads however many they are."""
    ids = [row.id for row in rows]
    own = sa.select(Variant).where(col(Variant.product_id).in_(ids))
    members = list(
        (await tx.execute(own.order_by(col(Variant.position), col(Variant.id)))).scalars()
    )
    numbers = [member.id for member in members]
    more = sa.select(VariantPrice).where(col(VariantPrice.variant_id).in_(numbers))
    prices: dict[str, list[Money]] = {}
    for entry in (await tx.execute(more.order_by(col(VariantPrice.currency)))).scalars():
        prices.setdefault(entry.variant_id, []).append(Money(entry.price_minor, entry.currency))
    compared = sa.select(WasPrice).where(col(WasPrice.variant_id).in_(numbers))
    was: dict[str, list[Was]] = {}
    for one in (await tx.execute(compared.order_by(col(WasPrice.currency)))).scalars():
        before = Money(one.price_minor, one.currency)
        shown = Was(price=before, basis=one.basis, since=one.since)
        was.setdefault(one.variant_id, []).append(shown)
    counts = await left(tx, numbers)
    gone = {row.id for row in rows if row.archived_at is not None}
    outs: dict[str, list[VariantOut]] = {}
    for member in members:
        archived = member.archived_at is not None or member.product_id in gone
        out = _variant_out(member, archived, prices, was, counts)
        outs.setdefault(member.product_id, []).append(out)
    return [_product_out(row, outs.get(row.id, [])) for row in rows]


def _hold_facts(row: Hold) -> HoldFacts:
    return HoldFacts(
        id=row.id,
        variant=row.variant_id,
        merchant=row.merchant_id,
        buyer=row.buyer,
        live=row.live_id,
        card=row.card_id,
        segment=row.segment_id,
        count=row.count,
        price=Money(row.price_minor, row.currency),
        state=row.state,
        hold_until=row.hold_until,
        checkout=row.checkout_id,
        offer=row.offer_id,
        normal=_normal(row),
    )


def _variant_out(
    row: Variant,
    archived: bool,
    prices: Mapping[str, list[Money]],
    was: Mapping[str, list[Was]],
    counts: Mapping[str, int],
) -> VariantOut:
    return VariantOut(
        id=row.id,
        sku=row.sku,
        options=row.options,
        weight_g=row.weight_g,
        price=Money(row.price_minor, row.currency),
        prices=prices.get(row.id, []),
        was=was.get(row.id, []),
        measures=Measures(**row.measures),
        left=0 if archived else counts.get(row.id, 0),
        archived=archived,
    )


def _product_out(row: Product, variants: list[VariantOut]) -> ProductOut:
    return ProductOut.model_validate(
        {
            "id": row.id,
            "merchant": row.merchant_id,
            "title": Both(**row.title),
            "description": Both(**row.description),
            "category": row.category,
            "hs_code": row.hs_code,
            "origin": row.origin,
            "fibre": row.fibre,
            "customs_name": row.customs_name,
            "customs_unit": row.customs_unit,
            "gmodel": row.gmodel,
            "pictures": row.pictures,
            "alts": row.alts,
            "textile": row.textile,
            "options": row.options,
            "variants": variants,
            "archived": row.archived_at is not None,
            "version": row.version,
        }
    )
