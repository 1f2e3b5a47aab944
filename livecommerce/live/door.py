"""The room's door: who may enter, which channels they hear, and what a call means.

The gateway asks; commerce answers. Claims, orders and everything that touches money go over
HTTP; what is said in the room goes over the socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from livecommerce.identity import tokens
from livecommerce.identity.authentication import principal_of
from livecommerce.identity.errors import BadToken, TokenExpired
from livecommerce.kernel import clock, ids
from livecommerce.kernel.db import Database
from livecommerce.live import queries
from livecommerce.live.errors import NotForYou
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole
from streams.chat.chat import Chat
from streams.chat.rules import Badge, Speaker
from streams.realtime import codes
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect

OPEN_TO_ALL = frozenset({"room", "cards", "stock", "react", "stats"})
KEEPS_ORDER = (MerchantRole.HOST, MerchantRole.ASSISTANT, MerchantRole.MODERATOR)


class _Rpc(BaseModel):
    model_config = ConfigDict(extra="forbid")
    live: str = Field(max_length=64)


class Say(_Rpc):
    """``chat.say``"""

    text: str = Field(max_length=2000)
    key: str = Field(default="", max_length=64)


class Delete(_Rpc):
    """``chat.delete``"""

    id: str = Field(max_length=64)


class Mute(_Rpc):
    """``chat.mute``: nothing they say is heard for so many minutes."""

    user: str = Field(max_length=64)
    minutes: int = Field(default=10, ge=1, le=24 * 60)


_BODIES: dict[str, TypeAdapter[Any]] = {
    "chat.say": TypeAdapter(Say),
    "chat.delete": TypeAdapter(Delete),
    "chat.mute": TypeAdapter(Mute),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the door remembers of a connection."""

    name: str


class RoomDoor(ClosedDoor):
    """Opens the rooms of live sessions to everyone, and more of them to those who run them."""

    def __init__(self, db: Database, secret: str, chat: Chat) -> None:
        self._db = db
        self._secret = secret
        self._chat = chat
        self._rooms: dict[str, str] = {}

    async def connect(self, want: ConnectWant) -> Admitted:
        """By a room token of ours, which guests have, too."""
        visitor = self._read(want.token)
        return Admitted(
            user=visitor.user,
            info=orjson.dumps({"name": visitor.name}),
            expire_at=visitor.expires_at,
            meta=Known(visitor.name),
        )

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        """A newer token of the same visitor."""
        newer = self._read(token)
        if newer.user != visitor.user:
            raise Disconnect(codes.INVALID_TOKEN)
        return newer.expires_at

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        """Everyone hears a room; only those who keep its order hear ``mod:``."""
        kind, _, live = channel.partition(":")
        if not ids.looks_like("liv", live):
            raise ClientError(codes.UNKNOWN_CHANNEL)
        merchant = await self._merchant(live)
        if merchant is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        if kind in OPEN_TO_ALL:
            return Grant()
        if kind == "mod" and _keeps_order(await self._principal(visitor), merchant):
            return Grant()
        raise ClientError(codes.PERMISSION_DENIED)

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        """``chat.say``, ``chat.delete``, ``chat.mute``."""
        if method not in _BODIES:
            raise ClientError(codes.METHOD_NOT_FOUND)
        try:
            body = _BODIES[method].validate_json(data or b"null")
        except ValueError:
            raise ClientError(codes.BAD_REQUEST) from None
        merchant = await self._merchant(body.live)
        if merchant is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        who = await self._principal(visitor)
        now = clock.utcnow()
        if isinstance(body, Say):
            speaker = _speaker(who, merchant)
            said = await self._chat.say(body.live, speaker, body.text, key=body.key, now=now)
            return {"id": said["id"]}
        if not _keeps_order(who, merchant):
            raise NotForYou()
        if isinstance(body, Delete):
            await self._chat.delete(body.live, body.id, by=who.id, now=now)
        else:
            until = now + timedelta(minutes=body.minutes)
            await self._chat.mute(body.user, live=body.live, until=until, by=who.id, now=now)
        return {}

    def _read(self, token: str) -> tokens.RoomVisitor:
        try:
            return tokens.read(self._secret, token, clock.utcnow())
        except TokenExpired:
            raise ClientError(codes.TOKEN_EXPIRED) from None
        except BadToken:
            raise Disconnect(codes.INVALID_TOKEN) from None

    async def _merchant(self, live: str) -> str | None:
        """Whose room it is; it never changes, so it is looked up once."""
        if live not in self._rooms:
            async with self._db.begin() as tx:
                shelf = await queries.find_shelf(tx, live)
            if shelf is None:
                return None
            self._rooms[live] = shelf.merchant_id
        return self._rooms[live]

    async def _principal(self, visitor: Visitor) -> Principal:
        """Who they are now, not who they were when they connected."""
        name = visitor.meta.name if isinstance(visitor.meta, Known) else ""
        if not visitor.user.startswith("usr_"):
            return Principal(id=visitor.user, name=name, kind=Kind.GUEST)
        async with self._db.begin() as tx:
            found = await principal_of(tx, visitor.user)
        return found or Principal(id=visitor.user, name=name, kind=Kind.PERSON)


def _keeps_order(who: Principal, merchant: str) -> bool:
    return who.member_of(merchant, *KEEPS_ORDER) or who.is_staff(
        StaffRole.OPERATOR, StaffRole.COMPLIANCE
    )


def _speaker(who: Principal, merchant: str) -> Speaker:
    badge: Badge | None = None
    if who.member_of(merchant, MerchantRole.HOST):
        badge = Badge.HOST
    elif who.member_of(merchant):
        badge = Badge.ASSISTANT
    elif who.is_staff():
        badge = Badge.STAFF
    return Speaker(user=who.id, name=who.name, badge=badge)
