"""The books as beancount's journal text, so that a bookkeeper who is not us can check them."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from payments.chart import CHART, Kind
from payments.ledger import Entry, Line, Posting, postings_after, trial_balance

_ROOT = {
    Kind.ASSET: "Assets",
    Kind.LIABILITY: "Liabilities",
    Kind.REVENUE: "Income",
    Kind.EXPENSE: "Expenses",
    Kind.CLEARING: "Equity",
}
_PAGE = 1000
_FIRST = sa.text("SELECT min(occurred_at) FROM payments.ledger_posting")
_LAST = sa.text("SELECT max(occurred_at) FROM payments.ledger_posting")


async def export(tx: Tx) -> AsyncIterator[str]:
    """The whole journal, piece by piece: accounts, transactions, and at the end what we say
    every account holds, which beancount compares with its own sums.

    Days are UTC. Read it in one REPEATABLE READ transaction, or while nobody posts.
    """
    yield 'option "title" "Livecommerce"\n'
    first = (await tx.execute(_FIRST)).scalar()
    if first is None:
        return
    lines = await trial_balance(tx)
    yield from_lines(lines, first.date())
    after = 0
    while page := await postings_after(tx, after, limit=_PAGE):
        yield "".join(_transaction(posting) for posting in page)
        after = page[-1].id
    last = (await tx.execute(_LAST)).scalar_one().date() + timedelta(days=1)
    yield "".join(_assertion(line, last) for line in lines)


def from_lines(lines: Iterable[Line], first: date) -> str:
    """Every account, opened on the first day."""
    names = sorted({name_of(line.account, line.owner) for line in lines})
    return "\n" + "".join(f"{first} open {name}\n" for name in names)


def name_of(account: str, owner: str | None) -> str:
    """``merchant_pending`` of ``mer_1`` is ``Liabilities:MerchantPending:Mer-1``."""
    code, _, place = account.partition(":")
    parts: Sequence[str] = [part for part in (place, owner) if part]
    camel = "".join(word.capitalize() for word in code.split("_"))
    return ":".join([_ROOT[CHART[code].kind], camel, *(_component(part) for part in parts)])


def _component(text: str) -> str:
    clean = re.sub(r"[^A-Za-z0-9-]", "-", text)
    return clean[:1].upper() + clean[1:]


def _transaction(posting: Posting) -> str:
    day = posting.occurred_at.date()
    head = f"\n{day} * {_quoted(posting.kind)} {_quoted(posting.memo)}\n"
    head += f"  source: {_quoted(posting.source)}\n  posting: {posting.id}\n"
    return head + "".join(_leg(entry) for entry in posting.entries)


def _leg(entry: Entry) -> str:
    return f"  {name_of(entry.account, entry.owner)}  {entry.amount}\n"


def _assertion(line: Line, day: date) -> str:
    number, _, currency = str(line.amount).partition(" ")
    # Without a tolerance of its own, beancount lets a difference of one cent pass.
    return f"{day} balance {name_of(line.account, line.owner)}  {number} ~ 0 {currency}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
