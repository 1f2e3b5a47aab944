"""Reading live sessions."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor, Page
from streams.sessions.errors import NoSuchLive
from streams.sessions.rules import OVER, State
from streams.sessions.tables import LiveSession


async def get(tx: Tx, live: str) -> LiveSession:
    """The live session of that id.

    Raises:
        NoSuchLive: there is none.
    """
    found = await find(tx, live)
    if found is None:
        raise NoSuchLive(live=live)
    return found


async def find(tx: Tx, live: str) -> LiveSession | None:
    """The live session of that id, if there is one, as it is now."""
    return await tx.get(LiveSession, live, populate_existing=True)


async def for_reference(tx: Tx, reference: str) -> LiveSession | None:
    """The live session made for that reference, other than cancelled ones and rehearsals."""
    found = await tx.execute(
        sa.select(LiveSession).where(
            col(LiveSession.reference) == reference,
            col(LiveSession.state) != State.CANCELLED,
            col(LiveSession.rehearsal).is_(False),
        )
    )
    return found.scalar_one_or_none()


async def for_references(tx: Tx, references: Collection[str]) -> Sequence[LiveSession]:
    """Those made for any of the references, other than cancelled ones and rehearsals."""
    found = await tx.execute(
        sa.select(LiveSession).where(
            col(LiveSession.reference).in_(references),
            col(LiveSession.state) != State.CANCELLED,
            col(LiveSession.rehearsal).is_(False),
        )
    )
    return found.scalars().all()


async def listed(
    tx: Tx,
    *,
    states: Collection[State] = tuple(State),
    hosts: Collection[str] | None = None,
    rehearsals: bool = False,
    after: Cursor | None = None,
    limit: int = 50,
) -> Page[LiveSession]:
    """Those in one of the states, latest slot first.

    Args:
        hosts: only of these ``host_reference``s.
        after: go on after this row of an earlier page.
    """
    row = sa.tuple_(col(LiveSession.starts_at), col(LiveSession.id))
    query = (
        sa.select(LiveSession)
        .where(col(LiveSession.state).in_(states))
        .order_by(col(LiveSession.starts_at).desc(), col(LiveSession.id).desc())
        .limit(limit + 1)
    )
    if hosts is not None:
        query = query.where(col(LiveSession.host_reference).in_(hosts))
    if not rehearsals:
        query = query.where(col(LiveSession.rehearsal).is_(False))
    if after is not None:
        last = sa.tuple_(sa.literal(after.at, sa.DateTime(timezone=True)), sa.literal(after.id))
        query = query.where(row < last)
    found = (await tx.execute(query)).scalars().all()
    items = found[:limit]
    more = Cursor(items[-1].starts_at, items[-1].id) if len(found) > limit else None
    return Page(items, more)


async def not_over(tx: Tx, lives: Collection[str]) -> set[str]:
    """Which of these live sessions are still to come or on air."""
    found = sa.select(col(LiveSession.id)).where(
        col(LiveSession.id).in_(lives), col(LiveSession.state).not_in(OVER)
    )
    return set((await tx.execute(found)).scalars())
