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


class UndoneElsewhere(Conflict):
    """This posting moved an order's or a transfer's money as well, and is undone with it.

    ``instead`` says by what: ``refund`` (of its order), ``provider`` (its word is followed),
    ``bank`` (the bank's decision is) or ``correction`` (of what is available or owed).
    """


class NotByHand(Invalid):
    """Of a merchant's money only what is available or owed is corrected by hand.

    The rest is what orders and transfers say that it is.
    """


class NothingToAdjust(Invalid):
    """An adjustment names a posting to reverse, or entries of its own, and not both."""


class BadPlan(Invalid):
    """The plan contradicts itself, or names a currency for which there is no rate."""
