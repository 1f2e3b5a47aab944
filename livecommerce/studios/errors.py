"""The ways a booking can fail."""

from collections.abc import Sequence
from typing import Any

from livecommerce.kernel.errors import Conflict, Invalid, NotFound


class NoSuchBooking(NotFound):
    """There is no such booking."""


class NoSuchResource(NotFound):
    """There is no such studio, equipment, crew member, or class of them."""


class TooFewExist(Invalid):
    """The centre does not have that many."""


class BadPeriod(Invalid):
    """Nobody may book this period."""


class SlotTaken(Conflict):
    """The studio, or something or somebody wanted with it, is not free for all of that time."""

    def __init__(
        self, *, blockers: Sequence[dict[str, Any]], alternatives: Sequence[dict[str, Any]]
    ) -> None:
        super().__init__()
        self.facts = {"blockers": list(blockers), "alternatives": list(alternatives)}


class WrongBookingState(Conflict):
    """The booking is not in a state that allows this."""


class LiveHasBegun(Conflict):
    """The booking's live session has been on air: end it, and the rest of the slot is free."""


class NotTheHour(Conflict):
    """One checks in from an hour before the slot until its end."""
