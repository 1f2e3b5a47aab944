"""Pure decisions about products, holds and stock."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import product
from typing import Any, Protocol


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
    DAMAGED = "damaged"
    TRANSFERRED = "transferred"
    WRITTEN_OFF = "written_off"


BY_HAND = frozenset({Reason.RECEIVED, Reason.COUNTED, Reason.DAMAGED})
"""What members may book themselves; transfers have a request of their own."""


class LocationKind(StrEnum):
    """What kind of place goods lie at."""

    WAREHOUSE = "warehouse"
    STUDIO = "studio"
    SHOP = "shop"
    OTHER = "other"


class Basis(StrEnum):
    """What a was-price is: the lowest price at which it was sold in the seven days before
    the promotion (China's rules on price fraud), in the thirty days before it (Directive
    98/6/EC, Art. 6a), or the maker's suggested retail price."""

    LOWEST_7_DAYS = "lowest_7_days"
    LOWEST_30_DAYS = "lowest_30_days"
    SUGGESTED = "suggested"


class SheetState(StrEnum):
    """What became of a sheet that was sent."""

    CHECKED = "checked"
    APPLIED = "applied"


def drawn(there: Sequence[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """From which locations ``count`` pieces are taken: the first as far as it goes, then the
    next. Fewer come out where there are fewer in all.

    Args:
        there: each location, in order of priority, with how many lie at it.
    """
    taken = []
    for place, on_hand in there:
        part = min(on_hand, count)
        if part > 0:
            taken.append((place, part))
            count -= part
    return taken


def shared(held: int, parts: Sequence[int]) -> list[int]:
    """``held`` as it goes with parts of a movement: each takes as much of it as it moves, the
    last what is left, so that they sum to it."""
    shares = []
    for part in parts[:-1]:
        share = max(part, held) if held < 0 else min(abs(part), held)
        shares.append(share)
        held -= share
    return [*shares, held]


class Choice(Protocol):
    """One dimension of a product: its key and the keys of its values."""

    @property
    def key(self) -> str: ...
    @property
    def value_keys(self) -> Sequence[str]: ...


class Dimensioned(Choice, Protocol):
    """A dimension whose values, retired ones too, have keys."""

    @property
    def values(self) -> Sequence[Any]: ...


MOST_DIMENSIONS = 8
MOST_VARIANTS = 500


def keys_differ(dimensions: Sequence[Dimensioned]) -> bool:
    """Whether no two dimensions share a key, and no two values of one dimension do."""
    keys = [d.key for d in dimensions]
    inside = [[v.key for v in d.values] for d in dimensions]
    return all(len(set(some)) == len(some) for some in (keys, *inside))


def combinations(dimensions: Sequence[Choice]) -> list[dict[str, str]]:
    """Every variant there can be: one value of each dimension, the last varying fastest."""
    keys = [d.key for d in dimensions]
    return [
        dict(zip(keys, chosen, strict=True))
        for chosen in product(*(d.value_keys for d in dimensions))
    ]


def options_fit(dimensions: Iterable[Choice], options: Mapping[str, str]) -> bool:
    """Whether ``options`` names exactly one known value in every dimension."""
    known = {d.key: set(d.value_keys) for d in dimensions}
    return known.keys() == options.keys() and all(options[k] in known[k] for k in known)


def claim_key(buyer: str, key: str, position: int = 0, *, ours: bool = False) -> str:
    """How a buyer's key is stored: theirs alone, one per line of a claim over several.

    Args:
        ours: the claim is made for the buyer and not by them. Such keys have a space of their
            own, which no key that a client can choose reaches.
    """
    return f"{buyer}/ours/{position}/{key}" if ours else f"{buyer}/{position}/{key}"


def masked(name: str) -> str:
    """A buyer's name as others in the room may see it: ``a***``."""
    return f"{name.strip()[:1] or '*'}***"
