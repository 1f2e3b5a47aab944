"""The ways bringing goods back can fail."""

from livecommerce.kernel.errors import Conflict, Invalid, NotFound


class NoSuchReturn(NotFound):
    """There is no such return."""


class TooLateToReturn(Conflict):
    """The time in which these goods could be asked back is over."""


class NothingToReturn(Conflict):
    """Nothing of the order was sent yet, so nothing can come back."""


class WrongReturnState(Conflict):
    """The return is not in a state that allows this."""


class NotAReplacement(Invalid):
    """Only another variant of the same product can be sent instead."""


class CountsDiffer(Invalid):
    """Every piece that came back is either restocked or written off, and none twice."""
