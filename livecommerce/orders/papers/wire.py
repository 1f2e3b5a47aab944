"""Invoices as clients see them, and what shall be printed."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.papers.rules import InvoiceKind, Paper
from livecommerce.web.wire import Wire

MOST = 100


def _once(orders: list[str]) -> list[str]:
    return list(dict.fromkeys(orders))


class InvoiceOut(Wire):
    """An invoice or a credit note; the PDF is at ``href``."""

    id: str
    kind: InvoiceKind
    number: str
    order: str
    total: Money
    issued_at: Instant
    href: str


class Print(Wire):
    """Papers for these orders, in this language."""

    orders: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]],
        Field(min_length=1, max_length=MOST),
        AfterValidator(_once),
    ]
    paper: Paper
    lang: Literal["zh", "en"] = "zh"
