"""An encoder of our own: a moving picture with a clock and a tone, published until stopped.

It stands in for a camera, so that a fresh installation has something on air.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from streams.media.ffmpeg import Ffmpeg, last_of

log = logging.getLogger(__name__)

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/System/Library/Fonts/Supplemental/Arial.ttf",
)
_STOPS_WITHIN = 2.0
_LONGEST_PAUSE = 8.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown: portrait by default, as phones hold it."""

    width: int = 360
    height: int = 640
    frames_per_second: int = 15
    kilobits: int = 500
    label: str = "DEMO"
    test_card: bool = False


class Encoder:
    """Publishes a picture to one address.

    Args:
        url: with the stream key in it; never logged.
    """

    def __init__(self, ffmpeg: Ffmpeg, url: str, picture: Picture = Picture()) -> None:
        self._ffmpeg = ffmpeg
        self._url = url
        self._picture = picture
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the running ffmpeg, if one runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def publish(self, seconds: float | None = None) -> int:
        """Publish once, until it is refused, dropped or done; returns ffmpeg's exit status.

        Cancelled, it takes ffmpeg with it.
        """
        self._process = process = await asyncio.create_subprocess_exec(
            str(self._ffmpeg.binary),
            *arguments(self._picture, self._url, seconds),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stderr is not None
        try:
            said = await last_of(process.stderr)
            status = await process.wait()
        finally:
            await _stop(process)
        if status != 0:
            log.warning("encoder ended with %s: %s", status, self._without_key(said))
        return status

    async def keep_publishing(self) -> None:
        """Publish until cancelled, starting again whenever it ends, with growing pauses."""
        pause = 1.0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self.publish()
            pause = 1.0 if loop.time() - began > 10 else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _without_key(self, said: str) -> str:
        address, _, query = self._url.partition("?")
        said = said.replace(self._url, f"{address}?***")
        return (said.replace(query, "***") if query else said).strip()


def arguments(picture: Picture, url: str, seconds: float | None = None) -> list[str]:
    """ffmpeg's command line: real time, one key frame per second, cheap to encode."""
    fps = picture.frames_per_second
    size = f"{picture.width}x{picture.height}"
    if picture.test_card:
        source = f"testsrc2=size={size}:rate={fps}"
    else:
        source = (
            f"gradients=size={size}:rate={fps}:speed=0.02:nb_colors=3"
            ":c0=0xd6103d:c1=0x0f6b5c:c2=0x1d2744:x0=0:y0=0"
            f":x1={picture.width}:y1={picture.height}"
        )
    return [
        *("-hide_banner", "-loglevel", "error", "-nostdin", "-re"),
        *("-f", "lavfi", "-i", source + _clock(picture)),
        *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100,volume=0.05"),
        *(("-t", f"{seconds:g}") if seconds is not None else ()),
        *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"),
        *("-profile:v", "baseline", "-pix_fmt", "yuv420p", "-threads", "1"),
        *("-g", str(fps), "-keyint_min", str(fps), "-sc_threshold", "0"),
        *("-b:v", f"{picture.kilobits}k", "-c:a", "aac", "-b:a", "48k", "-f", "flv", url),
    ]


def _clock(picture: Picture) -> str:
    """Filters that write the label and the time of day, if there is a font to write with."""
    font = next((font for font in _FONTS if Path(font).is_file()), None)
    if font is None:
        return ""
    size = picture.height // 16
    label = "".join(c for c in picture.label if c not in "':\\%,;[]")
    common = f"drawtext=fontfile={font}:fontcolor=white:x=(w-tw)/2"
    return (
        f",{common}:text='{label}':fontsize={size // 2}:y=h*0.38"
        f",{common}:text='%{{localtime\\:%T}}':fontsize={size * 3 // 2}:y=h*0.43"
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
