"""The room's door: who may enter, and which channels they hear. What a call means is said in
``calls.py``.

The gateway asks; commerce answers. What is said in the room goes over the socket, and claims
may; orders and everything that touches money go over HTTP.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from livecommerce.identity import tokens
from livecommerce.identity.errors import BadToken, TokenExpired
from livecommerce.kernel import clock, ids
from livecommerce.kernel.db import Database
from livecommerce.live.calls import Calls, keeps_order
from livecommerce.live.claiming import Claiming
from livecommerce.live.offers.team import is_team
from streams.chat.chat import Chat
from streams.presence.viewers import APART
from streams.realtime import codes
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect

OPEN_TO_ALL = frozenset({"room", "cards", "stock", "offers", "react", "stats"})


class RoomDoor(ClosedDoor):
    """Opens the rooms of live sessions to everyone, and more of them to those who run them."""

    def __init__(
        self, db: Database, secret: str, chat: Chat, claiming: Claiming | None = None
    ) -> None:
        self._secret = secret
        self._chat = chat
        self._calls = Calls(db, chat, secret, claiming=claiming)

    async def connect(self, want: ConnectWant) -> Admitted:
        """By a room token of ours, which guests have, too."""
        visitor = self._read(want.token)
        now = clock.utcnow()
        if self._chat.barred("", visitor.user, now=now):
            raise Disconnect(codes.DENIED)
        return Admitted(
            user=visitor.user,
            info=orjson.dumps({"name": visitor.name}),
            expire_at=visitor.expires_at,
            meta={"name": visitor.name, "since": now.isoformat()},
        )

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        """A newer token of the same visitor."""
        newer = self._read(token)
        if newer.user != visitor.user:
            raise Disconnect(codes.INVALID_TOKEN)
        return newer.expires_at

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        """Everyone who is not banned hears a room; only those who keep its order hear
        ``mod:``, and only those who run it may stand apart from its viewers."""
        kind, _, live = channel.partition(":")
        live, apart, _ = live.partition(APART)
        if not ids.looks_like("liv", live):
            raise ClientError(codes.UNKNOWN_CHANNEL)
        place = await self._calls.place(live)
        if place is None or (apart and channel != f"stats:{live}{APART}"):
            raise ClientError(codes.UNKNOWN_CHANNEL)
        if self._chat.barred(live, visitor.user, owner=place.merchant, now=clock.utcnow()):
            raise ClientError(codes.PERMISSION_DENIED)
        if kind in OPEN_TO_ALL and not apart:
            return Grant()
        who = await self._calls.principal(visitor)
        if apart and is_team(who, place.merchant):
            return Grant()
        if kind == "mod" and keeps_order(who, place.merchant):
            return Grant()
        raise ClientError(codes.PERMISSION_DENIED)

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        """What :mod:`livecommerce.live.calls` makes of it."""
        return await self._calls.answer(visitor, method, data, now=clock.utcnow())

    def _read(self, token: str) -> tokens.RoomVisitor:
        try:
            return tokens.read(self._secret, token, clock.utcnow())
        except TokenExpired:
            raise ClientError(codes.TOKEN_EXPIRED) from None
        except BadToken:
            raise Disconnect(codes.INVALID_TOKEN) from None
