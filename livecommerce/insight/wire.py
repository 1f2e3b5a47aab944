"""The chain and the sales figures as clients see them."""

from enum import StrEnum

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both, Wire


class NodeKind(StrEnum):
    """A link of the chain, in the order things happen."""

    BOOKING = "booking"
    SESSION = "session"
    EXPLAIN = "explain"
    ORDER = "order"
    PAYMENT = "payment"
    DECLARATION = "declaration"
    REPLAY = "replay"


class Fact(Wire):
    """One thing known of a node."""

    label: Both
    value: str | int | Money | Instant | Both | None


class Node(Wire):
    """One link: a booking, a session, an explain, an order, a payment, a declaration."""

    id: str
    kind: NodeKind
    title: Both
    state: str
    at: Instant | None
    href: str | None
    facts: list[Fact]


class MoneyTotals(Wire):
    """The money of a session in one currency. Cancelled orders count in none of it."""

    ordered: Money
    paid: Money
    net: Money
    """What was paid less what was given back."""


class Totals(Wire):
    """What a session came to."""

    orders: dict[str, int]
    """How many orders stand in each state; states without any are left out."""
    declared: int
    money: list[MoneyTotals]


class ChainOut(Wire):
    """Everything that came of one live session, and what came of what."""

    live: str
    nodes: list[Node]
    edges: list[tuple[str, str]]
    totals: Totals


class SalesSpan(Wire):
    """What was sold in a stretch of time."""

    claimed: int = Field(examples=[120], description="pieces that were set aside")
    placed: int = Field(examples=[90], description="orders that were placed")
    paid: int = Field(examples=[80], description="orders that were paid")
    pieces: int = Field(examples=[96], description="pieces in the paid orders")
    revenue: list[Money] = Field(
        examples=[[{"minor": 1910400, "currency": "CNY"}]],
        description="the goods of the paid orders at their live prices, by currency",
    )


class SalesOut(Wire):
    """How a session sells: since it began, in the last ``minutes``, and in those before."""

    at: Instant
    minutes: int = Field(examples=[10])
    held: int = Field(examples=[14], description="pieces set aside now and not paid")
    whole: SalesSpan
    last: SalesSpan
    before: SalesSpan
