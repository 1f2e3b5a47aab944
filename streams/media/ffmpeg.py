"""ffmpeg: finding it, and running it so that it always ends.

It reads what strangers sent us, so it opens files only (never a URL that a file names), and
it runs at low priority beside a live broadcast.
"""

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from livecommerce.kernel.errors import Unavailable

log = logging.getLogger(__name__)

_DIRS = "/usr/local/bin:/opt/homebrew/bin"


class FfmpegMissing(Unavailable):
    """ffmpeg is not installed (Debian: ffmpeg)."""


class FfmpegFailed(Unavailable):
    """ffmpeg could not do it."""


class FfmpegTooSlow(FfmpegFailed):
    """ffmpeg did not finish in its time and was stopped."""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """The ffmpeg of this machine."""

    binary: Path

    async def run(
        self,
        args: Sequence[str],
        *,
        within: float,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Run it to its end; ``progress`` is told the seconds of media written so far.

        Cancelled, it takes ffmpeg with it.

        Raises:
            FfmpegTooSlow: it took longer than ``within`` seconds.
            FfmpegFailed: it ended with an error; says which.
        """
        process = await asyncio.create_subprocess_exec(
            *("nice", "-n", "10") if shutil.which("nice") else (),
            str(self.binary),
            *("-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
            *("-nostats", "-progress", "pipe:1"),
            *args,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(within):
                _, said, _ = await asyncio.gather(
                    _listen(process.stdout, progress),
                    last_of(process.stderr),
                    process.wait(),
                )
        except TimeoutError:
            raise FfmpegTooSlow(f"stopped after {within:.0f} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            raise FfmpegFailed(said or f"ended with {process.returncode}")


def find_ffmpeg() -> Ffmpeg:
    """The ffmpeg of this machine.

    Raises:
        FfmpegMissing: there is none.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), _DIRS])
    binary = shutil.which("ffmpeg", path=path)
    if binary is None:
        raise FfmpegMissing("no ffmpeg on this machine")
    return Ffmpeg(Path(binary))


async def _listen(
    stream: asyncio.StreamReader, progress: Callable[[float], None] | None
) -> None:
    async for line in stream:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if progress is not None and name == "out_time_us" and value.isdigit():
            progress(int(value) / 1e6)


async def last_of(stream: asyncio.StreamReader, keep: int = 400) -> str:
    """The end of what it complained about, however much that was. It begins with a whole word,
    so that a secret in it is there whole (and can be taken out) or not at all."""
    tail, cut = b"", False
    while chunk := await stream.read(4096):
        tail += chunk
        cut |= len(tail) > keep
        tail = tail[-keep:]
    if cut:
        _, _, tail = tail.replace(b"\n", b" ").partition(b" ")
    return tail.decode("utf-8", "replace").strip()
