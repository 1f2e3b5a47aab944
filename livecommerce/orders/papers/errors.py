"""The ways printing can fail."""

from livecommerce.kernel.errors import Conflict, NotFound


class NoInvoiceYet(NotFound):
    """There is no invoice for this order yet; it is written when the order is shipped."""


class NotInvoiceable(Conflict):
    """Only an order that was paid has an invoice."""
