"""From a balance down to the postings that made it, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from payments import chart


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry on an account and the posting it belongs to. ``amount`` and ``balance`` are
    positive on the side on which the account normally grows; ``balance`` is what stood in
    the account once this was entered."""

    entry: int
    posting: int
    kind: str
    source: str
    memo: str
    occurred_at: datetime
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Explained:
    """An account's balance and its newest movements; ``after`` is where to go on from."""

    balance: Money
    movements: Sequence[Movement]
    after: int | None


@dataclass(frozen=True, slots=True)
class Month:
    """What happened on one account in one calendar month (Beijing), oldest first."""

    opening: Money
    movements: Sequence[Movement]
    closing: Money


_ZONE = f"'{BEIJING.key}'"
_ACCOUNT = """
SELECT id FROM payments.ledger_account
WHERE code = :code AND currency = :currency AND owner IS NOT DISTINCT FROM :owner
"""

_NEWEST = sa.text("""
SELECT e.id, e.amount_minor, p.id AS posting, p.kind, p.source, p.memo, p.occurred_at
FROM payments.ledger_entry e JOIN payments.ledger_posting p ON p.id = e.posting_id
WHERE e.account_id = :account AND e.id < :before
ORDER BY e.id DESC LIMIT :most
""")

# The newest entries are few and not folded; the months hold the rest.
_UP_TO = sa.text("""
WITH h AS (SELECT coalesce(max(entry_id), 0) AS entry_id FROM payments.ledger_horizon)
SELECT coalesce((SELECT sum(sum_minor) FROM payments.ledger_month
                 WHERE account_id = :account), 0)
     + coalesce((SELECT sum(amount_minor) FROM payments.ledger_entry, h
                 WHERE account_id = :account AND id > h.entry_id), 0)
     - coalesce((SELECT sum(amount_minor) FROM payments.ledger_entry
                 WHERE account_id = :account AND id >= :before), 0)
""")

# The entries in question are few, whatever the planner thinks of a horizon that it does not
# know: OFFSET 0 keeps it from reading every posting there is to join them.
_POSTING = """
CROSS JOIN LATERAL (
  SELECT q.id, q.kind, q.source, q.memo, q.occurred_at FROM payments.ledger_posting q
  WHERE q.id = e.posting_id OFFSET 0
) p
"""

_OPENING = sa.text(f"""
WITH h AS (SELECT coalesce(max(entry_id), 0) AS entry_id FROM payments.ledger_horizon)
SELECT coalesce((SELECT sum(sum_minor) FROM payments.ledger_month
                 WHERE account_id = :account AND month < :since), 0)
     + coalesce((SELECT sum(e.amount_minor) FROM h, payments.ledger_entry e {_POSTING}
                 WHERE e.account_id = :account AND e.id > h.entry_id
                   AND p.occurred_at < cast(:since AS timestamp) AT TIME ZONE {_ZONE}), 0)
""")  # noqa: S608 -- nothing of it comes from outside

# A month's entries lie between the ids that its fold knows, and after the horizon.
_OF_MONTH = sa.text(f"""
WITH h AS (SELECT coalesce(max(entry_id), 0) AS entry_id FROM payments.ledger_horizon),
m AS (SELECT first_id, last_id FROM payments.ledger_month
      WHERE account_id = :account AND month = :since)
SELECT e.id, e.amount_minor, p.id AS posting, p.kind, p.source, p.memo, p.occurred_at
FROM (
  SELECT id, amount_minor, posting_id FROM m, payments.ledger_entry
  WHERE account_id = :account AND id BETWEEN m.first_id AND m.last_id
  UNION ALL
  SELECT id, amount_minor, posting_id FROM h, payments.ledger_entry
  WHERE account_id = :account AND id > h.entry_id
) e {_POSTING}
WHERE p.occurred_at >= cast(:since AS timestamp) AT TIME ZONE {_ZONE}
  AND p.occurred_at < cast(:until AS timestamp) AT TIME ZONE {_ZONE}
ORDER BY p.occurred_at, e.id
""")  # noqa: S608 -- nothing of it comes from outside

_NEWER_THAN_ALL = 2**63 - 1


async def explain(
    tx: Tx,
    account: str,
    currency: str,
    owner: str | None = None,
    *,
    after: int | None = None,
    limit: int = 50,
) -> Explained:
    """The balance of an account, and the movements that led to it, newest first.

    Args:
        after: the entry that the page before ended with.

    Raises:
        NoSuchAccount: the chart has no such account.
    """
    side = chart.account(account, owner=owner).normal_side
    id_ = await _id(tx, account, currency, owner)
    before = _NEWER_THAN_ALL if after is None else after
    binds = {"account": id_, "before": before}
    left = int((await tx.execute(_UP_TO, binds)).scalar_one())
    whole = int((await tx.execute(_UP_TO, {**binds, "before": _NEWER_THAN_ALL})).scalar_one())
    rows = (await tx.execute(_NEWEST, {**binds, "most": limit + 1})).all()
    movements = []
    for row in rows[:limit]:
        movements.append(_movement(row, side, left, currency))
        left -= row.amount_minor
    more = movements[-1].entry if len(rows) > limit else None
    return Explained(Money(whole * side, currency), movements, more)


async def month(tx: Tx, account: str, currency: str, owner: str | None, first: date) -> Month:
    """One account's calendar month, from its opening to its closing balance.

    Raises:
        NoSuchAccount: the chart has no such account.
        ValueError: ``first`` is not the first of a month.
    """
    if first.day != 1:
        raise ValueError("a month begins on its first day")
    side = chart.account(account, owner=owner).normal_side
    id_ = await _id(tx, account, currency, owner)
    until = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    binds = {"account": id_, "since": first, "until": until}
    start = int((await tx.execute(_OPENING, {"account": id_, "since": first})).scalar_one())
    total, movements = start, []
    for row in await tx.execute(_OF_MONTH, binds):
        total += row[1]
        movements.append(_movement(row, side, total, currency))
    return Month(Money(start * side, currency), movements, Money(total * side, currency))


async def _id(tx: Tx, account: str, currency: str, owner: str | None) -> int:
    """The account's number; none has the number 0, and so an unused one has no entries."""
    found = {"code": account, "currency": currency, "owner": owner}
    return int((await tx.execute(sa.text(_ACCOUNT), found)).scalar() or 0)


def _movement(row: Any, side: int, total: int, currency: str) -> Movement:
    # Unpacked at once: thousands of rows, and asking each for its columns by name takes longer.
    entry, minor, posting, kind, source, memo, at = row
    amount, balance = Money(minor * side, currency), Money(total * side, currency)
    return Movement(entry, posting, kind, source, memo, at, amount, balance)
