"""The ways cancelling can fail."""

from livecommerce.kernel.errors import Conflict, Invalid


class NothingToCancel(Conflict):
    """Nothing of the order waits to be sent, so nothing can be cancelled."""


class NotYourReason(Invalid):
    """That reason is not one of yours to give."""
