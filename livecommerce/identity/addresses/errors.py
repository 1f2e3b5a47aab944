"""The ways an address can be refused."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound


class AddressWrong(Invalid):
    """The address does not fit its country.

    ``fields`` says of each field that is wrong whether it is ``required``, ``unknown`` (not one
    of the country's choices) or ``malformed``. What was typed is not repeated.
    """


class NoSuchAddress(NotFound):
    """There is no such address."""


class NoSuchCountry(NotFound):
    """There is no country with that code."""


class TooManyAddresses(Conflict):
    """No more addresses can be saved; remove one first."""
