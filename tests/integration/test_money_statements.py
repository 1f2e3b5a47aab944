"""Statements as JSON, CSV and PDF; the year's receipts and their two thresholds."""

import ast
import asyncio
import csv
import importlib
import inspect
import io
import operator
import pkgutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType

import pytest

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, letters, printing, receipts, shares, statements
from livecommerce.settlement.events import ReceiptsReached
from livecommerce.settlement.wire import StatementOut
from livecommerce.web.principal import SYSTEM, NotYours
from payments import folding
from payments.events import PayoutFailed
from tests import shop
from tests.dated import RATES
from tests.integration.test_money_shares import euros, give_back, merchant, parts, sell

__all__ = ["merchant"]
NOVEMBER = date(2026, 11, 17)


async def november(db: Database, seller: str) -> StatementOut:
    async with db.begin() as tx:
        return await statements.statement(tx, seller, NOVEMBER, by=SYSTEM)


async def test_a_month_adds_up_in_every_form(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = await sell(db, merchant, now=now - timedelta(days=40))
    await sell(db, merchant, now=now)
    await folding.fold(db, now=now)
    await shares.release_due(db, RATES, now=now)
    await give_back(db, sale, 1_000, now=now)
    told = await november(db, merchant)
    parts = {part.account: part for part in told.parts}
    assert set(parts) == {"pending", "available", "reserve"}
    for part in parts.values():
        assert part.opening + part.came + part.went == part.closing
    # October's sale was released (92.50, of which 9.25 in reserve), then 10.00 of it refunded
    assert parts["pending"].opening.minor == 9_250
    assert parts["pending"].closing.minor == 9_250
    assert parts["available"].closing.minor == 9_250 - 925 - 925
    rows = list(csv.DictReader(io.StringIO(statements.as_csv(told).lstrip("\ufeff"))))
    assert [r["kind"] for r in rows if r["account"] == "available"] == [
        "opening",
        "release",
        "refund",
        "closing",
    ]
    assert rows[-1]["balance"] == str(parts[told.parts[-1].account].closing.amount)
    made = await printing.pdf(told, now=now)
    assert made.startswith(b"%PDF-")
    assert made == await printing.pdf(told, now=now), "the same facts, the same paper"


async def test_what_the_bank_paid_a_buyer_is_told_as_such(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = await sell(db, merchant, now=now)
    given = actions.GivenBack(
        ids.new("rfd"), sale, parts(1_000), euros(0), outside="=MT103 20261130"
    )
    async with db.begin() as tx:
        await actions.record_refund(tx, given, now=now)
    told = await november(db, merchant)
    ((_, line),) = [part.lines for part in told.parts]
    assert (line.kind, line.memo) == ("refund-outside", "=MT103 20261130")
    assert ",refund-outside," in statements.as_csv(told)
    assert ",'=MT103 20261130," in statements.as_csv(told)
    (shown,) = printing._facts(told, now)["parts"]
    assert shown["lines"][1]["kind"] == "银行转账退款 Refund by bank transfer"
    assert shown["lines"][1]["note"] == "=MT103 20261130"


async def test_a_stranger_gets_no_statement(db: Database, now: datetime, merchant: str) -> None:
    async with db.begin() as tx:
        with pytest.raises(NotYours):
            await statements.statement(tx, merchant, NOVEMBER, by=shop.owner("mer_other"))
    assert (await november(db, merchant)).parts == []


async def test_a_sale_on_the_first_in_beijing_is_in_that_month(
    db: Database, now: datetime, merchant: str
) -> None:
    night = datetime(2026, 10, 31, 17, 30, tzinfo=UTC)  # half past one on the first
    for folded in (False, True):
        await sell(db, merchant, now=night)
        if folded:
            await folding.fold(db, now=now)
        (part,) = (await november(db, merchant)).parts
        assert part.opening.minor == 0
        assert part.came == part.closing
    told = await november(db, merchant)
    rows = list(csv.DictReader(io.StringIO(statements.as_csv(told).lstrip("\ufeff"))))
    assert rows[1]["at"] == "2026-11-01T01:30:00+08:00"
    facts = printing._facts(told, now)
    assert facts["parts"][0]["lines"][0]["at"] == "11-01 01:30"
    assert facts["made"] == f"{now + timedelta(hours=8):%Y-%m-%d %H:%M} (UTC+8)"


def kinds_posted() -> set[str]:
    """Every kind of posting that the sources enter or reverse."""
    found: set[str] = set()
    for name in (*_modules("livecommerce.settlement"), *_modules("payments")):
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call):
                found |= _kind_of(node, module)
    return found


def _modules(package: str) -> list[str]:
    there = importlib.import_module(package)
    return [f"{package}.{m.name}" for m in pkgutil.iter_modules(there.__path__) if not m.ispkg]


def _kind_of(call: ast.Call, module: ModuleType) -> set[str]:
    doing = ast.unparse(call.func)
    if doing in {"_post", "post", "shares.post"}:
        given = call.args[1:2]
    elif doing in {"ledger.post", "ledger.reverse"}:
        given = [word.value for word in call.keywords if word.arg == "kind"]
    else:
        return set()
    mirror = ".reversed" if doing == "ledger.reverse" else ""
    kinds = set()
    for value in given:
        if isinstance(value, ast.Constant):
            kinds.add(f"{value.value}{mirror}")
        elif (named := ast.unparse(value)).rpartition(".")[2].isupper():
            kinds.add(f"{operator.attrgetter(named)(module)}{mirror}")
    return kinds


def test_every_kind_of_posting_has_a_name() -> None:
    kinds = kinds_posted()
    assert {"sale", "release", "refund.reversed", "dispute-hold.reversed", "fee"} <= kinds
    assert len(kinds) >= 20
    # staff may reverse any, and the mirror image once more
    kinds |= {f"{kind}.reversed" for kind in kinds}
    kinds |= {f"{kind}.reversed" for kind in kinds}
    for kind in sorted(kinds):
        assert printing.named(kind).endswith(tuple(printing.KINDS.values())), kind
    assert printing.named("sale.reversed") == "冲销 Reversed: 销售 Sale"
    assert printing.named("another") == "another"


def test_a_memo_is_no_formula() -> None:
    assert statements._plain("=1+1") == "'=1+1"
    assert printing._figure(Money(-1_234_567, "EUR")) == "−12,345.67 EUR"
    assert printing._figure(Money(-5, "EUR")) == "−0.05 EUR"
    assert printing._figure(Money(1_234, "JPY")) == "1,234 JPY"


async def counted(db: Database, seller: str, dollars: int, at: datetime) -> None:
    money = Money(dollars * 100, "USD")
    async with db.begin() as tx:
        for _ in range(2):  # told twice, counted once
            order = f"ord_{dollars}_{at.isoformat()}"
            await receipts.count(
                tx,
                order=order,
                merchant=seller,
                paid=money,
                dollars=money,
                rate=Decimal(1),
                rate_source="itself",
                now=at,
            )


async def test_each_threshold_is_told_once_a_year(
    db: Database, now: datetime, merchant: str
) -> None:
    await counted(db, merchant, 179_999, now)
    async with db.begin() as tx:
        told = await receipts.receipts(tx, merchant, by=SYSTEM, now=now)
    assert told.total == Money(17_999_900, "USD")
    assert [a.passed_at for a in told.alerts] == [None, None]
    await counted(db, merchant, 1, now)
    await counted(db, merchant, 20_001, now + timedelta(days=1))
    await counted(db, merchant, 50_000, now + timedelta(days=2))
    async with db.begin() as tx:
        told = await receipts.receipts(tx, merchant, by=SYSTEM, now=now)
    assert [a.passed_at for a in told.alerts] == [now, now + timedelta(days=1)]
    # the year is China's: this moment is already in the next one
    later = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    async with db.begin() as tx:
        assert (await receipts.receipts(tx, merchant, by=SYSTEM, now=later)).total.minor == 0


async def test_two_sales_at_once_tell_a_threshold_once(
    db: Database, now: datetime, merchant: str
) -> None:
    async def one(n: int) -> None:
        async with db.begin() as tx:
            await receipts.count(
                tx,
                order=ids.new("ord"),
                merchant=merchant,
                paid=Money(90_000_00, "USD"),
                dollars=Money(90_000_00, "USD"),
                rate=Decimal(1),
                rate_source="itself",
                now=now + timedelta(seconds=n),
            )

    await asyncio.gather(one(1), one(2))
    async with db.begin() as tx:
        told = await receipts.receipts(tx, merchant, by=SYSTEM, now=now)
        assert told.total == Money(180_000_00, "USD")
        assert told.alerts[0].passed_at is not None


def test_merchants_are_written_in_both_languages(now: datetime) -> None:
    reached = ReceiptsReached(
        merchant="mer_1",
        year=2026,
        threshold=receipts.ALERTS[0],
        total=Money(180_001_00, "USD"),
        at=now,
    )
    letter = letters.receipts_reached(reached, home="https://live.example.com")
    assert "180000.00 USD" in letter.subject
    assert "贸易外汇收支企业名录" in letter.text
    assert "https://live.example.com/money/mer_1" in letter.text
    failed = PayoutFailed(
        payout="po_1", owner="mer_1", amount=Money(5, "EUR"), code="account_closed", at=now
    )
    assert "account_closed" in letters.payout_failed(failed, home="").text
