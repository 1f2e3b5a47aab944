"""What rooms are told once moderation is committed, should the process that did it have died
before it could: every job may repeat what was told, and then says nothing new."""

from livecommerce.kernel.db import Database
from streams.chat import frames, queries
from streams.chat.events import (
    AnnouncementChanged,
    ChatMessageApproved,
    ChatMessageDeleted,
    ChatRulesChanged,
)
from streams.realtime.gateway import Gateway

HEARD = ("room", "cards", "stock", "react", "stats", "mod")
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


async def send_away(gateway: Gateway, user: str, live: str | None) -> None:
    """Whoever is banned hears the room no more: this one or, without one, none."""
    if live is None:
        await gateway.disconnect(user)
        return
    for kind in HEARD:
        await gateway.unsubscribe(user, f"{kind}:{live}")
