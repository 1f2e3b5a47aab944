"""What there is to book, what is free of it, and what a wish asks for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.studios.alternatives import Candidate, Need
from livecommerce.studios.errors import NoSuchResource, TooFewExist
from livecommerce.studios.rules import ResourceKind
from livecommerce.studios.tables import Resource, ResourceClass

_FREE = sa.text(
    """
    WITH wanted AS (
      SELECT r.id, c.always_open
        FROM commerce.resource r JOIN commerce.resource_class c ON c.key = r.class_key
       WHERE r.id = ANY(CAST(:ids AS text[]))),
    span AS (SELECT tstzrange(:from, :to, '[)') AS s),
    open AS (
      SELECT w.id, CASE WHEN w.always_open THEN tstzmultirange(s) ELSE
             (SELECT range_agg(o.during * s) FROM commerce.opening o
               WHERE o.resource_id = w.id AND o.during && s) END AS r
        FROM wanted w, span),
    busy AS (
      SELECT a.resource_id, range_agg(a.during) AS r FROM commerce.allocation a, span
       WHERE a.resource_id = ANY(CAST(:ids AS text[])) AND a.during && s
         AND a.status IN ('held', 'confirmed')
         AND a.booking_id IS DISTINCT FROM CAST(:apart_from AS text)
       GROUP BY 1)
    SELECT open.id, lower(g) AS starts_at, upper(g) AS ends_at
      FROM open LEFT JOIN busy ON busy.resource_id = open.id,
           unnest(open.r - coalesce(busy.r, '{}'::tstzmultirange)) AS g
     WHERE upper(g) - lower(g) >= :at_least
     ORDER BY open.id, lower(g)
    """
)

FreeTime = dict[str, list[tuple[datetime, datetime]]]


@dataclass(frozen=True, slots=True)
class Stocked:
    """A resource with what its class says of it."""

    id: str
    kind: ResourceKind
    class_key: str
    name: dict[str, str]
    set_up: timedelta
    tear_down: timedelta


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed wish: named resources, and how many of each class."""

    studio: str | None
    studio_class: str | None
    named: tuple[str, ...]
    classes: tuple[tuple[str, int], ...]


class Inventory:
    """Everything that can be booked now. A centre has hundreds: it is read whole."""

    def __init__(self, rows: Sequence[Stocked]) -> None:
        self._rows = {row.id: row for row in rows}
        self._classes: dict[str, list[Stocked]] = {}
        for row in rows:
            self._classes.setdefault(row.class_key, []).append(row)

    def __getitem__(self, resource: str) -> Stocked:
        return self._rows[resource]

    def understand(self, studio: str, equipment: Iterable[str], crew: Iterable[str]) -> Wanted:
        """What the wish asks for; a thing named twice is wanted once.

        Raises:
            NoSuchResource: a name is neither a resource nor a class of that kind.
        """
        studio_id = self._resource(studio, ResourceKind.STUDIO)
        named: dict[str, None] = {}
        classes: Counter[str] = Counter()
        for wishes, kind in ((equipment, ResourceKind.EQUIPMENT), (crew, ResourceKind.CREW)):
            for wish in wishes:
                resource = self._resource(wish, kind)
                if resource is not None:
                    named[resource] = None
                else:
                    classes[wish] += 1
        return Wanted(
            studio_id,
            None if studio_id is not None else studio,
            tuple(named),
            tuple(sorted(classes.items())),
        )

    def needs(self, wanted: Wanted) -> list[Need]:
        """What must be free besides the studio.

        Raises:
            TooFewExist: the centre does not have that many.
        """
        needs = [self._need([self._rows[name]], 1) for name in wanted.named]
        for key, count in wanted.classes:
            members = [m for m in self._classes[key] if m.id not in wanted.named]
            if len(members) < count:
                raise TooFewExist(wanted=key, exist=len(members))
            needs.append(self._need(members, count))
        return needs

    def studio_need(self, wanted: Wanted) -> Need:
        """The wished studio, or one of the wished class."""
        if wanted.studio is not None:
            return self._need([self._rows[wanted.studio]], 1)
        return self._need(self._classes[wanted.studio_class or ""], 1)

    def studios(self, wanted: Wanted) -> list[Candidate]:
        """Every studio, the wished ones first."""
        wished_class = (
            self._rows[wanted.studio].class_key if wanted.studio else wanted.studio_class
        )
        candidates = []
        for row in self._rows.values():
            if row.kind is not ResourceKind.STUDIO:
                continue
            same = row.class_key == wished_class
            wished = row.id == wanted.studio or (wanted.studio is None and same)
            penalty = 0 if wished else 3 if same else 8
            candidates.append(Candidate(row.id, penalty, self._need([row], 1)))
        return sorted(candidates, key=lambda candidate: candidate.penalty)

    def _resource(self, wish: str, kind: ResourceKind) -> str | None:
        row = self._rows.get(wish)
        if row is not None and row.kind is kind:
            return row.id
        if any(member.kind is kind for member in self._classes.get(wish, ())):
            return None
        raise NoSuchResource(resource=wish)

    def _need(self, members: Sequence[Stocked], count: int) -> Need:
        first = members[0]
        among = tuple(member.id for member in members)
        return Need(among, count, first.set_up, first.tear_down)


async def read(tx: Tx) -> Inventory:
    """All that is not retired, in the order the centre lists it."""
    query = (
        sa.select(Resource, ResourceClass)
        .join(ResourceClass, col(ResourceClass.key) == col(Resource.class_key))
        .where(col(Resource.retired_at).is_(None))
        .order_by(col(ResourceClass.position), col(Resource.position), col(Resource.id))
    )
    return Inventory(
        [
            Stocked(
                id=row.id,
                kind=row.kind,
                class_key=row.class_key,
                name=row.name,
                set_up=timedelta(minutes=of.set_up_minutes),
                tear_down=timedelta(minutes=of.tear_down_minutes),
            )
            for row, of in (await tx.execute(query)).all()
        ]
    )


async def free_time(
    tx: Tx,
    resources: Iterable[str],
    starts_at: datetime,
    ends_at: datetime,
    *,
    at_least: timedelta = timedelta(0),
    apart_from: str | None = None,
) -> FreeTime:
    """When each resource is open and free within the period, longest stretches whole.

    Args:
        at_least: leave out shorter stretches.
        apart_from: a booking whose own allocations do not count (it is being moved).
    """
    values: dict[str, Any] = {
        "ids": sorted(set(resources)),
        "from": starts_at,
        "to": ends_at,
        "at_least": at_least,
        "apart_from": apart_from,
    }
    found: FreeTime = {}
    for row in (await tx.execute(_FREE, values)).all():
        found.setdefault(row.id, []).append((row.starts_at, row.ends_at))
    return found
