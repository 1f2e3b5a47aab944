"""The ways money can refuse to move, one sentence each."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated, Unavailable


class NoSuchPayment(NotFound):
    """There is no such payment."""


class NoSuchRefund(NotFound):
    """There is no such refund."""


class NoSuchMethod(NotFound):
    """There is no such way to pay."""


class NotOpen(Conflict):
    """This cannot be paid now."""


class PaymentInTheWay(Conflict):
    """Another payment for this is still open or already captured."""


class BadAmount(Invalid):
    """Only a positive amount can be collected or given back."""


class RefundTooLarge(Conflict):
    """That is more than is left of what was captured."""


class RefundDiffers(Conflict):
    """This key already stands for another refund."""


class EndpointOff(NotFound):
    """This webhook endpoint has no secret and is switched off."""


class Forged(Unauthenticated):
    """The signature does not belong to this message."""


class Stale(Unauthenticated):
    """The message was signed too long ago, or in the future."""


class Foreign(Unauthenticated):
    """The message comes from another mode or account."""


class Unreadable(Invalid):
    """The message is signed, but it is not an event as the provider writes them."""


class NotUnderstood(Conflict):
    """The object in the message lacks what we need of it, or contradicts what we know."""


class NoSuchAccount(Invalid):
    """The chart of accounts has no such account."""


class Unbalanced(Invalid):
    """The entries do not sum to zero in every currency."""


class BeyondCounting(Invalid):
    """The posting would carry an account beyond what can be counted."""


class PostingDiffers(Conflict):
    """This source was already posted with other entries."""


class NoSuchPosting(NotFound):
    """There is no such posting."""


class NoSuchPayee(NotFound):
    """Nobody is set up to be paid here."""


class NoSuchTransfer(NotFound):
    """There is no such transfer."""


class NoSuchDispute(NotFound):
    """There is no such dispute."""


class NoSuchDifference(NotFound):
    """There is no such open difference."""


class NothingToEven(Conflict):
    """What the provider has here cannot be counted, so that no posting can even it out; explain
    it in words."""


class BeingExplained(Conflict):
    """A posting that is to explain this difference waits for approval."""


class DifferenceChanged(Conflict):
    """The difference that this was to even out is closed, or is another one by now."""


class DisputeDecided(Conflict):
    """The bank has decided this dispute."""


class TransferNotSent(Unavailable):
    """The transfer is still on its way to the provider; try again a little later."""
