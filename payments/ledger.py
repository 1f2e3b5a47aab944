"""The books: every fact about money once, in entries that sum to zero per currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import MOST, Money
from payments import chart
from payments.errors import BeyondCounting, NoSuchPosting, PostingDiffers, Unbalanced


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a posting: a positive amount debits the account, a negative credits it."""

    account: str
    owner: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Posting:
    """One fact in the books, as read back."""

    id: int
    kind: str
    source: str
    memo: str
    occurred_at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An account's sum, debits positive, in the trial balance."""

    account: str
    owner: str | None
    amount: Money


# Sorted, so that two transactions that need the same new accounts cannot deadlock; looked
# for first, so that a posting to known accounts writes (and burns) nothing.
_OPEN_ACCOUNTS = sa.text("""
INSERT INTO payments.ledger_account (code, kind, normal_side, currency, owner)
SELECT w.code, w.kind, w.side, w.currency, w.owner
FROM unnest(cast(:codes AS text[]), cast(:kinds AS text[]), cast(:sides AS smallint[]),
            cast(:currencies AS text[]), cast(:owners AS text[]))
     AS w (code, kind, side, currency, owner)
WHERE NOT EXISTS (
  SELECT FROM payments.ledger_account a
  WHERE a.code = w.code AND a.currency = w.currency AND a.owner IS NOT DISTINCT FROM w.owner)
ORDER BY w.code, w.currency, w.owner
ON CONFLICT DO NOTHING
""")

_POST = sa.text("""
INSERT INTO payments.ledger_posting (kind, source, memo, occurred_at, entry_count)
VALUES (:kind, :source, :memo, :occurred_at, :count)
ON CONFLICT (source, kind) DO NOTHING RETURNING id
""")

_ENTER = sa.text("""
INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)
SELECT :posting, a.id, w.currency, w.amount
FROM unnest(cast(:codes AS text[]), cast(:currencies AS text[]), cast(:owners AS text[]),
            cast(:amounts AS bigint[]))
     WITH ORDINALITY AS w (code, currency, owner, amount, ord)
JOIN payments.ledger_account a
  ON a.code = w.code AND a.currency = w.currency AND a.owner IS NOT DISTINCT FROM w.owner
ORDER BY w.ord
""")

_READ = """
SELECT p.id, p.kind, p.source, p.memo, p.occurred_at,
       a.code, a.owner, e.amount_minor, e.currency
FROM payments.ledger_posting p
JOIN payments.ledger_entry e ON e.posting_id = p.id
JOIN payments.ledger_account a ON a.id = e.account_id
WHERE {where} ORDER BY p.id, e.id
"""

# What is folded by month, and the entries after the horizon up to which it is.
_SUMS = """
SELECT {told}
  coalesce((SELECT sum(m.sum_minor) FROM payments.ledger_month m
            WHERE m.account_id = a.id), 0)
+ coalesce((SELECT sum(e.amount_minor) FROM payments.ledger_entry e
            WHERE e.account_id = a.id AND e.id > coalesce(
              (SELECT h.entry_id FROM payments.ledger_horizon h), 0)), 0)
FROM payments.ledger_account a WHERE a.code = :code {which}
"""
_ONE = "AND a.currency = :currency AND a.owner IS NOT DISTINCT FROM :owner"
_BALANCE = sa.text(_SUMS.format(told="", which=_ONE))
_BALANCES = sa.text(
    _SUMS.format(told="a.owner, a.currency,", which="ORDER BY a.owner NULLS FIRST, a.currency")
)

_TRIAL = sa.text("""
SELECT a.code, a.owner, a.currency, sum(s.minor) FROM (
  SELECT account_id, sum_minor AS minor FROM payments.ledger_month
  UNION ALL
  SELECT account_id, amount_minor FROM payments.ledger_entry
  WHERE id > coalesce((SELECT entry_id FROM payments.ledger_horizon), 0)
) s JOIN payments.ledger_account a ON a.id = s.account_id
WHERE cast(:owner AS text) IS NULL OR a.owner = :owner
GROUP BY a.id ORDER BY a.code, a.owner NULLS FIRST, a.currency
""")


async def post(
    tx: Tx,
    *,
    kind: str,
    source: str,
    entries: Sequence[Entry],
    occurred_at: datetime,
    memo: str = "",
) -> bool:
    """Enter one fact. Entering it again changes nothing; True the first time.

    Entries of nothing are left out; entries of one account are kept apart.

    Raises:
        Unbalanced: the entries do not sum to zero in every currency, or are fewer than two.
        NoSuchAccount: an entry names an account outside the chart.
        PostingDiffers: this source and kind stand in the books with other entries.
    """
    entries = [entry for entry in entries if entry.amount]
    must_be_postable(entries)
    lines = [chart.account(entry.account, owner=entry.owner) for entry in entries]
    columns = {
        "codes": [entry.account for entry in entries],
        "currencies": [entry.amount.currency for entry in entries],
        "owners": [entry.owner for entry in entries],
    }
    row = {"kind": kind, "source": source, "memo": memo, "occurred_at": occurred_at}
    posting = (await tx.execute(_POST, {**row, "count": len(entries)})).scalar()
    if posting is None:
        (old,) = await _read(tx, "p.source = :source AND p.kind = :kind", row)
        if sorted(old.entries, key=repr) != sorted(entries, key=repr):
            raise PostingDiffers(source=source, kind=kind)
        return False
    sides = {"kinds": [line.kind.value for line in lines]}
    normal = {"sides": [line.normal_side for line in lines]}
    await tx.execute(_OPEN_ACCOUNTS, {**columns, **sides, **normal})
    amounts = [entry.amount.minor for entry in entries]
    await tx.execute(_ENTER, {**columns, "posting": posting, "amounts": amounts})
    return True


async def reverse(
    tx: Tx, *, kind: str, source: str, reason: str, occurred_at: datetime
) -> bool:
    """Undo a posting by its mirror image; the books are never edited.

    Raises:
        NoSuchPosting: nothing stands in the books under this source and kind.
    """
    where = "p.source = :source AND p.kind = :kind"
    found = await _read(tx, where, {"source": source, "kind": kind})
    if not found:
        raise NoSuchPosting(source=source, kind=kind)
    mirrored = [Entry(e.account, e.owner, -e.amount) for e in found[0].entries]
    return await post(
        tx,
        kind=f"{kind}.reversed",
        source=source,
        entries=mirrored,
        occurred_at=occurred_at,
        memo=reason,
    )


async def stands(tx: Tx, *, kind: str, source: str) -> bool:
    """Whether this was posted."""
    there = sa.text(
        "SELECT 1 FROM payments.ledger_posting WHERE source = :source AND kind = :kind"
    )
    return (await tx.execute(there, {"source": source, "kind": kind})).first() is not None


async def balance(tx: Tx, account: str, currency: str, owner: str | None = None) -> Money:
    """What stands in the account, positive on the side on which it normally grows.

    Raises:
        NoSuchAccount: the chart has no such account.
    """
    line = chart.account(account, owner=owner)
    what = {"code": account, "currency": currency, "owner": owner}
    summed = (await tx.execute(_BALANCE, what)).scalar() or 0
    return Money(int(summed) * line.normal_side, currency)


def balance_within(account: str, currency: str, owner: str | None = None) -> Any:
    """:func:`balance` in minor units as a part of another statement, so that it is of the same
    moment as the rest of it.

    Raises:
        NoSuchAccount: the chart has no such account.
    """
    line = chart.account(account, owner=owner)
    what = {"code": account, "currency": currency, "owner": owner}
    named: list[Any] = [sa.bindparam(n, value, unique=True) for n, value in what.items()]
    summed = _BALANCE.bindparams(*named).columns(minor=sa.BigInteger).scalar_subquery()
    return sa.func.coalesce(summed, 0) * line.normal_side


async def balances(tx: Tx, account: str) -> list[Line]:
    """What stands in an account, of every owner and in every currency, debits positive."""
    rows = await tx.execute(_BALANCES, {"code": account})
    return [Line(account, owner, Money(int(m), currency)) for owner, currency, m in rows]


async def trial_balance(tx: Tx, *, owner: str | None = None) -> list[Line]:
    """Every account's sum, debits positive; of one owner, or of all. All accounts of a
    currency sum to zero."""
    rows = await tx.execute(_TRIAL, {"owner": owner})
    return [Line(code, owner, Money(int(m), currency)) for code, owner, currency, m in rows]


async def journal(
    tx: Tx, *, source_prefix: str = "", sources: Sequence[str] | None = None
) -> list[Posting]:
    """The postings of these sources, or of all that begin so, oldest first."""
    if sources is not None:
        return await _read(tx, "p.source = ANY (:sources)", {"sources": list(sources)})
    return await _read(tx, "starts_with(p.source, :prefix)", {"prefix": source_prefix})


async def postings_after(tx: Tx, posting: int, *, limit: int) -> list[Posting]:
    """The next postings in the order in which they were entered."""
    page = "p.id IN (SELECT id FROM payments.ledger_posting WHERE id > :after"
    page += " ORDER BY id LIMIT :most)"
    return await _read(tx, page, {"after": posting, "most": limit})


async def _read(tx: Tx, where: str, binds: dict[str, object]) -> list[Posting]:
    rows = await tx.execute(sa.text(_READ.format(where=where)), binds)
    postings: list[Posting] = []
    for _, lines in groupby(rows, key=lambda row: row.id):
        first, *others = lines
        entries = tuple(
            Entry(line.code, line.owner, Money(line.amount_minor, line.currency))
            for line in (first, *others)
        )
        posting = Posting(
            first.id, first.kind, first.source, first.memo, first.occurred_at, entries
        )
        postings.append(posting)
    return postings


async def must_stay_countable(tx: Tx, entries: Sequence[Entry]) -> None:
    """Whether every account could still be told with these entries. What is sold never comes
    near; what somebody types may.

    Raises:
        BeyondCounting: an account's sum would be more than an amount can be.
        NoSuchAccount: one names an account outside the chart.
    """
    sums: dict[tuple[str, str | None, str], int] = {}
    for entry in entries:
        place = (entry.account, entry.owner, entry.amount.currency)
        sums[place] = sums.get(place, 0) + entry.amount.minor
    for (account, owner, currency), more in sorted(sums.items(), key=repr):
        side = chart.account(account, owner=owner).normal_side
        now = (await balance(tx, account, currency, owner)).minor * side
        if abs(now + more) > MOST:
            raise BeyondCounting(account=account, owner=owner, currency=currency)


def must_be_postable(entries: Sequence[Entry]) -> None:
    """Whether these entries could be a posting.

    Raises:
        Unbalanced: they do not sum to zero in every currency, or are fewer than two.
        NoSuchAccount: one names an account outside the chart.
    """
    sums: dict[str, int] = {}
    for entry in entries:
        chart.account(entry.account, owner=entry.owner)
        currency = entry.amount.currency
        sums[currency] = sums.get(currency, 0) + entry.amount.minor
    if len(entries) < 2 or any(sums.values()):
        off = " ".join(f"{currency}:{minor}" for currency, minor in sums.items() if minor)
        raise Unbalanced(entries=len(entries), off_by=off)
