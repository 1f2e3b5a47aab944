"""Rates that are newer than the shipped ones: fetched, kept with date and source, and followed
by every process. A newer day is never replaced by an older one, and a file that lacks what the
product sells in is none; the same day's file is taken again if it has more."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import aiohttp
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from livecommerce.crossborder.errors import (
    ImplausibleRates,
    NoRatesAddress,
    OlderRates,
    ShortRates,
)
from livecommerce.crossborder.rates import SOURCE, DayRates, Rates
from livecommerce.crossborder.tables import RateDay
from livecommerce.crossborder.wire import RatesOut
from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.outside.rates import ecb
from livecommerce.outside.rates.ecb import Published

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds after which a process sees what another has fetched."""

MOST_LEAP = 3
"""A currency that is worth so many times more or less than on the last day we know is a
mistake, or an event that somebody should look at."""

_KEPT = timedelta(days=800)
_OF_A_DAY = ("per_euro", "source", "address", "fetched_at")


async def refresh(
    db: Database,
    http: aiohttp.ClientSession,
    rates: Rates,
    address: str | None,
    *,
    now: datetime,
) -> Published:
    """Fetch what is published now, keep it, and use it from now on.

    Raises:
        NoRatesAddress: none is set.
        UnsafeAddress, RatesNotFetched, NotRates: nothing was taken.
        OlderRates: what is in use is newer, or it lies in the future.
        ShortRates: a currency that is needed is not in it.
        ImplausibleRates: a currency leapt as none does.
    """
    if address is None:
        raise NoRatesAddress()
    told = await ecb.fetch(http, address)
    async with db.begin() as tx:
        await one_at_a_time(tx, "rates")
        await load(tx, rates)
        newest = rates.newest(now)
        _must_follow(told, rates, newest, now)
        if is_used := newest is None or told.on > newest.on or _is_fuller(told, newest):
            row = RateDay(
                on=told.on,
                per_euro={code: f"{rate:f}" for code, rate in told.per_euro.items()},
                source=SOURCE,
                address=address,
                fetched_at=now,
            )
            insert = postgresql.insert(RateDay).values(row.model_dump())
            new = {name: insert.excluded[name] for name in _OF_A_DAY}
            await tx.execute(insert.on_conflict_do_update(index_elements=["on"], set_=new))
            await load(tx, rates)
    if is_used:
        log.info("exchange rates of %s are in use", told.on)
    if newest is not None and (gone := newest.per_euro.keys() - told.per_euro.keys()):
        log.warning("exchange rates lack currencies", extra={"currencies": sorted(gone)})
    return told


async def load(tx: Tx, rates: Rates) -> None:
    """Let the process know every day that was fetched."""
    newest = sa.select(RateDay).order_by(col(RateDay.on).desc()).limit(_KEPT.days)
    for row in (await tx.execute(newest)).scalars():
        rates.fetched[row.on] = {code: Decimal(rate) for code, rate in row.per_euro.items()}


async def in_use(tx: Tx, rates: Rates, *, may_refresh: bool, now: datetime) -> RatesOut:
    """Which day's rates are used, since when they are known, and whether they are too old."""
    await load(tx, rates)
    used = rates.used(now)
    row = None if used is None else await tx.get(RateDay, used.on, populate_existing=True)
    return RatesOut(
        on=None if used is None else used.on,
        source=SOURCE if used is None else used.source,
        pinned=rates.pinned is not None,
        fetched_at=row.fetched_at if row is not None else None,
        too_old=rates.are_too_old(now),
        refused_after_days=rates.lasts.days,
        may_refresh=may_refresh,
    )


@asynccontextmanager
async def followed(db: Database, rates: Rates, *, every: float = EVERY) -> AsyncIterator[None]:
    """Inside the block the process hears of rates that any process has fetched."""

    async def follow() -> None:
        while True:
            try:
                async with db.begin() as tx:
                    await load(tx, rates)
            except (SQLAlchemyError, OSError) as error:
                log.warning("kept rates could not be read: %s", type(error).__name__)
            await asyncio.sleep(every)

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _is_fuller(told: Published, newest: DayRates) -> bool:
    """Whether it is the same day's file with all that we have of it, and more."""
    return told.on == newest.on and told.per_euro.keys() > newest.per_euro.keys()


def _must_follow(told: Published, rates: Rates, newest: DayRates | None, now: datetime) -> None:
    if told.on > (now + timedelta(days=1)).date():
        raise OlderRates(told=told.on.isoformat(), today=now.date().isoformat())
    if newest is not None and told.on < newest.on:
        raise OlderRates(told=told.on.isoformat(), newest=newest.on.isoformat())
    if missing := rates.needed - told.per_euro.keys():
        raise ShortRates(on=told.on.isoformat(), missing=",".join(sorted(missing)))
    for code, rate in told.per_euro.items():
        last = rates.last(code)
        if last is not None and not last[1] / MOST_LEAP < rate < last[1] * MOST_LEAP:
            raise ImplausibleRates(
                currency=code, told=f"{rate:f}", before=f"{last[1]:f}", on=last[0].isoformat()
            )
