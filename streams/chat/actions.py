"""What moderators can do to the record. Showing it to the room is ``chat.py``'s part."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.chat import queries
from streams.chat.errors import MessageNotFound, NotAWord, WordListFull
from streams.chat.events import (
    AnnouncementChanged,
    ChatMessageApproved,
    ChatMessageDeleted,
    ChatRulesChanged,
    ViewerMuted,
    ViewerUnmuted,
)
from streams.chat.rules import Kind, Outcome, RoomRules
from streams.chat.tables import ChatMessage, ChatReview, ChatRoom, ChatWord, Mute
from streams.chat.words import Word, folded

LIST_HOLDS = 500


async def delete(tx: Tx, live: str, message: str, *, by: str, now: datetime) -> None:
    """Mark the message as deleted; a repeated call changes nothing.

    Raises:
        MessageNotFound: this live session has no such message.
    """
    here = (col(ChatMessage.id) == message, col(ChatMessage.live_id) == live)
    marked = await tx.execute(
        sa.update(ChatMessage)
        .where(*here, col(ChatMessage.deleted_at).is_(None))
        .values(deleted_at=now, deleted_by=by)
        .returning(col(ChatMessage.id))
    )
    if marked.first() is not None:
        await emit(tx, ChatMessageDeleted(live=live, message=message, by=by, at=now))
    elif (await tx.execute(sa.select(col(ChatMessage.id)).where(*here))).first() is None:
        raise MessageNotFound()


async def decide(
    tx: Tx, live: str, messages: Sequence[str], outcome: Outcome, *, by: str, now: datetime
) -> list[ChatMessage]:
    """Approve or reject what waits; what was decided before stays as it was. What goes to the
    room now is said now, in the order in which it was written."""
    mine = (
        sa.update(ChatReview)
        .where(
            col(ChatReview.id).in_(list(messages)),
            col(ChatReview.live_id) == live,
            col(ChatReview.outcome) == Outcome.WAITING,
        )
        .values(outcome=outcome, decided_at=now, decided_by=by)
        .returning(ChatReview)
    )
    rows = sorted((await tx.execute(mine)).scalars(), key=lambda row: (row.asked_at, row.id))
    if outcome is not Outcome.APPROVED:
        return []
    approved = []
    for n, row in enumerate(rows):
        message = ChatMessage(
            id=row.id,
            live_id=live,
            speaker=row.speaker,
            name=row.name,
            text=row.wording,
            said_at=now + timedelta(microseconds=n),
        )
        tx.add(message)
        approved.append(message)
        await emit(tx, ChatMessageApproved(live=live, message=row.id, by=by, at=now))
    await tx.flush()
    return approved


async def mute(
    tx: Tx,
    user: str,
    *,
    live: str | None,
    until: datetime | None,
    by: str,
    owner: str | None = None,
    kind: Kind = Kind.MUTE,
    address: str | None = None,
    reason: str = "",
    now: datetime,
) -> Mute:
    """Nobody hears the user until then, in the live session, in the owner's rooms or (without
    either) anywhere; what stood against the user in that place is replaced."""
    row = Mute(
        id=ids.new("mut"),
        live_id=live,
        owner=owner,
        speaker=user,
        kind=kind,
        address=address,
        until=until,
        reason=reason,
        muted_at=now,
        muted_by=by,
        changed_at=now,
    )
    place = insert(Mute).values(**row.model_dump())
    kept = (
        *("id", "kind", "address", "until", "reason"),
        *("muted_at", "muted_by", "changed_at"),
    )
    await tx.execute(
        place.on_conflict_do_update(
            index_elements=[sa.text("speaker"), sa.text("coalesce(live_id, owner, '')")],
            index_where=sa.text("lifted_at IS NULL"),
            set_={name: place.excluded[name] for name in kept},
        )
    )
    told = ViewerMuted(
        mute=row.id,
        user=user,
        live=live,
        owner=owner,
        until=until,
        by=by,
        at=now,
        kind=kind.value,
    )
    await emit(tx, told)
    return row


async def unmute(
    tx: Tx, user: str, *, live: str | None, owner: str | None = None, by: str, now: datetime
) -> bool:
    """Let the user be there and speak again. Whether there was a standing mute or ban."""
    lifted = await tx.execute(
        sa.update(Mute)
        .where(
            col(Mute.speaker) == user,
            sa.func.coalesce(col(Mute.live_id), col(Mute.owner), "") == (live or owner or ""),
            col(Mute.lifted_at).is_(None),
        )
        .values(lifted_at=now, lifted_by=by, changed_at=now)
        .returning(col(Mute.id))
    )
    id = lifted.scalar_one_or_none()
    if id is None:
        return False
    await emit(tx, ViewerUnmuted(mute=id, user=user, live=live, owner=owner, by=by, at=now))
    return True


async def carry_over(tx: Tx, before: str, after: str, *, now: datetime) -> int:
    """What holds against one identity holds against another that turns out to be the same
    person (the address stays with the first). A standing mute or ban of that one stays if it
    is as strict. How many."""
    found = await queries.standing_mutes(tx, now=now)
    known = {mute.place: mute for mute in found if mute.speaker == after}
    carried = 0
    for mute_ in found:
        if mute_.speaker != before or _as_strict(known.get(mute_.place), mute_):
            continue
        await mute(
            tx,
            after,
            live=mute_.live_id,
            owner=mute_.owner,
            until=mute_.until,
            by=mute_.muted_by,
            kind=mute_.kind,
            reason=mute_.reason,
            now=now,
        )
        carried += 1
    return carried


def _as_strict(one: Mute | None, other: Mute) -> bool:
    if one is None or (other.kind is Kind.BAN and one.kind is not Kind.BAN):
        return False
    return one.until is None or (other.until is not None and one.until >= other.until)


async def set_rules(
    tx: Tx, live: str, changes: dict[str, Any], *, by: str, now: datetime
) -> RoomRules:
    """Change how the room speaks; fields of :class:`RoomRules` that are not named stay."""
    row = await _changed(tx, live, changes, by=by, now=now)
    await emit(tx, ChatRulesChanged(live=live, version=row.version, by=by, at=now))
    return queries.as_rules(row)


async def announce(tx: Tx, live: str, text: str, *, by: str, now: datetime) -> RoomRules:
    """Pin the text instead of what is pinned; empty takes it down."""
    pinned = {"announcement": text, "announced_at": now}
    row = await _changed(tx, live, pinned, by=by, now=now)
    told = AnnouncementChanged(live=live, version=row.announcement_version, by=by, at=now)
    await emit(tx, told)
    return queries.as_rules(row)


async def _changed(
    tx: Tx, live: str, values: dict[str, Any], *, by: str, now: datetime
) -> ChatRoom:
    counted = "announcement_version" if "announcement" in values else "version"
    noted = {**values, "changed_at": now, "changed_by": by}
    fresh = ChatRoom(**{"live_id": live, counted: 1, **noted})
    row = await tx.execute(
        insert(ChatRoom)
        .values(**fresh.model_dump())
        .on_conflict_do_update(
            index_elements=["live_id"],
            set_={**noted, counted: getattr(ChatRoom, counted) + 1},
        )
        .returning(ChatRoom)
        .execution_options(populate_existing=True)
    )
    return row.scalar_one()


async def add_word(tx: Tx, owner: str, word: Word, *, by: str, now: datetime) -> ChatWord:
    """Put the word on the owner's list; one that is there already gets the new action.

    Raises:
        NotAWord: nothing is left of it once it is written plainly.
        WordListFull: the list holds no more.
    """
    plain = folded(word.word)
    if not plain:
        raise NotAWord()
    if len(await queries.words(tx, owner)) >= LIST_HOLDS:
        raise WordListFull(most=LIST_HOLDS)
    row = ChatWord(
        id=ids.new("wrd"),
        owner=owner,
        word=word.word.strip(),
        folded=plain,
        action=word.action,
        added_at=now,
        added_by=by,
        changed_at=now,
    )
    place = insert(ChatWord).values(**row.model_dump())
    kept = ("word", "action", "added_by", "changed_at")
    found = await tx.execute(
        place.on_conflict_do_update(
            index_elements=["owner", "folded"],
            index_where=sa.text("removed_at IS NULL"),
            set_={name: place.excluded[name] for name in kept},
        )
        .returning(ChatWord)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one()


async def remove_word(tx: Tx, owner: str, word: str, *, by: str, now: datetime) -> None:
    """Take the word (by its id) off the owner's list; a repeated call changes nothing."""
    await tx.execute(
        sa.update(ChatWord)
        .where(
            col(ChatWord.id) == word,
            col(ChatWord.owner) == owner,
            col(ChatWord.removed_at).is_(None),
        )
        .values(removed_at=now, removed_by=by, changed_at=now)
    )
