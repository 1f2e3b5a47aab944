"""An nginx of our own: its configuration on free ports under one directory, started, watched
and stopped by whoever owns it. Encoders keep their address when it has to be restarted."""

import asyncio
import contextlib
import grp
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from livecommerce.kernel.errors import Unavailable
from streams.media.nginx_config import NginxConfig
from streams.media.nginx_rtmp import NginxRtmp
from streams.media.port import MediaServerDown

log = logging.getLogger(__name__)

_MODULE = "ngx_rtmp_module.so"
_MODULE_DIRS = (
    "/usr/lib/nginx/modules",
    "/usr/lib64/nginx/modules",
    "/usr/share/nginx/modules",
    "/usr/local/libexec/nginx",
    "/opt/homebrew/lib/nginx/modules",
)
_BINARY_DIRS = "/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/opt/homebrew/bin"
_STARTS_WITHIN = 8.0
_STOPS_WITHIN = 3.0
_LONGEST_PAUSE = 10.0


class NginxMissing(Unavailable):
    """nginx with its RTMP module is not installed (Debian: nginx, libnginx-mod-rtmp)."""


class NginxFailed(Unavailable):
    """nginx did not start."""


@dataclass(frozen=True, slots=True)
class NginxInstall:
    """Where nginx is. ``module`` is none if RTMP is compiled in."""

    binary: Path
    module: Path | None


def find_nginx() -> NginxInstall:
    """The nginx of this machine (asks it once how it was built).

    Raises:
        NginxMissing: there is none, or it has no RTMP module.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), _BINARY_DIRS])
    binary = shutil.which("nginx", path=path)
    if binary is None:
        raise NginxMissing("no nginx on this machine")
    asked = subprocess.run([binary, "-V"], capture_output=True, timeout=10, check=False)  # noqa: S603
    options = asked.stderr.decode("utf-8", "replace")
    if re.search(r"--add-module=\S*rtmp", options):
        return NginxInstall(Path(binary), None)
    own = re.search(r"--modules-path=(\S+)", options)
    for place in (*([own.group(1)] if own else []), *_MODULE_DIRS):
        if (module := Path(place) / _MODULE).is_file():
            return NginxInstall(Path(binary), module)
    raise NginxMissing(f"{binary} has no {_MODULE}")


class NginxProcess:
    """One nginx under ``root``. Everything it writes is there: ``hls``, ``rec``, ``logs``.

    Args:
        root: its directory; made if missing.
        hook: where its callbacks go: ``http://127.0.0.1:PORT/PATH``.
        rtmp_host: the address that encoders reach; the rest is on loopback only.
        rtmp_port: the port that encoders reach; a free one if none is given.
        keep_hls: leave playlists lying after the end of a stream.
    """

    def __init__(
        self,
        install: NginxInstall,
        root: Path,
        *,
        hook: str,
        rtmp_host: str = "127.0.0.1",
        rtmp_port: int | None = None,
        idle_seconds: int = 10,
        keep_hls: bool = False,
    ) -> None:
        self.root = root.resolve()
        self.rtmp_host = rtmp_host
        self.rtmp_port = rtmp_port or 0
        self.epoch: str | None = None
        self._install = install
        self._hook = hook
        self._idle_seconds = idle_seconds
        self._keep_hls = keep_hls
        self._http_port = 0
        self._token = secrets.token_hex(16)
        self._process: asyncio.subprocess.Process | None = None
        self._port_settled = bool(rtmp_port)

    @property
    def hls(self) -> Path:
        """Live playlists: ``<live>/index.m3u8`` below it."""
        return self.root / "hls"

    @property
    def recordings(self) -> Path:
        """The recording root."""
        return self.root / "rec"

    @property
    def pid(self) -> int | None:
        """Of its master, while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    def rtmp_url(self, host: str | None = None, *, app: str = "live") -> str:
        """What goes into the encoder's field for the server."""
        return f"rtmp://{host or self.rtmp_host}:{self.rtmp_port}/{app}"

    def server(self, http: aiohttp.ClientSession) -> NginxRtmp:
        """The adapter for this nginx; it stays good over restarts."""
        return NginxRtmp(
            http,
            control=f"http://127.0.0.1:{self._http_port}/{self._token}",
            recordings=self.recordings,
            epoch=lambda: self.epoch,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["NginxProcess"]:
        """Started, restarted whenever it dies, and stopped at the end.

        Raises:
            NginxFailed: it did not come up the first time.
        """
        await self.start()
        watch = asyncio.create_task(self._watch(), name="nginx watch")
        try:
            yield self
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            await self.stop()

    async def start(self) -> None:
        """Write the configuration, start nginx and wait until it listens.

        What an earlier run left behind is stopped first, should that run have been killed.

        Raises:
            NginxFailed: it exits, or does not listen in time; says what it said.
        """
        await asyncio.to_thread(_stop_leftovers, self.root)
        self._lay_out()
        for last in (False, False, True):
            try:
                await self._start_once()
                self._port_settled = True
                return
            except NginxFailed as failed:
                await self.stop()
                if last or self._port_settled or "in use" not in failed.detail:
                    raise
                self.rtmp_port = self._http_port = 0  # somebody took a free port before us

    async def stop(self) -> None:
        """Stop it: at once, then by force."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
        except TimeoutError:
            log.warning("nginx did not stop; killing it")
            process.kill()
            await process.wait()
        await asyncio.to_thread(_stop_leftovers, self.root)

    async def _watch(self) -> None:
        pause = 0.2
        while True:
            if self._process is not None:
                began = asyncio.get_running_loop().time()
                code = await self._process.wait()
                log.error("nginx died with %s; starting it again", code)
                if asyncio.get_running_loop().time() - began > 30:
                    pause = 0.2
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                await self.start()
            except NginxFailed as failed:
                log.error("nginx does not start: %s", failed.detail)

    async def _start_once(self) -> None:
        self._http_port = self._http_port or _free_port("127.0.0.1")
        self.rtmp_port = self.rtmp_port or _free_port(self.rtmp_host)
        self.epoch = secrets.token_hex(6)
        config = self.root / "nginx.conf"
        config.touch(mode=0o600)
        config.write_text(self._config().text())
        errors = self.root / "logs" / "error.log"
        before = errors.stat().st_size if errors.exists() else 0
        self._process = await asyncio.create_subprocess_exec(
            str(self._install.binary),
            *("-p", str(self.root), "-c", str(config), "-e", str(errors)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for its owner, who ends it when it is time
        )
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STARTS_WITHIN
        while loop.time() < deadline:
            if self._process.returncode is not None:
                raise NginxFailed(_said(errors, before, self._hook, self._token))
            if await self._answers():
                log.info("nginx-rtmp listens on %s", self.rtmp_url())
                return
            await asyncio.sleep(0.05)
        raise NginxFailed(f"nothing listens on {self.rtmp_url()}")

    async def _answers(self) -> bool:
        """Whether it is our nginx that answers: only ours knows the token."""
        try:
            async with aiohttp.ClientSession() as http:
                await self.server(http).list()
        except MediaServerDown:
            return False
        return True

    def _lay_out(self) -> None:
        # Playlists of an earlier run would be shown as if they were live.
        shutil.rmtree(self.hls, ignore_errors=True)
        for name in ("hls", "rec", "logs", "tmp"):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def _config(self) -> NginxConfig:
        user = f"root {grp.getgrgid(0).gr_name}" if os.geteuid() == 0 else None
        mark = "&" if "?" in self._hook else "?"
        return NginxConfig(
            root=self.root,
            hook=f"{self._hook}{mark}epoch={self.epoch}",
            rtmp=f"{self.rtmp_host}:{self.rtmp_port}",
            http_port=self._http_port,
            token=self._token,
            module=self._install.module,
            user=user,
            idle_seconds=self._idle_seconds,
            keep_hls=self._keep_hls,
        )


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _said(errors: Path, since: int, *unsaid: str) -> str:
    """What nginx wrote in this run, without our secrets."""
    try:
        text = errors.read_bytes()[since:].decode("utf-8", "replace").strip()
    except FileNotFoundError:
        text = ""
    for secret in unsaid:
        text = text.replace(secret, "***")
    return text[-500:] or "nginx exited and said nothing"


def _stop_leftovers(root: Path) -> None:
    """Kill what an nginx of this directory left running: a killed owner leaves its nginx, and
    a killed master leaves its worker, which goes on holding the ports."""
    for pid in _writing_to(root / "logs" / "error.log"):
        log.warning("stopping an nginx left by an earlier run: pid=%s", pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    (root / "logs" / "nginx.pid").unlink(missing_ok=True)


def _writing_to(file: Path) -> list[int]:
    """The nginx processes that hold this file open (master first, being the oldest)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/comm"):
        try:
            if status.read_text().strip() == "nginx" and any(
                os.readlink(fd) == str(file) for fd in (status.parent / "fd").iterdir()
            ):
                found.append(int(status.parent.name))
        except OSError:
            continue  # gone meanwhile, or somebody else's
    return sorted(found)
