"""What nginx-rtmp's callbacks and statistics mean, by captured ones."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streams.media.nginx_rtmp import NginxRtmp
from streams.media.port import (
    BadHook,
    MediaEvent,
    MediaEventKind,
    MediaServerDown,
    PlayAttempt,
    PublishAttempt,
    Publisher,
    Said,
    inside,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
SESSION = (
    "app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl="
    "&tcurl=rtmp://127.0.0.1:21935/live&pageurl=&addr=127.0.0.1&clientid=327"
)
STAT = b"""<?xml version="1.0" encoding="utf-8" ?>
<rtmp><pid>12497</pid><uptime>2</uptime><server><application><name>live</name><live>
<stream><name>liv_1</name><time>1613</time><bw_in>800</bw_in><bytes_in>67545</bytes_in>
<client><id>9</id><address>10.0.0.9</address><time>5</time></client>
<client><id>1</id><address>127.0.0.1</address><time>1790</time><publishing/><active/></client>
<meta><video><width>180</width><height>320</height><frame_rate>10</frame_rate>
<codec>H264</codec></video><audio><codec>AAC</codec></audio></meta><publishing/></stream>
<stream><name>watched_only</name><time>3</time><client><id>7</id></client></stream>
</live></application></server></rtmp>"""


@pytest.fixture
def server(tmp_path: Path) -> NginxRtmp:
    nobody = cast(Any, None)
    return NginxRtmp(nobody, control="http://127.0.0.1:9/t", recordings=tmp_path)


def parsed(server: NginxRtmp, body: str, **query: str) -> Said:
    return server.parse({}, query, body.encode(), at=NOW)


def test_publish_is_an_attempt_with_its_key(server: NginxRtmp) -> None:
    body = f"{SESSION}&call=publish&name=liv_1&type=live&key=sk_b"
    said = parsed(server, body, epoch="e1")
    assert isinstance(said, PublishAttempt)
    assert said.publisher == Publisher("nginx", "e1", "327")
    assert (said.app, said.name, said.ip, said.key) == ("live", "liv_1", "127.0.0.1", "sk_b")


def test_first_value_of_each_field_is_the_servers(server: NginxRtmp) -> None:
    forged = "&key=a&call=publish_done&name=liv_2&clientid=1&app=x&path=/etc/passwd&key=b"
    said = parsed(server, f"{SESSION}&call=publish&name=liv_1&type=live{forged}")
    assert isinstance(said, PublishAttempt)
    assert (said.name, said.publisher.client_id, said.key) == ("liv_1", "327", "a")
    assert dict(said.query) == {"key": "a"}


def test_key_never_shows(server: NginxRtmp) -> None:
    said = parsed(server, f"{SESSION}&call=publish&name=liv_1&type=live&key=hush")
    assert "hush" not in repr(said)
    assert "hush" not in str(said)


def test_missing_fields_are_empty_and_unknown_ones_ignored(server: NginxRtmp) -> None:
    said = parsed(server, "app=live&call=publish&name=liv_1&colour=red")
    assert isinstance(said, PublishAttempt)
    assert said.publisher == Publisher("nginx", None, "")
    assert said.key == ""


def test_play_and_the_end_are_told_apart(server: NginxRtmp) -> None:
    assert isinstance(parsed(server, f"{SESSION}&call=play&name=liv_1"), PlayAttempt)
    said = parsed(server, f"{SESSION}&call=publish_done&name=liv_1&key=k")
    assert isinstance(said, MediaEvent)
    assert (said.kind, said.at) == (MediaEventKind.UNPUBLISHED, NOW)
    other = parsed(server, f"{SESSION}&call=update_publish&name=liv_1")
    assert isinstance(other, MediaEvent)
    assert other.kind is MediaEventKind.OTHER


def test_recording_is_told_relative_to_the_root(server: NginxRtmp, tmp_path: Path) -> None:
    (tmp_path / "liv_1-17.flv").touch()
    file = f"{tmp_path}/liv_1-17.flv"
    said = parsed(server, f"{SESSION}&call=record_done&recorder=&name=liv_1&path={file}&key=k")
    assert isinstance(said, MediaEvent)
    assert (said.kind, said.path) == (MediaEventKind.RECORDED, "liv_1-17.flv")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "", "../x.flv", "{root}/../x.flv", "{root}", "{root}/out/x", "a%00b"],
)
def test_recording_elsewhere_is_refused(server: NginxRtmp, tmp_path: Path, path: str) -> None:
    (tmp_path / "out").symlink_to("/etc")
    told = path.replace("{root}", str(tmp_path))
    with pytest.raises(BadHook):
        parsed(server, f"{SESSION}&call=record_done&recorder=&name=liv_1&path={told}")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "call=publish",
        "call=publish&name=&app=live",
        "call=publish&name=a/../b&app=live",
        "call=publish&name=a%0Ab&app=live",
        f"call=publish&app=live&name={'x' * 81}",
        "call=publish&name=liv_1&app=elsewhere",
        "&".join(f"a{n}=1" for n in range(200)),
    ],
)
def test_nonsense_is_refused(server: NginxRtmp, body: str) -> None:
    with pytest.raises(BadHook) as bad:
        parsed(server, body)
    assert server.reply(False)[0] == 403
    assert "\n" not in bad.value.detail


def test_replies_are_what_nginx_understands(server: NginxRtmp) -> None:
    assert server.reply(True)[0] == 200
    assert server.reply(False)[0] == 403


class _Answer:
    def __init__(self, status: int, body: bytes) -> None:
        self.status, self._body = status, body

    async def read(self) -> bytes:
        return self._body

    async def __aenter__(self) -> "_Answer":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def answering(status: int, body: bytes, tmp_path: Path) -> tuple[NginxRtmp, list[Any]]:
    asked: list[Any] = []

    def get(url: str, **options: Any) -> _Answer:
        asked.append((url, options.get("params")))
        return _Answer(status, body)

    http = cast(Any, SimpleNamespace(get=get))
    control = "http://127.0.0.1:9/token/"
    server = NginxRtmp(http, control=control, recordings=tmp_path, epoch=lambda: "e7")
    return server, asked


def test_list_names_who_publishes(tmp_path: Path) -> None:
    server, asked = answering(200, STAT, tmp_path)
    listing = asyncio.run(server.list())
    assert asked[0][0] == "http://127.0.0.1:9/token/stat"
    (stream,) = listing.streams
    assert listing.epoch == "e7"
    assert stream.publisher == Publisher("nginx", "e7", "1")
    assert (stream.name, stream.app, stream.bytes_in) == ("liv_1", "live", 67545)
    assert stream.lasted == timedelta(milliseconds=1613)
    assert (stream.width, stream.height, stream.frame_rate) == (180, 320, 10)
    assert (stream.video_codec, stream.audio_codec) == ("H264", "AAC")


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<rtmp>"), (200, b"nonsense")])
def test_unreadable_list_is_a_server_that_is_down(
    tmp_path: Path, status: int, body: bytes
) -> None:
    server, _ = answering(status, body, tmp_path)
    with pytest.raises(MediaServerDown):
        asyncio.run(server.list())


def test_kick_says_whether_somebody_was_there(tmp_path: Path) -> None:
    server, asked = answering(200, b"1", tmp_path)
    assert asyncio.run(server.kick("liv_1", "327"))
    assert asked[0][1] == {"app": "live", "name": "liv_1", "clientid": "327"}
    nobody, _ = answering(200, b"0", tmp_path)
    assert not asyncio.run(nobody.kick("liv_1"))


def test_inside_follows_dots_and_links(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b.flv") == "a/b.flv"
    assert inside(tmp_path, "a/../b.flv") == "b.flv"
    assert inside(tmp_path, "a/../../b.flv") is None
