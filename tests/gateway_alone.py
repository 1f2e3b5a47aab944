"""The gateway as a process of its own, for tests that meet it only over the network."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Alone:
    """One that runs."""

    port: int
    process: "subprocess.Popen[bytes]"


@contextmanager
def gateway(*arguments: str, folder: Path) -> Iterator[Alone]:
    """``python -m streams.realtime`` with these arguments on a free port."""
    said = folder / "gateway.log"
    command = [sys.executable, "-W", "ignore", "-m", "streams.realtime", "--port", "0"]
    with (
        said.open("w") as log,
        subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        try:
            yield Alone(_port(process, said), process)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
    assert "Traceback" not in said.read_text(), said.read_text()


@asynccontextmanager
async def gateway_beside(*arguments: str, folder: Path) -> AsyncIterator[Alone]:
    """The same, started and stopped without holding the event loop up."""
    running = gateway(*arguments, folder=folder)
    alone = await asyncio.to_thread(running.__enter__)
    try:
        yield alone
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def _port(process: "subprocess.Popen[bytes]", said: Path) -> int:
    for _ in range(200):
        found = re.search(r"rooms at ws://[^:]+:(\d+)/", said.read_text())
        if found:
            return int(found[1])
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(said.read_text())
