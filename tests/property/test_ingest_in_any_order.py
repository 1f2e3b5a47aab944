"""Whatever encoders, servers and people do, in any order, the session tells one true story."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.relay import Relay
from streams.ingest import actions, queries, reactions, reconcile
from streams.ingest.rules import State
from streams.media.port import (
    Listing,
    LiveStream,
    MediaEvent,
    MediaEventKind,
    PublishAttempt,
    Publisher,
)
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions.errors import WrongLiveState
from streams.sessions.events import (
    LiveArchived,
    LiveCancelled,
    LiveChanged,
    LiveEnded,
    LiveInterrupted,
    LivePaused,
    LiveReady,
    LiveResumed,
    LiveScheduled,
    LiveStarted,
)
from streams.sessions.rules import NEXT, OVER
from streams.sessions.rules import State as Session

clients = st.integers(1, 3)
epochs = st.sampled_from(["e1", "e2"])
STEPS = st.one_of(
    st.tuples(st.just("publish"), clients, epochs),
    st.tuples(st.just("publish"), clients, epochs),
    st.tuples(st.just("forge"), clients, epochs),
    st.tuples(st.just("gone"), clients, epochs),
    st.tuples(st.just("recorded"), clients, epochs),
    st.tuples(st.just("listed"), st.none() | clients, epochs),
    st.tuples(st.just("down"), st.none(), epochs),
    st.tuples(st.sampled_from(["pause", "resume", "cancel"]), st.none(), epochs),
    st.tuples(st.just("end"), st.none(), epochs),
)
WAITS = st.sampled_from([0, 1, 4, 6, 12, 40])
KINDS = (
    LiveScheduled,
    LiveReady,
    LiveStarted,
    LivePaused,
    LiveResumed,
    LiveInterrupted,
    LiveEnded,
    LiveArchived,
    LiveCancelled,
)


class World:
    """One live session and all that happens to it."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now, self.live, self.key = db, now, "", ""
        self.told: list[LiveChanged] = []
        heard = {kind: [self.hear] for kind in KINDS}
        heard[LiveResumed] = [self.hear, reactions.on_live_resumed]
        heard[LiveEnded] = heard[LiveCancelled] = [self.hear, reactions.on_live_over]
        self.relay = Relay(db, heard, {}, None)

    async def hear(self, tx: Tx, event: LiveChanged, *, now: datetime) -> None:
        if event.live == self.live:
            self.told.append(event)

    async def open(self) -> None:
        slot = Period(self.now, self.now + timedelta(hours=2))
        async with self.db.begin() as tx:
            live = await sessions.create(
                tx,
                reference=ids.new("bkg"),
                host_reference="m",
                title={},
                period=slot,
                now=self.now,
            )
            await sessions.clear(tx, live.id, {}, now=self.now)
            issued = await actions.issue_key(tx, live.id, valid=slot, now=self.now)
        self.live, self.key = live.id, issued.key

    async def step(self, what: str, client: int | None, epoch: str) -> None:
        who = Publisher("nginx", epoch, str(client))
        async with self.db.begin() as tx:
            match what:
                case "publish" | "forge":
                    key = self.key if what == "publish" else "forged"
                    attempt = PublishAttempt(who, "live", self.live, query={"key": key})
                    decision = await actions.decide(tx, attempt, now=self.now)
                    assert decision.allowed is False or what == "publish"
                case "gone" | "recorded":
                    kind, path = MediaEventKind.UNPUBLISHED, None
                    if what == "recorded":
                        kind, path = MediaEventKind.RECORDED, f"{self.live}-{client}.flv"
                    said = MediaEvent(kind, who, self.live, self.now, path=path)
                    await actions.on_event(tx, said, now=self.now)
                case "listed":
                    size = int(self.now.timestamp())
                    there = LiveStream(who, "live", self.live, timedelta(), size)
                    streams = (there,) if client is not None else ()
                    listing = Listing("nginx", epoch, streams)
                    await reconcile.compare(tx, listing, now=self.now)
                case "down":
                    await reconcile.unreachable(tx, "nginx", now=self.now)
                case _:
                    await getattr(sessions, what)(tx, self.live, now=self.now)

    async def check(self, asked_to_end: bool) -> None:
        await self.relay.drain(self.now)
        async with self.db.begin() as tx:
            session = await session_queries.get(tx, self.live)
            row = await queries.of_live(tx, self.live)
            publications = await queries.publications(tx, self.live)
        assert row is not None
        still = [p for p in publications if p.ended_at is None]
        assert len(still) == (1 if row.state is State.LIVE else 0)
        if session.state is Session.LIVE:
            assert row.state is State.LIVE
        if session.state is Session.INTERRUPTED:
            assert row.state is State.INTERRUPTED
        if session.state in OVER:
            assert asked_to_end
        assert session.state is self.told[-1].state

    def one_true_story(self) -> None:
        versions = [event.version for event in self.told]
        assert versions == list(range(1, len(versions) + 1))
        states = [event.state for event in self.told]
        assert all(b in NEXT[a] for a, b in pairwise(states))


@given(st.lists(st.tuples(WAITS, STEPS), max_size=25))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_order_tells_one_true_story(
    db: Database,
    now: datetime,
    happenings: list[tuple[int, tuple[str, int | None, str]]],
) -> None:
    world = World(db, now)
    await world.open()
    asked_to_end = False
    await world.check(asked_to_end)
    for wait, (what, client, epoch) in happenings:
        world.now += timedelta(seconds=wait)
        try:
            await world.step(what, client, epoch)
            asked_to_end |= what in {"end", "cancel"}
        except WrongLiveState:
            assert what in {"pause", "resume", "end", "cancel"}
        await world.check(asked_to_end)
    world.one_true_story()
