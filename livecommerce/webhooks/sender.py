"""The way out: one POST to an address we do not trust, and nothing of ours within its reach.

The name is looked up here, every address it has must be public, and the connection goes to
one of the addresses just judged: there is no second look-up that could say something else.
Sockets are judged once more as they are made, which also covers addresses written as numbers.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from livecommerce.webhooks.addresses import checked, is_trusted, why_refused
from livecommerce.webhooks.errors import AddressRefused

PATIENCE: Final = aiohttp.ClientTimeout(total=15, connect=5, sock_read=10)
READ: Final = 16 * 1024
"""So much of an answer is read at all; the rest is cut off with the connection."""
SHOWN: Final = 1024
"""So many characters of it are kept."""
_LOOK_UPS: Final = 8

LookUp = Callable[[str, int, int], list[tuple[socket.AddressFamily, str]]]


class Refused(OSError):
    """The name leads, or would lead, to a place we do not go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: the receiver's status, or why there is none."""

    ms: int
    status: int | None = None
    error: str | None = None
    response: str = ""
    wish: timedelta | None = None


class Sender:
    """Posts to endpoints. An asynchronous context manager.

    Args:
        trusted: hosts the operator allows to be private and without TLS.
        look_up: tells the addresses of a name; it may block.
    """

    def __init__(self, trusted: Iterable[str] = (), *, look_up: LookUp | None = None) -> None:
        self._trusted = tuple(trusted)
        self._look_up = look_up or looked_up
        self._threads = ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="webhook-lookup")

    async def __aenter__(self) -> Self:
        # Names are looked up in threads of our own: a slow name server must not keep others
        # from the process's shared ones.
        outside = aiohttp.TCPConnector(
            resolver=PublicOnly(self._threads, self._look_up),
            use_dns_cache=False,
            force_close=True,
            limit=0,
            socket_factory=public_socket,
        )
        self._outside = _session(outside)
        self._inside = _session(aiohttp.TCPConnector(force_close=True, limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._outside.close()
        await self._inside.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Outcome:
        """One try. It raises nothing: whatever goes wrong is the outcome."""
        began = time.perf_counter()

        def after(**what: Any) -> Outcome:
            return Outcome(ms=round((time.perf_counter() - began) * 1000), **what)

        try:
            host = checked(url, self._trusted).hostname or ""
            way = self._inside if is_trusted(host, self._trusted) else self._outside
            async with way.post(
                URL(url), data=body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                said = await _beginning(answer)
                return after(status=answer.status, response=said, wish=_wish(answer))
        except (AddressRefused, ValueError):  # ValueError: no host that could be looked up
            return after(error="address_refused")
        except TimeoutError:
            return after(error="timed_out")
        except aiohttp.ClientConnectorCertificateError:
            return after(error="certificate")
        except aiohttp.ClientSSLError:
            return after(error="tls")
        except aiohttp.ClientConnectorError as error:
            return after(error=_unreached(error))
        except Refused:
            return after(error="address_refused")
        except (aiohttp.ClientError, OSError):
            return after(error="broken_off")


def _unreached(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error.os_error, Refused) or isinstance(error.__cause__, Refused):
        return "address_refused"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name_unknown"
    return "not_reached"


class PublicOnly(AbstractResolver):
    """Looks a name up, and answers only if every address it has is public."""

    def __init__(self, threads: ThreadPoolExecutor, look_up: LookUp) -> None:
        self._threads = threads
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises Refused (an OSError) if one of the addresses is not public."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._look_up, host, port, family)
        for _family, address in found:
            if why_refused(address) is not None:
                raise Refused(f"{host} is not public")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=its_family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for its_family, address in found
        ]

    async def close(self) -> None:
        """Nothing of its own is open."""


def looked_up(
    host: str, port: int, family: int = socket.AF_UNSPEC
) -> list[tuple[socket.AddressFamily, str]]:
    """All the addresses of a name. It blocks."""
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [(each[0], str(each[4][0])) for each in found]


def public_socket(info: Any) -> socket.socket:
    """A socket for one address, if that address is public.

    Raises:
        Refused: it is not.
    """
    family, kind, proto, _name, address = info
    if why_refused(str(address[0])) is not None:
        raise Refused("not a public address")
    return socket.socket(family, kind, proto)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        timeout=PATIENCE,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # a small answer must not become a large one
        trust_env=False,
        headers={"User-Agent": "Livecommerce-Webhooks/1", "Content-Type": "application/json"},
    )


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """The beginning of an answer. That the rest never comes changes nothing: the status has."""
    raw = bytearray()
    try:
        while len(raw) < READ and (chunk := await answer.content.read(READ - len(raw))):
            raw += chunk
    except (aiohttp.ClientError, TimeoutError, OSError):
        pass
    answer.close()
    return raw.decode(errors="replace")[:SHOWN].replace("\0", "�")


def _wish(answer: aiohttp.ClientResponse) -> timedelta | None:
    """How long the receiver asks us to wait, if it does in seconds."""
    asked = answer.headers.get("Retry-After", "")
    return (
        timedelta(seconds=int(asked))
        if asked.isascii() and asked.isdigit() and len(asked) < 7
        else None
    )
