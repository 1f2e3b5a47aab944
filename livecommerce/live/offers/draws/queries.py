"""Reads: draws, their audit, and prizes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue.rules import masked
from livecommerce.kernel.db import Tx
from livecommerce.live.offers.draws import rules
from livecommerce.live.offers.draws.rules import DrawState
from livecommerce.live.offers.draws.tables import Draw, DrawEntry, Follow, Prize
from livecommerce.live.offers.draws.wire import AuditOut, DrawOut, PrizeAddress, PrizeOut
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.wire import Both


async def one(tx: Tx, draw: str, *, live: str | None = None, lock: bool = False) -> Draw:
    """A draw (of the room). Raises NoSuchOffer."""
    wanted = sa.select(Draw).where(col(Draw.id) == draw)
    if lock:
        wanted = wanted.with_for_update()
    fresh = wanted.execution_options(populate_existing=True)
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is None or (live is not None and row.live_id != live):
        raise NoSuchOffer(offer=draw)
    return row


async def entries(tx: Tx, draw: str) -> Sequence[DrawEntry]:
    """Who is in it, in their order."""
    found = sa.select(DrawEntry).where(col(DrawEntry.draw_id) == draw)
    return (await tx.execute(found.order_by(col(DrawEntry.id)))).scalars().all()


async def shown(tx: Tx, live: str) -> DrawOut | None:
    """The room's draw that is open, or else its last one."""
    found = (
        sa.select(Draw)
        .where(col(Draw.live_id) == live)
        .order_by(col(Draw.opens_at).desc(), col(Draw.id).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = (await tx.execute(found)).scalar_one_or_none()
    return None if row is None else await out(tx, row)


async def out(tx: Tx, row: Draw) -> DrawOut:
    """A draw as clients see it."""
    count = sa.select(sa.func.count()).where(col(DrawEntry.draw_id) == row.id)
    names: list[str] = []
    if row.winners:
        found = await entries(tx, row.id)
        names = [masked(found[place].name) for place in row.winners]
    return DrawOut(
        id=row.id,
        prize=Both(**row.prize),
        prizes=row.prizes,
        condition=row.condition,
        watch_s=row.watch_s,
        state=row.state,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        entries=(await tx.execute(count)).scalar_one(),
        seed_hash=row.seed_hash,
        winners=names,
    )


async def audit(tx: Tx, draw: str) -> AuditOut:
    """What anybody needs to check a draw. Raises NoSuchOffer."""
    row = await one(tx, draw)
    drawn = row.state is DrawState.DRAWN
    marks = [rules.mark(row.id, e.viewer) for e in await entries(tx, draw)] if drawn else []
    won = list(row.winners or [])
    return AuditOut(
        draw=row.id,
        seed_hash=row.seed_hash,
        seed=row.seed if drawn else None,
        prizes=row.prizes,
        entries=marks,
        entries_hash=row.entries_hash,
        winners=won,
        verified=rules.verify(row.seed, row.seed_hash, marks, row.prizes, won)
        if drawn
        else None,
    )


async def follows(tx: Tx, merchant: str, viewer: str) -> bool:
    """Whether the viewer follows the merchant."""
    return await tx.get(Follow, (merchant, viewer)) is not None


async def prizes(
    tx: Tx, *, winner: str | None = None, live: str | None = None
) -> list[PrizeOut]:
    """Somebody's prizes, or those of a live session, newest first."""
    found = sa.select(Prize, Draw).join(Draw, col(Draw.id) == col(Prize.draw_id))
    if winner is not None:
        found = found.where(col(Prize.winner) == winner)
    if live is not None:
        found = found.where(col(Prize.live_id) == live)
    rows = (await tx.execute(found.order_by(col(Prize.id).desc()))).all()
    return [prize_out(row, of) for row, of in rows]


def prize_out(row: Prize, of: Draw) -> PrizeOut:
    """A prize as its winner, or who sends it, sees it."""
    return PrizeOut(
        id=row.id,
        draw=row.draw_id,
        live=row.live_id,
        prize=Both(**of.prize),
        name=row.name,
        state=row.state,
        claim_by=row.claim_by,
        address=None if row.address is None else PrizeAddress(**row.address),
    )
