"""The chat of every room of this process: say, delete, mute, unmute.

Who is muted and who writes too fast is known in memory, so that saying something asks no
database. Mutes are loaded at the start; one made by another process is heard as a fact.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from livecommerce.kernel import clock as kernel_clock
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from streams.chat import actions, queries
from streams.chat.archive import Archive
from streams.chat.errors import Muted, TooFast
from streams.chat.events import ViewerMuted, ViewerUnmuted
from streams.chat.rules import Speaker, worded
from streams.chat.tables import ChatMessage
from streams.realtime.gateway import Gateway
from streams.realtime.rates import Bucket

RATE = 0.5
BURST = 3
REPEATS_KNOWN_FOR = 300.0

Frame = dict[str, Any]


def room(live: str) -> str:
    """The channel in which a live session's chat is heard."""
    return f"room:{live}"


def said(message: ChatMessage) -> Frame:
    """A message as rooms hear it."""
    return {
        "t": "chat",
        "id": message.id,
        "user": message.speaker,
        "name": message.name,
        "badge": message.badge,
        "text": message.text,
        "at": message.said_at.isoformat(),
    }


class Chat:
    """What people say in rooms.

    Args:
        gateway: where it is heard.
        db: where it is kept.
        archive: on the way there; one of its own if left out.
        clock: monotonic seconds, for rates only.
    """

    def __init__(
        self,
        gateway: Gateway,
        db: Database,
        *,
        archive: Archive | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.archive = archive or Archive(db)
        self._gateway = gateway
        self._db = db
        self._clock = clock
        self._mutes: dict[tuple[str, str | None], datetime | None] = {}
        self._buckets: dict[str, Bucket] = {}
        self._repeats: dict[tuple[str, str], tuple[float, Frame]] = {}

    @asynccontextmanager
    async def running(self, *, now: datetime | None = None) -> AsyncIterator["Chat"]:
        """Mutes are known and messages are kept while the block runs."""
        async with self._db.begin() as tx:
            for mute in await queries.standing_mutes(tx, now=now or kernel_clock.utcnow()):
                self._mutes[mute.speaker, mute.live_id] = mute.until
        async with self.archive.running():
            yield self

    async def say(
        self, live: str, who: Speaker, text: str, *, now: datetime, key: str = ""
    ) -> Frame:
        """Everybody in the room hears it; it is kept soon after.

        Args:
            key: the client's own; a repeated call with it is answered alike, and not said
                twice.

        Raises:
            NothingSaid, TextTooLong, LinkNotAllowed, Muted, TooFast, ArchiveFull.
        """
        moment = self._clock()
        repeated = self._repeats.get((who.user, key)) if key else None
        if repeated is not None and repeated[0] > moment:
            return repeated[1]
        wording = worded(text, who)
        if who.badge is None:
            self._hear_out(live, who.user, moment, now)
        message = ChatMessage(
            id=ids.new("msg"),
            live_id=live,
            speaker=who.user,
            name=who.name,
            badge=None if who.badge is None else who.badge.value,
            text=wording,
            said_at=now,
        )
        self.archive.add(message)
        frame = said(message)
        if key:
            self._remember(who.user, key, moment, frame)
        await self._gateway.publish(room(live), frame, idempotency_key=message.id)
        return frame

    async def delete(self, live: str, message: str, *, by: str, now: datetime) -> None:
        """It disappears from every screen; the archive keeps it, marked.

        Raises:
            MessageNotFound: this live session has no such message.
        """
        await self.archive.flush()
        async with self._db.begin() as tx:
            await actions.delete(tx, live, message, by=by, now=now)
        tombstone = {"t": "del", "id": message}
        await self._gateway.publish(room(live), tombstone, idempotency_key=f"del:{message}")

    async def mute(
        self,
        user: str,
        *,
        live: str | None,
        until: datetime | None,
        by: str,
        reason: str = "",
        now: datetime,
    ) -> None:
        """Nobody hears the user from now on, in that live session or (without one) anywhere;
        no reconnecting and no other device helps."""
        async with self._db.begin() as tx:
            await actions.mute(tx, user, live=live, until=until, by=by, reason=reason, now=now)
        self._mutes[user, live] = until

    async def unmute(self, user: str, *, live: str | None, by: str, now: datetime) -> bool:
        """The user may speak again. Whether there was a standing mute."""
        async with self._db.begin() as tx:
            lifted = await actions.unmute(tx, user, live=live, by=by, now=now)
        self._mutes.pop((user, live), None)
        return lifted

    def on_viewer_muted(self, event: ViewerMuted) -> None:
        """Another process muted somebody."""
        self._mutes[event.user, event.live] = event.until

    def on_viewer_unmuted(self, event: ViewerUnmuted) -> None:
        """Another process let somebody speak again."""
        self._mutes.pop((event.user, event.live), None)

    def _hear_out(self, live: str, user: str, moment: float, now: datetime) -> None:
        """Refuse who is muted or writes too fast."""
        for place in (live, None):
            if (user, place) in self._mutes:
                until = self._mutes[user, place]
                if until is None or now < until:
                    raise Muted(until=None if until is None else until.isoformat())
                del self._mutes[user, place]
        if len(self._buckets) > 10_000:
            kept = {u: b for u, b in self._buckets.items() if not b.full(moment)}
            self._buckets = kept
        bucket = self._buckets.setdefault(user, Bucket(RATE, BURST, moment))
        if not bucket.take(moment):
            raise TooFast(retry_after=round(1 / RATE))

    def _remember(self, user: str, key: str, moment: float, frame: Frame) -> None:
        self._repeats[user, key] = (moment + REPEATS_KNOWN_FOR, frame)
        for old, (until, _) in list(self._repeats.items())[:2]:
            if until <= moment:
                del self._repeats[old]
