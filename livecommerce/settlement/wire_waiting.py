"""What merchants and staff see of money that could not be sent or taken back, and of what banks
ask before they take any."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Wire


class UnsentOut(Wire):
    """What is a merchant's and was not sent; asked again then, or when somebody says so."""

    merchant: str
    order: str | None
    amount: Money
    why: str
    refusals: int
    since: Instant
    again_at: Instant | None


class NotBackOut(Wire):
    """What a merchant keeps because the provider would not take it back."""

    id: str
    merchant: str
    order: str | None
    amount: Money
    why: str
    wanted_at: Instant


class InquiryOut(Wire):
    """The buyer's bank asks about the payment; nothing is taken or held. What speaks for the
    merchant reaches it through the centre until ``answer_by``."""

    opened_at: Instant
    answer_by: Instant | None
