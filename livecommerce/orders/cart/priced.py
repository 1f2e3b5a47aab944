"""The cart as its owner sees it: every line at the price and with the stock of this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.wire import ProductOut, VariantOut
from livecommerce.crossborder.rates import DayRates
from livecommerce.identity import queries as people
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live.counter import Counter, Wares
from livecommerce.live.errors import NotSoldHere, OverAlready
from livecommerce.orders.cart import queries, rules
from livecommerce.orders.cart.tables import CartItem
from livecommerce.orders.cart.wire import CartGroupOut, CartLineOut, CartOut
from livecommerce.web.wire import Both
from streams.sessions.errors import NoSuchLive


@dataclass(frozen=True, slots=True)
class Shown:
    """The currency prices are shown in beside their own, and the rates that lead to it."""

    currency: str
    rates: DayRates

    def price(self, price: Money) -> Money | None:
        """The price in that currency, if it is another.

        Raises:
            NoRate: no dated rate leads there.
        """
        if price.currency == self.currency:
            return None
        return self.rates.convert(price, self.currency)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the goods and rooms of a cart."""

    goods: Mapping[str, tuple[ProductOut, VariantOut]]
    wares: Mapping[str, Wares | None]
    shown: Shown | None

    def price(self, row: CartItem) -> Money | None:
        """What the line's card asks for the variant now, if it is sold there."""
        wares = self.wares[row.live_id]
        if wares is None:
            return None
        try:
            return wares.price(row.card_id, row.variant_id)[1]
        except (NotSoldHere, OverAlready):
            return None


async def cart(
    db: Database, counter: Counter, owner: str, *, shown: Shown | None = None
) -> CartOut:
    """The owner's cart, grouped by who sells it, in the order things were put in."""
    async with db.begin() as tx:
        version = await queries.version(tx, owner)
        rows = await queries.items(tx, owner)
        goods = await catalogue.goods(tx, [row.variant_id for row in rows]) if rows else {}
        names = await people.merchant_names(tx, [row.merchant_id for row in rows])
    # After the transaction: the counter reads with one of its own.
    wares = {live: await _wares(counter, live) for live in {row.live_id for row in rows}}
    known = Known(goods, wares, shown)
    by_merchant: dict[str, list[CartLineOut]] = {}
    for row in rows:
        by_merchant.setdefault(row.merchant_id, []).append(_line_out(row, known))
    return CartOut(
        version=version,
        pieces=sum(row.count for row in rows),
        groups=[
            CartGroupOut(merchant=merchant, name=Both(**names[merchant]), lines=lines)
            for merchant, lines in by_merchant.items()
        ],
    )


async def _wares(counter: Counter, live: str) -> Wares | None:
    try:
        return await counter.wares(live)
    except NoSuchLive:
        return None


def _line_out(row: CartItem, known: Known) -> CartLineOut:
    product, variant = known.goods[row.variant_id]
    price = None if product.archived else known.price(row)
    now = price or row.seen
    return CartLineOut(
        id=row.id,
        live=row.live_id,
        card=row.card_id,
        product=product.id,
        variant=variant.id,
        title=product.title,
        options=chosen(product, variant),
        picture=product.pictures[0] if product.pictures else None,
        count=row.count,
        price=now,
        seen=row.seen,
        changed=now != row.seen,
        shown=known.shown.price(now) if known.shown else None,
        state=rules.state_of(offered=price is not None, left=variant.left, count=row.count),
        left=max(0, variant.left),
        buying=row.buying is not None,
        added_at=row.added_at,
    )


def chosen(product: ProductOut, variant: VariantOut) -> Sequence[Both]:
    """What the variant's options are called, in the product's order."""
    return [
        value.label
        for dimension in product.options
        for value in dimension.values
        if value.key == variant.options.get(dimension.key)
    ]
