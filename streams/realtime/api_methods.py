"""The methods of the server API: what each takes, and what it does with a hub."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase
from typing import Any, Self

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.broker import Post
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.json_codec import payload
from streams.realtime.options import Namespace
from streams.realtime.orders import Prolong, PutIn, SendAway, TakeOut, Whom

Body = dict[str, Any]

LATEST = 253_402_300_799
"""The last second of the year 9999, beyond which there are no dates."""


class Asked(BaseModel):
    """A command's body. Fields that we do not know are let be: the format grows by adding."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SayIt(Asked):
    """What ``publish`` and ``broadcast`` share."""

    data: Any = None
    b64data: StrictStr = ""
    skip_history: StrictBool = False
    tags: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    idempotency_key: StrictStr = Field(default="", max_length=255)
    version: StrictInt = Field(default=0, ge=0)
    version_epoch: StrictStr = ""

    def post(self) -> Post:
        """As brokers take it."""
        if "data" not in self.model_fields_set and not self.b64data:
            raise ClientError(codes.BAD_REQUEST)
        return Post(
            data=_raw(self.data, self.b64data),
            tags=self.tags or None,
            idempotency_key=self.idempotency_key or None,
            version=self.version,
            version_epoch=self.version_epoch,
        )


class Publish(SayIt):
    """``publish``"""

    channel: StrictStr


class Broadcast(SayIt):
    """``broadcast``"""

    channels: list[StrictStr] = Field(min_length=1)


class Since(Asked):
    """A position."""

    offset: StrictInt = Field(default=0, ge=0)
    epoch: StrictStr = ""


class Flag(Asked):
    """A flag that may also be left as it is."""

    value: StrictBool


class Override(Asked):
    """What a subscription does differently from its namespace."""

    join_leave: Flag | None = None
    force_push_join_leave: Flag | None = None
    force_recovery: Flag | None = None
    force_positioning: Flag | None = None


class Chosen(Asked):
    """Connections."""

    user: StrictStr = ""
    client: StrictStr = ""
    session: StrictStr = ""

    def whom(self) -> Whom:
        """As orders name them."""
        if not (self.user or self.client or self.session):
            raise ClientError(codes.BAD_REQUEST)
        return Whom(self.user, self.client, self.session)


class Subscribe(Chosen):
    """``subscribe``"""

    channel: StrictStr = Field(min_length=1)
    info: Any = None
    b64info: StrictStr = ""
    data: Any = None
    b64data: StrictStr = ""
    expire_at: StrictInt = Field(default=0, ge=0, le=LATEST)
    recover_since: Since | None = None
    override: Override = Override()


class Unsubscribe(Chosen):
    """``unsubscribe``"""

    channel: StrictStr = Field(min_length=1)


class Why(Asked):
    """How a connection is ended."""

    code: StrictInt = codes.FORCE_DISCONNECT.code
    reason: StrictStr = codes.FORCE_DISCONNECT.reason

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        codes.Close(self.code, self.reason)
        return self


class Disconnect(Chosen):
    """``disconnect``"""

    whitelist: list[StrictStr] = Field(default_factory=list)
    disconnect: Why = Why()


class Refresh(Chosen):
    """``refresh``"""

    expired: StrictBool = False
    expire_at: StrictInt = Field(default=0, ge=0, le=LATEST)


class OfChannel(Asked):
    """``presence``, ``presence_stats``, ``history_remove``"""

    channel: StrictStr


class History(OfChannel):
    """``history``"""

    limit: StrictInt = 0
    since: Since | None = None
    reverse: StrictBool = False


class Channels(Asked):
    """``channels``"""

    pattern: StrictStr = ""


async def publish(hub: Hub, asked: Publish) -> Body:
    """Tell a channel."""
    _known(hub, asked.channel)
    at = await hub.put(asked.channel, asked.post(), kept=not asked.skip_history)
    return {"offset": at.offset, "epoch": at.epoch}


async def broadcast(hub: Hub, asked: Broadcast) -> Body:
    """Tell several channels; each succeeds or fails by itself."""
    post, responses = asked.post(), list[Body]()
    for channel in asked.channels:
        try:
            _known(hub, channel)
            at = await hub.put(channel, post, kept=not asked.skip_history)
        except ClientError as error:
            responses.append({"error": {"code": error.code, "message": error.message}})
        else:
            responses.append({"result": {"offset": at.offset, "epoch": at.epoch}})
    return {"responses": responses}


async def subscribe(hub: Hub, asked: Subscribe) -> Body:
    """Let connections hear a channel."""
    _known(hub, asked.channel)
    since, override = asked.recover_since, asked.override
    joins = override.force_push_join_leave or override.join_leave
    order = PutIn(
        whom=asked.whom(),
        channel=asked.channel,
        info=_raw(asked.info, asked.b64info).decode() if asked.info or asked.b64info else "",
        data=_raw(asked.data, asked.b64data).decode() if asked.data or asked.b64data else "",
        expire_at=asked.expire_at,
        since=since is not None,
        offset=since.offset if since else 0,
        epoch=since.epoch if since else "",
        positioned=override.force_positioning.value if override.force_positioning else None,
        recoverable=override.force_recovery.value if override.force_recovery else None,
        join_leave=joins.value if joins else None,
    )
    await hub.order(order)
    return {}


async def unsubscribe(hub: Hub, asked: Unsubscribe) -> Body:
    """Take connections out of a channel."""
    await hub.order(TakeOut(asked.whom(), asked.channel))
    return {}


async def disconnect(hub: Hub, asked: Disconnect) -> Body:
    """End connections."""
    why = asked.disconnect
    await hub.order(SendAway(asked.whom(), why.code, why.reason, tuple(asked.whitelist)))
    return {}


async def refresh(hub: Hub, asked: Refresh) -> Body:
    """Let connections stay, or not."""
    await hub.order(Prolong(asked.whom(), asked.expired, asked.expire_at))
    return {}


async def presence(hub: Hub, asked: OfChannel) -> Body:
    """Who hears a channel."""
    _can(_known(hub, asked.channel).presence)
    there = await hub.present(asked.channel)
    return {"presence": {client: _info(info) for client, info in there.items()}}


async def presence_stats(hub: Hub, asked: OfChannel) -> Body:
    """How many hear a channel."""
    _can(_known(hub, asked.channel).counted)
    stats = await hub.presence_stats(asked.channel)
    return {"num_clients": stats.num_clients, "num_users": stats.num_users}


async def history(hub: Hub, asked: History) -> Body:
    """What a channel was told."""
    _can(_known(hub, asked.channel).keeps)
    since = None if asked.since is None else p.Position(asked.since.offset, asked.since.epoch)
    if asked.reverse and since is not None and not since.offset:
        raise ClientError(codes.BAD_REQUEST)
    found = await hub.history(
        asked.channel, limit=asked.limit, since=since, reverse=asked.reverse
    )
    said = [_publication(publication) for publication in found.publications]
    return {"publications": said, "offset": found.offset, "epoch": found.epoch}


async def history_remove(hub: Hub, asked: OfChannel) -> Body:
    """Forget what a channel was told; its position stays."""
    _can(_known(hub, asked.channel).keeps)
    await hub.broker.forget(asked.channel)
    return {}


async def channels(hub: Hub, asked: Channels) -> Body:
    """Channels that somebody hears now; ``pattern`` has ``*`` and ``?``."""
    before = asked.pattern.partition("*")[0].partition("?")[0].partition("[")[0]
    found = await hub.channels(before)
    return {
        "channels": {
            name: {"num_clients": count}
            for name, count in found.items()
            if not asked.pattern or fnmatchcase(name, asked.pattern)
        }
    }


async def info(hub: Hub, asked: Asked) -> Body:
    """The processes that serve these rooms."""
    nodes = await hub.processes()
    return {"nodes": [{name: getattr(node, name) for name in node.__slots__} for node in nodes]}


METHODS: dict[str, tuple[type[Asked], Callable[[Hub, Any], Awaitable[Body]]]] = {
    "publish": (Publish, publish),
    "broadcast": (Broadcast, broadcast),
    "subscribe": (Subscribe, subscribe),
    "unsubscribe": (Unsubscribe, unsubscribe),
    "disconnect": (Disconnect, disconnect),
    "refresh": (Refresh, refresh),
    "presence": (OfChannel, presence),
    "presence_stats": (OfChannel, presence_stats),
    "history": (History, history),
    "history_remove": (OfChannel, history_remove),
    "channels": (Channels, channels),
    "info": (Asked, info),
}


def _raw(data: Any, encoded: str) -> bytes:
    try:
        if not encoded:
            return orjson.dumps(data)
        return payload(base64.b64decode(encoded, validate=True))
    except (binascii.Error, orjson.JSONEncodeError) as error:
        raise ClientError(codes.BAD_REQUEST) from error


def _known(hub: Hub, channel: str) -> Namespace:
    """What the channel can do.

    Raises:
        ClientError: there is no such namespace, or nothing can be called so.
    """
    if not hub.options.nameable(channel):
        raise ClientError(codes.BAD_REQUEST)
    namespace = hub.options.namespace(channel)
    if namespace is None:
        raise ClientError(codes.UNKNOWN_CHANNEL)
    return namespace


def _can(able: bool) -> None:
    if not able:
        raise ClientError(codes.NOT_AVAILABLE)


def _info(who: p.ClientInfo) -> Body:
    body: Body = {"client": who.client, "user": who.user}
    for name in ("conn_info", "chan_info"):
        raw = getattr(who, name)
        if raw:
            body[name] = orjson.Fragment(raw)
    return body


def _payload(data: bytes) -> Body:
    """Bytes of a Protobuf client that are no JSON are told as what they are."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return {"data": None, "b64data": base64.b64encode(data).decode()}
    return {"data": orjson.Fragment(data)}


def _publication(said: p.Publication) -> Body:
    body: Body = {**_payload(said.data), "offset": said.offset}
    if said.info is not None:
        body["info"] = _info(said.info)
    if said.tags:
        body["tags"] = dict(said.tags)
    return body
