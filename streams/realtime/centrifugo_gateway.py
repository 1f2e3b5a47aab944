"""The gateway over a server API in Centrifugo's format: a Centrifugo in front, or ourselves in
another process. Who publishes through it cannot tell the difference.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
import orjson

from livecommerce.kernel.errors import Unavailable
from streams.realtime import codes
from streams.realtime.codes import FORCE_DISCONNECT
from streams.realtime.errors import ClientError
from streams.realtime.gateway import Data, PresenceStats
from streams.realtime.json_codec import payload
from streams.realtime.protocol import ClientInfo, History, Position, Publication

_PATIENCE = aiohttp.ClientTimeout(total=5, connect=2)
_AT_ONCE = 1000


class GatewayAway(Unavailable):
    """The rooms' server API does not answer."""


class GatewayRefuses(Unavailable):
    """The rooms' server API does not accept our key."""


class CentrifugoGateway:
    """Rooms at a distance.

    Args:
        http: the client session to ask with.
        url: where the API is, ``https://rooms.example/api``.
        key: what it knows us by.
    """

    def __init__(self, http: aiohttp.ClientSession, url: str, key: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}

    async def publish(
        self,
        channel: str,
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Position:
        """Tell every subscriber; the position is where the channel stands afterwards.

        Raises:
            ClientError, GatewayAway, GatewayRefuses.
        """
        post = _post(data, idempotency_key, version, version_epoch, tags)
        return _position(await self._ask("publish", {"channel": channel, **post}))

    async def broadcast(
        self,
        channels: Iterable[str],
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> list[Position]:
        """The same publication on several channels; what fails on one is raised."""
        names, at = list(channels), list[Position]()
        post = _post(data, idempotency_key, version, version_epoch, tags)
        for start in range(0, len(names), _AT_ONCE):
            some = {"channels": names[start : start + _AT_ONCE], **post}
            told = await self._ask("broadcast", some)
            at.extend(_position(_result(response)) for response in told["responses"])
        return at

    async def unsubscribe(self, user: str, channel: str) -> None:
        """Take the user's connections out of the channel, for good."""
        await self._ask("unsubscribe", {"user": user, "channel": channel})

    async def disconnect(self, user: str, *, code: int = 3503, reason: str = "") -> None:
        """End every connection of the user."""
        why = {"code": code, "reason": reason or FORCE_DISCONNECT.reason}
        await self._ask("disconnect", {"user": user, "disconnect": why})

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many are there now."""
        found = await self._ask("presence_stats", {"channel": channel})
        return PresenceStats(found.get("num_clients", 0), found.get("num_users", 0))

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: Position | None = None,
        reverse: bool = False,
    ) -> History:
        """What was published; ``limit`` 0 gives the position only, -1 all that is kept."""
        asked: dict[str, Any] = {"channel": channel, "limit": limit, "reverse": reverse}
        if since is not None:
            asked["since"] = {"offset": since.offset, "epoch": since.epoch}
        found = await self._ask("history", asked)
        said = [_publication(body) for body in found.get("publications") or ()]
        return History(said, found.get("offset", 0), found.get("epoch", ""))

    async def channels(self, prefix: str = "") -> dict[str, int]:
        """The channels that somebody listens to now, with their numbers of connections."""
        found = await self._ask("channels", {"pattern": f"{prefix}*"} if prefix else {})
        there = found.get("channels") or {}
        return {name: about.get("num_clients", 0) for name, about in there.items()}

    async def _ask(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with self._http.post(
                f"{self._url}/{method}",
                data=orjson.dumps(body),
                headers=self._headers,
                timeout=_PATIENCE,
            ) as answer:
                if answer.status == 401:
                    raise GatewayRefuses(at=self._url)
                if answer.status != 200:
                    raise GatewayAway(at=self._url, status=answer.status)
                return _result(orjson.loads(await answer.read()))
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise GatewayAway(at=self._url, error=type(error).__name__) from error


def _result(told: Mapping[str, Any]) -> dict[str, Any]:
    """The result in an answer.

    Raises:
        ClientError: the answer is an error.
    """
    error = told.get("error")
    if error:
        code = error.get("code", codes.INTERNAL)
        raise ClientError(code, error.get("message"))
    return told.get("result") or {}


def _post(
    data: Data,
    idempotency_key: str | None,
    version: int,
    version_epoch: str,
    tags: Mapping[str, str] | None,
) -> dict[str, Any]:
    body: dict[str, Any] = {"data": orjson.Fragment(payload(data))}
    if idempotency_key:
        body["idempotency_key"] = idempotency_key
    if version:
        body |= {"version": version, "version_epoch": version_epoch}
    if tags:
        body["tags"] = dict(tags)
    return body


def _position(body: Mapping[str, Any]) -> Position:
    return Position(body.get("offset", 0), body.get("epoch", ""))


def _publication(body: Mapping[str, Any]) -> Publication:
    info, encoded = body.get("info"), body.get("b64data")
    return Publication(
        data=base64.b64decode(encoded) if encoded else orjson.dumps(body.get("data")),
        offset=body.get("offset", 0),
        info=None if info is None else _info(info),
        tags=body.get("tags"),
    )


def _info(body: Mapping[str, Any]) -> ClientInfo:
    def raw(name: str) -> bytes:
        return orjson.dumps(body[name]) if body.get(name) is not None else b""

    about = raw("conn_info"), raw("chan_info")
    return ClientInfo(body.get("user", ""), body.get("client", ""), *about)
