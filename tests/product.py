"""The product as an operator runs it: processes of its own over a data folder of its own.

Journeys know nothing of it but its address, its folder and its signals. What a start leaves
running after its end is found here, so that no test can overlook it.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

from livecommerce.demo.seed import SeededCentre, seed
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database, open_database

T = TypeVar("T")

COMMAND = [sys.executable, "-m", "livecommerce.cli"]
STARTS_WITHIN = 90.0
NEAR = {"WEBHOOK_HOSTS": '["127.0.0.1"]'}
"""Receivers of webhooks are on this machine, too."""
_ROOMY = 4 * 1024**3


class DidNotAnswer(AssertionError):
    """The product did not come up; the end of its log says why."""


class Product:
    """One installation: a folder, a port, and the processes of its last start.

    Args:
        folder: its data; what a start finds there, it goes on with.
        settings: ``LC_`` settings beside our own, without the prefix.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = settings
        self.log = folder / "product.log"
        self.family: list[psutil.Process] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the web process."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        """``livecommerce serve --all``; returns when it answers."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--all"],
                env=environment(self.folder, self.port, self.settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, within: float = STARTS_WITHIN) -> None:
        """Return once it says that its parts answer.

        Raises:
            DidNotAnswer: it ended, or took too long.
        """
        deadline = time.monotonic() + within
        while status(f"{self.url}/readyz") != 200:
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise DidNotAnswer(self.said()[-3000:])
            time.sleep(0.05)
        self.relatives()

    def relatives(self) -> list[psutil.Process]:
        """Everything that it has started and that runs; remembered for the reckoning."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for found in psutil.Process(self.pid).children(recursive=True):
                if found not in self.family:
                    self.family.append(found)
        return [one for one in self.family if alive(one)]

    def relative(self, name: str) -> psutil.Process:
        """The one whose command line has ``name`` in it; the eldest, if several."""
        found = [one for one in self.relatives() if name in " ".join(_command(one))]
        return min(found, key=lambda one: one.create_time())

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to end; its exit status, and how long it took."""
        assert self._process is not None
        self.relatives()
        began = time.monotonic()
        self._process.send_signal(sign)
        try:
            code = self._process.wait(30)
        finally:
            self._end_by_force()
        return code, time.monotonic() - began

    def kill(self) -> None:
        """``kill -9`` of the web process, and of nothing else."""
        assert self._process is not None
        self.relatives()
        self._process.kill()
        self._process.wait()

    def orphans(self, patience: float = 3.0) -> list[str]:
        """What still runs of all its starts, or on its folder, after a moment of patience."""
        deadline = time.monotonic() + patience
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return [" ".join(_command(one))[:120] or str(one) for one in left]

    def said(self) -> str:
        """The whole log of all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def clear(self) -> None:
        """End what is left by force, whatever a test has made of it."""
        with contextlib.suppress(ValueError):  # no database there
            shutil.rmtree(self._sockets(), ignore_errors=True)
        self._end_by_force()
        for one in self._left():
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(self._left(), 5)

    def database_url(self, name: str = "livecommerce") -> str:
        """The address of a database in its PostgreSQL, while that runs."""
        return f"postgresql://postgres@/{name}?host={self._sockets()}"

    def in_database(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """The result of work on its database, from code without a loop."""

        async def run() -> T:
            db = open_database(self.database_url(), pool=2)
            try:
                return await work(db)
            finally:
                await db.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run()).result()

    def _sockets(self) -> str:
        """Where its PostgreSQL is reached."""
        (cluster,) = self.folder.glob("pg-*/postmaster.pid")
        return cluster.read_text().splitlines()[4]

    def _left(self) -> list[psutil.Process]:
        ours = {one for one in self.family if alive(one)}
        for one in psutil.process_iter(["cmdline"]):
            if str(self.folder) in " ".join(one.info["cmdline"] or ()) and alive(one):
                ours.add(one)
        return sorted(ours, key=lambda one: one.pid)

    def _end_by_force(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@contextmanager
def place(prefix: str = "lc-journey-") -> Iterator[Path]:
    """A folder that every uid can reach, in memory where there is room, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_fastest_place()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copied(source: Path, target: Path) -> None:
    """A stopped installation's folder again, with everybody's files still their own."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
    (target / "product.log").unlink(missing_ok=True)


def seeded(product: Product) -> SeededCentre:
    """The demo centre, in a product that runs."""
    return product.in_database(lambda db: seed(db, now=utcnow()))


def environment(folder: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """What a process of the product is started with: nothing of the caller's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    ours = {"PORT": str(port), "DATA_DIR": str(folder), "ENV": "demo", **NEAR, **settings}
    return {**kept, **{f"LC_{name}": value for name, value in ours.items()}}


def stops_within() -> float:
    """The promised five seconds; on a machine that is busy with other things, as many more as
    it lets us wait for our share of it."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return 5.0 * max(1.0, waiting / 2)


def status(url: str, timeout: float = 2.0) -> int:
    """The status of an answer; 0 if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that only waits to be buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def _fastest_place() -> str:
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    if usable and shutil.disk_usage(memory).free > _ROOMY:
        return str(memory)
    return tempfile.gettempdir()
