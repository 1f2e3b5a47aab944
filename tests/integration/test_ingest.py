"""Who is let in, by decisions on a real database and no media server."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Database, Tx
from streams.ingest import actions, hook, queries, reactions, reconcile
from streams.ingest.errors import LiveIsOver
from streams.ingest.rules import Reason, State
from streams.media.port import (
    Listing,
    LiveStream,
    MediaEvent,
    MediaEventKind,
    MediaServerDown,
    PlayAttempt,
    PublishAttempt,
    Publisher,
    Reply,
    Said,
)
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions.events import LiveResumed
from streams.sessions.rules import State as Session

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def client(number: int, epoch: str | None = "e1") -> Publisher:
    return Publisher("nginx", epoch, str(number))


class Desk:
    """One live session with a key, and what encoders do to it."""

    def __init__(self, db: Database, live: str, key: str, now: datetime) -> None:
        self.db, self.live, self.key, self.now = db, live, key, now

    @classmethod
    async def opened(cls, db: Database, now: datetime, *, ready: bool = True) -> "Desk":
        slot = Period(now, now + timedelta(hours=1))
        async with db.begin() as tx:
            live = await sessions.create(
                tx, reference="b", host_reference="m", title={}, period=slot, now=now
            )
            if ready:
                await sessions.clear(tx, live.id, {}, now=now)
            issued = await actions.issue_key(
                tx, live.id, valid=Period(now - 30 * MINUTE, now + 90 * MINUTE), now=now
            )
        return cls(db, live.id, issued.key, now)

    def attempt(self, who: Publisher, key: str | None = None) -> PublishAttempt:
        return PublishAttempt(who, "live", self.live, query={"key": key or self.key})

    async def publish(
        self, who: Publisher, *, key: str | None = None, after: timedelta = timedelta()
    ) -> actions.Decision:
        async with self.db.begin() as tx:
            return await actions.decide(tx, self.attempt(who, key), now=self.now + after)

    async def gone(self, who: Publisher, *, after: timedelta = timedelta()) -> None:
        said = MediaEvent(MediaEventKind.UNPUBLISHED, who, self.live, self.now + after)
        async with self.db.begin() as tx:
            await actions.on_event(tx, said, now=self.now + after)

    async def compared(
        self, *streams: LiveStream, after: timedelta, epoch: str | None = "e1"
    ) -> list[reconcile.Stranger]:
        listing = Listing("nginx", epoch, streams)
        async with self.db.begin() as tx:
            return await reconcile.compare(tx, listing, now=self.now + after)

    def stream(self, who: Publisher, size: int, name: str | None = None) -> LiveStream:
        return LiveStream(who, "live", name or self.live, SECOND, size)

    async def state(self) -> tuple[State, Session]:
        async with self.db.begin() as tx:
            row = await queries.of_live(tx, self.live)
            assert row is not None
            return row.state, (await session_queries.get(tx, self.live)).state

    async def do(self, step: Callable[..., Any]) -> None:
        async with self.db.begin() as tx:
            await step(tx, self.live, now=self.now)


@pytest.fixture
async def desk(db: Database, now: datetime) -> Desk:
    return await Desk.opened(db, now)


async def test_right_key_in_time_puts_the_session_on_air(desk: Desk) -> None:
    assert (await desk.publish(client(1))).allowed
    assert await desk.state() == (State.LIVE, Session.LIVE)


async def test_each_wrong_attempt_has_its_reason(desk: Desk) -> None:
    tried = {
        Reason.WRONG_KEY: await desk.publish(client(1), key="x"),
        Reason.EARLY: await desk.publish(client(1), after=-31 * MINUTE),
        Reason.LATE: await desk.publish(client(1), after=90 * MINUTE),
    }
    assert {reason: d.reason for reason, d in tried.items()} == {r: r for r in tried}
    assert not any(d.allowed for d in tried.values())
    unknown = PublishAttempt(client(1), "live", "liv_x", query={"key": desk.key})
    async with desk.db.begin() as tx:
        assert (await actions.decide(tx, unknown, now=desk.now)).reason is Reason.UNKNOWN
    assert await desk.state() == (State.IDLE, Session.READY)


async def test_session_must_be_cleared_and_not_over(db: Database, now: datetime) -> None:
    desk = await Desk.opened(db, now, ready=False)
    assert (await desk.publish(client(1))).reason is Reason.NOT_CLEARED
    await desk.do(sessions.cancel)
    assert (await desk.publish(client(1))).reason is Reason.OVER
    with pytest.raises(LiveIsOver):
        async with db.begin() as tx:
            await actions.issue_key(tx, desk.live, valid=Period(now, now + MINUTE), now=now)


async def test_new_key_replaces_the_old_one(desk: Desk) -> None:
    async with desk.db.begin() as tx:
        valid = Period(desk.now, desk.now + MINUTE)
        new = await actions.issue_key(tx, desk.live, valid=valid, now=desk.now)
    assert (await desk.publish(client(1))).reason is Reason.WRONG_KEY
    assert (await desk.publish(client(1), key=new.key)).allowed


async def test_asking_twice_answers_twice_and_changes_once(desk: Desk) -> None:
    await desk.publish(client(1))
    assert (await desk.publish(client(1), after=SECOND)).allowed
    async with desk.db.begin() as tx:
        assert len(await queries.publications(tx, desk.live)) == 1
        assert (await session_queries.get(tx, desk.live)).version == 3


async def test_second_is_refused_while_the_first_is_seen(desk: Desk) -> None:
    await desk.publish(client(1))
    assert (await desk.publish(client(2), after=9 * SECOND)).reason is Reason.SECOND
    await desk.compared(desk.stream(client(1), 10), after=9 * SECOND)
    assert (await desk.publish(client(2), after=15 * SECOND)).reason is Reason.SECOND
    # the same number of bytes as before: it hangs
    await desk.compared(desk.stream(client(1), 10), after=18 * SECOND)
    taken = await desk.publish(client(2), after=19 * SECOND)
    assert taken.allowed
    assert taken.replaces == client(1)
    await desk.gone(client(1), after=20 * SECOND)
    assert await desk.state() == (State.LIVE, Session.LIVE)


async def test_restarted_server_has_no_first(desk: Desk) -> None:
    await desk.publish(client(1, "e1"))
    back = await desk.publish(client(1, "e2"), after=SECOND)
    assert (back.allowed, back.replaces) == (True, None)


async def test_end_of_somebody_else_is_ignored(desk: Desk) -> None:
    """nginx refuses a second publisher by itself and then reports that one's end."""
    await desk.publish(client(1))
    await desk.gone(client(2))
    await desk.gone(client(1, "e0"))
    assert await desk.state() == (State.LIVE, Session.LIVE)


async def test_encoder_that_leaves_interrupts_and_never_ends(desk: Desk) -> None:
    await desk.publish(client(1))
    await desk.gone(client(1))
    await desk.gone(client(1))
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)
    assert (await desk.publish(client(2), after=SECOND)).allowed
    assert await desk.state() == (State.LIVE, Session.LIVE)


async def test_pause_hides_a_lost_encoder_until_it_is_resumed(desk: Desk) -> None:
    await desk.publish(client(1))
    await desk.do(sessions.pause)
    await desk.gone(client(1))
    assert await desk.state() == (State.INTERRUPTED, Session.PAUSED)
    await desk.do(sessions.resume)
    async with desk.db.begin() as tx:
        live = await session_queries.get(tx, desk.live)
        event = LiveResumed(
            live=live.id,
            state=live.state,
            version=live.version,
            at=desk.now,
            host_reference="m",
            reference="b",
        )
        await reactions.on_live_resumed(tx, event, now=desk.now)
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)


async def test_paused_session_takes_its_encoder_back_and_stays_paused(desk: Desk) -> None:
    await desk.publish(client(1))
    await desk.do(sessions.pause)
    await desk.gone(client(1))
    assert (await desk.publish(client(2), after=SECOND)).allowed
    assert await desk.state() == (State.LIVE, Session.PAUSED)


async def test_absent_from_the_list_is_interrupted_after_settling(desk: Desk) -> None:
    await desk.publish(client(1))
    await desk.compared(after=4 * SECOND)
    assert await desk.state() == (State.LIVE, Session.LIVE)
    await desk.compared(after=5 * SECOND)
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)


async def test_new_epoch_interrupts_at_once(desk: Desk) -> None:
    await desk.publish(client(1))
    same_number = desk.stream(client(1, "e2"), 10)
    strangers = await desk.compared(same_number, after=SECOND, epoch="e2")
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)
    assert strangers == [reconcile.Stranger(desk.live, "1")]


async def test_known_connection_is_taken_back_and_a_stranger_is_not(desk: Desk) -> None:
    await desk.publish(client(1))
    await desk.compared(after=6 * SECOND)
    strangers = await desk.compared(
        desk.stream(client(1), 10), desk.stream(client(5), 10, "liv_x"), after=8 * SECOND
    )
    assert strangers == [reconcile.Stranger("liv_x", "5")]
    assert await desk.state() == (State.LIVE, Session.LIVE)


async def test_unreachable_server_keeps_its_rooms_for_a_while(desk: Desk) -> None:
    await desk.publish(client(1))
    async with desk.db.begin() as tx:
        await reconcile.unreachable(tx, "nginx", now=desk.now + 9 * SECOND)
    assert await desk.state() == (State.LIVE, Session.LIVE)
    async with desk.db.begin() as tx:
        await reconcile.unreachable(tx, "nginx", now=desk.now + 10 * SECOND)
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)


class Telling:
    """A media server that says what it is told to, and is down when asked for anything."""

    name, app = "nginx", "live"

    def __init__(self, said: Said) -> None:
        self.said = said

    def parse(self, *_: object, **__: object) -> Said:
        return self.said

    def reply(self, allowed: bool) -> Reply:
        return (200 if allowed else 403), {}, b""

    async def list(self) -> Listing:
        raise MediaServerDown()

    async def kick(self, name: str, client_id: str | None = None) -> bool:
        raise MediaServerDown()


async def test_hook_answers_for_the_server(desk: Desk) -> None:
    async def answer(said: Said, after: timedelta = timedelta()) -> int:
        status, _, _ = await hook.handle(desk.db, Telling(said), {}, {}, b"", desk.now + after)
        return status

    assert await answer(desk.attempt(client(1), "x")) == 403
    assert await answer(desk.attempt(client(1))) == 200
    assert await answer(desk.attempt(client(2)), after=11 * SECOND) == 200  # the kick failed
    assert await answer(PlayAttempt(client(3), "live", desk.live)) == 403
    left = MediaEvent(MediaEventKind.UNPUBLISHED, client(2), desk.live, desk.now)
    assert await answer(left) == 200
    assert await desk.state() == (State.INTERRUPTED, Session.INTERRUPTED)


async def both_at_once(desk: Desk) -> list[bool]:
    """Two encoders ask; the second while the first's transaction is still open."""

    async def second() -> bool:
        return (await desk.publish(client(2))).allowed

    async with desk.db.begin() as tx:
        first = await actions.decide(tx, desk.attempt(client(1)), now=desk.now)
        asking = asyncio.create_task(second())
        await somebody_waits(desk.db)
    return [first.allowed, await asking]


async def somebody_waits(db: Database) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with db.connection() as watching:
        while not (await watching.execute(waiting)).scalar_one():
            await watching.rollback()
            await asyncio.sleep(0.01)


async def test_two_at_once_one_is_let_in(desk: Desk) -> None:
    assert await both_at_once(desk) == [True, False]


async def test_twin_without_the_lock_lets_both_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(tx: Tx, live: str) -> Any:
        return await queries.of_live(tx, live)

    monkeypatch.setattr(actions.queries, "locked", unlocked)
    assert await both_at_once(desk) == [True, True]
