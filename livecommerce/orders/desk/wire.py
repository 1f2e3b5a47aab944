"""The order desk as clients see it: found orders, many parcels at once, and how each went."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Base64Bytes, Field, StringConstraints

from livecommerce.crossborder.wire import DifferenceOut
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.rules import DisputeState, OrderState
from livecommerce.settlement.wire import ShareOut
from livecommerce.settlement.wire_waiting import InquiryOut
from livecommerce.web.wire import Both, Wire


class Wanted(Wire):
    """Which orders: each filter narrows, ``states`` are alternatives.

    ``q`` is an order's number, a tracking number, a SKU, or the buyer's e-mail address or
    whole name, in any case of letters. Days are those of the centre, both included. ``owing``
    are those of which a failed refund still owes something.
    """

    merchant: str | None = None
    states: list[OrderState] = Field(default_factory=list)
    placed_from: date | None = None
    placed_to: date | None = None
    country: str | None = None
    live: str | None = None
    q: str | None = None
    owing: bool = False


class DeskRow(Wire):
    """An order as the desk lists it. ``recipient`` is null for those who need no addresses;
    ``waiting`` is how many pieces are still to be sent, ``owed`` what a failed refund did not
    bring to the buyer, ``disputed`` what of it the buyer's bank has taken."""

    id: str
    merchant: str
    merchant_name: Both
    live: str | None
    state: OrderState
    total: Money
    refunded: Money
    owed: Money
    dispute: DisputeState | None
    disputed: Money
    inquiry: InquiryOut | None
    country: str
    recipient: str | None
    title: Both
    picture: str | None
    skus: list[str]
    pieces: int
    waiting: int
    cancelled: int
    returns_open: int
    trackings: list[str]
    placed_at: Instant
    paid_at: Instant | None


class OrderShareOut(ShareOut):
    """A merchant's share of one order, and what was sold with it: ``title`` is what the first
    line's product is called, ``pieces`` how many there were in all."""

    title: Both
    pieces: int


Sheet = Annotated[str, StringConstraints(max_length=200_000)]


class ShipMany(Wire):
    """A row for each parcel: order number, carrier, tracking number, and if known the gross
    weight in grams. ``text`` is pasted from a table, ``file`` a CSV or XLSX file in Base64.

    ``dry_run`` does everything that shipping does, and takes it back. With ``merchant``, the
    caller must work for that one; without, each row is asked whose it is.
    """

    merchant: str | None = Field(default=None, max_length=64)
    text: Sheet | None = None
    file: Annotated[Base64Bytes, Field(max_length=700_000)] | None = None
    dry_run: bool = True


class RowFate(StrEnum):
    """What became of one row."""

    SHIPPED = "shipped"
    WOULD_SHIP = "would_ship"
    SHIPPED_BEFORE = "shipped_before"
    REFUSED = "refused"


class SentRowOut(Wire):
    """One row of the sheet, and what became of it. ``problem`` is the code of what stands in
    the way, ``detail`` its sentence, and ``differences`` what customs would not take
    of its papers, to be put right. ``estimated`` when the weight was worked out from the
    goods' own, because the row had none."""

    row: int
    order: str
    carrier: str
    tracking: str
    weight_g: int | None
    estimated: bool
    fate: RowFate
    problem: str | None = None
    detail: str | None = None
    differences: list[DifferenceOut] = Field(default_factory=list)


class ManyOut(Wire):
    """How all rows went."""

    dry_run: bool
    shipped: int
    refused: int
    rows: list[SentRowOut]
