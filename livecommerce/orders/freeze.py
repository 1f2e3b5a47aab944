"""What an order keeps as it was: the quote's figures, the product's page, the seller.

Pure: facts in, rows out. Prices, texts, rules and rates may all change tomorrow; an order is
judged by what stood here when it was placed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from livecommerce.catalogue.queries import HoldFacts
from livecommerce.catalogue.wire import ProductOut, VariantOut
from livecommerce.crossborder import classification
from livecommerce.crossborder.wire import Line, Offered, Parcel, ParcelQuote, QuoteOut
from livecommerce.identity.queries import SellerFacts
from livecommerce.kernel import ids
from livecommerce.kernel.money import Money
from livecommerce.orders.rules import OrderState
from livecommerce.orders.tables import Checkout, Order, OrderLine
from livecommerce.orders.wire import ProductSnapshot, RuleUsed, SellerSnapshot
from livecommerce.settlement import plans
from livecommerce.settlement.rules import Terms
from livecommerce.web.wire import Both


@dataclass(frozen=True, slots=True)
class Goods:
    """Everything known about the goods of a purchase."""

    holds: Sequence[HoldFacts]
    variants: Mapping[str, tuple[ProductOut, VariantOut]]
    sellers: Mapping[str, SellerFacts]
    agreed: Mapping[str, Terms]
    """What each merchant has agreed with the centre, on the day of the sale."""


def parcels(
    holds: Sequence[HoldFacts],
    variants: Mapping[str, tuple[ProductOut, VariantOut]],
    offered: Mapping[str, list[Offered]],
) -> list[Parcel]:
    """One parcel per merchant, for the quote; each line refers to its hold, and says what
    offers take off it."""
    by_merchant: dict[str, list[Line]] = {}
    for hold in holds:
        product, variant = variants[hold.variant]
        line = Line(
            reference=hold.id,
            variant=variant.id,
            sku=variant.sku,
            product=product.id,
            hs_code=product.hs_code,
            customs_description=customs_words(product),
            origin=product.origin,
            count=hold.count,
            unit_price=hold.price,
            weight_g=variant.weight_g,
            offers=offered[hold.id],
        )
        by_merchant.setdefault(hold.merchant, []).append(line)
    return [Parcel(merchant=m, lines=lines) for m, lines in sorted(by_merchant.items())]


def orders_of(
    checkout: Checkout, quote: QuoteOut, goods: Goods, *, now: datetime
) -> list[tuple[Order, list[OrderLine]]]:
    """One order per merchant, with its lines."""
    made = [_order(checkout, quote, parcel, goods, now=now) for parcel in quote.parcels]
    total = Money.sum((order.money(order.total_minor) for order, _ in made), quote.currency)
    if total != quote.total:
        raise ValueError(f"quote {quote.id}: the parcels do not add up to the total")
    return made


def _order(
    checkout: Checkout,
    quote: QuoteOut,
    parcel: ParcelQuote,
    goods: Goods,
    *,
    now: datetime,
) -> tuple[Order, list[OrderLine]]:
    seller = seller_as_is(goods.sellers[parcel.merchant])
    agreed = goods.agreed[parcel.merchant]
    holds = [hold for hold in goods.holds if hold.merchant == parcel.merchant]
    order = Order(
        id=ids.new("ord"),
        checkout_id=checkout.id,
        merchant_id=parcel.merchant,
        buyer=checkout.buyer,
        live_id=_shared([hold.live for hold in holds]),
        state=OrderState.PLACED,
        currency=quote.currency,
        goods_minor=parcel.goods.minor,
        shipping_minor=parcel.shipping.minor,
        duty_minor=parcel.duty.minor if parcel.duty else 0,
        tax_minor=parcel.tax.minor if parcel.tax else 0,
        fees_minor=parcel.fees.minor,
        total_minor=parcel.total.minor,
        commission_bps=agreed.bps,
        commission=plans.stored(agreed),
        terms=quote.terms,
        country=quote.destination.country,
        rules=[rule.model_dump(mode="json") for rule in _rules(parcel)],
        seller=seller.model_dump(mode="json"),
        placed_at=now,
    )
    amounts = _goods_amounts(parcel)
    lines = [_line(order, hold, amounts[hold.id], goods, seller, now=now) for hold in holds]
    offered = _offered(parcel)
    for line in lines:
        line.offers = [each.model_dump(mode="json") for each in offered[line.hold_id]]
    return order, lines


def _line(
    order: Order,
    hold: HoldFacts,
    amount: Money,
    goods: Goods,
    seller: SellerSnapshot,
    *,
    now: datetime,
) -> OrderLine:
    product, variant = goods.variants[hold.variant]
    return OrderLine(
        id=ids.new("lin"),
        order_id=order.id,
        merchant_id=order.merchant_id,
        hold_id=hold.id,
        product_id=product.id,
        variant_id=variant.id,
        card_id=hold.card,
        segment_id=hold.segment,
        sku=variant.sku,
        count=hold.count,
        weight_g=variant.weight_g,
        unit_price_minor=hold.price.minor,
        unit_price_currency=hold.price.currency,
        goods_minor=amount.minor,
        currency=amount.currency,
        offers=[],
        snapshot=product_as_is(product, variant, seller, now=now).model_dump(mode="json"),
    )


def product_as_is(
    product: ProductOut, variant: VariantOut, seller: SellerSnapshot, *, now: datetime
) -> ProductSnapshot:
    """The product's page, for this variant, as it stands."""
    labels: dict[str, Both] = {}
    values: dict[str, Both] = {}
    for dimension in product.options:
        labels[dimension.key] = dimension.label
        for value in dimension.values:
            if value.key == variant.options.get(dimension.key):
                values[dimension.key] = value.label
    return ProductSnapshot(
        title=product.title,
        description=product.description,
        category=product.category,
        picture=product.pictures[0] if product.pictures else None,
        pictures=product.pictures,
        options=labels,
        values=values,
        hs_code=product.hs_code,
        origin=product.origin,
        fibre=_fibre(product),
        customs_name=product.customs_name,
        customs_description=customs_words(product),
        customs_unit=product.customs_unit,
        gmodel=product.gmodel,
        list_price=variant.price,
        seller=seller,
        taken_at=now,
    )


def customs_words(product: ProductOut) -> str:
    """What customs is told the goods are: from the code and the fibres, never typed freely.

    Raises:
        NotClassified: the code is not one we know.
    """
    return classification.describe(product.hs_code, _fibre(product))


def _fibre(product: ProductOut) -> list[dict[str, str | int]]:
    return [{"fibre": part.fibre, "percent": part.percent} for part in product.fibre]


def seller_as_is(facts: SellerFacts) -> SellerSnapshot:
    """The seller's identity as it stands."""
    return SellerSnapshot(
        id=facts.id,
        name=Both(**facts.name),
        legal_name=Both(**facts.legal_name),
        uscc=facts.uscc,
        customs_code=facts.customs_code,
        licence=facts.licence,
        address=Both(**facts.address),
    )


def live_of(holds: Sequence[HoldFacts]) -> str | None:
    """The live session that all of them were claimed in, if it is one."""
    return _shared([hold.live for hold in holds])


def _shared(lives: Sequence[str | None]) -> str | None:
    return lives[0] if lives and len(set(lives)) == 1 else None


def _goods_amounts(parcel: ParcelQuote) -> dict[str, Money]:
    amounts: dict[str, Money] = {}
    for charge in parcel.charges:
        if charge.kind == "goods":
            for share in charge.shares:
                earlier = amounts.get(share.reference, Money.zero(share.amount.currency))
                amounts[share.reference] = earlier + share.amount
    return amounts


def _offered(parcel: ParcelQuote) -> dict[str, list[Offered]]:
    """What was taken off each line in the order's currency, by its hold."""
    return {
        share.reference: charge.offers
        for charge in parcel.charges
        if charge.kind == "goods"
        for share in charge.shares
    }


def _rules(parcel: ParcelQuote) -> list[RuleUsed]:
    used = {
        (charge.rule_id, charge.valid_from): RuleUsed(
            rule_id=charge.rule_id,
            source=charge.source,
            valid_from=charge.valid_from,
            confidence=charge.confidence,
        )
        for charge in parcel.charges
    }
    return list(used.values())
