"""What a returning client is given: everything it missed, or the word that it must reload.

Never a part of it. A client that is told ``recovered`` may go on as if it had not been away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.realtime.options import RecoveryMode
from streams.realtime.protocol import History, Position, Publication


@dataclass(frozen=True, slots=True)
class Recovered:
    """Whether the gap is closed, and by what."""

    whole: bool
    publications: Sequence[Publication] = ()


def recover(mode: RecoveryMode, asked: Position, found: History) -> Recovered:
    """Close the gap between the client's position and the channel's, or refuse.

    Args:
        mode: whether every publication matters, or only the newest.
        asked: where the client stands; an empty epoch fits any.
        found: in stream mode what follows ``asked``; in cache mode the newest.
    """
    same_life = asked.epoch in {"", found.epoch}
    said = found.publications
    if mode is RecoveryMode.CACHE:
        there_already = same_life and asked.offset == found.offset and asked.offset > 0
        newest = said[-1:]
        return Recovered(bool(newest) or there_already, () if there_already else newest)
    if not same_life:
        return Recovered(whole=False)
    if not said:
        return Recovered(whole=asked.offset == found.offset)
    closes = said[0].offset == asked.offset + 1 and said[-1].offset == found.offset
    return Recovered(whole=True, publications=said) if closes else Recovered(whole=False)


def merge(
    top: Position, heard: Iterable[tuple[Publication, str]]
) -> tuple[list[Publication], bool]:
    """What was heard while history was read and is newer than it, in order.

    Returns:
        The publications after ``top``, and whether they follow on without a gap.
    """
    fresh: dict[int, Publication] = {}
    for publication, epoch in heard:
        if epoch != top.epoch:
            return [], False
        if publication.offset > top.offset:
            fresh.setdefault(publication.offset, publication)
    ordered = [fresh[offset] for offset in sorted(fresh)]
    whole = all(p.offset == top.offset + 1 + i for i, p in enumerate(ordered))
    return ordered, whole
