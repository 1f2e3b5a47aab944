"""Folds entries into monthly sums, so that a balance is read in a few rows. The months are
those of the centre's calendar, by which its papers are dated.

Nothing is folded while it is written: an order's transaction touches no row that another
wants. A job comes behind and adds up what has settled.
"""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Database, one_at_a_time, sqlstate

_PATIENCE = sa.text("SET LOCAL lock_timeout = '300ms'")
# Ids are handed out before their transactions commit. While this lock is held nobody is in
# the middle of entering, so every entry up to the greatest id is there or never will be.
_STILL = sa.text("LOCK TABLE payments.ledger_entry IN SHARE MODE")
_LAST = sa.text("SELECT coalesce(max(id), 0) FROM payments.ledger_entry")
_HORIZON = sa.text("SELECT coalesce(max(entry_id), 0) FROM payments.ledger_horizon")
_FOLD = sa.text(f"""
INSERT INTO payments.ledger_month AS m
  (account_id, month, sum_minor, entries, first_id, last_id)
SELECT e.account_id,
       date_trunc('month', p.occurred_at AT TIME ZONE '{BEIJING.key}')::date AS month,
       sum(e.amount_minor), count(*), min(e.id), max(e.id)
FROM payments.ledger_entry e JOIN payments.ledger_posting p ON p.id = e.posting_id
WHERE e.id > :since AND e.id <= :until
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (account_id, month) DO UPDATE SET
  sum_minor = m.sum_minor + excluded.sum_minor, entries = m.entries + excluded.entries,
  first_id = least(m.first_id, excluded.first_id),
  last_id = greatest(m.last_id, excluded.last_id)
""")  # noqa: S608 -- nothing of it comes from outside
_MOVE = sa.text("""
INSERT INTO payments.ledger_horizon (id, entry_id, folded_at) VALUES (1, :until, :now)
ON CONFLICT (id) DO UPDATE SET entry_id = excluded.entry_id, folded_at = excluded.folded_at
""")

AT_ONCE = 500_000
_LOCK_NOT_AVAILABLE = "55P03"


async def fold(db: Database, *, now: datetime, most: int = AT_ONCE) -> int:
    """Fold what was entered since the last time; how many entries that was.

    While somebody takes long over a posting, nothing is folded: balances stay right without
    it, and the next time will do.
    """
    until = await _settled(db)
    total = 0
    while until is not None:
        async with db.begin() as tx:
            await one_at_a_time(tx, "ledger-fold")
            since = int((await tx.execute(_HORIZON)).scalar_one())
            upto = min(until, since + most)
            if upto <= since:
                break
            await tx.execute(_FOLD, {"since": since, "until": upto})
            await tx.execute(_MOVE, {"until": upto, "now": now})
        total += upto - since
    return total


async def _settled(db: Database) -> int | None:
    """The greatest entry id below which nothing is still being entered."""
    try:
        async with db.begin() as tx:
            await tx.execute(_PATIENCE)
            await tx.execute(_STILL)
            return int((await tx.execute(_LAST)).scalar_one())
    except sa.exc.DBAPIError as error:
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        return None
