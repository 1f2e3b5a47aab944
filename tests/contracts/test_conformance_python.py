"""The official Python SDK's own suite against the gateway that stands alone.

The suite comes with the source distribution, which is fetched by the name, version and hash
that the lock file pins, and is run unchanged but for the server's port.
"""

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway_alone import ROOT, gateway
from tests.redis_server import redis_server

LONGEST = 240  # seconds; a missing publication makes the suite hang rather than fail


def pinned(package: str) -> str:
    """The package's lines in the lock file: its version and its hashes."""
    lock = (ROOT / "requirements-dev.txt").read_text()
    found = re.search(
        rf"^{re.escape(package)}==\S+ \\\n(?:    --hash=\S+(?: \\)?\n)+", lock, re.M
    )
    assert found, f"{package} is not pinned"
    return found[0]


def fetched(package: str, folder: Path) -> Path:
    """The unpacked source distribution."""
    wanted = folder / "wanted.txt"
    wanted.write_text(pinned(package))
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
    got = subprocess.run(
        [*command, "--no-binary", ":all:", "-r", str(wanted), "-d", str(folder)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "DO NOT MATCH THE HASHES" not in got.stderr, got.stderr
    if got.returncode:
        why = f"the source distribution cannot be fetched: {got.stderr[-500:]}"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(params=["memory", "redis"])
def broker(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The arguments that say who orders publications."""
    if request.param == "memory":
        yield []
        return
    with redis_server() as server:
        yield ["--redis", server.url]


@pytest.mark.timeout(LONGEST + 140)
def test_the_python_sdk_finds_nothing_wrong(broker: list[str], tmp_path: Path) -> None:
    suite = fetched("centrifuge-python", tmp_path)
    with gateway("--profile", "conformance-python", *broker, folder=tmp_path) as alone:
        for path in (suite / "tests").glob("*.py"):
            text = path.read_text()
            path.write_text(text.replace("localhost:8000", f"127.0.0.1:{alone.port}"))
        ran = subprocess.run(
            [sys.executable, "-m", "unittest", "discover", "-s", "tests"],
            cwd=suite,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr[-8000:]
    assert re.search(r"^Ran 185 tests in .*\n\nOK$", ran.stderr, re.M), ran.stderr[-500:]
