"""Big books in minutes: postings straight into the tables, with the triggers off."""

import time
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from livecommerce.kernel.db import Database, Tx

MERCHANTS = 200
CHUNK = 500_000

_OFF = sa.text("SET LOCAL session_replication_role = replica")
_ACCOUNTS = sa.text("""
INSERT INTO payments.ledger_account (code, kind, normal_side, currency, owner)
SELECT 'merchant_pending', 'L', -1, 'EUR', 'mer_' || n FROM generate_series(0, :last) n
ON CONFLICT DO NOTHING
""")
_PLATFORM = sa.text("""
INSERT INTO payments.ledger_account (code, kind, normal_side, currency, owner)
VALUES ('stripe_pending', 'A', 1, 'EUR', NULL), ('platform_fee', 'R', -1, 'EUR', NULL)
ON CONFLICT DO NOTHING
""")
# Ten million are three quarters of a year, evenly; each is the sale of a random amount.
_POSTINGS = sa.text("""
WITH made AS (
  INSERT INTO payments.ledger_posting (kind, source, memo, occurred_at, entry_count)
  SELECT 'sale', 'ord_load_' || n, '',
         timestamptz '2026-03-01 00:00+00' + n * interval '2.3 s', 2
  FROM generate_series(cast(:first AS bigint), cast(:last AS bigint)) n
  RETURNING id
)
INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)
SELECT m.id, side.account, 'EUR', side.sign * (1000 + m.id % 20000)
FROM made m, LATERAL (
  SELECT a.id AS account, -1 AS sign FROM payments.ledger_account a
  WHERE a.code = 'merchant_pending' AND a.currency = 'EUR'
    AND a.owner = 'mer_' || (m.id * 7919 % :merchants)
  UNION ALL
  SELECT cast(:platform AS bigint), 1
) side
""")
_PENDING = sa.text(
    "SELECT id FROM payments.ledger_account WHERE code = 'stripe_pending'"
    " AND currency = 'EUR' AND owner IS NULL"
)
_RAW = sa.text("""
WITH made AS (
  INSERT INTO payments.ledger_posting (kind, source, memo, occurred_at, entry_count)
  VALUES ('sale', :source, '', :now, 3) RETURNING id
)
INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)
SELECT made.id, a.id, 'EUR', v.amount FROM made,
  (VALUES ('stripe_pending', 12000), ('platform_fee', -600), ('merchant_pending', -11400))
    AS v (code, amount)
JOIN payments.ledger_account a ON a.code = v.code AND a.currency = 'EUR'
 AND a.owner IS NOT DISTINCT FROM CASE WHEN v.code = 'merchant_pending' THEN 'mer_0' END
""")


async def load(db: Database, count: int, *, after: int = 0) -> float:
    """So many sales of two entries each, over the merchants; the seconds it took."""
    began = time.monotonic()
    async with db.begin() as tx:
        await tx.execute(_OFF)
        await tx.execute(_ACCOUNTS, {"last": MERCHANTS - 1})
        await tx.execute(_PLATFORM)
        platform = await tx.scalar(_PENDING)
    for first in range(after + 1, after + count + 1, CHUNK):
        last = min(first + CHUNK - 1, after + count)
        binds = {"first": first, "last": last, "platform": platform, "merchants": MERCHANTS}
        async with db.begin() as tx:
            await tx.execute(_OFF)
            await tx.execute(_POSTINGS, binds)
    async with db.connection() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(sa.text("VACUUM ANALYZE payments.ledger_entry"))
        await alone.execute(sa.text("ANALYZE payments.ledger_posting"))
    return time.monotonic() - began


async def one_raw(tx: Tx, source: str, now: datetime) -> None:
    """One posting of three entries, nothing checked: what the tables could take at most."""
    await tx.execute(_OFF)
    await tx.execute(_RAW, {"source": source, "now": now})


def whole_month(count: int) -> date:
    """The last whole month of so many postings. What a bench posts today is not in it: its
    entries came before the history, and a month is read from its first entry to its last."""
    last = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=2.3 * count)
    return (last.date().replace(day=1) - timedelta(days=1)).replace(day=1)


async def tidy(db: Database) -> None:
    """As autovacuum and checkpoints leave books that grew over months: what was loaded just
    now is on disk, and no reader waits behind gigabytes that are being written."""
    async with db.connection() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in ("ledger_entry", "ledger_posting", "ledger_month"):
            await plain.execute(sa.text(f"VACUUM (ANALYZE) payments.{table}"))
        await plain.execute(sa.text("CHECKPOINT"))
