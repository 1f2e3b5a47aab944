"""What the rooms' bench stands on: servers and crowds as processes that take orders by line.

The C programs are compiled on the spot; what Node needs is installed from its lock.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).parent / "peers"
BUILT = Path(__file__).parents[2] / ".data" / "bench" / "built"

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the example of RFC 6455; C knows its answer by heart


class Lost(RuntimeError):
    """A message or a viewer was lost; the run does not count."""


def compiled(name: str) -> str:
    """The program of that C file."""
    BUILT.mkdir(parents=True, exist_ok=True)
    made = BUILT / name
    command = ["cc", "-O2", "-Wall", "-o", str(made), str(HERE / f"{name}.c")]
    subprocess.run(command, check=True)
    return str(made)


def node() -> list[str]:
    """How the Node peer is started; nothing where there is no Node."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        return []
    if not (HERE / "node_modules" / "ws").exists():
        subprocess.run([npm, "ci", "--silent"], cwd=HERE, check=True)
    return [found, str(HERE / "node_ws.mjs")]


def python(name: str, **settings: Any) -> list[str]:
    """How a Python peer is started."""
    return [sys.executable, "-m", "tests.load.room_peers", name, json.dumps(settings)]


@dataclass
class Lines:
    """A process that reads orders and answers in lines."""

    process: asyncio.subprocess.Process
    ps: psutil.Process = field(init=False)

    def __post_init__(self) -> None:
        self.ps = psutil.Process(self.process.pid)

    def order(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    async def next(self, word: str, seconds: float) -> list[str]:
        """The rest of the line that begins with the word.

        Raises:
            Lost: something went missing, or the process ended.
        """
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := (await self.process.stdout.readline()).decode().split():
                if line[0] == word:
                    return line[1:]
                if line[0] == "lost":
                    raise Lost(" ".join(line))
        raise Lost(f"a process ended, waiting for {word}")

    def cpu(self) -> float:
        """CPU seconds so far, the kernel's for it included."""
        spent = self.ps.cpu_times()
        return spent.user + spent.system

    def rss(self) -> float:
        """Resident KB."""
        return self.ps.memory_info().rss / 1024


@asynccontextmanager
async def _started(command: Sequence[str]) -> AsyncIterator[Lines]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    try:
        yield Lines(process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@dataclass
class Server(Lines):
    """A server with one or more rooms."""

    port: int = 0

    async def publish(self, count: int, rate: float, size: int) -> float:
        """Tell every viewer so many messages; the seconds it took to say them."""
        self.order(f"publish {count} {rate:g} {size}")
        return float((await self.next("done", 120))[0])

    async def stands(self) -> tuple[int, str]:
        """Where its first room is."""
        self.order("stand")
        offset, epoch = await self.next("stands", 10)
        return int(offset), epoch


@asynccontextmanager
async def serving(command: Sequence[str]) -> AsyncIterator[Server]:
    """The server, once it listens."""
    async with _started(command) as lines:
        server = Server(lines.process)
        server.port = int((await server.next("port", 60))[0])
        yield server


@dataclass(frozen=True, slots=True)
class Entered:
    """How a crowd came in; milliseconds of one viewer from asking to being in."""

    seconds: float
    refused: int
    median: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Got:
    """What a crowd received: how much, and how long after it was published, in ms."""

    deliveries: int
    p50: float
    p99: float
    slowest: float
    reads: int


@dataclass
class Crowd(Lines):
    """Viewers."""

    size: int = 0

    async def enter(self, seconds: float = 120) -> Entered:
        self.order("enter")
        return await self.back(seconds)

    async def cut_off(self, greetings: Sequence[str]) -> None:
        """Everybody is cut off at once, and will return with these words."""
        with tempfile.NamedTemporaryFile("wb", dir=BUILT, suffix=".greetings") as file:
            file.write(_records(greetings))
            file.flush()
            self.order(f"again {file.name}")
            await self.next("cut", 30)

    async def expect(self, number: int, seconds: float = 60) -> Got:
        """Wait until everybody has had that message, and every one before it, in order."""
        self.order(f"expect {number} {seconds:g}")
        counted, p50, p99, slowest, reads = await self.next("got", seconds + 10)
        return Got(int(counted), float(p50), float(p99), float(slowest), int(reads))

    async def back(self, seconds: float = 120) -> Entered:
        """Once everybody has come in again."""
        took, refused, median, slowest = await self.next("ready", seconds)
        return Entered(float(took), int(refused), float(median), float(slowest))


@asynccontextmanager
async def crowd(
    port: int,
    size: int,
    *,
    path: str = "/",
    needle: str = "",
    greetings: Sequence[str] = (),
    at_once: int = 64,
) -> AsyncIterator[Crowd]:
    """Viewers of a server, not yet there."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\n\r\n"
    )
    with tempfile.TemporaryDirectory(dir=BUILT) as folder:
        hello, asked = Path(folder, "greetings"), Path(folder, "request")
        hello.write_bytes(_records(greetings))
        asked.write_text(request, newline="")
        program = os.fspath(BUILT / "viewers")
        told = [str(port), str(size), str(at_once), needle, str(hello), str(asked)]
        async with _started([program, *told]) as lines:
            people = Crowd(lines.process)
            people.size = size
            yield people


def _records(texts: Sequence[str]) -> bytes:
    return b"".join(text.encode() + b"\0" for text in texts)
