"""The states of a place in the line. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class PlaceState(StrEnum):
    """What became of a place."""

    WAITING = "waiting"
    SERVED = "served"  # the piece was set aside for them
    LEFT = "left"


NEXT: Mapping[PlaceState, frozenset[PlaceState]] = {
    PlaceState.WAITING: frozenset({PlaceState.SERVED, PlaceState.LEFT}),
    PlaceState.SERVED: frozenset(),
    PlaceState.LEFT: frozenset(),
}

TO_ACT = timedelta(minutes=15)
"""How long the next in line has the piece before the one after does."""
