"""What crossborder tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class DeclarationMatched(Event):
    """A consignment's set is complete and agrees with itself: it may be sent."""

    declaration: str
    consignment: str
    order: str
    merchant: str
    attempt: int


class PapersAccepted(Event):
    """Customs has the order, the receipt and the waybill: the inventory may follow."""

    declaration: str
    attempt: int


class DeclarationFiled(Event):
    """The inventory has been sent to customs."""

    declaration: str
    consignment: str
    order: str
    merchant: str
    at: Instant


class DeclarationReleased(Event):
    """Customs let the goods go."""

    declaration: str
    consignment: str
    order: str
    merchant: str
    at: Instant
    inventory_number: str | None


class DeclarationRejected(Event):
    """Customs refused a message of the set; somebody has to correct and resend it."""

    declaration: str
    consignment: str
    order: str
    merchant: str
    message: str
    status: str
    reason: str
    at: Instant


class DeclarationClosed(Event):
    """Customs has finished with the consignment."""

    declaration: str
    consignment: str
    order: str
    merchant: str
    at: Instant


class WithdrawalWanted(Event):
    """An inventory shall be cancelled: its request may be sent."""

    declaration: str
    attempt: int
