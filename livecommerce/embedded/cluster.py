"""One data directory: made once, started, stopped, recovered. Blocking; no event loop here."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

from livecommerce.embedded.account import Account
from livecommerce.embedded.binaries import Binaries
from livecommerce.embedded.errors import DidNotStart

log = structlog.get_logger()

_SOCKETS = "lc-pg-"
_TOO_LONG = 10 * 1024 * 1024  # of the server's log, which starts afresh beyond this

# No statement and no detail of a failed row is logged: they carry personal data.
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "max_wal_size": "512MB",
    "jit": "off",
}


class Cluster:
    """The files of one server and the process that serves them."""

    def __init__(
        self, path: Path, binaries: Binaries, account: Account, options: Mapping[str, str]
    ) -> None:
        self.path = path
        self._sockets: Path | None = None
        self._binaries = binaries
        self._account = account
        self._options = {**OPTIONS, **options}
        self._log = path.with_name(f"{path.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    @property
    def socket_dir(self) -> Path:
        """Where its socket is."""
        assert self._sockets is not None
        return self._sockets

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def make(self, *, sync: bool) -> None:
        """Create the files if they are not there; a half-made attempt is thrown away."""
        if (self.path / "PG_VERSION").exists():
            return
        new = self.path.with_name(f"{self.path.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._account.own(new)
        self._run(
            self._binaries.initdb,
            *("-D", str(new), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *_locale(self._binaries.major),
            *("--no-sync", "--no-instructions"),
        )
        if sync:  # one pass at the end is cheaper than initdb's own
            self._run(self._binaries.initdb, "-D", str(new), "--sync-only")
        new.rename(self.path)

    def open_sockets(self) -> None:
        """Make the folder of the socket: short, ours alone, the same over restarts."""
        top = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - mkdtemp makes it safe
        self._sockets = Path(tempfile.mkdtemp(prefix=_SOCKETS, dir=top))
        self._account.own(self._sockets)

    def start(self, *, patience: float = 120.0) -> None:
        """Serve; return once connections are accepted. Recovers by itself after a crash.

        Raises:
            DidNotStart: it gave up, or is not ready after ``patience`` seconds.
        """
        deadline = time.monotonic() + patience
        while True:
            began = self._begin()
            while self.alive() and time.monotonic() < deadline:
                if self._is_ready():
                    return
                time.sleep(0.01)
            said = self._said_since(began)
            # Backends of a killed postmaster need a moment to notice.
            if "shared memory block" in said and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            self.stop()
            raise DidNotStart(f"PostgreSQL did not start in {self.path}:\n{said[-2000:]}")

    def stop(self, *, patience: float = 10.0) -> None:
        """End it: politely and at once (SIGINT), then without ceremony (it recovers later)."""
        if self._process is not None:
            for sign, wait in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0)):
                if self.alive():
                    self._process.send_signal(sign)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(wait)
                    break
            else:
                self._process.kill()
                self._process.wait()
        self._process = None

    def close_sockets(self) -> None:
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _begin(self) -> int:
        settings = {**self._options, "unix_socket_directories": str(self.socket_dir)}
        options = [part for k, v in settings.items() for part in ("-c", f"{k}={v}")]
        if self._log.exists() and self._log.stat().st_size > _TOO_LONG:
            self._log.unlink()
        with self._log.open("ab") as out:
            began = out.tell()
            # A session of its own, so that Ctrl-C reaches us first and we stop it last.
            self._process = subprocess.Popen(  # noqa: S603 - arguments are ours
                [self._binaries.postgres, "-D", str(self.path), *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                **self._account.options(),
            )
        return began

    def _is_ready(self) -> bool:
        lines = _pid_file(self.path)
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _said_since(self, began: int) -> str:
        with self._log.open("rb") as said:
            said.seek(began)
            return said.read().decode(errors="replace")

    def _run(self, *argv: str) -> None:
        done = subprocess.run(  # noqa: S603 - arguments are ours
            argv,
            cwd="/",
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            **self._account.options(),
        )
        if done.returncode:
            raise DidNotStart(f"{Path(argv[0]).name} failed: {(done.stderr or done.stdout)}")


def clear_orphan(path: Path) -> None:
    """Stop a server that a killed run left on these files. Call only under the lock."""
    lines = _pid_file(path)
    if not lines:
        return
    pid = int(lines[0])
    if _serves(pid, path):
        log.warning("stopping the database server that a killed run left", pid=pid)
        for sign, patience in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            if _ends_within(pid, path, patience):
                break
    elif _exists(pid):
        # The number went to another process; PostgreSQL would take that for a rival.
        (path / "postmaster.pid").unlink(missing_ok=True)
    if len(lines) > 4 and Path(lines[4]).name.startswith(_SOCKETS):
        shutil.rmtree(lines[4], ignore_errors=True)


def _pid_file(path: Path) -> list[str]:
    """What the postmaster wrote: pid, files, start, port, socket folder, ..., state."""
    try:
        return (path / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _locale(major: int) -> list[str]:
    """The same order of text everywhere: the builtin provider where it exists."""
    if major >= 17:
        return ["--locale-provider=builtin", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables, locale or secrets reaches the server."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "LD_LIBRARY_PATH", "TMPDIR"}}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, path: Path) -> bool:
    """Whether that process is a postmaster on these files (pids are used again)."""
    if pid <= 1 or not _exists(pid):
        return False
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.exists():
        try:
            command = proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return False
    else:
        command = subprocess.run(  # noqa: S603 - a number
            ["/bin/ps", "-p", str(pid), "-o", "command="],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    return "postgres" in command and f"-D {path} " in f"{command} "


def _ends_within(pid: int, path: Path, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not _serves(pid, path):
            return True
        time.sleep(0.02)
    return False
