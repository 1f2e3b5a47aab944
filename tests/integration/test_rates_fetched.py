"""Newer exchange rates: fetched from an address that is set, distrusted, kept, and followed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
import sqlalchemy as sa
from pytest_aiohttp import AiohttpServer

from livecommerce.crossborder import jobs, refreshing
from livecommerce.crossborder.errors import (
    ImplausibleRates,
    NoRatesAddress,
    OlderRates,
    RatesTooOld,
    ShortRates,
)
from livecommerce.crossborder.rates import Rates, shipped_currencies
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.outside.rates import ecb
from livecommerce.outside.rates.ecb import NotRates, RatesNotFetched, UnsafeAddress
from tests.rates_peer import REAL, Bank, xml

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.fixture
async def bank(aiohttp_server: AiohttpServer) -> Bank:
    bank = Bank()
    server = await aiohttp_server(bank.app())
    bank.url = str(server.make_url("/stats/eurofxref/eurofxref-daily.xml"))
    bank.body = xml(FRIDAY)
    return bank


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def kept(db: Database) -> list[Any]:
    async with db.begin() as tx:
        query = 'SELECT "on", source, address FROM commerce.rate_day ORDER BY 1'
        return list((await tx.execute(sa.text(query))).all())


async def test_what_is_fetched_is_kept_with_date_and_source_and_used(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    rates = Rates()
    assert rates.day(NOW).on == date(2026, 10, 30)  # as shipped
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    (row,) = await kept(db)
    assert (row.on, row.address) == (FRIDAY, bank.url)
    assert row.source.startswith("European Central Bank")
    found = rates.convert(Money(10_000, "EUR"), "CNY", now=NOW)
    assert found.amount == Money(82_588, "CNY")
    assert found.rate is not None
    assert found.rate.on == FRIDAY
    # what was quoted before that day is still quoted by its own rates
    assert rates.day(NOW - timedelta(days=7)).on == date(2026, 10, 30)
    async with db.begin() as tx:
        told = await refreshing.in_use(tx, rates, may_refresh=True, now=NOW)
    assert (told.on, told.fetched_at, told.too_old, told.pinned) == (FRIDAY, NOW, False, False)


async def test_a_newer_day_is_never_replaced_by_an_older_one(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    rates = Rates()
    bank.body = xml(MONDAY)
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    bank.body = xml(FRIDAY, {**REAL, "CNY": "8.0"})
    for process in (rates, Rates()):  # one that knows, and one that has just started
        with pytest.raises(OlderRates):
            await refreshing.refresh(db, http, process, bank.url, now=NOW)
    # the same day again changes nothing, whatever it says
    bank.body = xml(MONDAY, {**REAL, "CNY": "8.0"})
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert [row.on for row in await kept(db)] == [MONDAY]
    assert str(rates.day(NOW).rate("EUR", "CNY")) == REAL["CNY"]
    bank.body = xml(date(2026, 12, 24))  # a day to come
    with pytest.raises(OlderRates):
        await refreshing.refresh(db, http, rates, bank.url, now=NOW)


async def test_at_once_they_are_kept_once(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    processes = [Rates() for _ in range(6)]
    await asyncio.gather(
        *(refreshing.refresh(db, http, one, bank.url, now=NOW) for one in processes)
    )
    assert len(await kept(db)) == 1
    assert {one.day(NOW).on for one in processes} == {FRIDAY}


async def test_every_process_follows(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    web, worker = Rates(), Rates()
    async with refreshing.followed(db, web, every=0.02):
        await refreshing.refresh(db, http, worker, bank.url, now=NOW)
        async with asyncio.timeout(5):
            while web.day(NOW).on != FRIDAY:  # noqa: ASYNC110 -- nobody tells of it
                await asyncio.sleep(0.02)


ODD = {
    "a page": "<html><body>Moved</body></html>",
    "no XML": "USD,1.08",
    "nothing": "",
    "an entity": xml(FRIDAY).replace(
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ),
    "no day": xml(FRIDAY).replace("time='2026-11-20'", ""),
    "no date": xml(FRIDAY).replace("2026-11-20", "20 Nov"),
    "few": xml(FRIDAY, {"USD": "1.1"}),
    "no dollar": xml(FRIDAY, {k: v for k, v in REAL.items() if k != "USD"}),
    "a rate of nothing": xml(FRIDAY, {**REAL, "CNY": "0.0"}),
    "a negative rate": xml(FRIDAY, {**REAL, "CNY": "-8"}),
    "no figure": xml(FRIDAY, {**REAL, "CNY": "NaN"}),
    "an exponent": xml(FRIDAY, {**REAL, "CNY": "1e9"}),
    "no currency": xml(FRIDAY, {**REAL, "ZZZ": "8.1"}),
    "one twice": xml(FRIDAY).replace("currency='CZK'", "currency='USD'"),
    "another form": xml(FRIDAY).replace('eurofxref"', 'other"'),
}


@pytest.mark.parametrize("odd", ODD)
async def test_what_is_not_the_banks_file_changes_nothing(
    db: Database, http: aiohttp.ClientSession, bank: Bank, odd: str
) -> None:
    bank.body = ODD[odd]
    rates = Rates()
    with pytest.raises(NotRates):
        await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert await kept(db) == []
    assert rates.day(NOW).on == date(2026, 10, 30)


async def test_a_leap_is_looked_at_by_somebody(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    bank.body = xml(FRIDAY, {**REAL, "CNY": "82.588"})
    with pytest.raises(ImplausibleRates):
        await refreshing.refresh(db, http, Rates(), bank.url, now=NOW)
    assert await kept(db) == []


TEN = {code: REAL[code] for code in list(REAL)[:10]}
"""A file that broke off: the dollar is in it, and the yuan is not."""


async def test_a_short_file_is_not_taken_and_selling_goes_on(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    rates = Rates(needed=frozenset({"CNY", "USD", "SGD"}))
    bank.body = xml(MONDAY, TEN)
    with pytest.raises(ShortRates) as refused:
        await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert refused.value.facts["missing"] == "CNY,SGD"
    assert await kept(db) == []
    rates.convert(Money(100, "CNY"), "EUR", now=NOW)
    # the whole file of the same day is taken
    bank.body = xml(MONDAY)
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert rates.day(NOW).on == MONDAY


async def test_a_fuller_file_repairs_the_same_day(
    db: Database,
    http: aiohttp.ClientSession,
    bank: Bank,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    rates, other = Rates(), Rates()
    bank.body = xml(FRIDAY)
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    bank.body = xml(MONDAY, TEN)  # nothing was said to be needed
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert not rates.day(NOW).has("CNY")
    assert "lack currencies" in caplog.text
    # a process that needs more than the day has uses the last that has it
    careful = Rates(needed=frozenset({"CNY"}))
    async with db.begin() as tx:
        await refreshing.load(tx, careful)
    assert careful.day(NOW).on == FRIDAY
    bank.body = xml(MONDAY, {**TEN, "CNY": "82.588"})  # it leapt since the day before
    with pytest.raises(ImplausibleRates):
        await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    caplog.clear()
    bank.body = xml(MONDAY)
    await refreshing.refresh(db, http, other, bank.url, now=NOW)
    assert "are in use" in caplog.text
    for process in (rates, careful):
        async with db.begin() as tx:
            await refreshing.load(tx, process)
        assert process.day(NOW).on == MONDAY
        assert process.day(NOW).has("CNY")
    caplog.clear()
    await refreshing.refresh(db, http, other, bank.url, now=NOW)
    assert "are in use" not in caplog.text, "nothing was changed"


async def test_the_job_asks_again_while_today_is_short(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    bank.body = xml(MONDAY, TEN)
    await refreshing.refresh(db, http, Rates(), bank.url, now=NOW)
    rates = Rates(needed=frozenset({"CNY"}))
    settings = SimpleNamespace(rates_url=bank.url)
    r: Any = SimpleNamespace(db=db, http=http, settings=settings, part=lambda _: rates)
    assert not await jobs.refresh_rates(r, now=NOW)
    bank.body = xml(MONDAY)
    assert await jobs.refresh_rates(r, now=NOW)
    assert rates.day(NOW).on == MONDAY


def test_the_last_rate_of_a_currency_is_found_wherever_it_is() -> None:
    rates = Rates(fetched={FRIDAY: {"USD": Decimal("1.1"), "CNY": Decimal(8)}})
    rates.fetched[MONDAY] = {"USD": Decimal("1.2")}
    assert rates.last("USD") == (MONDAY, Decimal("1.2"))
    assert rates.last("CNY") == (FRIDAY, Decimal(8))
    jpy = rates.last("JPY")
    assert jpy is not None
    assert jpy[0] == date(2026, 10, 30)
    lev = rates.last("BGN")  # given up with the year
    assert lev is not None
    assert lev[0] == date(2025, 12, 31)
    assert rates.last("AED") is None
    assert "BGN" not in shipped_currencies() >= {"CNY", "USD"}


async def test_it_gets_so_much_time_so_many_bytes_and_sends_us_nowhere(
    http: aiohttp.ClientSession, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecb, "SECONDS", 0.3)
    bank.waits = 5
    with pytest.raises(RatesNotFetched):
        await ecb.fetch(http, bank.url)
    bank.waits, bank.body = 0, xml(FRIDAY) + " " * ecb.LARGEST
    with pytest.raises(RatesNotFetched):
        await ecb.fetch(http, bank.url)
    bank.goes_to = bank.url.replace("/stats/eurofxref/eurofxref-daily.xml", "/secret")
    with pytest.raises(RatesNotFetched):
        await ecb.fetch(http, bank.url)
    bank.goes_to, bank.status = None, 500
    with pytest.raises(RatesNotFetched):
        await ecb.fetch(http, bank.url)
    assert bank.asked < 100, "nobody followed it to the private address"
    with pytest.raises(RatesNotFetched):
        await ecb.fetch(http, "http://127.0.0.1:1/none.xml")


@pytest.mark.parametrize(
    "address",
    ["http://bank.example/x.xml", "http://10.0.0.1/x", "file:///etc/passwd", "https://", "x"],
)
async def test_an_address_is_https_or_here(http: aiohttp.ClientSession, address: str) -> None:
    with pytest.raises(UnsafeAddress):
        await ecb.fetch(http, address)


async def test_the_job_is_off_by_default_and_spares_the_bank(
    db: Database, http: aiohttp.ClientSession, bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    rates = Rates()

    def resources(address: str | None) -> Any:
        settings = SimpleNamespace(rates_url=address)
        return cast(
            Any, SimpleNamespace(db=db, http=http, settings=settings, part=lambda _: rates)
        )

    assert not await jobs.refresh_rates(resources(None), now=NOW)
    with pytest.raises(NoRatesAddress):
        await refreshing.refresh(db, http, rates, None, now=NOW)
    bank.body = "nonsense"
    assert not await jobs.refresh_rates(resources(bank.url), now=NOW)
    assert "were not refreshed" in caplog.text
    bank.body = xml(MONDAY)
    assert await jobs.refresh_rates(resources(bank.url), now=NOW)
    assert not await jobs.refresh_rates(resources(bank.url), now=NOW)
    assert bank.asked == 2, "those of today are here"


async def test_pinned_rates_stay_whatever_is_fetched(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    pinned = Rates(pinned=date(2026, 10, 30))
    await refreshing.refresh(db, http, pinned, bank.url, now=NOW)
    assert pinned.day(NOW).on == date(2026, 10, 30)
    async with db.begin() as tx:
        told = await refreshing.in_use(tx, pinned, may_refresh=False, now=NOW)
    assert (told.on, told.pinned) == (date(2026, 10, 30), True)


async def test_old_rates_are_refused_after_the_age_that_is_set(
    db: Database, http: aiohttp.ClientSession, bank: Bank
) -> None:
    rates = Rates(lasts=timedelta(days=5))
    with pytest.raises(RatesTooOld):
        rates.day(NOW)
    await refreshing.refresh(db, http, rates, bank.url, now=NOW)
    assert rates.day(NOW).on == FRIDAY
    later = NOW + timedelta(days=3)
    with pytest.raises(RatesTooOld):
        rates.day(later)
    async with db.begin() as tx:
        assert (await refreshing.in_use(tx, rates, may_refresh=True, now=later)).too_old
