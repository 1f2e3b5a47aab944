"""The buyers of a drop in a process of their own, on bare kept connections, so that they cost
little of the machine they measure.

Reads one order per line as JSON and answers each with one line. A plan (``{"ports": [..],
"live", "card", "variant", "secret", "buyers": n, "way": "http" | "naive" | "rpc"}``) opens the
connections. ``{"seconds": s}``: everybody claims again as soon as they are answered, each time
as a new buyer (over a socket: under a new key). ``{"once": true}``: everybody claims once, all
at the same moment. Cookies are signed before the clock starts. The answer says how long each
took, how many were met and how many were told what else, and when the last was answered.
"""

import asyncio
import base64
import json
import resource
import secrets
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from livecommerce.identity import tokens
from livecommerce.kernel.clock import utcnow

AHEAD = 4_000  # cookies signed per second of a round, beforehand
CONNECTING = 200
PATHS = {"http": "/v1/live/{live}/claims", "naive": "/bench/live/{live}/claims"}


class Caller(asyncio.Protocol):
    """One kept connection. Sends one request, hears whether it was met, no more than that."""

    def __init__(self) -> None:
        self._seen = b""
        self._answer: asyncio.Future[str] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while (said := self._read()) is not None:
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(said)

    async def ask(self, request: bytes) -> str:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def _read(self) -> str | None:
        """The status of an answer that is complete."""
        head, gap, body = self._seen.partition(b"\r\n\r\n")
        if not gap:
            return None
        _, _, after = head.lower().partition(b"\r\ncontent-length: ")
        length = int(after.split(b"\r\n", 1)[0] or 0)
        if len(body) < length:
            return None
        self._seen = body[length:]
        return "met" if head[9:12] == b"201" else head[9:12].decode()


class Socket(Caller):
    """The same over the rooms' protocol."""

    upgraded = False

    def _read(self) -> str | None:
        if not self.upgraded:
            head, gap, rest = self._seen.partition(b"\r\n\r\n")
            if not gap:
                return None
            self.upgraded, self._seen = True, rest
            return head[9:12].decode()
        while len(self._seen) >= 4 or self._seen[1:2] == b"\0":
            length, start = self._seen[1], 2
            if length == 126:
                length, start = struct.unpack_from("!H", self._seen, 2)[0], 4
            if len(self._seen) < start + length:
                return None
            payload = self._seen[start : start + length]
            self._seen = self._seen[start + length :]
            if payload == b"{}":
                self.transport.write(masked(b"{}"))
            elif b'"connect":' in payload:
                return "connected"
            elif b'"holds":' in payload:
                return "met"
            elif b'"id":' in payload:
                return "error" if b'"error"' in payload else "409"
        return None


def masked(payload: bytes) -> bytes:
    """A client's text frame; a mask of zeros is as good as any here."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, 0x80 | length)) + bytes(4) + payload
    return struct.pack("!BBH", 0x81, 0x80 | 126, length) + bytes(4) + payload


def over_http(plan: dict[str, Any], now: datetime) -> Iterator[bytes]:
    """Claims of one piece each, every one by a new guest."""
    path = PATHS[plan["way"]].format(live=plan["live"])
    body = json.dumps({"items": [item(plan)]}).encode()
    while True:
        guest = tokens.sign_guest(plan["secret"], tokens.new_guest(), now=now)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: lc_guest={guest}\r\n"
            f"Idempotency-Key: {secrets.token_hex(8)}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def in_the_room(plan: dict[str, Any]) -> Iterator[bytes]:
    """Claims of one piece each, every one under a new key."""
    number = 1
    while True:
        number += 1
        want = {"live": plan["live"], "key": secrets.token_hex(8), "items": [item(plan)]}
        asked = {"id": number, "rpc": {"method": "claim", "data": want}}
        yield masked(json.dumps(asked).encode())


def item(plan: dict[str, Any]) -> dict[str, Any]:
    return {"card": plan["card"], "variant": plan["variant"], "count": 1}


async def connect(plan: dict[str, Any], number: int, now: datetime) -> Caller:
    """A connection; over a socket, in the room and known by name."""
    port = plan["ports"][number % len(plan["ports"])]
    loop = asyncio.get_running_loop()
    kind = Socket if plan["way"] == "rpc" else Caller
    _, caller = await loop.create_connection(kind, "127.0.0.1", port)
    if plan["way"] == "rpc":
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        hello = (
            "GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        assert await caller.ask(hello.encode()) == "101"
        token = tokens.issue(plan["secret"], tokens.new_guest(), "Buyer", now)
        greeting = {"id": 1, "connect": {"token": token}}
        assert await caller.ask(masked(json.dumps(greeting).encode())) == "connected"
    return caller


async def play(plan: dict[str, Any], callers: list[Caller], order: dict[str, Any]) -> Any:
    """One round."""
    now = utcnow()
    made = in_the_room(plan) if plan["way"] == "rpc" else over_http(plan, now)
    seconds = order.get("seconds", 0)
    ready = deque(islice(made, len(callers) + int(seconds * AHEAD)))
    took: list[float] = []
    said: Counter[str] = Counter()
    began = time.perf_counter()

    async def one(caller: Caller) -> None:
        again = True
        while again:
            asked = time.perf_counter()
            answer = await caller.ask(ready.popleft() if ready else next(made))
            said[answer] += 1
            took.append(time.perf_counter() - asked)
            again = time.perf_counter() - began < seconds

    await asyncio.gather(*map(one, callers))
    whole = time.perf_counter() - began
    return {"took": took, "said": said, "seconds": whole}


async def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gate = asyncio.Semaphore(CONNECTING)
    plan: dict[str, Any] = {}
    callers: list[Caller] = []

    async def enter(number: int, now: datetime) -> Caller:
        async with gate:
            return await connect(plan, number, now)

    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer: Any
        if "ports" in order:
            for caller in callers:
                caller.transport.close()
            plan, now = order, utcnow()
            callers = list(
                await asyncio.gather(*(enter(n, now) for n in range(plan["buyers"])))
            )
            answer = {"ready": len(callers)}
        else:
            answer = await play(plan, callers, order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
