"""What chat publishes: where, and in which words. Everything else builds frames here only."""

from collections.abc import Iterable
from typing import Any

from streams.chat.rules import Outcome, RoomRules
from streams.chat.tables import ChatMessage, ChatReview

Frame = dict[str, Any]

ROOM = "room:"


def room(live: str) -> str:
    """The channel in which a live session's chat is heard."""
    return ROOM + live


def moderators(live: str) -> str:
    """The channel that only those hear who keep the room's order."""
    return f"mod:{live}"


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


def deleted(message: str) -> Frame:
    """The tombstone: the message leaves every screen."""
    return {"t": "del", "id": message}


def more(n: int) -> Frame:
    """So many more were said than were shown."""
    return {"t": "more", "n": n}


def settings(rules: RoomRules) -> Frame:
    """How the room speaks; whole, with a version."""
    return {
        "t": "settings",
        "slow": rules.slow,
        "approve": rules.approve,
        "links": rules.links,
        "speakers": rules.speakers.value,
        "paused": rules.paused,
        "version": rules.version,
    }


def announcement(rules: RoomRules) -> Frame:
    """What is pinned; an empty text takes it down."""
    pinned = rules.announcement
    return {
        "t": "announcement",
        "text": pinned.text,
        "version": pinned.version,
        "at": None if pinned.at is None else pinned.at.isoformat(),
    }


def held(row: ChatReview) -> Frame:
    """A message that waits for somebody to decide."""
    return {
        "t": "held",
        "id": row.id,
        "user": row.speaker,
        "name": row.name,
        "text": row.text,
        "why": row.why.value,
        "words": row.words,
        "at": row.asked_at.isoformat(),
    }


def decided(messages: Iterable[str], outcome: Outcome) -> Frame:
    """They wait no longer."""
    return {"t": "decided", "ids": list(messages), "outcome": outcome.value}
