"""nginx with its RTMP module, as a :class:`~streams.media.port.MediaServer`.

Its callbacks are forms: fields of the server's own in a fixed order, then the query that the
encoder appended to the stream name, raw. An encoder can therefore repeat any field, and only
the first value of each is the server's.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import aiohttp
from lxml import etree

from streams.media.port import (
    BadHook,
    Listing,
    LiveStream,
    MediaEvent,
    MediaEventKind,
    MediaServerDown,
    PlayAttempt,
    PublishAttempt,
    Publisher,
    Reply,
    Said,
    inside,
)

log = logging.getLogger(__name__)

_STREAM_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_OWN_FIELDS = frozenset(
    (
        *("app", "flashver", "swfurl", "tcurl", "pageurl", "addr", "clientid", "call", "name"),
        *(
            "type",
            "start",
            "duration",
            "reset",
            "recorder",
            "path",
            "time",
            "timestamp",
            "epoch",
        ),
    )
)
_TIMEOUT = aiohttp.ClientTimeout(total=2)


class NginxRtmp:
    """Speaks with one nginx.

    Args:
        http: asks ``/stat`` and ``/control``.
        control: the URL under which both lie.
        recordings: the directory that recordings are written to.
        epoch: which run of nginx is the present one, if whoever runs it knows.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        control: str,
        recordings: Path,
        name: str = "nginx",
        app: str = "live",
        epoch: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.name = name
        self.app = app
        self.recordings = recordings
        self._http = http
        self._control = control.rstrip("/")
        self._epoch = epoch

    def parse(
        self,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        *,
        at: datetime,
    ) -> Said:
        """What the callback says; ``epoch`` comes in the callback's own URL."""
        try:
            pairs = parse_qsl(
                body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100
            )
        except ValueError:
            raise BadHook("too many fields") from None
        first: dict[str, str] = {}
        for field, value in pairs:
            first.setdefault(field, value)
        call, name = first.get("call", ""), first.get("name", "")
        if not _STREAM_NAME.fullmatch(name):
            raise BadHook(f"no stream name in a callback of {call[:20]!r}")
        who = Publisher(self.name, query.get("epoch"), first.get("clientid", ""))
        app, ip = first.get("app", ""), first.get("addr", "")
        match call:
            case "publish" if app == self.app:
                extra = {k: v for k, v in first.items() if k not in _OWN_FIELDS}
                return PublishAttempt(who, app, name, ip=ip, query=extra)
            case "publish":
                raise BadHook("publishing to another application")
            case "play":
                return PlayAttempt(who, app, name, ip=ip)
            case "publish_done":
                return MediaEvent(MediaEventKind.UNPUBLISHED, who, name, at)
            case "record_done":
                path = inside(self.recordings, first.get("path", ""))
                if path is None:
                    raise BadHook("a recording outside the recording root")
                return MediaEvent(MediaEventKind.RECORDED, who, name, at, path=path)
            case _:
                return MediaEvent(MediaEventKind.OTHER, who, name, at)

    def reply(self, allowed: bool) -> Reply:
        """2xx is yes, and anything that is neither 2xx nor 3xx is no."""
        return (200 if allowed else 403), {"Content-Type": "text/plain"}, b""

    async def list(self) -> Listing:
        """What ``/stat`` says is being published."""
        epoch = self._epoch()
        page = await self._get("/stat")
        try:
            return self._listing(page, epoch)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise MediaServerDown("its statistics cannot be read") from error

    async def kick(self, name: str, client_id: str | None = None) -> bool:
        """Drop the publisher; answers how many there were."""
        args = {"app": self.app, "name": name}
        if client_id is not None:
            args["clientid"] = client_id
        answer = await self._get("/control/drop/publisher", args)
        dropped = answer.strip().isdigit() and int(answer) > 0
        log.info("drop publisher: live=%s dropped=%s", name, dropped)
        return dropped

    async def _get(self, path: str, args: Mapping[str, str] | None = None) -> bytes:
        try:
            async with self._http.get(
                self._control + path, params=args, timeout=_TIMEOUT
            ) as answer:
                if answer.status != 200:
                    raise MediaServerDown(f"{path} answered {answer.status}")
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise MediaServerDown(type(error).__name__) from error

    def _listing(self, page: bytes, epoch: str | None) -> Listing:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(page, parser)
        streams: list[LiveStream] = []
        for application in root.iterfind("server/application"):
            app = application.findtext("name") or ""
            for stream in application.iterfind("live/stream"):
                client = next(
                    (c for c in stream.iterfind("client") if c.find("publishing") is not None),
                    None,
                )
                if client is not None:
                    who = Publisher(self.name, epoch, client.findtext("id") or "")
                    streams.append(_stream(who, app, stream))
        return Listing(self.name, epoch, tuple(streams))


def _stream(who: Publisher, app: str, stream: etree._Element) -> LiveStream:
    return LiveStream(
        publisher=who,
        app=app,
        name=stream.findtext("name") or "",
        lasted=timedelta(milliseconds=_whole(stream, "time")),
        bytes_in=_whole(stream, "bytes_in"),
        bits_per_second=_whole(stream, "bw_in"),
        width=_whole(stream, "meta/video/width") or None,
        height=_whole(stream, "meta/video/height") or None,
        frame_rate=float(stream.findtext("meta/video/frame_rate") or 0) or None,
        video_codec=stream.findtext("meta/video/codec") or "",
        audio_codec=stream.findtext("meta/audio/codec") or "",
    )


def _whole(stream: etree._Element, path: str) -> int:
    return int(stream.findtext(path) or 0)
