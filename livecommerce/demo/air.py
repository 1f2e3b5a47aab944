"""The journey's steps that need a camera: on air and off it, and the replay afterwards."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import Any

from livecommerce.demo.client import Browser, Unexpected
from livecommerce.demo.report import Step
from streams.media.encoder import Encoder, Picture
from streams.media.ffmpeg import Ffmpeg

_SMALL = Picture(width=180, height=320, frames_per_second=10, kilobits=200, label="")


@dataclass(slots=True)
class Air:
    """An encoder that is publishing."""

    encoder: Encoder
    task: asyncio.Task[int]

    async def stop(self) -> None:
        """Take the camera away."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


async def on_air(
    ffmpeg: Ffmpeg, host: Browser, live: str, ingest: dict[str, Any], step: Step
) -> Air:
    """Wrong, and second, keys are refused; a lost encoder interrupts and comes back."""
    server = ingest["server"]
    wrong = Encoder(ffmpeg, f"{server}/{live}?key={secrets.token_urlsafe(24)}", _SMALL)
    if await asyncio.wait_for(wrong.publish(3), 20) == 0:
        raise Unexpected("a wrong key was let in")
    step.say("a wrong key is refused")
    url = f"{server}/{ingest['key']}"
    air = _started(ffmpeg, url)
    await until_state(host, live, "live")
    step.say("the right key is let in: live")
    second = Encoder(ffmpeg, url, _SMALL)
    if await asyncio.wait_for(second.publish(3), 20) == 0:
        raise Unexpected("a second encoder was let in")
    step.say("a second encoder is refused")
    await air.stop()
    await until_state(host, live, "interrupted")
    air = _started(ffmpeg, url)
    await until_state(host, live, "live")
    step.say("the encoder dropped: interrupted, and back: live")
    await _picture(host, live)
    return air


async def replayed(air: Air, host: Browser, guest: Browser, live: str, step: Step) -> None:
    """Ending gives a replay of the real recording with chapters, from which one can buy."""
    await host.post(f"/v1/live/{live}/end")
    await air.stop()
    for _ in range(600):
        room = await guest.get(f"/v1/live/{live}/room")
        if room["replay"]:
            break
        await asyncio.sleep(0.1)
    replay = room["replay"]
    if not replay:
        raise Unexpected("no replay was made")
    if not replay["chapters"]:
        raise Unexpected("the replay has no chapters")
    playlist = await guest.text(replay["hls"])
    if "#EXT-X-ENDLIST" not in playlist:
        raise Unexpected("the replay's playlist does not end")
    chapter = replay["chapters"][0]
    step.say(
        f"{replay['id']}: {replay['duration']:.1f} s, chapter"
        f" {chapter['start']:.1f}–{chapter['end']:.1f} s"
    )
    card = next(c for c in room["cards"] if c["id"] == chapter["card"])
    variant = next(v for v in card["variants"] if v["left"] > 0)
    item = {"card": card["id"], "variant": variant["id"], "count": 1}
    held = await guest.post(
        f"/v1/live/{live}/claims", {"items": [item]}, expect=201, key=secrets.token_hex(8)
    )
    await guest.delete(f"/v1/holds/{held['holds'][0]['id']}")
    step.say("bought from the replay, and released")


async def until_state(host: Browser, live: str, wanted: str, *, within: float = 15.0) -> None:
    """Wait until the session is in that state."""
    for _ in range(int(within * 10)):
        state = (await host.get(f"/v1/live/{live}"))["state"]
        if state == wanted:
            return
        await asyncio.sleep(0.1)
    raise Unexpected(f"the session is {state}, not {wanted}")


async def _picture(host: Browser, live: str) -> None:
    """Wait for the first segments."""
    for _ in range(150):
        if await host.status(f"/hls/{live}/index.m3u8") == 200:
            return
        await asyncio.sleep(0.1)
    raise Unexpected("no video came out")


def _started(ffmpeg: Ffmpeg, url: str) -> Air:
    encoder = Encoder(ffmpeg, url, _SMALL)
    return Air(encoder, asyncio.create_task(encoder.publish(), name="journey encoder"))
