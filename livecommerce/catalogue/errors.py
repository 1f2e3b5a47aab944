"""The ways selling can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound, Throttled, Unavailable


class SoldOut(Conflict):
    """Too few of it are left."""


class SpecialGone(Conflict):
    """The special price is over, or all its pieces are taken."""


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


class HoldInCheckout(Conflict):
    """The hold is in a purchase of yours already; go on with that one, or cancel it."""


class HoldGone(Conflict):
    """A hold has ended, so its goods are for sale again."""


class NotPriced(Conflict):
    """The variant has no price in this currency."""


class PriceNotPositive(Invalid):
    """A price is at least one minor unit."""


class PriceNotPayable(Invalid):
    """The payment provider cannot take such a price."""


class CurrenciesDiffer(Invalid):
    """All variants of a product are priced in one currency; others go in price lists."""


class SkuTaken(Conflict):
    """The merchant already uses this SKU."""


class OptionsWrong(Invalid):
    """The variant's options do not match the product's."""


class StockShort(Conflict):
    """More is held than would be left on hand."""


class NoSuchLocation(NotFound):
    """The merchant has no such location."""


class EditedMeanwhile(Conflict):
    """Somebody else has changed the product since you opened it."""


class DimensionInUse(Conflict):
    """Variants differ in this dimension; remove its values until one is left."""


class ExistingValueMissing(Invalid):
    """Say which value of the new dimension the existing variants have."""


class TooManyVariants(Invalid):
    """That would be too many variants of one product."""


class NoSuchPicture(Invalid):
    """The picture has not been uploaded."""


class NotAPicture(Invalid):
    """The file is not a picture that can be read: JPEG, PNG, WebP, GIF, TIFF or BMP."""


class PictureTooLarge(Invalid):
    """The picture has too many bytes or too many dots."""


class WasNotHigher(Invalid):
    """A was-price is higher than the price."""


class NoSuchImport(NotFound):
    """There is no such import."""


class ImportHasErrors(Conflict):
    """The sheet has rows with errors; nothing was changed."""


class PlanChanged(Conflict):
    """The catalogue has changed since the preview; look again."""


class AppliedAlready(Conflict):
    """The sheet has been applied."""


class CurrencyMixed(Invalid):
    """Holds in different currencies cannot be bought together."""
