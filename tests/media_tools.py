"""The media programs that tests drive: nginx with its RTMP module, and ffmpeg."""

import os
from dataclasses import dataclass

import pytest

from streams.media.ffmpeg import Ffmpeg, FfmpegMissing, find_ffmpeg
from streams.media.nginx_process import NginxInstall, NginxMissing, find_nginx


@dataclass(frozen=True)
class MediaTools:
    """Both of them."""

    nginx: NginxInstall
    ffmpeg: Ffmpeg


def found() -> MediaTools:
    """What this machine has; where they are missing the test is skipped, in CI it fails."""
    try:
        return MediaTools(find_nginx(), find_ffmpeg())
    except (NginxMissing, FfmpegMissing) as missing:
        reason = f"{missing.title}: {missing.detail}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
