"""The ways working on many orders can fail."""

from livecommerce.kernel.errors import Invalid


class NoSheet(Invalid):
    """Send either a text or a file, in CSV or XLSX, with a row for each parcel."""


class TooManyOrders(Invalid):
    """That are more orders than one table holds; narrow the filter."""
