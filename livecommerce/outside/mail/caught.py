"""Mail that the local peer caught: a table in the peers' own database, and how to read it."""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.errors import NotFound

# Not a SQLModel table: those belong to the product's schema, and this is a stand-in's.
TABLES = sa.MetaData(schema="mail")
MESSAGE = sa.Table(
    "message",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("caught_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("recipients", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
)


class NoSuchMessage(NotFound):
    """No such message was caught."""


class Caught(BaseModel):
    """A message as people read it."""

    model_config = ConfigDict(frozen=True)

    id: str
    caught_at: datetime
    sender: str
    recipients: list[str]
    subject: str
    message_id: str
    text: str
    html: str | None


async def make(db: Database) -> None:
    """See to it that the table is there."""
    async with db.engine.begin() as connection:
        await connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS mail"))
        await connection.run_sync(TABLES.create_all)


async def keep(
    tx: Tx, *, sender: str, recipients: list[str], source: bytes, now: datetime
) -> str:
    """Store a message as it came over the wire."""
    id_ = ids.new("eml")
    row = {"id": id_, "caught_at": now, "sender": sender}
    await tx.execute(sa.insert(MESSAGE).values(**row, recipients=recipients, source=source))
    return id_


async def listed(
    tx: Tx, *, to: str | None = None, before: str | None = None, limit: int = 50
) -> list[Caught]:
    """The newest first; ``before`` is the last id of the page above."""
    wanted = sa.select(MESSAGE).order_by(MESSAGE.c.id.desc()).limit(limit)
    if to is not None:
        wanted = wanted.where(sa.literal(to) == sa.any_(MESSAGE.c.recipients))
    if before is not None:
        wanted = wanted.where(MESSAGE.c.id < before)
    return [_read(row) for row in await tx.execute(wanted)]


async def get(tx: Tx, id_: str) -> Caught:
    """One message.

    Raises:
        NoSuchMessage: nothing was caught under that id.
    """
    row = (await tx.execute(sa.select(MESSAGE).where(MESSAGE.c.id == id_))).one_or_none()
    if row is None:
        raise NoSuchMessage(message=id_)
    return _read(row)


def _read(row: sa.Row[tuple[str, datetime, str, list[str], bytes]]) -> Caught:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(row.source)
    return Caught(
        id=row.id,
        caught_at=row.caught_at,
        sender=row.sender,
        recipients=row.recipients,
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or ""),
        text=_part(message, "plain") or "",
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else None
