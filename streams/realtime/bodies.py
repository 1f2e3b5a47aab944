"""The protocol's objects as plain dictionaries, which both encodings read and write.

Zero values are left out, but for the few that JSON clients read without a default. Reading
is strict about types and lenient about unknown fields, since the protocol grows by adding.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from streams.realtime import protocol as p
from streams.realtime.errors import Undecodable

Body = dict[str, Any]

_UINT32 = (1 << 32) - 1
_UINT64 = (1 << 64) - 1
_INT64 = (1 << 63) - 1


# Reading. A value of the wrong type makes the whole frame undecodable; null is absent.


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Undecodable(f"{name} is not text")
    return value


def _flag(body: Body, name: str) -> bool:
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Undecodable(f"{name} is not true or false")
    return value


def _number(body: Body, name: str, low: int = 0, high: int = _UINT64) -> int:
    value = body.get(name)
    if value is None:
        return 0
    if type(value) is not int or not low <= value <= high:
        raise Undecodable(f"{name} is out of range")
    return value


def _object(body: Body, name: str) -> Body:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Undecodable(f"{name} is not an object")
    return value


def _raw(body: Body, name: str) -> bytes:
    value = body.get(name)
    if isinstance(value, bytes):
        return value
    try:
        return b"" if value is None else orjson.dumps(value)
    except orjson.JSONEncodeError as error:  # it reads deeper nesting than it writes
        raise Undecodable(f"{name} is nested too deeply") from error


def _recover(body: Body) -> p.Recover:
    return p.Recover(_flag(body, "recover"), _number(body, "offset"), _text(body, "epoch"))


def connect_of(body: Body) -> p.Connect:
    subs, headers = _object(body, "subs"), _object(body, "headers")
    return p.Connect(
        token=_text(body, "token"),
        data=_raw(body, "data"),
        subs={channel: _recover(_object(subs, channel)) for channel in subs},
        name=_text(body, "name"),
        version=_text(body, "version"),
        headers={name: _text(headers, name) for name in headers},
    )


def _subscribe(body: Body) -> p.Subscribe:
    return p.Subscribe(
        channel=_text(body, "channel"),
        token=_text(body, "token"),
        recover=_flag(body, "recover"),
        epoch=_text(body, "epoch"),
        offset=_number(body, "offset"),
        data=_raw(body, "data"),
        positioned=_flag(body, "positioned"),
        recoverable=_flag(body, "recoverable"),
        join_leave=_flag(body, "join_leave"),
        delta=_text(body, "delta"),
        flag=_number(body, "flag", -_INT64 - 1, _INT64),
        type=_number(body, "type", -_UINT32, _UINT32),
    )


def _history(body: Body) -> p.ReadHistory:
    since = body.get("since")
    return p.ReadHistory(
        channel=_text(body, "channel"),
        limit=_number(body, "limit", -_UINT32, _UINT32),
        since=None if since is None else _position(_object(body, "since")),
        reverse=_flag(body, "reverse"),
    )


def _position(body: Body) -> p.Position:
    return p.Position(_number(body, "offset"), _text(body, "epoch"))


_READ: dict[str, Callable[[Body], p.Request]] = {  # in the order that decides between several
    "connect": connect_of,
    "subscribe": _subscribe,
    "unsubscribe": lambda b: p.Unsubscribe(_text(b, "channel")),
    "publish": lambda b: p.Publish(_text(b, "channel"), _raw(b, "data")),
    "presence": lambda b: p.Presence(_text(b, "channel")),
    "presence_stats": lambda b: p.PresenceStats(_text(b, "channel")),
    "history": _history,
    "ping": lambda _: p.Ping(),
    "send": lambda _: p.Send(),
    "rpc": lambda b: p.Rpc(_text(b, "method"), _raw(b, "data")),
    "refresh": lambda b: p.Refresh(_text(b, "token")),
    "sub_refresh": lambda b: p.SubRefresh(_text(b, "channel"), _text(b, "token")),
}


def command_of(body: Body) -> p.Command:
    """The command that an object says.

    Raises:
        Undecodable: something in it has the wrong type, or it says nothing.
    """
    id = _number(body, "id", 0, _UINT32)
    for method, read in _READ.items():
        if body.get(method) is not None:
            return p.Command(id, read(_object(body, method)))
    if id:
        raise Undecodable("a command without a method")
    return p.Command(0, p.Pong())


# Writing.


def _lean(**fields: Any) -> Body:
    return {name: value for name, value in fields.items() if value or value == {}}


class Bodies:
    """What an encoding writes.

    Args:
        embed: turns a payload into what the encoding takes for one.
        ready: a publication as the encoding takes it, where it is at hand already.
    """

    def __init__(
        self,
        embed: Callable[[bytes], Any],
        ready: Callable[[p.Publication], Any] = lambda _: None,
    ) -> None:
        self._embed = embed
        self._ready = ready

    def _some(self, raw: bytes) -> Any:
        return self._embed(raw) if raw else None

    def _info(self, info: p.ClientInfo) -> Body:
        return {
            "user": info.user,
            "client": info.client,
            **_lean(conn_info=self._some(info.conn_info), chan_info=self._some(info.chan_info)),
        }

    def _publication(self, pub: p.Publication) -> Body:
        body: Body = {"data": self._embed(pub.data)} if pub.data else {}
        if pub.info is not None:
            body["info"] = self._info(pub.info)
        if pub.offset:
            body["offset"] = pub.offset
        if pub.tags:
            body["tags"] = dict(pub.tags)
        if pub.epoch:
            body["epoch"] = pub.epoch
        if pub.delta:
            body["delta"] = True
        return body

    def _publications(self, pubs: Sequence[p.Publication]) -> list[Any]:
        return [self._ready(pub) or self._publication(pub) for pub in pubs]

    def _subscribed(self, r: p.SubscribeResult) -> Body:
        return _lean(
            expires=r.expires,
            ttl=r.ttl,
            recoverable=r.recoverable,
            epoch=r.epoch,
            publications=self._publications(r.publications),
            recovered=r.recovered,
            offset=r.offset,
            positioned=r.positioned,
            data=self._some(r.data),
            was_recovering=r.was_recovering,
            delta=r.delta,
        )

    def result(self, result: p.Result) -> tuple[str, Body]:
        """Its method, and its object."""
        match result:
            case p.ConnectResult() as r:
                subs = {
                    channel: self._subscribed(sub) for channel, sub in r.subs.items()
                } or None
                fields = _lean(
                    version=r.version,
                    expires=r.expires,
                    ttl=r.ttl,
                    data=self._some(r.data),
                    subs=subs,
                )
                more = _lean(ping=r.ping, pong=r.pong, session=r.session, node=r.node)
                return "connect", {"client": r.client, **fields, **more}
            case p.SubscribeResult() as r:
                return "subscribe", self._subscribed(r)
            case p.UnsubscribeResult():
                return "unsubscribe", {}
            case p.PublishResult():
                return "publish", {}
            case p.PresenceResult() as r:
                there = {client: self._info(info) for client, info in r.presence.items()}
                return "presence", {"presence": there}
            case p.PresenceStatsResult() as r:
                counted = {"num_clients": r.num_clients, "num_users": r.num_users}
                return "presence_stats", counted
            case p.History() as r:
                said = self._publications(r.publications)
                return "history", {"publications": said, "epoch": r.epoch, "offset": r.offset}
            case p.RpcResult() as r:
                return "rpc", _lean(data=self._some(r.data))
            case p.RefreshResult() as r:
                fields = _lean(version=r.version, expires=r.expires, ttl=r.ttl)
                return "refresh", {"client": r.client, **fields}
            case p.SubRefreshResult() as r:
                return "sub_refresh", _lean(expires=r.expires, ttl=r.ttl)

    def push(self, push: p.Push) -> tuple[str, Body]:
        """Its kind, and its object."""
        match push:
            case p.Publication():
                return "pub", self._publication(push)
            case p.Join():
                return "join", {"info": self._info(push.info)}
            case p.Leave():
                return "leave", {"info": self._info(push.info)}
            case p.Removed(code, reason):
                return "unsubscribe", {"code": code, "reason": reason}
            case p.Added() as a:
                return "subscribe", _lean(
                    recoverable=a.recoverable,
                    epoch=a.epoch,
                    offset=a.offset,
                    positioned=a.positioned,
                    data=self._some(a.data),
                )
            case p.Extended(expires, ttl):
                return "refresh", _lean(expires=expires, ttl=ttl)
            case p.Ended(code, reason):
                return "disconnect", {"code": code, "reason": reason}
