"""Keeping a room's order on a real database: rules, words, approval, bans, floods, hearts."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Database
from livecommerce.live import reactions
from streams.chat import actions, jobs, queries
from streams.chat.chat import Chat
from streams.chat.errors import (
    Banned,
    ChatPaused,
    LinkNotAllowed,
    NetworkMuted,
    NotAWord,
    TooFast,
    WordRefused,
)
from streams.chat.events import ChatMessageApproved
from streams.chat.hearts import Hearts
from streams.chat.rules import Badge, Kind, Speaker, Whence
from streams.chat.words import Action, Word
from streams.presence.viewers import APART, STILL_TOLD, Viewers
from streams.realtime.hub import Hub
from tests.room_screens import Standing
from tests.rooms import OpenDoor, options, token
from tests.rooms_in_memory import Line, opened

LIVE, OTHER, STRANGE = (f"liv_{n:026}" for n in (1, 2, 3))
HOST = Speaker("usr_1", "Mei", Badge.HOST, account=True)


def viewer(n: int = 1) -> Speaker:
    return Speaker(f"gst_{n}", "Lin")


@pytest.fixture
def hub() -> Hub:
    return Hub(options(), OpenDoor())


@pytest.fixture
def clock() -> Standing:
    return Standing()


@pytest.fixture
async def chat(hub: Hub, db: Database, clock: Standing, now: datetime) -> AsyncIterator[Chat]:
    async with Chat(hub, db, clock=clock).running(now=now) as chat:
        yield chat


async def heard(hub: Hub, channel: str = f"room:{LIVE}") -> list[dict[str, Any]]:
    said = (await hub.history(channel, limit=-1)).publications
    return [orjson.loads(p.data) for p in said]


async def test_rules_hold_at_once_and_in_other_processes_soon(
    chat: Chat, hub: Hub, db: Database, clock: Standing, now: datetime
) -> None:
    other = Chat(hub, db, clock=clock)
    await other.rules(LIVE)
    with pytest.raises(LinkNotAllowed):
        await chat.say(LIVE, viewer(), "https://x.example", now=now)
    await chat.set_rules(LIVE, {"links": True, "slow": 30}, by="usr_1", now=now)
    await chat.say(LIVE, viewer(), "https://x.example", now=now)
    with pytest.raises(TooFast):
        await chat.say(LIVE, viewer(), "again", now=now)
    await chat.say(OTHER, viewer(), "elsewhere at the usual pace", now=now)
    rules = await chat.set_rules(LIVE, {"paused": True}, by="usr_1", now=now)
    assert (rules.version, rules.links, rules.slow) == (2, True, 30)
    with pytest.raises(ChatPaused):
        await chat.say(LIVE, viewer(2), "x", now=now)
    await chat.say(LIVE, HOST, "we go on soon", now=now)
    await other.say(LIVE, HOST, "not heard of it", now=now)
    await other.catch_up(now)
    with pytest.raises(ChatPaused):
        await other.say(LIVE, viewer(2), "x", now=now)
    told = [f for f in await heard(hub) if f["t"] == "settings"]
    assert [(f["version"], f["paused"]) for f in told] == [(1, False), (2, True)]


async def test_what_needs_approval_waits(
    chat: Chat, hub: Hub, db: Database, now: datetime
) -> None:
    await chat.set_rules(LIVE, {"approve": True}, by="usr_1", now=now)
    waiting = [
        await chat.say(LIVE, viewer(n), f"text {n}", now=now + timedelta(seconds=n))
        for n in range(3)
    ]
    assert all(frame["held"] for frame in waiting)
    await chat.say(LIVE, HOST, "mine does not wait", now=now)
    first, second, third = [frame["id"] for frame in waiting]
    await chat.archive.flush()
    async with db.begin() as tx:
        assert [row.id for row in await queries.waiting(tx, LIVE)] == [first, second, third]
    later = now + timedelta(minutes=1)
    shown = await chat.decide(LIVE, [second, first], approve=True, by="usr_1", now=later)
    assert shown == [first, second]  # in the order in which they were written
    assert await chat.decide(LIVE, [third], approve=False, by="usr_1", now=later) == []
    assert await chat.decide(LIVE, [first, third], approve=True, by="usr_2", now=later) == []
    assert await chat.decide(OTHER, [third], approve=True, by="usr_2", now=later) == []
    event = ChatMessageApproved(live=LIVE, message=first, by="usr_1", at=later)
    await jobs.show_approved(db, hub, event)  # repeated, should the process have died
    texts = [f["text"] for f in await heard(hub) if f["t"] == "chat"]
    assert texts == ["mine does not wait", "text 0", "text 1"]
    moderators = await heard(hub, f"mod:{LIVE}")
    assert [f["t"] for f in moderators] == ["held"] * 3 + ["decided"] * 3
    async with db.begin() as tx:
        assert [m.text for m in await queries.recent(tx, LIVE)] == texts


async def test_words_mask_hold_and_reject_and_are_logged(
    chat: Chat, hub: Hub, db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        for word, action in (
            ("假货", Action.REJECT),
            ("代购", Action.HOLD),
            ("微信", Action.MASK),
        ):
            await actions.add_word(tx, "mer_1", Word(word, action), by="usr_1", now=now)
        with pytest.raises(NotAWord):
            await actions.add_word(tx, "mer_1", Word("··", Action.MASK), by="usr_1", now=now)
    with pytest.raises(WordRefused):
        await chat.say(LIVE, viewer(1), "假 货", now=now, owner="mer_1")
    held = await chat.say(LIVE, viewer(2), "可以代购吗", now=now, owner="mer_1")
    masked = await chat.say(LIVE, viewer(3), "加我微信", now=now, owner="mer_1")
    assert (held["held"], masked["text"]) == (True, "加我**")
    await chat.say(LIVE, viewer(4), "假货", now=now, owner="mer_2")  # another's rooms
    await chat.say(LIVE, HOST, "没有假货", now=now, owner="mer_1")
    await chat.archive.flush()
    rows = sa.text("SELECT text, outcome, words FROM streams.chat_review ORDER BY speaker")
    async with db.begin() as tx:
        assert [tuple(row) for row in await tx.execute(rows)] == [
            ("假 货", "refused", ["假货"]),
            ("可以代购吗", "waiting", ["代购"]),
            ("加我微信", "masked", ["微信"]),
        ]
        (word, *_) = [w for w in await queries.words(tx, "mer_1") if w.word == "假货"]
        await actions.remove_word(tx, "mer_1", word.id, by="usr_1", now=now)
    await chat.catch_up(now)
    await chat.say(LIVE, viewer(5), "假货", now=now, owner="mer_1")


async def test_a_ban_outlives_connections_devices_and_signing_in(
    chat: Chat, hub: Hub, db: Database, clock: Standing, now: datetime
) -> None:
    home = Whence("c1", "mark-of-an-address")
    await chat.say(LIVE, viewer(), "spam", now=now, whence=home)
    _, line = await connected(hub, "gst_1")
    until = now + timedelta(hours=1)
    await chat.mute(
        "gst_1",
        live=LIVE,
        until=until,
        by="usr_1",
        kind=Kind.BAN,
        with_address=True,
        reason="spam",
        now=now,
    )
    assert "unsubscribe" in str(line.take())
    assert chat.barred(LIVE, "gst_1", now=now)
    assert not chat.barred(OTHER, "gst_1", now=now)
    chat.restraints.let_in(OTHER, "", "gst_1", now)
    with pytest.raises(Banned) as put_out:
        chat.restraints.let_in(LIVE, "", "gst_1", now)
    assert put_out.value.facts == {"until": until.isoformat()}
    another = Chat(hub, db, clock=clock)
    async with another.running(now=now):
        for chat_ in (chat, another):
            with pytest.raises(Banned):
                await chat_.say(LIVE, viewer(), "x", now=now, whence=Whence("c2"))
            with pytest.raises(NetworkMuted):  # another guest from there
                await chat_.say(LIVE, viewer(2), "x", now=now, whence=home)
            account = Speaker("usr_9", "Wang", account=True)  # not somebody with a name
            await chat_.say(LIVE, account, "x", now=now, whence=home)
        async with db.begin() as tx:
            merged = GuestMerged(guest="gst_1", person="usr_5")
            await reactions.on_guest_merged(tx, merged, now=now)
        await another.catch_up(now)
        with pytest.raises(Banned):
            await another.say(LIVE, Speaker("usr_5", "L", account=True), "x", now=now)
        clock.now += 60
        await chat.unmute("gst_1", live=LIVE, by="usr_1", now=now)
        await another.catch_up(now)
        for chat_ in (chat, another):
            clock.now += 60
            await chat_.say(LIVE, viewer(2), "x", now=now, whence=home)
            await chat_.say(LIVE, viewer(1), "x", now=now, whence=home)
    clock.now += 60
    await chat.catch_up(now)
    await chat.say(LIVE, Speaker("usr_5", "L", account=True), "over", now=until)


async def test_an_owner_bans_from_all_of_its_rooms(
    hub: Hub, db: Database, clock: Standing, now: datetime
) -> None:
    owned = {LIVE: "mer_1", OTHER: "mer_1", STRANGE: "mer_2"}

    async def rooms_of(owner: str, lives: Any) -> list[str]:
        return [live for live in lives if owned[live] == owner]

    first, second = (Chat(hub, db, clock=clock, rooms_of=rooms_of) for _ in range(2))
    async with first.running(now=now), second.running(now=now):
        lines = {}
        for live in owned:
            _, lines[live] = await connected(hub, "gst_1", f"room:{live}")
        ban = {"live": None, "owner": "mer_1", "until": None, "by": "usr_1", "kind": Kind.BAN}
        await first.mute("gst_1", now=now, **ban)
        assert {live for live, line in lines.items() if line.take()} == {LIVE, OTHER}
        await second.catch_up(now)
        for chat in (first, second):
            barred = {
                live for live in owned if chat.barred(live, "gst_1", owner=owned[live], now=now)
            }
            assert barred == {LIVE, OTHER}
            with pytest.raises(Banned):
                await chat.say(OTHER, viewer(), "x", now=now, owner="mer_1")
            assert not chat.barred("", "gst_1", now=now)  # the door stays open
        await second.say(STRANGE, viewer(), "x", now=now, owner="mer_2")
        # Another owner's ban, and one in a single room, stand beside it.
        await second.mute("gst_1", now=now, **(ban | {"owner": "mer_2"}))
        assert await second.unmute("gst_1", live=None, owner="mer_2", by="usr_2", now=now)
        assert not await second.unmute("gst_1", live=None, by="usr_2", now=now)
        async with db.begin() as tx:
            (standing,) = await queries.standing_mutes(tx, now=now, live=LIVE, owner="mer_1")
            assert standing.place == "mer_1"
            assert not await queries.standing_mutes(tx, now=now, live=STRANGE, owner="mer_2")
            merged = GuestMerged(guest="gst_1", person="usr_5")
            await reactions.on_guest_merged(tx, merged, now=now)
        await first.catch_up(now)
        assert first.barred(OTHER, "usr_5", owner="mer_1", now=now)
        assert not first.barred(STRANGE, "usr_5", owner="mer_2", now=now)


async def test_slow_mode_and_floods_hold_over_processes(
    chat: Chat, hub: Hub, db: Database, clock: Standing, now: datetime
) -> None:
    async def two() -> int:
        return 2

    other = Chat(hub, db, clock=clock, processes=two)
    await chat.set_rules(LIVE, {"slow": 30, "shown": 10}, by="usr_1", now=now)
    for each in (chat, other):
        await each.rules(LIVE)
    await chat.say(LIVE, viewer(), "here", now=now)
    await chat.archive.flush()
    await other.catch_up(now)
    with pytest.raises(TooFast):
        await other.say(LIVE, viewer(), "and there", now=now)
    await other.say(LIVE, viewer(2), "somebody else", now=now)
    later = now + timedelta(seconds=30)
    clock.now += 30
    await other.catch_up(later)  # reads the same message again
    await other.say(LIVE, viewer(), "in time", now=later)
    await other.share()
    clock.now += 60
    before = len(await heard(hub))
    for n in range(12):
        await other.say(LIVE, viewer(10 + n), "flood", now=later)
    assert len(await heard(hub)) - before == 5  # its half of ten a second


async def test_words_from_a_file_hold_in_every_room(
    hub: Hub, db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        stored = Word("代购", Action.REJECT)
        await actions.add_word(tx, "mer_1", stored, by="usr_1", now=now)
    chat = Chat(hub, db, words=[Word("假货", Action.REJECT)])
    for owner, text in (("mer_1", "假货"), ("mer_2", "假货"), ("mer_1", "代购")):
        with pytest.raises(WordRefused):
            await chat.say(LIVE, viewer(), text, now=now, owner=owner)


async def test_a_stricter_restraint_is_not_carried_away_by_a_milder(
    db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        for user, kind in (("gst_1", Kind.MUTE), ("usr_1", Kind.BAN)):
            await actions.mute(tx, user, live=LIVE, until=None, by="x", kind=kind, now=now)
        assert await actions.carry_over(tx, "gst_1", "usr_1", now=now) == 0
        assert await actions.carry_over(tx, "usr_1", "gst_1", now=now) == 1
        found = {m.speaker: m.kind for m in await queries.standing_mutes(tx, now=now)}
    assert found == {"gst_1": Kind.BAN, "usr_1": Kind.BAN}


async def test_connections_and_addresses_have_a_pace(
    chat: Chat, clock: Standing, now: datetime
) -> None:
    await chat.set_rules(LIVE, {"shown": 1000}, by="usr_1", now=now)
    for n in range(5):
        await chat.say(LIVE, viewer(n), "x", now=now, whence=Whence("c"))
    with pytest.raises(TooFast):  # many identities over one connection
        await chat.say(LIVE, viewer(6), "x", now=now, whence=Whence("c"))
    clock.now += 60
    for n in range(20):
        await chat.say(LIVE, viewer(n), "x", now=now, whence=Whence(f"c{n}", "a"))
    with pytest.raises(TooFast):  # many guests from one address
        await chat.say(LIVE, viewer(20), "x", now=now, whence=Whence("c20", "a"))


async def test_a_flood_is_sampled_and_the_archive_has_all(
    chat: Chat, hub: Hub, db: Database, clock: Standing, now: datetime
) -> None:
    await chat.set_rules(LIVE, {"shown": 5}, by="usr_1", now=now)
    for n in range(12):
        frame = await chat.say(LIVE, viewer(n), str(n), now=now)
        assert frame["text"] == str(n)  # its author shows it from the answer
    await chat.say(LIVE, HOST, "always shown", now=now)
    clock.now += 1
    await chat.tell_more()
    await chat.tell_more()
    frames = await heard(hub)
    assert [f["n"] for f in frames if f["t"] == "more"] == [7]
    assert len([f for f in frames if f["t"] == "chat"]) == 6
    await chat.archive.flush()
    async with db.begin() as tx:
        assert len(await queries.everything(tx, LIVE)) == 13
        assert len(await queries.recent(tx, LIVE)) == 6


async def test_hearts_are_one_number_a_second(hub: Hub) -> None:
    hearts = Hearts(hub)
    _, line = await connected(hub, "gst_1", f"react:{LIVE}")
    assert hearts.react(LIVE, "gst_1", {"heart": 4, "nonsense": 3}) == 4
    assert hearts.react(LIVE, "gst_1", {"heart": 40}) == 6  # so much of one person
    with pytest.raises(TooFast):
        hearts.react(LIVE, "gst_1", {"heart": 1})
    assert hearts.react(LIVE, "gst_2", {"heart": 1, "clap": 2}) == 3
    await hearts.tell()
    await hearts.tell()
    assert hearts.react(LIVE, "gst_1", {"heart": 1}) == 1
    (push,) = line.take()
    assert push["push"]["pub"]["data"] == {"t": "react", "n": {"heart": 11, "clap": 2}}


async def test_the_team_and_who_watches_a_replay_are_no_viewers(hub: Hub) -> None:
    over: set[str] = set()

    async def watched(lives: Any) -> set[str]:
        return set(lives) - over

    viewers = Viewers(hub, watched=watched)
    for user in ("gst_1", "gst_2", "usr_host"):
        peer, line = await connected(hub, user)
        if user == "usr_host":
            apart = f"stats:{LIVE}{APART}"
            await peer.receive(orjson.dumps({"id": 9, "subscribe": {"channel": apart}}))
    _, line = await connected(hub, "usr_watcher", f"stats:{LIVE}")
    line.take()
    await viewers.count()
    assert viewers.audience(LIVE).viewers == 2
    for _ in range(STILL_TOLD):
        await viewers.count()
    over.add(LIVE)
    await viewers.count()
    assert (viewers.audience(LIVE).viewers, viewers.audience(LIVE).peak) == (0, 2)


async def connected(hub: Hub, user: str, channel: str = f"room:{LIVE}") -> tuple[Any, Line]:
    peer, line = opened(hub)
    await peer.receive(orjson.dumps({"id": 1, "connect": {"token": token(user)}}))
    await peer.receive(orjson.dumps({"id": 2, "subscribe": {"channel": channel}}))
    line.take()
    return peer, line
