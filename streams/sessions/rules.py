"""The states of a live session, and which may follow which."""

from enum import StrEnum


class State(StrEnum):
    """Where a live session stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    READY = "ready"
    LIVE = "live"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


S = State

# A lost encoder leads to INTERRUPTED and never to ENDED: only people end a broadcast.
NEXT: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset({S.READY, S.CANCELLED}),
    S.READY: frozenset({S.LIVE, S.CANCELLED}),
    S.LIVE: frozenset({S.PAUSED, S.INTERRUPTED, S.ENDED}),
    S.PAUSED: frozenset({S.LIVE, S.INTERRUPTED, S.ENDED}),
    S.INTERRUPTED: frozenset({S.LIVE, S.ENDED}),
    S.ENDED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),
    S.CANCELLED: frozenset(),
}

ON_AIR = frozenset({S.LIVE, S.PAUSED, S.INTERRUPTED})
TO_COME = frozenset({S.DRAFT, S.SCHEDULED, S.READY})
OVER = frozenset({S.ENDED, S.ARCHIVED, S.CANCELLED})


def before(target: State) -> frozenset[State]:
    """The states from which ``target`` can be entered."""
    return frozenset(state for state, following in NEXT.items() if target in following)
