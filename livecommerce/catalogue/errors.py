"""The ways selling can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound, Throttled, Unavailable


class SoldOut(Conflict):
    """Too few of it are left."""


class TooMany(Conflict):
    """That is more than one buyer may have."""


class TooManyThere(Conflict):
    """That is more than one household may have."""


class KeyTaken(Invalid):
    """This key was used for a different claim."""


class CountWrong(Invalid):
    """A claim is for at least one piece."""


class QueueFull(Throttled):
    """Very many are buying this at the moment."""


class ClaimsDown(Unavailable):
    """The claim could not be settled; try again with the same key."""


class NoSuchProduct(NotFound):
    """There is no such product."""


class NoSuchVariant(NotFound):
    """There is no such variant."""


class NoSuchHold(NotFound):
    """There is no such hold."""


class HoldGone(Conflict):
    """A hold has ended, so its goods are for sale again."""


class NotPriced(Conflict):
    """The variant has no price in this currency."""


class SkuTaken(Conflict):
    """The merchant already uses this SKU."""


class OptionsWrong(Invalid):
    """The variant's options do not match the product's."""


class StockShort(Conflict):
    """More is held than would be left on hand."""


class CurrencyMixed(Invalid):
    """Holds in different currencies cannot be bought together."""
