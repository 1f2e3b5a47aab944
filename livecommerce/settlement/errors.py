"""The ways in which settling can refuse, one sentence each."""

from livecommerce.kernel.errors import Conflict, Denied, Invalid, NotFound


class NoSuchAdjustment(NotFound):
    """There is no such adjustment."""


class AlreadyDecided(Conflict):
    """This adjustment was already approved or refused."""


class SecondPairOfEyes(Denied):
    """Whoever proposed an adjustment cannot approve it."""


class OnlyPeople(Denied):
    """The books are changed by people who are signed in, never by an API key."""


class AlreadyReversed(Conflict):
    """This posting was already reversed."""


class NothingToAdjust(Invalid):
    """An adjustment names a posting to reverse, or entries of its own, and not both."""


class BadPlan(Invalid):
    """The plan contradicts itself, or names a currency for which there is no rate."""
