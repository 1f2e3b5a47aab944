"""The ways identity can fail."""

from livecommerce.kernel.errors import (
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Throttled,
    Unauthenticated,
)


class WrongPassword(Unauthenticated):
    """The e-mail address or the password is wrong."""


class TooManyAttempts(Throttled):
    """Too many sign-in attempts; wait a while."""


class BadKey(Unauthenticated):
    """The API key is unknown, expired or revoked."""


class BadToken(Unauthenticated):
    """The room token is not one of ours."""


class TokenExpired(BadToken):
    """The room token has expired; fetch another."""


class CsrfMissing(Denied):
    """The request lacks the token that proves it comes from our own pages."""


class CrossSite(Denied):
    """Another site's page may not make this request."""


class NoSuchMerchant(NotFound):
    """There is no such merchant."""


class NoSuchKey(NotFound):
    """There is no such API key."""


class EmailTaken(Conflict):
    """Somebody already has this e-mail address."""


class MerchantTaken(Conflict):
    """A merchant with this name or credit code is already registered."""


class BadCreditCode(Invalid):
    """The unified social credit code has a wrong check character."""


class KeyEndsBeforeItBegins(Invalid):
    """A key must end in the future; leave its end out for one that lasts until revoked."""


class ScopesDoNotFit(Invalid):
    """A key is either for one merchant with merchant roles, or for the centre with staff's."""
