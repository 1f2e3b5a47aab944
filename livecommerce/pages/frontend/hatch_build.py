"""Build hook: turn these sources into package data, so that a wheel needs no Node.

``LC_SKIP_WEB=1`` leaves the assets alone; ``LC_REQUIRE_WEB=1`` makes a missing npm an error.
Run as a script, it brings the assets of a checkout up to date.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
STAMP = STATIC / ".stamp"

_NOT_SOURCES = {"node_modules", "__pycache__", ".vite"}
_PACKED = {".js", ".css", ".svg"}
_WORTH_PACKING = 1024


class FrontEnd(BuildHookInterface[Any]):
    """What hatchling calls before it collects files, for wheels, sdists and editables."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        said = bring_up_to_date()
        if said:
            self.app.display_warning(said)


def bring_up_to_date() -> str:
    """Build the assets if the sources changed since; say why if that was not possible.

    Raises:
        RuntimeError: npm is missing, and ``LC_REQUIRE_WEB=1`` says that this matters.
    """
    if os.environ.get("LC_SKIP_WEB") == "1" or not (HERE / "package.json").exists():
        return ""
    stamp = stamp_of(HERE)
    if STAMP.exists() and STAMP.read_text() == stamp:
        return ""
    npm = shutil.which("npm")
    if npm is None:
        said = "the pages were not built: npm is missing (install Node.js 20.19 or newer)"
        if os.environ.get("LC_REQUIRE_WEB") == "1":
            raise RuntimeError(said)
        return said
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([npm, *command], cwd=HERE, check=True)  # noqa: S603 - found by which
    pack(STATIC)
    STAMP.write_text(stamp)
    return ""


def stamp_of(sources: Path) -> str:
    """One name for the whole of the sources: equal if and only if no byte differs."""
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*")):
        inside = path.relative_to(sources)
        if path.is_file() and not _NOT_SOURCES & set(inside.parts):
            digest.update(f"{inside.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def pack(folder: Path) -> None:
    """Put a ``.gz`` beside every text asset; the server sends it to those who accept it."""
    for path in folder.rglob("*"):
        if path.suffix in _PACKED and path.stat().st_size > _WORTH_PACKING:
            path.with_name(f"{path.name}.gz").write_bytes(
                gzip.compress(path.read_bytes(), 9, mtime=0)
            )


if __name__ == "__main__":
    sys.exit(bring_up_to_date() or None)
