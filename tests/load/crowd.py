"""A crowd of viewers in a process of its own, on bare sockets, so that it measures the
server and not itself.

Reads one JSON line: ``{"host","port","path","tokens":[..],"channels":[..],"watch":".."}``.
Writes ``{"ready":n}`` when all have subscribed, and from then on, each time every viewer has
received one more push of the watched channel, ``{"receipts":[monotonic ns, ..]}``.
"""

import asyncio
import base64
import json
import os
import resource
import struct
import sys
import time
from dataclasses import dataclass, field

AT_ONCE = 50


def masked(payload: bytes) -> bytes:
    """A client's text frame; a mask of zeros is as good as any here."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, 0x80 | length)) + bytes(4) + payload
    return struct.pack("!BBH", 0x81, 0x80 | 126, length) + bytes(4) + payload


@dataclass
class Crowd:
    """Who has received what so far."""

    size: int
    needle: bytes
    ready: int = 0
    all_ready: asyncio.Event = field(default_factory=asyncio.Event)
    rounds: dict[int, list[int]] = field(default_factory=dict)

    def entered(self) -> None:
        self.ready += 1
        if self.ready == self.size:
            self.all_ready.set()

    def received(self, nth: int, moment: int) -> None:
        receipts = self.rounds.setdefault(nth, [])
        receipts.append(moment)
        if len(receipts) == self.size:
            tell({"receipts": self.rounds.pop(nth)})


class Viewer(asyncio.Protocol):
    """One viewer: enters, answers pings, counts what it watches."""

    def __init__(self, crowd: Crowd, hello: bytes, replies: int) -> None:
        self._crowd = crowd
        self._hello = hello
        self._replies = replies
        self._buffer = b""
        self._upgraded = False
        self._seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        moment = time.monotonic_ns()
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        while (payload := self._frame()) is not None:
            if payload == b"{}":
                self._transport.write(masked(b"{}"))
            elif self._replies:
                self._replies -= payload.count(b'{"id":')
                assert b'"error"' not in payload, payload
                if not self._replies:
                    self._crowd.entered()
            else:
                for _ in range(payload.count(self._crowd.needle)):
                    self._seen += 1
                    self._crowd.received(self._seen, moment)

    def connection_lost(self, exc: Exception | None) -> None:
        tell({"lost": repr(exc)})

    def _upgrade(self) -> bool:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        assert head.startswith(b"HTTP/1.1 101"), head
        self._upgraded, self._buffer = True, rest
        return True

    def _frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 4:
            return None if len(buffer) < 2 or buffer[1] else self._cut(2, 0)
        length, start = buffer[1], 2
        if length == 126:
            length, start = struct.unpack_from("!H", buffer, 2)[0], 4
        elif length == 127:
            if len(buffer) < 10:
                return None
            length, start = struct.unpack_from("!Q", buffer, 2)[0], 10
        return None if len(buffer) < start + length else self._cut(start, length)

    def _cut(self, start: int, length: int) -> bytes:
        payload = self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return payload


def tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def hello(path: str, host: str, token: str, channels: list[str]) -> bytes:
    """The handshake, the connect and all subscribes, in one breath as browsers do."""
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    lines: list[object] = [{"id": 1, "connect": {"token": token}}]
    lines += [{"id": i, "subscribe": {"channel": c}} for i, c in enumerate(channels, 2)]
    return head.encode() + masked("\n".join(map(json.dumps, lines)).encode())


async def main() -> None:
    plan = json.loads(sys.stdin.readline())
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    tokens, channels = plan["tokens"], plan["channels"]
    crowd = Crowd(len(tokens), json.dumps(plan["watch"]).encode())
    gate = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def enter(token: str) -> None:
        greeting = hello(plan["path"], plan["host"], token, channels)
        async with gate:
            await loop.create_connection(
                lambda: Viewer(crowd, greeting, 1 + len(channels)), plan["host"], plan["port"]
            )

    await asyncio.gather(*map(enter, tokens))
    await crowd.all_ready.wait()
    tell({"ready": crowd.ready})
    await loop.run_in_executor(None, sys.stdin.read)  # until the other end is closed


if __name__ == "__main__":
    asyncio.run(main())
