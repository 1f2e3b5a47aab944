"""The European Central Bank's daily file, ``eurofxref-daily.xml``, fetched with suspicion.

The address comes from the settings; what answers there is not trusted: it gets so much time and
so many bytes, it may not send us elsewhere, its text may define no entities, and it must be the
bank's own form with plausible figures, or nothing of it is taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from lxml import etree

from livecommerce.kernel.errors import Invalid, Unavailable
from livecommerce.kernel.money import exponent

LARGEST = 256 * 1024
"""Bytes; the real file has under two thousand, the ninety days' under a hundred thousand."""

SECONDS = 15.0
FEWEST = 10
"""Currencies; the bank publishes about thirty."""

_GESMES = "http://www.gesmes.org/xml/2002-08-01"
_ECB = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"
_CODE = re.compile(r"[A-Z]{3}")
_FIGURE = re.compile(r"\d{1,9}(\.\d{1,9})?")


class UnsafeAddress(Invalid):
    """Rates are fetched from an https address, or from this very machine."""


class RatesNotFetched(Unavailable):
    """The address for exchange rates did not answer as it should."""


class NotRates(Unavailable):
    """What the address for exchange rates answered is not the bank's daily file."""


@dataclass(frozen=True, slots=True)
class Published:
    """One day's rates: what one euro is in each currency."""

    on: date
    per_euro: Mapping[str, Decimal]


async def fetch(http: aiohttp.ClientSession, address: str) -> Published:
    """The newest day that the address has.

    Raises:
        UnsafeAddress: it is neither https nor on this machine.
        RatesNotFetched: it is away, too slow, too long, or wants to send us elsewhere.
        NotRates: it is not the bank's file.
    """
    must_be_safe(address)
    patience = aiohttp.ClientTimeout(total=SECONDS, connect=5)
    try:
        plain = {"Accept-Encoding": "identity"}  # what is counted is what was sent
        async with http.get(
            address, headers=plain, allow_redirects=False, timeout=patience
        ) as answer:
            if answer.status != 200:
                raise RatesNotFetched(status=answer.status)
            raw = await answer.content.read(LARGEST + 1)
            while len(raw) <= LARGEST and (more := await answer.content.read(LARGEST + 1)):
                raw += more
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise RatesNotFetched(cause=type(error).__name__) from error
    if len(raw) > LARGEST:
        raise RatesNotFetched(cause="too long", most=LARGEST)
    return read(raw)


def must_be_safe(address: str) -> None:
    """Raises UnsafeAddress. Plain http is for a mirror on this machine alone."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise UnsafeAddress() from None
    if parts.scheme == "https" and host:
        return
    if parts.scheme != "http" or not _is_here(host):
        raise UnsafeAddress()


def read(raw: bytes) -> Published:
    """The day and its rates.

    Raises:
        NotRates: it is not the bank's form, or a figure is none.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotRates(cause="no XML") from error
    has_dtd = root.getroottree().docinfo.internalDTD is not None
    if has_dtd or root.tag != f"{{{_GESMES}}}Envelope":
        raise NotRates(cause="another document")
    days = root.findall(f"{{{_ECB}}}Cube/{{{_ECB}}}Cube[@time]")
    if not days:
        raise NotRates(cause="no day")
    return max((_day(day) for day in days), key=lambda day: day.on)


def _day(cube: etree._Element) -> Published:
    try:
        on = date.fromisoformat(cube.get("time") or "")
    except ValueError:
        raise NotRates(cause="no date") from None
    per_euro: dict[str, Decimal] = {}
    for line in cube.findall(f"{{{_ECB}}}Cube"):
        code, figure = line.get("currency") or "", line.get("rate") or ""
        if not _CODE.fullmatch(code) or not _FIGURE.fullmatch(figure) or code in per_euro:
            raise NotRates(cause="a line")
        try:
            exponent(code)
            rate = Decimal(figure)
        except (ValueError, InvalidOperation):
            raise NotRates(cause="a line", currency=code) from None
        if not rate:
            raise NotRates(cause="a rate of nothing", currency=code)
        per_euro[code] = rate
    if len(per_euro) < FEWEST or "USD" not in per_euro:
        raise NotRates(cause="too few currencies", currencies=len(per_euro))
    return Published(on, per_euro)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
