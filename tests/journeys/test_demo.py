"""``livecommerce demo --once``, as somebody runs it who has never seen it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import orjson
import psutil
import pytest

from livecommerce.outside.customs.ceb.document import parse
from livecommerce.outside.customs.ceb.schema import faults
from tests import media_tools, product

SET = ("303", "403", "505", "603")
WITHIN = 170

# What starts the command where no media server is installed: the same program, which looks
# for nginx and ffmpeg and finds neither.
BARE = """
import sys
from streams.media import ffmpeg, nginx_process
nginx_process._BINARY_DIRS = ffmpeg._DIRS = "/nonexistent"
from livecommerce.cli import main
sys.exit(main())
"""


@pytest.mark.timeout(WITHIN + 30)
async def test_every_step_of_the_journey_holds() -> None:
    media_tools.found()
    with product.place() as folder:
        code, said = await demo_once([*product.COMMAND], folder)
        assert code == 0, said
        assert said.count("✓") == 10
        assert "The journey held" in said
        assert "skipped" not in said
        the_papers_are_there(folder / "journey")


@pytest.mark.timeout(WITHIN + 30)
async def test_without_a_media_server_it_says_what_it_skips() -> None:
    with product.place() as folder:
        code, said = await demo_once([sys.executable, "-c", BARE], folder, PATH="/nonexistent")
        assert code == 0, said
        assert "no media server" in said
        skipped = [line for line in said.splitlines() if "skipped:" in line]
        assert len(skipped) >= 3
        assert "The journey held" in said
        assert "skipped: " in said
        the_papers_are_there(folder / "journey")


async def demo_once(command: list[str], folder: Path, **more: str) -> tuple[int, str]:
    """The exit status and the whole output; nothing may be left running."""
    environment = product.environment(folder, product.free_port(), {}) | more
    process = await asyncio.create_subprocess_exec(
        *command,
        *("demo", "--once"),
        env={**environment, "PYTHONPATH": os.getcwd()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    left = [p.info for p in psutil.process_iter(["pid", "cmdline"]) if runs_on(p, folder)]
    assert left == []
    return process.returncode, out.decode(errors="replace")


def runs_on(process: psutil.Process, folder: Path) -> bool:
    """Whether the process has to do with that folder."""
    return str(folder) in " ".join(process.info["cmdline"] or ())


def the_papers_are_there(folder: Path) -> None:
    """The four messages are valid by the schema, and the books sum to zero."""
    for kind in SET:
        message = (folder / "customs" / f"CEB{kind}.xml").read_bytes()
        assert faults(parse(message)) == []
    postings = orjson.loads((folder / "ledger.json").read_bytes())
    assert postings
    for posting in postings:
        sums: dict[str, int] = {}
        for entry in posting["entries"]:
            amount = entry["amount"]
            sums[amount["currency"]] = sums.get(amount["currency"], 0) + amount["minor"]
        assert set(sums.values()) == {0}
