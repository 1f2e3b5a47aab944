"""Reading quotes and declarations."""

from collections.abc import Sequence
from datetime import datetime

from livecommerce.crossborder.wire import DeclarationOut, QuoteOut
from livecommerce.kernel.db import Tx


async def quote(tx: Tx, id_: str, *, buyer: str | None = None) -> QuoteOut:
    """The quote as it was promised. With ``buyer``, somebody else's is not found.

    Raises:
        NoSuchQuote, QuoteAltered.
    """
    raise NotImplementedError


async def valid_quote(tx: Tx, id_: str, *, buyer: str | None = None, now: datetime) -> QuoteOut:
    """Like :func:`quote`, for placing a checkout on it.

    Raises:
        NoSuchQuote, QuoteAltered, QuoteExpired.
    """
    raise NotImplementedError


async def declaration(tx: Tx, id_: str) -> DeclarationOut:
    """One declaration. Raises NoSuchDeclaration."""
    raise NotImplementedError


async def of_orders(tx: Tx, orders: Sequence[str]) -> list[DeclarationOut]:
    """The declarations of these orders, oldest first."""
    raise NotImplementedError
