"""The ways buying can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound


class TooDearAtOnce(Invalid):
    """The payment provider cannot take so much in one payment; buy in several parts."""


class NoSuchCheckout(NotFound):
    """There is no such checkout."""


class NoSuchOrder(NotFound):
    """There is no such order."""


class NoSuchConsignment(NotFound):
    """There is no such consignment."""


class AddressNotQuoted(Conflict):
    """The quote was made for another place."""


class PlacedOtherwise(Conflict):
    """The quote was placed already, to another address or e-mail address."""


class PlacedAndCancelled(Conflict):
    """The purchase of this quote was cancelled; set the goods aside and quote them again."""


class NotCancellable(Conflict):
    """The purchase can no longer be cancelled."""


class NotShippable(Conflict):
    """Only pieces of a paid order that is not being refunded whole can be shipped."""


class TrackingMalformed(Invalid):
    """That is no tracking number of this carrier."""


class NoSuchCarrier(Invalid):
    """Our parcels are not carried by that firm; name one of the carriers."""


class ParcelNotDeclarable(Invalid):
    """Customs would refuse the parcel's papers; put right what differs and ship it again."""


class NotRefundable(Conflict):
    """Only what was paid can be refunded."""


class RefundTooMuch(Conflict):
    """That is more than is left of what was paid for the order."""


class RefundNotPositive(Invalid):
    """A refund is at least one minor unit."""


class NothingOwed(Conflict):
    """Nothing is owed: no refund failed, or the money was sent again."""


class MoreThanOwed(Conflict):
    """That is more than is owed."""


class RefundCurrencyDiffers(Invalid):
    """What was paid is refunded in the currency in which it was paid."""


class MoneyDisputed(Conflict):
    """The buyer's bank has taken that money back; it does not go back a second time."""


class NotWhileDisputed(Conflict):
    """The buyer's bank has taken this order's money back, so nothing is sent by mistake."""


class DisputedUnpaid(Conflict):
    """A bank contests a payment that the purchase has not heard of yet."""


class PaidDiffers(Conflict):
    """What was collected is not what the purchase costs."""
