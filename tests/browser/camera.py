"""A camera in the studio: a slow pan over the set, published until it is taken away.

It is a process, not a task: it outlives the loop of the test that starts it.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FPS = 15
PAN = (
    f"scale=-2:640,loop=-1:1:0,setpts=N/({FPS}*TB),"
    "crop=360:640:'(in_w-360)*(0.5+0.18*sin(t/5))':0,format=yuv420p,realtime"
)


@dataclass
class Camera:
    """ffmpeg, publishing.

    Args:
        set_: what stands before it; its landscape picture is cut to a portrait one.
    """

    ffmpeg: Path
    set_: Path
    _process: "subprocess.Popen[bytes] | None" = None

    def publish(self, url: str) -> None:
        """Start; the url has the key in it."""
        self._process = subprocess.Popen(
            [
                str(self.ffmpeg),
                *("-hide_banner", "-loglevel", "fatal", "-nostdin"),
                *("-i", str(self.set_)),
                *("-re", "-f", "lavfi", "-i", "sine=frequency=330:sample_rate=44100"),
                *("-filter_complex", f"[0:v]{PAN}[v];[1:a]volume=0.02[a]"),
                *("-map", "[v]", "-map", "[a]", "-r", str(FPS)),
                *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"),
                *("-profile:v", "baseline", "-threads", "1", "-b:v", "700k"),
                *("-g", str(FPS), "-keyint_min", str(FPS), "-sc_threshold", "0"),
                *("-c:a", "aac", "-b:a", "48k", "-f", "flv", url),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def drop(self) -> None:
        """Gone without a word, as a cable that is pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def on(self, url: str) -> Iterator["Camera"]:
        """Publish for the length of the block."""
        self.publish(url)
        try:
            yield self
        finally:
            self.drop()
