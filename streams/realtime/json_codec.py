"""The JSON encoding: objects joined by newlines, payloads embedded without re-encoding.

What is checked here once spares every viewer: a payload is JSON on one line.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from streams.realtime import protocol as p
from streams.realtime.bodies import Bodies, Body, command_of, connect_of
from streams.realtime.errors import ClientError, NotJson, Undecodable, Untellable
from streams.realtime.slices import as_written, members


def payload(data: Mapping[str, Any] | bytes) -> bytes:
    """``data`` as JSON bytes on one line, checked once so that no viewer has to.

    Raises:
        NotJson: the bytes are something else.
    """
    try:
        if not isinstance(data, bytes):
            return orjson.dumps(data)
        orjson.loads(data)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise NotJson(str(error)) from error
    return data.replace(b"\r", b" ").replace(b"\n", b" ").strip()


def _object(text: bytes) -> Body:
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Undecodable(str(error)) from error
    if not isinstance(body, dict):
        raise Undecodable("not an object")
    return body


def _published(text: str) -> str:
    return members(members(text)["publish"])["data"]


_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a character's halves
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # one half alone
    rb"|\\."  # any other, a backslash's own among them
)


def _command(text: bytes) -> p.Command:
    """The command of a line. Text that was cut within a character, which a browser writes
    as one half of a surrogate pair, is JSON by its grammar and yet no text: it costs the
    command, not the connection. A connect has to be whole.
    """
    try:
        command = command_of(_object(text))
        if type(command.request) is p.Publish and command.request.data:
            data = as_written(command.request.data, text, _published)
            return p.Command(command.id, p.Publish(command.request.channel, data))
        return command
    except Undecodable:
        mended = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)
        if mended == text:
            raise
        command = command_of(_object(mended))
        if isinstance(command.request, p.Connect):
            raise
        return p.Command(command.id, p.Illegible())


def _plain(push: p.Publication) -> bool:
    """Whether it has data and a position, and nothing else."""
    more = push.info is not None or push.tags or push.epoch or push.delta
    return not more and push.offset > 0 and bool(push.data)


def one_line(raw: bytes) -> bytes:
    """The payload as it is, on one line. Clients of the other encoding may have sent
    anything, and a reply has to stay one object.

    Raises:
        Untellable: it is no JSON.
    """
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Untellable(str(error)) from error
    if b"\n" in raw or b"\r" in raw:
        raw = raw.replace(b"\r", b" ").replace(b"\n", b" ")
    return raw


@lru_cache(maxsize=1024)
def _written(data: bytes, offset: int) -> orjson.Fragment:
    return orjson.Fragment(b'{"data":%b,"offset":%d}' % (one_line(data), offset))


def _ready(push: p.Publication) -> orjson.Fragment | None:
    """A returning crowd is told the same publications one by one: they are written once."""
    return _written(push.data, push.offset) if _plain(push) and len(push.data) < 2048 else None


_BODIES = Bodies(lambda raw: orjson.Fragment(one_line(raw)), _ready)


class JsonCodec:
    """JSON lines, in WebSocket text frames."""

    name = "json"
    ping = b"{}"
    embeds = True
    one_way = False

    def commands(self, frame: bytes) -> list[p.Command]:
        """The commands of a frame; a newline at its end is allowed."""
        lines = frame.strip().split(b"\n")
        return [_command(line) for line in lines]

    def reply(self, id: int, result: p.Result) -> bytes:
        """``{"id":1,"subscribe":{..}}``"""
        method, body = _BODIES.result(result)
        return orjson.dumps({"id": id, method: body})

    def error(self, id: int, error: ClientError) -> bytes:
        """``{"id":1,"error":{"code":103,"message":"permission denied"}}``"""
        body: Body = {"code": error.code, "message": error.message}
        if error.temporary:
            body["temporary"] = True
        return orjson.dumps({"id": id, "error": body})

    def push(self, channel: str, push: p.Push) -> bytes:
        """``{"push":{"channel":"room:1","pub":{..}}}``"""
        if type(push) is p.Publication and _plain(push):
            # What rooms are told all day, put together without an object in between.
            said = (orjson.dumps(channel), one_line(push.data), push.offset)
            return b'{"push":{"channel":%b,"pub":{"data":%b,"offset":%d}}}' % said
        return orjson.dumps({"push": self._push(channel, push)})

    def join(self, replies: Sequence[bytes]) -> bytes:
        """One frame of several lines."""
        return replies[0] if len(replies) == 1 else b"\n".join(replies)

    def whole(self, data: bytes) -> bytes:
        """Text within JSON text, because a patch is none."""
        try:
            return orjson.dumps(data.decode())
        except UnicodeDecodeError as error:
            raise Untellable(str(error)) from error

    def _push(self, channel: str, push: p.Push) -> Body:
        kind, body = _BODIES.push(push)
        return {"channel": channel, kind: body} if channel else {kind: body}


class OneWayJson(JsonCodec):
    """For those who only listen: their connect comes alone, and pushes stand bare."""

    one_way = True

    def commands(self, frame: bytes) -> list[p.Command]:
        """The one request there is."""
        return [p.Command(1, connect_of(_object(frame)))]

    def reply(self, id: int, result: p.Result) -> bytes:
        """``{"connect":{"client":..}}``"""
        method, body = _BODIES.result(result)
        return orjson.dumps({method: body})

    def push(self, channel: str, push: p.Push) -> bytes:
        """``{"channel":"room:1","pub":{..}}``"""
        return orjson.dumps(self._push(channel, push))


JSON = JsonCodec()
ONE_WAY_JSON = OneWayJson()
