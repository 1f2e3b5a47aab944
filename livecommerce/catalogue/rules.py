"""Pure decisions about products, holds and stock."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol


class HoldState(StrEnum):
    """What became of a hold."""

    HELD = "held"
    SOLD = "sold"
    LAPSED = "lapsed"
    RELEASED = "released"


NEXT: Mapping[HoldState, frozenset[HoldState]] = {
    HoldState.HELD: frozenset({HoldState.SOLD, HoldState.LAPSED, HoldState.RELEASED}),
    HoldState.SOLD: frozenset(),
    HoldState.LAPSED: frozenset({HoldState.SOLD}),  # re-claimed for a late payment
    HoldState.RELEASED: frozenset({HoldState.SOLD}),
}


class Reason(StrEnum):
    """Why stock moved; each journal entry has one."""

    RECEIVED = "received"
    COUNTED = "counted"
    HELD = "held"
    SOLD = "sold"
    LAPSED = "lapsed"
    RELEASED = "released"
    RECLAIMED = "reclaimed"
    RETURNED = "returned"


class Choice(Protocol):
    """One dimension of a product: its key and the keys of its values."""

    @property
    def key(self) -> str: ...
    @property
    def value_keys(self) -> Sequence[str]: ...


def options_fit(dimensions: Iterable[Choice], options: Mapping[str, str]) -> bool:
    """Whether ``options`` names exactly one known value in every dimension."""
    known = {d.key: set(d.value_keys) for d in dimensions}
    return known.keys() == options.keys() and all(options[k] in known[k] for k in known)


def claim_key(buyer: str, key: str, position: int = 0) -> str:
    """How a buyer's key is stored: theirs alone, one per line of a claim over several."""
    return f"{buyer}/{position}/{key}"


def masked(name: str) -> str:
    """A buyer's name as others in the room may see it: ``a***``."""
    return f"{name.strip()[:1] or '*'}***"
