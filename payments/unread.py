"""What stands on our balance at the provider and cannot be read: a difference of its own, that
keeps nothing else from being compared.

It has no figures, since there are none that we could count: its lines carry the provider's own
words. It is explained in words, or closed by a run that can read it.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from payments.matching import Match
from payments.outgoing import Unread
from payments.tables_reconciling import ITSELF, ReconciliationItem

NO_CURRENCY = "XXX"
"""What ISO 4217 calls the absence of a currency."""


async def note(tx: Tx, one: Unread, *, now: datetime) -> None:
    """Write it down, or leave it as it is: once explained it stays so."""
    row = ReconciliationItem(
        id=ids.new("rci"),
        thing=one.id,
        match=Match.UNREADABLE,
        kind=one.kind,
        currency=one.currency or NO_CURRENCY,
        ours_minor=0,
        theirs_minor=0,
        lines=[one.id, one.says],
        at=one.at or now,
        found_at=now,
    )
    insert = postgresql.insert(ReconciliationItem).values(row.model_dump())
    seen = insert.excluded
    is_news = sa.or_(
        col(ReconciliationItem.match) != Match.UNREADABLE,
        col(ReconciliationItem.closed_by) == ITSELF,
    )
    again = {
        **{name: seen[name] for name in ("match", "ours_minor", "theirs_minor", "lines", "at")},
        **dict.fromkeys(("adjustment", "closed_at", "closed_by", "why")),
    }
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["thing", "currency"], set_=again, where=is_news
        )
    )


async def can_be_read(tx: Tx, lines: Sequence[str], *, now: datetime) -> None:
    """What could not be read before is a line like all others now."""
    item = ReconciliationItem
    waiting = sa.select(col(item.thing)).where(
        col(item.match) == Match.UNREADABLE, col(item.closed_at).is_(None)
    )
    found = set((await tx.execute(waiting)).scalars()) & set(lines)
    read = sa.update(item).where(
        col(item.thing).in_(found),
        col(item.match) == Match.UNREADABLE,
        col(item.closed_at).is_(None),
    )
    closed = read.values(closed_at=now, closed_by=ITSELF, why="readable")
    await tx.execute(closed.execution_options(synchronize_session=False))
