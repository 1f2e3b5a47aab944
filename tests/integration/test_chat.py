"""Chat on a real database: what is said is kept, and moderation holds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import orjson
import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.kernel.outbox import OutboxRow
from livecommerce.kernel.page import Cursor
from streams.chat import queries
from streams.chat.archive import Archive
from streams.chat.chat import Chat
from streams.chat.errors import ArchiveFull, MessageNotFound, Muted, TooFast
from streams.chat.rules import Badge, Speaker
from streams.chat.tables import ChatMessage
from streams.presence.viewers import Audience, Viewers
from streams.realtime.hub import Hub
from tests.rooms import OpenDoor, options, token
from tests.rooms_in_memory import opened

LIVE = "liv_00000000000000000000000001"
VIEWER = Speaker("gst_1", "Lin")
HOST = Speaker("usr_1", "Mei", Badge.HOST)


class Stopped:
    """A monotonic clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hub() -> Hub:
    return Hub(options(), OpenDoor())


@pytest.fixture
def clock() -> Stopped:
    return Stopped()


@pytest.fixture
async def chat(hub: Hub, db: Database, clock: Stopped, now: datetime) -> AsyncIterator[Chat]:
    async with Chat(hub, db, clock=clock).running(now=now) as chat:
        yield chat


async def heard(hub: Hub, live: str = LIVE) -> list[tuple[str, str]]:
    said = (await hub.history(f"room:{live}", limit=-1)).publications
    frames = [orjson.loads(p.data) for p in said]
    return [(f["t"], f.get("text") or f["id"]) for f in frames]


async def test_what_is_said_is_heard_and_kept(
    chat: Chat, hub: Hub, db: Database, now: datetime
) -> None:
    frame = await chat.say(LIVE, VIEWER, " 你好 ", now=now, key="k")
    assert frame == {
        "t": "chat",
        "id": frame["id"],
        "user": "gst_1",
        "name": "Lin",
        "badge": None,
        "text": "你好",
        "at": now.isoformat(),
    }
    assert await chat.say(LIVE, VIEWER, " 你好 ", now=now, key="k") == frame  # once
    later = now + timedelta(microseconds=1)
    await chat.say(LIVE, HOST, "see https://x.example", now=later)
    await chat.say("liv_2", HOST, "elsewhere", now=now)
    assert await heard(hub) == [("chat", "你好"), ("chat", "see https://x.example")]
    await chat.archive.flush()
    async with db.begin() as tx:
        kept = await queries.recent(tx, LIVE)
    assert [(m.text, m.badge, m.said_at) for m in kept] == [
        ("你好", None, now),
        ("see https://x.example", "host", later),
    ]
    async with db.begin() as tx:
        (rest,) = await queries.everything(tx, LIVE, after=Cursor(now, kept[0].id))
    assert rest.id == kept[1].id


async def test_a_deleted_message_leaves_screens_and_stays_in_the_archive(
    chat: Chat, hub: Hub, db: Database, now: datetime
) -> None:
    message = (await chat.say(LIVE, VIEWER, "rude", now=now))["id"]
    for _ in range(2):
        await chat.delete(LIVE, message, by="usr_1", now=now)
    assert await heard(hub) == [("chat", "rude"), ("del", message)]
    async with db.begin() as tx:
        assert list(await queries.recent(tx, LIVE)) == []
        (kept,) = await queries.everything(tx, LIVE)
        topics = (await tx.execute(sa.select(OutboxRow.topic))).scalars().all()
    assert (kept.text, kept.deleted_by) == ("rude", "usr_1")
    assert topics == ["streams.chat.ChatMessageDeleted"]
    for live, id in (("liv_2", message), (LIVE, "msg_unknown")):
        with pytest.raises(MessageNotFound):
            await chat.delete(live, id, by="usr_1", now=now)


async def test_a_mute_holds_until_it_is_over_or_lifted(
    chat: Chat, hub: Hub, db: Database, clock: Stopped, now: datetime
) -> None:
    until = now + timedelta(minutes=10)
    await chat.mute("gst_1", live=LIVE, until=until, by="usr_1", reason="spam", now=now)
    with pytest.raises(Muted) as muted:
        await chat.say(LIVE, VIEWER, "x", now=now)
    assert muted.value.facts == {"until": until.isoformat()}
    await chat.say("liv_2", VIEWER, "elsewhere", now=now)
    async with Chat(hub, db, clock=clock).running(now=now) as restarted:
        with pytest.raises(Muted):
            await restarted.say(LIVE, VIEWER, "x", now=now)
    await chat.say(LIVE, VIEWER, "over", now=until)
    for reason in ("ban", "still"):
        await chat.mute("gst_1", live=None, until=None, by="usr_1", reason=reason, now=now)
    with pytest.raises(Muted):
        await chat.say("liv_2", VIEWER, "x", now=until)
    assert await chat.unmute("gst_1", live=None, by="usr_1", now=until)
    assert not await chat.unmute("gst_1", live=None, by="usr_1", now=until)
    clock.now += 60
    await chat.say("liv_2", VIEWER, "free", now=until)


async def test_viewers_are_slowed_and_the_host_is_not(
    chat: Chat, clock: Stopped, now: datetime
) -> None:
    for n in range(3):
        await chat.say(LIVE, VIEWER, str(n), now=now)
    with pytest.raises(TooFast):
        await chat.say(LIVE, VIEWER, "4", now=now)
    clock.now += 2.1
    await chat.say(LIVE, VIEWER, "5", now=now)
    for n in range(20):
        await chat.say(LIVE, HOST, str(n), now=now)


async def test_nothing_is_lost_while_the_database_is_away(
    hub: Hub, db: Database, postgres_url: str, now: datetime
) -> None:
    archive = Archive(db, bound=3, batch=2, seconds=60)
    chat = Chat(hub, db, archive=archive)
    async with db.begin() as tx:
        await tx.execute(sa.text("ALTER TABLE streams.chat_message RENAME TO away"))
    for n in range(3):
        await chat.say(LIVE, HOST, str(n), now=now)
    with pytest.raises(sa.exc.ProgrammingError):
        await archive.flush()
    assert archive.waiting == 3
    with pytest.raises(ArchiveFull):
        await chat.say(LIVE, HOST, "one too many", now=now)
    assert len(await heard(hub)) == 3  # and not shown either
    async with db.begin() as tx:
        await tx.execute(sa.text("ALTER TABLE streams.away RENAME TO chat_message"))
    async with archive.running():
        pass
    async with db.begin() as tx:
        kept = (await tx.execute(sa.select(sa.func.count()).select_from(ChatMessage))).scalar()
    assert kept == 3


async def test_viewers_are_people_not_connections() -> None:
    hub = Hub(options(), OpenDoor())
    viewers = Viewers(hub)
    peers = []
    for user in ("u1", "u1", "u2"):
        peer, _ = opened(hub)
        hello = f'{{"id":1,"connect":{{"token":"{token(user)}"}}}}'
        await peer.receive(hello.encode())
        await peer.receive(orjson.dumps({"id": 2, "subscribe": {"channel": f"room:{LIVE}"}}))
        peers.append(peer)
    watcher, line = opened(hub)
    await watcher.receive(f'{{"id":1,"connect":{{"token":"{token("w")}"}}}}'.encode())
    await watcher.receive(orjson.dumps({"id": 2, "subscribe": {"channel": f"stats:{LIVE}"}}))
    line.take()

    async def told() -> list[dict[str, object]]:
        await viewers.count()
        await asyncio.sleep(0.06)
        return [push["push"]["pub"]["data"] for push in line.take()]

    assert await told() == [{"t": "stats", "viewers": 2, "peak": 2}]
    assert await told() == []  # nothing changed
    peers[0].gone()
    assert await told() == []  # the other tab is still there
    peers[1].gone()
    assert await told() == [{"t": "stats", "viewers": 1, "peak": 2}]
    peers[2].gone()
    assert await told() == [{"t": "stats", "viewers": 0, "peak": 2}]
    assert viewers.audience(LIVE) == Audience(0, 2)
    viewers.forget(LIVE)
    assert viewers.audience(LIVE) == Audience()
