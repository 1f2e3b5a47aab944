"""A merchant's statement of one calendar month: every movement between opening and closing."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from livecommerce.identity import queries as people
from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.wire import StatementLine, StatementOut, StatementPart
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from livecommerce.web.wire import Both
from payments import explain, ledger

ACCOUNTS = ("pending", "available", "reserve", "transit", "receivable")


async def statement(tx: Tx, merchant: str, month: date, *, by: Principal) -> StatementOut:
    """What happened on the merchant's accounts in a month (Beijing), by currency.

    Raises:
        NotYours, NoSuchMerchant: it is not the caller's.
    """
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    seller = await people.seller(tx, merchant)
    lines = await ledger.trial_balance(tx, owner=merchant)
    first = month.replace(day=1)
    parts = []
    for currency in sorted({line.amount.currency for line in lines}):
        for name in ACCOUNTS:
            part = await explain.month(tx, f"merchant_{name}", currency, merchant, first)
            if part.movements or part.opening:
                parts.append(_part(name, part))
    return StatementOut(
        merchant=merchant, name=Both(**seller.legal_name), month=first, parts=parts
    )


def as_csv(told: StatementOut) -> str:
    """A line per movement, with opening and closing balances; amounts in major units. It
    begins with a byte-order mark, without which spreadsheets misread Chinese.
    Moments are told by Beijing's clock, as the month is."""
    out = io.StringIO()
    write = csv.writer(out)
    head = ("account", "currency", "at", "kind", "source", "memo", "amount", "balance")
    write.writerow(head)
    for part in told.parts:
        currency = part.opening.currency
        edge = (part.account, currency)
        write.writerow(
            (*edge, told.month.isoformat(), "opening", "", "", "", part.opening.amount)
        )
        for line in part.lines:
            at = line.at.astimezone(BEIJING).isoformat()
            figures = (line.amount.amount, line.balance.amount)
            write.writerow((*edge, at, line.kind, line.source, _plain(line.memo), *figures))
        write.writerow((*edge, "", "closing", "", "", "", part.closing.amount))
    return "\ufeff" + out.getvalue()


def _part(name: str, month: explain.Month) -> StatementPart:
    return StatementPart(
        account=name,
        opening=month.opening,
        closing=month.closing,
        came=_sum(month, positive=True),
        went=_sum(month, positive=False),
        lines=_lines(month.movements),
    )


def _lines(movements: Sequence[explain.Movement]) -> list[StatementLine]:
    return [
        StatementLine(
            at=m.occurred_at,
            kind=m.kind,
            source=m.source,
            memo=m.memo,
            amount=m.amount,
            balance=m.balance,
        )
        for m in movements
    ]


def _sum(month: explain.Month, *, positive: bool) -> Money:
    minors = [m.amount.minor for m in month.movements]
    return Money(sum(x for x in minors if (x > 0) is positive), month.opening.currency)


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
