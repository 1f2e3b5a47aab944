"""The ways quoting and declaring can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NoSuchQuote(NotFound):
    """There is no such quote."""


class QuoteExpired(Conflict):
    """The quote has expired; ask for a new one."""


class QuoteAltered(Conflict):
    """The stored quote does not carry the seal it was made with."""


class NoRate(Invalid):
    """There is no exchange rate for this currency."""


class NotSoldIn(Invalid):
    """Nothing is sold in this currency; choose one of those listed."""


class RatesTooOld(Unavailable):
    """The newest exchange rates we hold are too old to quote with."""


class NoRatesAddress(Conflict):
    """No address is set from which newer exchange rates could be fetched."""


class OlderRates(Conflict):
    """The fetched exchange rates are older than those in use, or of a day to come."""


class ShortRates(Conflict):
    """The fetched exchange rates lack currencies that the product sells in."""


class ImplausibleRates(Conflict):
    """A fetched exchange rate is so far from the last one that somebody has to look at it."""


class NotShippedThere(Invalid):
    """Our shipping tariff has no price for this parcel."""


class DestinationRefused(Invalid):
    """We do not ship to this destination."""


class NoSuchDeclaration(NotFound):
    """There is no such declaration."""


class WrongDeclarationState(Conflict):
    """The declaration is not in a state that allows this."""


class NoCustomsDesk(Unavailable):
    """Nobody is set up to declare: the customs desk is not configured."""


class UnreadableReceipt(Invalid):
    """The customs answer cannot be read."""


class NotClassified(Invalid):
    """The customs code is not one we know; ask a broker."""


class ElementsTooLong(Invalid):
    """The declaration elements are longer than customs takes."""


class UnknownCountry(Invalid):
    """Customs has no number for this country."""


class BadElements(Invalid):
    """An answer to a declaration element is not one that customs takes."""
