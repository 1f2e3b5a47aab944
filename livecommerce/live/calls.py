"""What a call in the room means: speak, react, claim, and keep order. The door hands calls over
here.

Everything in a call is the client's word but the visitor; who that is, and what they may do,
is looked up again at most every few seconds.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from livecommerce.identity.authentication import principal_of
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.live import queries
from livecommerce.live.claiming import Claiming
from livecommerce.live.errors import NotForYou, OverAlready
from livecommerce.live.offers import calls as offers
from livecommerce.live.wire import ClaimItem, ClaimsOut
from livecommerce.web.body import holds_nul
from livecommerce.web.idempotency import LONGEST
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole
from livecommerce.web.problems import told
from streams.chat.chat import Chat
from streams.chat.errors import NotForStaff
from streams.chat.rules import Badge, Speaker, Whence
from streams.chat.rules import Kind as Restraint
from streams.realtime import codes
from streams.realtime.door import Visitor
from streams.realtime.errors import ClientError
from streams.sessions import queries as sessions
from streams.sessions.rules import OVER

T = TypeVar("T")

KEEPS_ORDER = (MerchantRole.HOST, MerchantRole.ASSISTANT, MerchantRole.MODERATOR)
KNOWN_FOR = 5.0
SHORT = 60
"""Minutes for which a guest's whole address may be silenced without anybody's saying so."""
REMEMBERED = 10_000
_CLAIMS = TypeAdapter(ClaimsOut)


class _Rpc(BaseModel):
    model_config = ConfigDict(extra="forbid")
    live: str = Field(max_length=64)


class Say(_Rpc):
    """``chat.say``"""

    text: str = Field(max_length=2000)
    key: str = Field(default="", max_length=64)


class React(_Rpc):
    """``react``: so many hearts (or what else there is) since the last call."""

    n: dict[str, int] = Field(min_length=1, max_length=8)


class Delete(_Rpc):
    """``chat.delete``"""

    id: str = Field(max_length=64)


class Decide(_Rpc):
    """``chat.approve`` and ``chat.reject``: what waits goes to the room, or does not."""

    ids: list[str] = Field(min_length=1, max_length=200)


class Mute(_Rpc):
    """``chat.mute``: nothing they say is heard for so many minutes (none: until it is lifted).

    ``ban``: they may not even be there. ``merchant``: in every room of the merchant.
    ``anywhere``: in no room of the centre; staff only. ``address``: nor guests from the
    address they last spoke from; left out, so it is for a guest and at most an hour.
    """

    user: str = Field(max_length=64)
    minutes: int | None = Field(default=10, ge=1, le=366 * 24 * 60)
    ban: bool = False
    merchant: bool = False
    anywhere: bool = False
    address: bool | None = None
    reason: str = Field(default="", max_length=200)


class Unmute(_Rpc):
    """``chat.unmute``: what was done in this room, in the merchant's, or anywhere."""

    user: str = Field(max_length=64)
    merchant: bool = False
    anywhere: bool = False


class Want(_Rpc):
    """``claim``: goods to set aside, all or none. ``key`` is the client's own; asking again
    with it, here or over HTTP, gives the first answer again."""

    key: str = Field(min_length=1, max_length=LONGEST)
    items: list[ClaimItem] = Field(min_length=1, max_length=20)


BODIES: dict[str, TypeAdapter[Any]] = {
    "chat.say": TypeAdapter(Say),
    "chat.delete": TypeAdapter(Delete),
    "chat.approve": TypeAdapter(Decide),
    "chat.reject": TypeAdapter(Decide),
    "chat.mute": TypeAdapter(Mute),
    "chat.unmute": TypeAdapter(Unmute),
    "react": TypeAdapter(React),
    "claim": TypeAdapter(Want),
    **offers.BODIES,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose room it is, and whether its broadcast is over."""

    merchant: str
    over: bool


class Calls:
    """Answers calls.

    Args:
        secret: marks of addresses are made with it, so that they tell nothing without it.
        claiming: who sets goods aside; without one, there is no ``claim``.
    """

    def __init__(
        self,
        db: Database,
        chat: Chat,
        secret: str,
        clock: Callable[[], float] = time.monotonic,
        claiming: Claiming | None = None,
    ) -> None:
        self._db = db
        self._chat = chat
        self._secret = secret.encode()
        self._clock = clock
        self._claiming = claiming
        self._places: dict[str, tuple[float, Place]] = {}
        self._people: dict[str, tuple[float, Principal]] = {}

    async def answer(
        self, visitor: Visitor, method: str, data: bytes, *, now: datetime
    ) -> dict[str, Any] | bytes:
        """The answer to a call."""
        if method not in BODIES:
            raise ClientError(codes.METHOD_NOT_FOUND)
        if holds_nul(data):
            raise ClientError(codes.BAD_REQUEST)
        try:
            body = BODIES[method].validate_json(data or b"null")
        except ValueError:
            raise ClientError(codes.BAD_REQUEST) from None
        if isinstance(body, Want):
            return await self._claim(visitor, body, now)
        place = await self.place(body.live)
        if place is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        if isinstance(body, React):
            return self._react(visitor, body, place, now)
        who = await self.principal(visitor)
        if method in offers.BODIES:
            if self._chat.barred(body.live, visitor.user, owner=place.merchant, now=now):
                raise NotForYou()
            return await offers.answer(
                self._db,
                visitor,
                who,
                method,
                body,
                merchant=place.merchant,
                most=self._claiming.most if self._claiming else None,
                now=now,
            )
        if isinstance(body, Say):
            return await self._say(visitor, who, body, place, now)
        if not keeps_order(who, place.merchant):
            raise NotForYou()
        if isinstance(body, Delete):
            await self._chat.delete(body.live, body.id, by=who.id, now=now)
            return {}
        if isinstance(body, Decide):
            approve = method == "chat.approve"
            shown = await self._chat.decide(
                body.live, body.ids, approve=approve, by=who.id, now=now
            )
            return {"shown": shown}
        return await self._restrain(who, body, place, now)

    async def place(self, live: str) -> Place | None:
        """Whose room it is, if there is such a room."""
        moment = self._clock()
        known = self._places.get(live)
        if known is not None and known[0] > moment:
            return known[1]
        async with self._db.begin() as tx:
            shelf = await queries.find_shelf(tx, live)
            session = await sessions.find(tx, live)
        if shelf is None or session is None:
            return None
        place = Place(shelf.merchant_id, session.state in OVER)
        _keep(self._places, live, moment, place)
        return place

    async def principal(self, visitor: Visitor) -> Principal:
        """Who they are now (or were a few seconds ago), not when they connected."""
        name = str(visitor.meta.get("name", "")) if isinstance(visitor.meta, Mapping) else ""
        if not visitor.user.startswith("usr_"):
            return Principal(id=visitor.user, name=name, kind=Kind.GUEST)
        found = await self._person(visitor.user)
        return found or Principal(id=visitor.user, name=name, kind=Kind.PERSON)

    def whence(self, visitor: Visitor) -> Whence:
        """Over which connection, and the mark of the address."""
        return Whence(visitor.client, self._mark(visitor.address))

    async def _claim(self, visitor: Visitor, body: Want, now: datetime) -> bytes:
        """The holds; or the problem as HTTP would tell it, since an error of the protocol has
        no room for how many are left or when to come back."""
        if self._claiming is None:
            raise ClientError(codes.METHOD_NOT_FOUND)
        try:
            made = await self._claiming.claim(
                body.live, body.items, buyer=visitor.user, key=body.key, now=now
            )
        except Problem as problem:
            return orjson.dumps({"problem": told(problem)}, default=str)
        return _CLAIMS.dump_json(made)

    def _react(
        self, visitor: Visitor, body: React, place: Place, now: datetime
    ) -> dict[str, Any]:
        if place.over:
            raise OverAlready(live=body.live)
        if self._chat.barred(body.live, visitor.user, owner=place.merchant, now=now):
            raise NotForYou()
        return {"counted": self._chat.hearts.react(body.live, visitor.user, body.n)}

    async def _say(
        self, visitor: Visitor, who: Principal, body: Say, place: Place, now: datetime
    ) -> dict[str, Any]:
        if place.over:
            raise OverAlready(live=body.live)
        return await self._chat.say(
            body.live,
            speaker(who, place.merchant),
            body.text,
            key=body.key,
            now=now,
            whence=self.whence(visitor),
            owner=place.merchant,
        )

    async def _restrain(
        self, who: Principal, body: Mute | Unmute, place: Place, now: datetime
    ) -> dict[str, Any]:
        """Mute, ban, or lift it.

        Raises:
            NotForYou: anywhere, and not staff on duty.
            NotForStaff: those who run rooms cannot be muted.
        """
        if body.anywhere and not keeps_every_room(who):
            raise NotForYou()
        live = None if body.anywhere or body.merchant else body.live
        owner = place.merchant if body.merchant and not body.anywhere else None
        if isinstance(body, Unmute):
            lifted = await self._chat.unmute(
                body.user, live=live, owner=owner, by=who.id, now=now
            )
            return {"lifted": lifted}
        target = await self._person(body.user)
        if target is not None and speaker(target, place.merchant).badge is not None:
            raise NotForStaff()
        until = None if body.minutes is None else now + timedelta(minutes=body.minutes)
        with_address = body.address
        if with_address is None:  # a guest is somebody else as soon as a cookie is gone
            short = body.minutes is not None and body.minutes <= SHORT
            with_address = short and body.user.startswith("gst_")
        network = await self._chat.mute(
            body.user,
            live=live,
            until=until,
            by=who.id,
            owner=owner,
            kind=Restraint.BAN if body.ban else Restraint.MUTE,
            with_address=with_address and not body.anywhere,
            reason=body.reason,
            now=now,
        )
        return {"until": None if until is None else until.isoformat(), "network": network}

    async def _person(self, user: str) -> Principal | None:
        moment = self._clock()
        known = self._people.get(user)
        if known is not None and known[0] > moment:
            return known[1]
        if not user.startswith("usr_"):
            return None
        async with self._db.begin() as tx:
            found = await principal_of(tx, user)
        if found is not None:
            _keep(self._people, user, moment, found)
        return found

    def _mark(self, address: str) -> str:
        """A household has one IPv6 network of 64 bits, or one IPv4 address. This machine is
        nobody's: a demo's windows, or a proxy that we were not told to believe."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return ""
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        if parsed.is_loopback:
            return ""
        v6 = isinstance(parsed, IPv6Address)
        named = parsed.exploded[:19] if v6 else str(parsed)
        return hmac.new(self._secret, named.encode(), hashlib.sha256).hexdigest()[:32]


def keeps_order(who: Principal, merchant: str) -> bool:
    """Whether they may delete, mute, ban and approve in the merchant's rooms."""
    return who.member_of(merchant, *KEEPS_ORDER) or keeps_every_room(who)


def keeps_every_room(who: Principal) -> bool:
    """Whether they may do so in all rooms of the centre."""
    return who.is_staff(StaffRole.OPERATOR, StaffRole.COMPLIANCE)


def speaker(who: Principal, merchant: str) -> Speaker:
    """As the room knows them."""
    badge: Badge | None = None
    if who.member_of(merchant, MerchantRole.HOST):
        badge = Badge.HOST
    elif who.member_of(merchant):
        badge = Badge.ASSISTANT
    elif who.is_staff():
        badge = Badge.STAFF
    account = who.kind is not Kind.GUEST
    return Speaker(user=who.id, name=who.name, badge=badge, account=account)


def _keep(known: dict[str, tuple[float, T]], key: str, moment: float, found: T) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    known[key] = (moment + KNOWN_FOR, found)
