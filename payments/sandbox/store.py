"""The sandbox's memory: Stripe objects as JSON in a PostgreSQL schema of its own.

One table holds them all, because that is how the API sees them: a kind, an id and a body.
The sandbox makes its tables itself; they are no part of the product's history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from livecommerce.kernel.db import Database, Tx, one_at_a_time
from payments.sandbox.problems import StripeProblem, no_such

_MAKE = (
    "CREATE SCHEMA IF NOT EXISTS stripe_sandbox",
    """CREATE TABLE IF NOT EXISTS stripe_sandbox.thing (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text NOT NULL UNIQUE, kind text NOT NULL, created bigint NOT NULL,
      body jsonb NOT NULL, hidden jsonb NOT NULL DEFAULT '{}')""",
    "CREATE INDEX IF NOT EXISTS ix_thing_kind ON stripe_sandbox.thing (kind, seq)",
    """CREATE INDEX IF NOT EXISTS ix_thing_intent ON stripe_sandbox.thing
      ((body ->> 'payment_intent')) WHERE kind IN ('charge', 'refund')""",
    """CREATE TABLE IF NOT EXISTS stripe_sandbox.answer (
      key text PRIMARY KEY, fingerprint text NOT NULL, status int NOT NULL,
      body jsonb NOT NULL, at double precision NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS stripe_sandbox.due (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at double precision NOT NULL, act text NOT NULL, thing text NOT NULL,
      done boolean NOT NULL DEFAULT false)""",
    "CREATE INDEX IF NOT EXISTS ix_due ON stripe_sandbox.due (at, id) WHERE NOT done",
    """CREATE TABLE IF NOT EXISTS stripe_sandbox.delivery (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event text NOT NULL, endpoint text NOT NULL, at double precision NOT NULL,
      attempts int NOT NULL DEFAULT 0, done boolean NOT NULL DEFAULT false,
      status int, note text NOT NULL DEFAULT '')""",
    "CREATE INDEX IF NOT EXISTS ix_delivery ON stripe_sandbox.delivery (at, id) WHERE NOT done",
    """CREATE TABLE IF NOT EXISTS stripe_sandbox.setting (
      name text PRIMARY KEY, value jsonb NOT NULL)""",
)

_PUT = sa.text("""
INSERT INTO stripe_sandbox.thing (id, kind, created, body, hidden)
VALUES (:id, :kind, :created, cast(:body AS jsonb), cast(:hidden AS jsonb))
ON CONFLICT (id) DO UPDATE SET body = excluded.body, hidden = excluded.hidden
""")


async def make_tables(db: Database) -> None:
    """Make what is missing; two sandboxes starting at once do not collide."""
    async with db.begin() as tx:
        await one_at_a_time(tx, "stripe_sandbox")
        for statement in _MAKE:
            await tx.execute(sa.text(statement))


@dataclass(slots=True)
class Thing:
    """A Stripe object and what only the sandbox knows about it."""

    body: dict[str, Any]
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.body["id"])


async def find(tx: Tx, kind: str, id_: str, *, lock: bool = False) -> Thing | None:
    """The object, if there is one; ``lock`` keeps others from it until we are done."""
    sql = "SELECT body, hidden FROM stripe_sandbox.thing WHERE id = :id AND kind = :kind"
    query = sa.text(sql + (" FOR UPDATE" if lock else ""))
    row = (await tx.execute(query, {"id": id_, "kind": kind})).one_or_none()
    return None if row is None else Thing(_loads(row.body), _loads(row.hidden))


async def get(tx: Tx, kind: str, id_: str, *, lock: bool = False, param: str = "id") -> Thing:
    """The object.

    Raises:
        StripeProblem: there is none.
    """
    thing = await find(tx, kind, id_, lock=lock)
    if thing is None:
        raise no_such(kind, id_, param=param)
    return thing


async def put(tx: Tx, thing: Thing) -> None:
    """Keep the object as it now is."""
    body = thing.body
    row = {"id": body["id"], "kind": body["object"], "created": body.get("created", 0)}
    row |= {"body": _dumps(body), "hidden": _dumps(thing.hidden)}
    await tx.execute(_PUT, row)


async def kept(
    tx: Tx, kind: str, where: str = "true", limit: int = 100, **binds: Any
) -> list[Thing]:
    """Objects of a kind, newest first; ``where`` is SQL of ours, never of a request's."""
    query = sa.text(
        f"SELECT body, hidden FROM stripe_sandbox.thing WHERE kind = :kind AND {where}"  # noqa: S608
        " ORDER BY seq DESC LIMIT :limit"
    )
    rows = await tx.execute(query, {"kind": kind, "limit": limit, **binds})
    return [Thing(_loads(row.body), _loads(row.hidden)) for row in rows]


async def page(
    tx: Tx, kind: str, want: Mapping[str, Any], url: str, filters: Iterable[str] = ()
) -> dict[str, Any]:
    """A list object: newest first, with cursors, filtered by equal fields and by time."""
    limit = want.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeProblem("Invalid limit: must be between 1 and 100", param="limit")
    where, binds = ["true"], dict[str, Any]()
    for name in filters:
        if name in want:
            where.append(f"body ->> '{name}' = :{name}")
            binds[name] = want[name]
    created = want.get("created", {})
    for name, sign in {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}.items():
        if isinstance(created, Mapping) and name in created:
            where.append(f"created {sign} :{name}")
            binds[name] = created[name]
    seq = "(SELECT seq FROM stripe_sandbox.thing WHERE id = :{0})"
    for name, sign in {"starting_after": "<", "ending_before": ">"}.items():
        if name in want:
            await get(tx, kind, want[name], param=name)
            where.append(f"seq {sign} {seq.format(name)}")
            binds[name] = want[name]
    found = await kept(tx, kind, " AND ".join(where), limit + 1, **binds)
    data = [thing.body for thing in found[:limit]]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


async def setting(tx: Tx, name: str) -> Any:
    """A setting that outlives the process, or None."""
    query = sa.text("SELECT value FROM stripe_sandbox.setting WHERE name = :name")
    return _loads((await tx.execute(query, {"name": name})).scalar())


async def set_setting(tx: Tx, name: str, value: Any) -> None:
    """Keep a setting."""
    query = sa.text(
        "INSERT INTO stripe_sandbox.setting VALUES (:name, cast(:value AS jsonb))"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    await tx.execute(query, {"name": name, "value": _dumps(value)})


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _loads(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value
