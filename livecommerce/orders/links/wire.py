"""Links and what they open, as clients see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.messages.wire import ThreadOut
from livecommerce.orders.rules import CheckoutState
from livecommerce.orders.wire import Email, OrderOut
from livecommerce.web.wire import Wire


class OpenReceipt(Wire):
    """The token that stands behind the ``#`` of a receipt's link. It is sent in a body, since
    addresses are written down in many places."""

    token: str = Field(min_length=1, max_length=300, repr=False)


class ReceiptOut(Wire):
    """The orders of one purchase and what was written about them; to be read, not changed."""

    checkout: str
    state: CheckoutState
    total: Money
    orders: list[OrderOut]
    threads: list[ThreadOut]
    good_until: Instant


class SendReceipt(Wire):
    """Any order of the purchase, and the address its receipt went to."""

    order: str = Field(max_length=64)
    email: Email
