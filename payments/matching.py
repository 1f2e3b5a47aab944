"""Which lines of the provider's balance and which of our postings belong together. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from livecommerce.kernel.money import Money
from payments.outgoing import Line, Unread

BALANCE = "balance"
"""What the sums differ by and no other difference explains, as a thing."""


class Match(StrEnum):
    """How one movement of our balance compares."""

    MATCHED = "matched"
    YOUNG = "young"  # not yet, and too young to be missed
    MISSING_HERE = "missing_here"  # the provider has it, our books have not
    MISSING_THERE = "missing_there"  # our books have it, the provider has not
    DIFFERING = "differing"
    UNREADABLE = "unreadable"  # what the provider has cannot be counted


@dataclass(frozen=True, slots=True)
class Posted:
    """What our books put on the provider's accounts for one thing (a payment, a refund, a
    transfer, a dispute, a payout), in one currency."""

    thing: str
    kind: str
    net: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing in one currency, on both sides; ``at`` is when it was first heard of."""

    thing: str
    match: Match
    kind: str
    ours: Money
    theirs: Money
    lines: tuple[str, ...]
    at: datetime


def compare(
    lines: Iterable[Line],
    posted: Iterable[Posted],
    names: Mapping[str, str],
    *,
    since: datetime,
    until: datetime,
    unread: Iterable[Unread] = (),
) -> list[Compared]:
    """Both sides summed by thing and currency, and held against each other.

    Args:
        names: what the provider's objects are called in our books; what is not there is
            called by its line.
        since: what is older and has no counterpart, or has but did not change since, is not
            judged: the rest of it may lie before what was fetched.
        until: what is younger may simply not have met its counterpart yet.
        unread: lines that cannot be counted. What they belong to is not judged.
    """
    dark = {names.get(one.source or "", names.get(one.id, one.id)) for one in unread}
    theirs: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        thing = names.get(line.source or "", names.get(line.id, line.id))
        theirs.setdefault((thing, line.net.currency), []).append(line)
    ours: dict[tuple[str, str], list[Posted]] = {}
    for one in posted:
        ours.setdefault((one.thing, one.net.currency), []).append(one)
    found = []
    for key in sorted(key for key in ours.keys() | theirs.keys() if key[0] not in dark):
        there, here = theirs.get(key, []), ours.get(key, [])
        compared = _compared(key, there, here, until)
        first_or_last = max(_times(there, here)) if there and here else compared.at
        if compared.match is Match.MATCHED or first_or_last >= since:
            found.append(compared)
    return found


def _times(lines: list[Line], posted: list[Posted]) -> list[datetime]:
    return [line.at for line in lines] + [one.at for one in posted]


def _compared(
    key: tuple[str, str], lines: list[Line], posted: list[Posted], until: datetime
) -> Compared:
    thing, currency = key
    mine = Money.sum((one.net for one in posted), currency)
    their = Money.sum((line.net for line in lines), currency)
    times = _times(lines, posted)
    if mine == their:
        match = Match.MATCHED
    elif max(times) > until:
        match = Match.YOUNG
    elif not posted:
        match = Match.MISSING_HERE
    elif not lines:
        match = Match.MISSING_THERE
    else:
        match = Match.DIFFERING
    kind = lines[0].kind if lines else posted[0].kind
    numbers = tuple(line.id for line in lines)
    return Compared(thing, match, kind, mine, their, numbers, min(times))
