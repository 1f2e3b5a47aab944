"""The picture that stands in for a camera."""

import logging
from pathlib import Path

import pytest

from streams.media.encoder import Encoder, Picture, arguments
from streams.media.ffmpeg import Ffmpeg

URL = "rtmp://127.0.0.1:1935/live/liv_1?key=hush-hush-hush"


def test_picture_is_portrait_with_a_key_frame_each_second() -> None:
    args = arguments(Picture(), URL)
    assert "size=360x640:rate=15" in args[args.index("lavfi") + 2]
    assert args[args.index("-g") + 1] == "15"
    assert args[-1] == URL
    assert "-t" not in args


def test_label_cannot_leave_its_quotes() -> None:
    args = " ".join(arguments(Picture(label="a':x=1,[b]%{pts}"), URL))
    assert "a':" not in args
    assert "%{pts}" not in args


async def test_key_is_not_logged(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    loud = tmp_path / "ffmpeg"
    loud.write_text('#!/bin/sh\necho "cannot open $*" >&2\nexit 3\n')
    loud.chmod(0o755)
    assert await Encoder(Ffmpeg(loud), URL).publish() == 3
    assert "liv_1?***" in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize("more", range(370, 420, 3))
async def test_half_a_key_is_not_logged_either(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, more: int
) -> None:
    loud = tmp_path / "ffmpeg"
    said = f"cannot open {URL} {'xyz ' * (more // 4)}{'-' * (more % 4)}"
    loud.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 3\n")
    loud.chmod(0o755)
    await Encoder(Ffmpeg(loud), URL).publish()
    assert "xyz" in caplog.text
    assert "hush" not in caplog.text
