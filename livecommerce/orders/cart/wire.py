"""Carts as clients see them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.cart.rules import MOST_EACH, MOST_LINES, LineState
from livecommerce.web.wire import Both, Wire


class PutItem(Wire):
    """So many of a variant, seen on a card of a room; how many in all, not how many more."""

    live: str = Field(max_length=64)
    card: str = Field(max_length=64)
    variant: str = Field(max_length=64)
    count: int = Field(ge=1, le=MOST_EACH)


class BuyLine(PutItem):
    """A line to be bought, at the price that you were shown."""

    price: Money


def _once(lines: Sequence[BuyLine]) -> Sequence[BuyLine]:
    if len({(each.card, each.variant) for each in lines}) < len(lines):
        raise ValueError("a line is named twice")
    return lines


class BuyCart(Wire):
    """Lines of your cart to be bought together, all of them or none; each named once."""

    lines: Annotated[
        list[BuyLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_once)
    ]


class CartLineOut(Wire):
    """A line at the price of this moment; ``seen`` is the price when it was put in.

    ``shown`` is the price in the currency asked for. Withdrawn lines keep the price they had.
    """

    id: str
    live: str
    card: str
    product: str
    variant: str
    title: Both
    options: list[Both]
    picture: str | None
    count: int
    price: Money
    seen: Money
    changed: bool
    shown: Money | None
    state: LineState
    left: int
    buying: bool
    added_at: Instant


class CartGroupOut(Wire):
    """What one merchant would send."""

    merchant: str
    name: Both
    lines: list[CartLineOut]


class CartOut(Wire):
    """Your cart, by merchant. A newer one has a higher ``version``."""

    version: int
    pieces: int
    groups: list[CartGroupOut]


class CartHeldOut(Wire):
    """What was set aside for you from the cart, and the cart without it."""

    holds: list[HoldOut]
    cart: CartOut
