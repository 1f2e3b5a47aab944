"""The ways live commerce can fail."""

from livecommerce.kernel.errors import Conflict, Denied, Invalid, NotFound


class NoSuchCard(NotFound):
    """There is no such card on this shelf."""


class OnShelfAlready(Conflict):
    """The product is on this shelf already."""


class ShelfFull(Conflict):
    """The shelf holds no more cards."""


class NotOnAir(Conflict):
    """The live session is not on air."""


class OverAlready(Conflict):
    """The live session is over."""


class NotPrepared(Conflict):
    """Something must be done before the live session may go on air."""


class NotSoldHere(Invalid):
    """The variant is not on this shelf."""


class CardInOtherCurrency(Conflict):
    """The product is priced in another currency now; take the card off and put it on again."""


class ForeignProduct(NotFound):
    """There is no such product."""


class OutsideSlot(Conflict):
    """The booking cannot carry a live session."""


class BadOrder(Invalid):
    """The order does not name exactly the cards on the shelf."""


class NotForYou(Denied):
    """This channel is not for you."""
