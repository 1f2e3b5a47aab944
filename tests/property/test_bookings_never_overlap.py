"""Whatever is booked, moved and given back in whatever order, nothing is taken twice; and
every alternative that is offered would have worked."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecommerce.embedded.server import Server
from livecommerce.identity import actions as people
from livecommerce.kernel.db import Database, open_database
from livecommerce.studios import actions
from livecommerce.studios.alternatives import STEP, Candidate, Need, free_members, nearest
from livecommerce.studios.errors import SlotTaken, WrongBookingState
from livecommerce.studios.rules import ResourceKind
from livecommerce.studios.wire import BookSlot, MoveSlot
from livecommerce.web.principal import Kind, MerchantRole, Principal
from tests import database

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NAME = {"zh": "名", "en": "Name"}
TWICE = sa.text(
    "SELECT count(*) FROM commerce.allocation a JOIN commerce.allocation b"
    " ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during"
    " WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')"
)
PARTIAL = sa.text(
    "SELECT count(*) FROM commerce.booking b WHERE state IN ('held', 'confirmed') AND 3 <>"
    " (SELECT count(*) FROM commerce.allocation a WHERE a.booking_id = b.id"
    " AND a.status IN ('held', 'confirmed'))"
)


@dataclass(frozen=True)
class Step:
    """What somebody does: with which booking (by turn), where, and when."""

    verb: str
    which: int
    studio: str
    start: int
    halves: int
    end_early: int


steps = st.lists(
    st.builds(
        Step,
        verb=st.sampled_from(["book", "book", "pencil", "move", "cancel", "end", "confirm"]),
        which=st.integers(0, 7),
        studio=st.sampled_from(["one", "two", "studio"]),
        start=st.integers(0, 9),
        halves=st.integers(1, 5),
        end_early=st.integers(0, 6),
    ),
    min_size=3,
    max_size=16,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=steps, at_once=st.booleans())
def test_nothing_is_taken_twice(postgres: Server, script: list[Step], at_once: bool) -> None:
    async def play() -> None:
        async with database.clone(postgres) as url:
            db = open_database(url)
            try:
                await _play(db, script, at_once)
            finally:
                await db.close()

    database.in_a_loop_of_its_own(play())


async def _play(db: Database, script: list[Step], at_once: bool) -> None:
    by, ids = await _centre(db)
    made: list[str] = []

    async def act(step: Step) -> None:
        studio = ids.get(step.studio, step.studio)
        start = NOW + timedelta(minutes=30 * step.start)
        period = {"starts_at": start, "ends_at": start + timedelta(minutes=30 * step.halves)}
        mine = made[step.which % len(made)] if made else ""
        with suppress(SlotTaken, WrongBookingState):
            async with db.begin() as tx:
                if step.verb in {"book", "pencil"}:
                    want = BookSlot(
                        merchant=ids["merchant"],
                        studio=studio,
                        equipment=["camera"],
                        crew=["host"],
                        pencil=step.verb == "pencil",
                        **period,
                    )
                    made.append((await actions.book(tx, want, by=by, now=NOW)).id)
                elif mine and step.verb == "move":
                    want_move = MoveSlot(studio=studio, **period)
                    await actions.move(tx, mine, want_move, by=by, now=NOW)
                elif mine and step.verb == "end":
                    at = NOW + timedelta(minutes=30 * step.end_early)
                    await actions.free_the_rest(tx, mine, at=at)
                elif mine and step.verb in {"cancel", "confirm"}:
                    work = actions.cancel if step.verb == "cancel" else actions.confirm
                    await work(tx, mine, by=by, now=NOW)

    if at_once:
        await asyncio.gather(*(act(step) for step in script))
    else:
        for step in script:
            await act(step)
    async with db.begin() as tx:
        assert await tx.scalar(TWICE) == 0
        assert await tx.scalar(PARTIAL) == 0


async def _centre(db: Database) -> tuple[Principal, dict[str, str]]:
    ids = {}
    async with db.begin() as tx:
        ids["merchant"] = await people.add_merchant(
            tx,
            slug="m",
            name=NAME,
            legal_name=NAME,
            uscc="9144030071526726XG",
            customs_code="3206961234",
            licence="L",
            address=NAME,
            contact={},
            now=NOW,
        )
        for key, kind, around, slugs in (
            ("studio", ResourceKind.STUDIO, 15, ["one", "two"]),
            ("camera", ResourceKind.EQUIPMENT, 0, ["cam-1", "cam-2"]),
            ("host", ResourceKind.CREW, 0, ["host-1", "host-2"]),
        ):
            await actions.add_class(
                tx,
                key=key,
                kind=kind,
                name=NAME,
                set_up_minutes=around,
                tear_down_minutes=around,
                always_open=True,
                position=0,
            )
            for slug in slugs:
                ids[slug] = await actions.add_resource(
                    tx,
                    slug=slug,
                    kind=kind,
                    class_key=key,
                    name=NAME,
                    description=NAME,
                    attributes={},
                    position=0,
                )
    held = MappingProxyType({ids["merchant"]: frozenset({MerchantRole.OWNER})})
    return Principal(id="usr_1", kind=Kind.PERSON, memberships=held), ids


spans = st.lists(st.tuples(st.integers(-40, 60), st.integers(1, 20)), max_size=4)


def _gaps(raw: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    """Sorted stretches that neither overlap nor touch, in half hours around now."""
    free: list[tuple[datetime, datetime]] = []
    at = -100
    for start, length in sorted(raw):
        begin = max(start, at + 1)
        at = begin + length
        free.append((NOW + begin * STEP, NOW + at * STEP))
    return free


@given(
    of=st.fixed_dictionaries(dict.fromkeys(("one", "two", "cam-1", "cam-2"), spans)),
    start=st.integers(0, 20),
    halves=st.integers(1, 6),
    cameras=st.integers(0, 2),
)
def test_every_alternative_fits(
    of: dict[str, list[tuple[int, int]]], start: int, halves: int, cameras: int
) -> None:
    gaps = {name: _gaps(raw) for name, raw in of.items()}
    around = timedelta(minutes=15)
    one = Need(("one",), 1, around, around)
    two = Need(("two",), 1, around, around)
    camera = Need(("cam-1", "cam-2"), cameras, timedelta(), timedelta())
    wished = NOW + start * STEP
    candidates = [Candidate("one", 0, one), Candidate("two", 3, two)]
    found = nearest(candidates, [camera], gaps, wished, wished + halves * STEP, now=NOW)
    assert len(set(found)) == len(found)
    for slot in found:
        assert slot.starts_at >= NOW
        assert slot.ends_at - slot.starts_at == halves * STEP
        need = one if slot.studio == "one" else two
        assert free_members(need, gaps, slot.starts_at, slot.ends_at)
        assert len(free_members(camera, gaps, slot.starts_at, slot.ends_at)) >= cameras
    wished_fits = free_members(one, gaps, wished, wished + halves * STEP) and (
        len(free_members(camera, gaps, wished, wished + halves * STEP)) >= cameras
    )
    if wished_fits:
        assert (found[0].studio, found[0].starts_at) == ("one", wished)
