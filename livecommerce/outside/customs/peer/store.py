"""What the stand-in for customs remembers: documents, letters, switches. Its own database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.outside.customs.peer.switches import Switches

SCHEMA = "customs"
_metadata = sa.MetaData(schema=SCHEMA)

DOCUMENT = sa.Table(
    "document",
    _metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), unique=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("business_key", sa.Text, nullable=False, index=True),
    sa.Column("fields", JSONB, nullable=False),
    sa.Column("xml", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("accepted_at", sa.DateTime(timezone=True)),
    sa.Column("over_at", sa.DateTime(timezone=True)),
)
LETTER = sa.Table(
    "letter",
    _metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("message_id", sa.Text, nullable=False, index=True),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("taken_at", sa.DateTime(timezone=True)),
)
SWITCHES = sa.Table(
    "switches",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("body", JSONB, nullable=False),
)


async def prepare(db: Database) -> None:
    """Make the tables if they are not there; two starting at once do not collide."""
    async with db.begin() as tx:
        await one_at_a_time(tx, "customs-peer-tables")
        await tx.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        await tx.run_sync(lambda session: _metadata.create_all(session.connection()))


async def switches(tx: Tx, *, lock: bool = False) -> Switches:
    """How the peer behaves at present."""
    wanted = sa.select(SWITCHES.c.body)
    body = await tx.scalar(wanted.with_for_update() if lock else wanted)
    return Switches() if body is None else Switches.model_validate(body)


async def set_switches(tx: Tx, new: Switches) -> None:
    """Behave like this from now on."""
    body = new.model_dump(mode="json")
    kept = insert(SWITCHES).values(id=1, body=body)
    await tx.execute(kept.on_conflict_do_update(index_elements=["id"], set_={"body": body}))


async def known(tx: Tx, message_id: str) -> bytes | None:
    """What came under that id before."""
    return await tx.scalar(sa.select(DOCUMENT.c.xml).where(DOCUMENT.c.message_id == message_id))


async def accepted(
    tx: Tx, kind: str, wanted: Mapping[str, str], *, now: datetime
) -> dict[str, Any] | None:
    """An accepted document of that kind whose fields say this; the newest."""
    found = sa.select(DOCUMENT).where(
        DOCUMENT.c.kind == kind,
        DOCUMENT.c.accepted_at <= now,
        DOCUMENT.c.fields.contains(dict(wanted)),
    )
    row = (await tx.execute(found.order_by(DOCUMENT.c.number.desc()).limit(1))).first()
    return None if row is None else dict(row._mapping)


async def keep(tx: Tx, **document: Any) -> int:
    """Remember a document; its serial number."""
    kept = sa.insert(DOCUMENT).values(**document).returning(DOCUMENT.c.number)
    return int((await tx.execute(kept)).scalar_one())


async def last_said(tx: Tx) -> datetime | None:
    """When the peer last said anything, so that its time never stands still."""
    said: datetime | None = await tx.scalar(sa.select(sa.func.max(LETTER.c.said_at)))
    return said


async def post(tx: Tx, letters: list[dict[str, Any]]) -> None:
    """Put letters into mailboxes."""
    if letters:
        await tx.execute(sa.insert(LETTER), letters)


async def mailbox(tx: Tx, owner: str, *, now: datetime, limit: int = 100) -> list[Any]:
    """What is due and not taken, in the order it falls due."""
    waiting = (
        sa.select(LETTER.c.number, LETTER.c.document)
        .where(LETTER.c.owner == owner, LETTER.c.taken_at.is_(None), LETTER.c.due_at <= now)
        .order_by(LETTER.c.due_at, LETTER.c.number)
        .limit(limit)
    )
    return list((await tx.execute(waiting)).all())


async def take(tx: Tx, owner: str, number: int, *, now: datetime) -> None:
    """The owner has it; taking again changes nothing."""
    await tx.execute(
        sa.update(LETTER)
        .where(LETTER.c.owner == owner, LETTER.c.number == number, LETTER.c.taken_at.is_(None))
        .values(taken_at=now)
    )


async def overview(tx: Tx, *, limit: int = 200) -> list[dict[str, Any]]:
    """The newest documents with what was said about them."""
    rows = await tx.execute(
        sa.select(
            DOCUMENT.c.number,
            DOCUMENT.c.message_id,
            DOCUMENT.c.sender,
            DOCUMENT.c.kind,
            DOCUMENT.c.business_key,
            DOCUMENT.c.received_at,
        )
        .order_by(DOCUMENT.c.number.desc())
        .limit(limit)
    )
    documents = [{str(name): value for name, value in row._mapping.items()} for row in rows]
    told = await tx.execute(
        sa.select(LETTER.c.message_id, LETTER.c.status, LETTER.c.said_at, LETTER.c.taken_at)
        .where(LETTER.c.message_id.in_([d["message_id"] for d in documents]))
        .order_by(LETTER.c.said_at, LETTER.c.number)
    )
    answers: dict[str, list[dict[str, Any]]] = {d["message_id"]: [] for d in documents}
    for row in told:
        answers[row.message_id].append(
            {"status": row.status, "said_at": row.said_at, "taken": row.taken_at is not None}
        )
    return [{**d, "answers": answers[d["message_id"]]} for d in documents]
