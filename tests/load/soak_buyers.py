"""The buyers of the soak: they click twice, lose answers, come back with the same key, and
remember everything they were told."""

import asyncio
import json
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from livecommerce.identity import tokens
from livecommerce.kernel.clock import utcnow

FINAL = frozenset({201, 409})
AGAIN = frozenset({429, 503})
PATIENCE = 20.0


@dataclass(slots=True)
class Told:
    """What became of one key, as its buyer knows it."""

    cookie: str
    buyer: str
    items: list[dict[str, Any]]
    holds: list[str] = field(default_factory=list)
    refused: bool = False


@dataclass(slots=True)
class Memory:
    """Everything that was said to anybody."""

    by_key: dict[str, Told] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    away: int = 0
    double: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return sum(bool(told.holds) for told in self.by_key.values())


@dataclass(frozen=True, slots=True)
class Shop:
    """Where to buy what."""

    ports: list[int]
    secret: str
    live: str
    wares: list[tuple[str, str]]


async def ask(
    shop: Shop, told: Told, key: str, port: int, *, lose: bool = False
) -> tuple[int, Any]:
    """One request on a connection of its own; ``lose``: hang up before the answer comes.

    Raises:
        OSError, EOFError: nobody answered.
    """
    body = json.dumps({"items": told.items}).encode()
    head = (
        f"POST /v1/live/{shop.live}/claims HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: lc_guest={told.cookie}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        if lose:
            raise EOFError
        whole = await reader.read()
    finally:
        writer.transport.abort()
    start, gap, answer = whole.partition(b"\r\n\r\n")
    if not gap:
        raise EOFError
    return int(start[9:12]), json.loads(answer)


class Buyers:
    """So many buyers at a time, one purchase after the other, each as somebody new."""

    def __init__(self, shop: Shop, memory: Memory, chance: random.Random) -> None:
        self._shop = shop
        self._memory = memory
        self._chance = chance

    async def buy(self, until: asyncio.Event) -> None:
        """At least once, and until told to stop; a claim that was begun is brought to its
        end."""
        while True:
            await self.once()
            if until.is_set():
                return
            await asyncio.sleep(self._chance.uniform(0, 0.2))

    async def once(self) -> None:
        """One claim, under one key, until it is met or refused."""
        shop, chance = self._shop, self._chance
        guest, key = tokens.new_guest(), secrets.token_hex(8)
        cookie = tokens.sign_guest(shop.secret, guest, now=utcnow())
        wanted = chance.sample(shop.wares, 2 if chance.random() < 0.15 else 1)
        items = [
            {"card": card, "variant": variant, "count": chance.choice((1, 1, 1, 2))}
            for card, variant in wanted
        ]
        told = self._memory.by_key[key] = Told(cookie, guest, items)
        while not (told.holds or told.refused):
            if chance.random() < 0.15:  # a double click, perhaps at two processes
                self._memory.double += 1
                await asyncio.gather(self.try_once(key), self.try_once(key))
            else:
                await self.try_once(key, lose=chance.random() < 0.15)
            if not (told.holds or told.refused):
                await asyncio.sleep(chance.uniform(0.05, 0.4))

    async def try_once(self, key: str, *, lose: bool = False) -> None:
        """Ask, and remember what was said."""
        memory, told = self._memory, self._memory.by_key[key]
        port = self._chance.choice(self._shop.ports)
        try:
            async with asyncio.timeout(PATIENCE):
                status, answer = await ask(self._shop, told, key, port, lose=lose)
        except ConnectionRefusedError:
            memory.away += 1
            return
        except (OSError, EOFError, TimeoutError):
            memory.lost += 1
            return
        memory.statuses[status] += 1
        if status == 201:
            holds = [hold["id"] for hold in answer["holds"]]
            if told.holds and told.holds != holds:
                memory.wrong.append(f"{key} was told {told.holds}, then {holds}")
            told.holds = holds
        elif status in FINAL:
            told.refused = True
        elif status not in AGAIN:
            memory.wrong.append(f"{key}: {status} {answer}")
            told.refused = True
