"""The ways working on many orders can fail."""

from livecommerce.kernel.errors import Invalid


class NoSheet(Invalid):
    """Send either a text or a file, in CSV or XLSX, with a row for each parcel."""


class SheetTooLong(Invalid):
    """That are more rows than are taken at once; send them in parts."""


class TooManyOrders(Invalid):
    """That are more orders than one table holds; narrow the filter."""
