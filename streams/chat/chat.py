"""The chat of every room of this process: say, hold, approve, delete, mute, ban, announce.

Who is muted, how a room speaks and who writes too fast is known in memory, so that saying
something asks no database. What another process changed is read within a second.
"""

import logging
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from livecommerce.kernel import clock as kernel_clock
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from streams.chat import actions, frames, jobs, queries
from streams.chat.archive import Archive
from streams.chat.errors import WordRefused
from streams.chat.events import ViewerMuted, ViewerUnmuted
from streams.chat.filters import Filter, WordLists
from streams.chat.frames import Frame, room, said
from streams.chat.hearts import Hearts
from streams.chat.paces import Paces, Sample
from streams.chat.restraints import Restraint, Restraints
from streams.chat.rules import Kind, Outcome, RoomRules, Speaker, Whence, Why, worded
from streams.chat.tables import ChatMessage, ChatReview
from streams.chat.words import Action, Word
from streams.realtime.gateway import Gateway
from streams.ticks import repeating

log = logging.getLogger(__name__)

REPEATS_KNOWN_FOR = 300.0
ADDRESSES_KNOWN = 50_000
OVERLAP = timedelta(seconds=30)
"""A change may be committed so long after the moment it bears."""
NOWHERE = Whence()


__all__ = ["Chat", "room", "said"]


class Chat:
    """What people say in rooms.

    Args:
        gateway: where it is heard.
        db: where it is kept.
        archive: on the way there; one of its own if left out.
        filter: what viewers' texts are held against; the stored word lists if left out.
        words: words that are not said in anybody's rooms, besides the stored ones.
        rooms_of: which of some live sessions are an owner's; all, if left out.
        processes: how many take messages for the same rooms; this one alone, if left out.
        clock: monotonic seconds, for rates only.
    """

    def __init__(
        self,
        gateway: Gateway,
        db: Database,
        *,
        archive: Archive | None = None,
        filter: Filter | None = None,
        words: Iterable[Word] = (),
        rooms_of: jobs.RoomsOf = jobs.every_room,
        processes: Callable[[], Awaitable[int]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.archive = archive or Archive(db)
        self.hearts = Hearts(gateway)
        self.restraints = Restraints()
        self._gateway = gateway
        self._db = db
        self._clock = clock
        self._rooms_of = rooms_of
        self._processes = processes
        self._lists = WordLists(db, everywhere=words)
        self._filter: Filter = filter or self._lists
        self._paces = Paces()
        self._sample = Sample()
        self._rules: dict[str, RoomRules] = {}
        self._repeats: dict[tuple[str, str], tuple[float, Frame]] = {}
        self._addresses: dict[str, str] = {}
        self._read_at: datetime | None = None

    @asynccontextmanager
    async def running(self, *, now: datetime | None = None) -> AsyncIterator["Chat"]:
        """Mutes are known, messages are kept and rooms in flood are told how many more were
        said while the block runs."""
        async with self._db.begin() as tx:
            moment = now or kernel_clock.utcnow()
            self.restraints.take(await queries.standing_mutes(tx, now=moment))
        self._read_at = moment
        steps = (
            (1.0, self.catch_up, "chat: what others changed"),
            (1.0, self.tell_more, "chat: more"),
            (5.0, self.share, "chat: its part of a flood"),
        )
        async with self.archive.running(), self.hearts.running(), repeating(*steps):
            yield self

    async def rules(self, live: str) -> RoomRules:
        """How the room speaks."""
        found = self._rules.get(live)
        if found is None:
            async with self._db.begin() as tx:
                found = await queries.room_rules(tx, live)
            self._learn(live, found)
        return self._rules[live]

    async def say(
        self,
        live: str,
        who: Speaker,
        text: str,
        *,
        now: datetime,
        key: str = "",
        whence: Whence = NOWHERE,
        owner: str = queries.EVERYWHERE,
    ) -> Frame:
        """Everybody in the room hears it, unless it must wait for somebody's leave
        (``held``) or the room floods; it is kept soon after in any case.

        Args:
            key: the client's own; a repeated call with it is answered alike, and not said
                twice.
            owner: whose word list the text is held against.

        Returns:
            The message as the room hears it, to be shown to its author at once.

        Raises:
            NothingSaid, TextTooLong, LinkNotAllowed, Muted, NetworkMuted, Banned, ChatPaused,
            AccountsOnly, TeamOnly, TooFast, WordRefused, ArchiveFull.
        """
        moment = self._clock()
        repeated = self._repeats.get((who.user, key)) if key else None
        if repeated is not None and repeated[0] > moment:
            return repeated[1]
        rules = await self.rules(live)
        wording = worded(text, who, links=rules.links)
        message = ChatMessage(
            id=ids.new("msg"),
            live_id=live,
            speaker=who.user,
            name=who.name,
            badge=None if who.badge is None else who.badge.value,
            text=wording,
            said_at=now,
        )
        if who.badge is None:
            self._note_address(who.user, whence.address)
            self.restraints.hear_out(live, owner, who, whence, now)
            rules.hear_out(who)
            self._paces.take(live, who, whence, rules, moment)
            waits = await self._screened(message, rules, owner)
            if waits is not None:
                await self._gateway.publish(frames.moderators(live), frames.held(waits))
                answer = {**said(message), "held": True}
                self._remember(who.user, key, moment, answer)
                return answer
            message.shown = self._sample.shows(live, rules, moment)
        shown, frame = message.shown, said(message)
        self.archive.add(message)
        self._remember(who.user, key, moment, frame)
        if shown:
            await self._gateway.publish(room(live), frame, idempotency_key=frame["id"])
        return frame

    async def delete(self, live: str, message: str, *, by: str, now: datetime) -> None:
        """It disappears from every screen; the archive keeps it, marked.

        Raises:
            MessageNotFound: this live session has no such message.
        """
        await self.archive.flush()
        async with self._db.begin() as tx:
            await actions.delete(tx, live, message, by=by, now=now)
        await self._gateway.publish(
            room(live), frames.deleted(message), idempotency_key=f"del:{message}"
        )

    async def decide(
        self, live: str, messages: Sequence[str], *, approve: bool, by: str, now: datetime
    ) -> list[str]:
        """Let what waits go to the room, or not. What was decided before stays as it was.
        The messages that went to the room by this."""
        await self.archive.flush()
        outcome = Outcome.APPROVED if approve else Outcome.REJECTED
        async with self._db.begin() as tx:
            approved = await actions.decide(tx, live, messages, outcome, by=by, now=now)
        for message in approved:
            await self._gateway.publish(room(live), said(message), idempotency_key=message.id)
        await self._gateway.publish(frames.moderators(live), frames.decided(messages, outcome))
        return [message.id for message in approved]

    async def mute(
        self,
        user: str,
        *,
        live: str | None,
        until: datetime | None,
        by: str,
        owner: str | None = None,
        kind: Kind = Kind.MUTE,
        with_address: bool = False,
        reason: str = "",
        now: datetime,
    ) -> bool:
        """Nobody hears the user from now on, in that live session or (without one) anywhere;
        no reconnecting and no other device helps. Somebody banned leaves the room, too.

        Args:
            owner: in every room of this owner; then no ``live`` is named.
            with_address: nor any guest from where the user last spoke, as far as this process
                heard it.

        Returns:
            Whether guests from there are restrained as well.
        """
        address = self._addresses.get(user) if with_address else None
        async with self._db.begin() as tx:
            await actions.mute(
                tx,
                user,
                live=live,
                until=until,
                by=by,
                owner=owner,
                kind=kind,
                address=address,
                reason=reason,
                now=now,
            )
        self.restraints.put(user, live or owner, Restraint(kind, until, address))
        if kind is Kind.BAN:
            await jobs.send_away(self._gateway, user, live, owner, self._rooms_of)
        return address is not None

    async def unmute(
        self, user: str, *, live: str | None, owner: str | None = None, by: str, now: datetime
    ) -> bool:
        """The user may be there and speak again. Whether there was a standing mute or ban."""
        async with self._db.begin() as tx:
            lifted = await actions.unmute(tx, user, live=live, owner=owner, by=by, now=now)
        self.restraints.drop(user, live or owner)
        return lifted

    def barred(self, live: str, user: str, *, owner: str = "", now: datetime) -> bool:
        """Whether the user may not even be there, in that room of that owner."""
        found = self.restraints.on(user, live, owner, now)
        return found is not None and found.kind is Kind.BAN

    async def set_rules(
        self, live: str, changes: dict[str, Any], *, by: str, now: datetime
    ) -> RoomRules:
        """Change how the room speaks, and tell it."""
        async with self._db.begin() as tx:
            rules = await actions.set_rules(tx, live, changes, by=by, now=now)
        self._learn(live, rules)
        await self.tell_rules(live, rules)
        return rules

    async def announce(self, live: str, text: str, *, by: str, now: datetime) -> RoomRules:
        """Pin a text in the room, or (empty) take it down."""
        async with self._db.begin() as tx:
            rules = await actions.announce(tx, live, text, by=by, now=now)
        self._learn(live, rules)
        await self.tell_announcement(live, rules)
        return rules

    async def tell_rules(self, live: str, rules: RoomRules) -> None:
        """The room hears how it speaks. Repeating it is harmless."""
        key = f"chat-rules/{live}/{rules.version}"
        await self._gateway.publish(room(live), frames.settings(rules), idempotency_key=key)

    async def tell_announcement(self, live: str, rules: RoomRules) -> None:
        """The room hears what is pinned. Repeating it is harmless."""
        key = f"announcement/{live}/{rules.announcement.version}"
        await self._gateway.publish(room(live), frames.announcement(rules), idempotency_key=key)

    async def tell_more(self) -> None:
        """Rooms in flood hear how many more were said than they were shown."""
        for live, n in self._sample.left_out(self._clock()).items():
            await self._gateway.publish(room(live), frames.more(n))

    async def share(self) -> None:
        """Show of a flood what falls to one of so many processes."""
        if self._processes is not None:
            self._sample.sharing = await self._processes()

    async def catch_up(self, now: datetime | None = None) -> None:
        """Learn what other processes changed (restraints, rules, word lists), and who spoke
        there in a room in slow mode."""
        moment = now or kernel_clock.utcnow()
        since = (self._read_at or moment) - OVERLAP
        async with self._db.begin() as tx:
            self.restraints.take(await queries.mutes_changed(tx, since))
            for live, rules in (await queries.rules_changed(tx, since)).items():
                if live in self._rules:
                    self._learn(live, rules)
            self._lists.forget(await queries.lists_changed(tx, since))
            for live, rules in self._rules.items():
                if rules.slow:
                    spoke = await queries.spoke_lately(tx, live, since)
                    self._slow_down(live, rules, spoke, moment)
        self._read_at = moment

    async def on_viewer_muted(self, event: ViewerMuted) -> None:
        """Another process muted or banned somebody: believe what is stored of it."""
        await self.catch_up(event.at)
        if event.kind == Kind.BAN.value:
            away = (self._gateway, event.user, event.live, event.owner, self._rooms_of)
            await jobs.send_away(*away)

    async def on_viewer_unmuted(self, event: ViewerUnmuted) -> None:
        """Another process let somebody speak again."""
        await self.catch_up(event.at)

    async def _screened(
        self, message: ChatMessage, rules: RoomRules, owner: str
    ) -> ChatReview | None:
        """What the filter makes of a viewer's message: it may be masked in place, or wait.

        Raises:
            WordRefused: it is not said at all.
        """
        verdict = await self._filter.judge(owner, message.text)
        outcome = {
            None: None,
            Action.MASK: Outcome.MASKED,
            Action.HOLD: Outcome.WAITING,
            Action.REJECT: Outcome.REFUSED,
        }[verdict.action]
        if rules.approve and outcome is not Outcome.REFUSED:
            outcome = Outcome.WAITING
        if outcome is None:
            return None
        review = ChatReview(
            id=message.id,
            live_id=message.live_id,
            speaker=message.speaker,
            name=message.name,
            text=message.text,
            wording=verdict.text,
            why=Why.WORD if verdict.words else Why.APPROVAL,
            words=list(verdict.words),
            outcome=outcome,
            asked_at=message.said_at,
        )
        self.archive.add(review)
        if outcome is Outcome.REFUSED:
            raise WordRefused()
        if outcome is Outcome.MASKED:
            message.text = verdict.text
            return None
        return review

    def _slow_down(
        self, live: str, rules: RoomRules, spoke: Mapping[str, datetime], now: datetime
    ) -> None:
        for user, at in spoke.items():
            ago = (now - at).total_seconds()
            self._paces.heard_elsewhere(live, user, rules, self._clock(), ago)

    def _learn(self, live: str, rules: RoomRules) -> None:
        known = self._rules.get(live)
        if known is None or _age(rules) >= _age(known):
            self._rules[live] = rules

    def _note_address(self, user: str, address: str) -> None:
        if not address:
            return
        self._addresses.pop(user, None)
        self._addresses[user] = address
        if len(self._addresses) > ADDRESSES_KNOWN:
            del self._addresses[next(iter(self._addresses))]

    def _remember(self, user: str, key: str, moment: float, frame: Frame) -> None:
        if not key:
            return
        self._repeats[user, key] = (moment + REPEATS_KNOWN_FOR, frame)
        for old, (until, _) in list(self._repeats.items())[:2]:
            if until <= moment:
                del self._repeats[old]


def _age(rules: RoomRules) -> int:
    """Both versions only grow."""
    return rules.version + rules.announcement.version
