"""What rooms are told once moderation is committed, should the process that did it have died
before it could: every job may repeat what was told, and then says nothing new."""

from collections.abc import Awaitable, Callable, Iterable, Set

from livecommerce.kernel.db import Database
from livecommerce.kernel.ids import looks_like
from streams.chat import frames, queries
from streams.chat.events import (
    AnnouncementChanged,
    ChatMessageApproved,
    ChatMessageDeleted,
    ChatRulesChanged,
)
from streams.realtime.gateway import Gateway

RoomsOf = Callable[[str, Set[str]], Awaitable[Iterable[str]]]
"""Which of these live sessions are the owner's."""


async def every_room(_owner: str, lives: Set[str]) -> Set[str]:
    """Where all rooms are one owner's."""
    return lives


HEARD = ("room", "cards", "stock", "offers", "react", "stats", "mod")
"""The channels of a room; somebody banned hears none of them."""


async def show_deleted(gateway: Gateway, event: ChatMessageDeleted) -> None:
    """The message leaves every screen."""
    key = f"del:{event.message}"
    tombstone = frames.deleted(event.message)
    await gateway.publish(frames.room(event.live), tombstone, idempotency_key=key)


async def show_approved(db: Database, gateway: Gateway, event: ChatMessageApproved) -> None:
    """The message comes to the room."""
    async with db.begin() as tx:
        found = await queries.messages(tx, [event.message])
    for message in found:
        if message.deleted_at is None:
            await gateway.publish(
                frames.room(event.live), frames.said(message), idempotency_key=message.id
            )


async def show_rules(
    db: Database, gateway: Gateway, event: ChatRulesChanged | AnnouncementChanged
) -> None:
    """The room hears how it speaks, or what is pinned. What was changed again since is told
    as it is now."""
    async with db.begin() as tx:
        rules = await queries.room_rules(tx, event.live)
    if isinstance(event, ChatRulesChanged):
        frame, key = frames.settings(rules), f"chat-rules/{event.live}/{rules.version}"
    else:
        frame = frames.announcement(rules)
        key = f"announcement/{event.live}/{rules.announcement.version}"
    await gateway.publish(frames.room(event.live), frame, idempotency_key=key)


async def send_away(
    gateway: Gateway, user: str, live: str | None, owner: str | None, rooms_of: RoomsOf
) -> None:
    """Whoever is banned hears the room no more: this one, none of the owner's or, without
    either, none at all."""
    if live is None and owner is None:
        await gateway.disconnect(user)
        return
    lives: Iterable[str] = [live] if live is not None else ()
    if owner is not None:
        occupied = await gateway.channels(frames.ROOM)
        named = {name.removeprefix(frames.ROOM) for name in occupied}
        # Anybody may name a channel; only what is a live session's can be the owner's.
        lives = await rooms_of(owner, {each for each in named if looks_like("liv", each)})
    for each in lives:
        for kind in HEARD:
            await gateway.unsubscribe(user, f"{kind}:{each}")
