"""A merchant's receipts of a year, as they and finance see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Wire


class AlertOut(Wire):
    """A threshold, and when this year's receipts passed it."""

    threshold: Money
    passed_at: Instant | None


class ReceiptsOut(Wire):
    """A merchant's receipts of a calendar year (in China), in US dollars; ``waiting`` sales
    are not in it yet, for want of a rate."""

    year: int
    total: Money
    waiting: int = Field(examples=[0])
    alerts: list[AlertOut]
