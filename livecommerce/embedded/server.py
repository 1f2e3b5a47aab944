"""``async with running_postgres(folder) as server``: a server while the block lasts."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

import structlog

from livecommerce.embedded import binaries
from livecommerce.embedded.account import account_for, place_for, reachable
from livecommerce.embedded.cluster import Cluster, clear_orphan
from livecommerce.embedded.errors import CannotRun, NotOurs, UpgradeNeeded
from livecommerce.embedded.lock import locked

log = structlog.get_logger()

_LOOK_EVERY = 0.2  # seconds between looks at the process
_LONGEST_REST = 5.0


class Server:
    """A running PostgreSQL, reached through a Unix socket that only its owner can open."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @property
    def pid(self) -> int:
        """The postmaster's process; another one after it was restarted."""
        return self.cluster.pid

    @property
    def socket_dir(self) -> Path:
        return self.cluster.socket_dir

    @property
    def path(self) -> Path:
        """Where its files are."""
        return self.cluster.path

    def url(self, database: str) -> str:
        """``postgresql://`` address of one of its databases; the same after a restart."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://postgres@/{quote(database, safe='')}?host={host}"


@contextmanager
def started_postgres(
    folder: Path, *, sync: bool = True, options: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The same without an event loop, and without anybody watching it."""
    folder = folder.resolve()
    _must_be_writable(folder)
    with locked(folder), contextlib.ExitStack() as undo:
        cluster = _prepare(folder, sync=sync, options=options or {})
        undo.callback(cluster.close_sockets)
        undo.callback(cluster.stop)
        cluster.open_sockets()
        cluster.start()
        yield Server(cluster)


@asynccontextmanager
async def running_postgres(
    folder: Path,
    *,
    sync: bool = True,
    options: Mapping[str, str] | None = None,
    supervised: bool = True,
) -> AsyncIterator[Server]:
    """Serve the database of this data folder until the block ends.

    Args:
        folder: where it may keep its files; a folder ``pg-<major>`` is made in it.
        sync: force newly made files to disk; only throw-away data may go without.
        options: server settings beside (or instead of) ours.
        supervised: start it again whenever it dies.

    Raises:
        InUse: the folder is served by another process.
        CannotRun: it cannot be served here; the message says what to do.
    """
    whole = started_postgres(folder, sync=sync, options=options)
    async with _off_the_loop(whole) as server:
        watch = asyncio.create_task(_watch(server.cluster)) if supervised else None
        try:
            yield server
        finally:
            if watch is not None:
                watch.cancel()
                await asyncio.wait([watch])


@asynccontextmanager
async def _off_the_loop(whole: AbstractContextManager[Server]) -> AsyncIterator[Server]:
    """A blocking context in a thread. A cancelled caller waits: nothing is left unowned."""
    entering = asyncio.ensure_future(asyncio.to_thread(whole.__enter__))
    try:
        server = await asyncio.shield(entering)
    except asyncio.CancelledError:
        await asyncio.wait([entering])
        if entering.exception() is None:
            await asyncio.to_thread(whole.__exit__, None, None, None)
        raise
    try:
        yield server
    finally:
        leaving = asyncio.ensure_future(asyncio.to_thread(whole.__exit__, None, None, None))
        try:
            await asyncio.shield(leaving)
        except asyncio.CancelledError:
            await asyncio.wait([leaving])
            raise


def stop_left_behind(folder: Path) -> None:
    """Stop the server that a killed run left on this data folder, if there is one.

    Raises:
        InUse: the folder's run is not dead at all.
    """
    with locked(folder.resolve()):
        for path in _kept_place(folder.resolve()).glob("pg-*"):
            if path.is_dir():
                clear_orphan(path)


async def _watch(cluster: Cluster) -> None:
    """Start the server again whenever it ends. Never gives up: the data is all we have."""
    rest = _LOOK_EVERY
    while True:
        await asyncio.sleep(rest)
        if cluster.alive():
            rest = _LOOK_EVERY
            continue
        log.error("the database server died; starting it again")
        # Cancelling cannot stop the thread, so wait for it: a server must not start unowned.
        start = asyncio.ensure_future(asyncio.to_thread(cluster.start))
        try:
            await asyncio.shield(start)
        except asyncio.CancelledError:
            await asyncio.wait([start])
            raise
        except (CannotRun, OSError):
            rest = min(rest * 2, _LONGEST_REST)
            log.exception("the database server did not come back; trying again", seconds=rest)
        else:
            log.warning("the database server is back", pid=cluster.pid)


def _must_be_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "postgres.lock").open("a").close()
    except PermissionError as error:
        raise NotOurs(
            f"{error.filename} may not be written by uid {os.geteuid()}. Run as its owner, or "
            "set LC_DATA_DIR to another directory."
        ) from None


def _prepare(folder: Path, *, sync: bool, options: Mapping[str, str]) -> Cluster:
    place = _kept_place(folder)
    clusters = {int(p.name[3:]): p for p in place.glob("pg-*") if p.name[3:].isdigit()}
    programs = binaries.choose(set(clusters))
    if clusters and programs.major not in clusters:
        old = max(clusters)
        raise UpgradeNeeded(
            f"{clusters[old]} was written by PostgreSQL {old}, and only {programs.major} is "
            f"here. Install PostgreSQL {old}, dump and restore, or move the folder away."
        )
    account = account_for(clusters.get(programs.major))
    place = place_for(folder, account)
    cluster = Cluster(
        place / f"pg-{programs.major}", reachable(programs, account), account, options
    )
    clear_orphan(cluster.path)
    cluster.make(sync=sync)
    return cluster


def _kept_place(folder: Path) -> Path:
    note = folder / "postgres.place"
    return Path(note.read_text().strip()) if note.exists() else folder
