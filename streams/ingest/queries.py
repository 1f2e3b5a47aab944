"""Reading ingest rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from streams.ingest.rules import State
from streams.ingest.tables import Ingest, Publication
from streams.media.port import Publisher


async def of_live(tx: Tx, live: str) -> Ingest | None:
    """The live session's ingest row, if a key was ever issued."""
    return await tx.get(Ingest, live, populate_existing=True)


async def locked(tx: Tx, live: str) -> Ingest | None:
    """The same, with everybody else kept from deciding about it until the transaction ends."""
    return await tx.get(Ingest, live, populate_existing=True, with_for_update=True)


async def publishing_to(tx: Tx, server: str) -> Sequence[Ingest]:
    """Everything we believe comes in at that server, locked in one order."""
    found = await tx.execute(
        sa.select(Ingest)
        .where(col(Ingest.server) == server, col(Ingest.state) == State.LIVE)
        .order_by(col(Ingest.live_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.scalars().all()


async def publication(tx: Tx, live: str, publisher: Publisher) -> Publication | None:
    """The latest time that this connection was let in to this live session."""
    found = await tx.execute(
        sa.select(Publication)
        .where(
            col(Publication.live_id) == live,
            col(Publication.server) == publisher.server,
            col(Publication.client_id) == publisher.client_id,
            col(Publication.server_epoch).is_not_distinct_from(publisher.epoch),
        )
        .order_by(col(Publication.started_at).desc())
        .limit(1)
    )
    return found.scalar_one_or_none()


async def publications(tx: Tx, live: str) -> Sequence[Publication]:
    """Everyone who was let in to the live session, first one first."""
    found = await tx.execute(
        sa.select(Publication)
        .where(col(Publication.live_id) == live)
        .order_by(col(Publication.started_at), col(Publication.id))
    )
    return found.scalars().all()


async def awaiting_files(tx: Tx, live: str) -> int:
    """How many of its publishers are still there or have not had their file closed."""
    found = await tx.execute(
        sa.select(sa.func.count())
        .select_from(Publication)
        .where(
            col(Publication.live_id) == live,
            sa.or_(col(Publication.ended_at).is_(None), col(Publication.recorded_at).is_(None)),
        )
    )
    return found.scalar_one()
