"""What is done with draws: opened, entered, drawn; prizes claimed or lapsed."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.offers.draws import queries, rules
from livecommerce.live.offers.draws.errors import (
    DrawOver,
    DrawRunning,
    NoSuchPrize,
    NotEntitled,
    PrizeLapsed,
    WatchTooLong,
)
from livecommerce.live.offers.draws.events import DrawDue, PrizeDue, PrizeWon
from livecommerce.live.offers.draws.rules import Condition, DrawState, PrizeState
from livecommerce.live.offers.draws.tables import Draw, DrawEntry, Follow, Prize
from livecommerce.live.offers.draws.wire import OpenDraw, PrizeAddress
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.team import must_be_audience
from livecommerce.web.principal import Principal
from streams.chat import queries as chat


async def start(tx: Tx, live: str, want: OpenDraw, *, by: Principal, now: datetime) -> Draw:
    """Open a draw: the hash of its seed is published, and viewers enter until it closes.

    Raises:
        DrawRunning: another one is open in the room.
        WatchTooLong: the condition could not be met with two minutes to spare.
        OverAlready: the session is over.
    """
    shelf = await shelves.may_offer(tx, live, by=by)
    if want.condition is Condition.WATCH and want.watch_s > want.lasts_s - rules.WATCH_SPARE_S:
        raise WatchTooLong(most=max(0, want.lasts_s - rules.WATCH_SPARE_S))
    open_ = sa.select(col(Draw.id)).where(
        col(Draw.live_id) == live, col(Draw.state) == DrawState.OPEN
    )
    if other := (await tx.execute(open_)).scalar_one_or_none():
        raise DrawRunning(draw=other)
    seed = secrets.token_hex(32)
    row = Draw(
        id=ids.new("drw"),
        live_id=live,
        merchant_id=shelf.merchant_id,
        prize=want.prize.model_dump(),
        prizes=want.prizes,
        condition=want.condition,
        watch_s=want.watch_s,
        opens_at=now,
        closes_at=now + timedelta(seconds=want.lasts_s),
        state=DrawState.OPEN,
        seed=seed,
        seed_hash=rules.seed_hash(seed),
    )
    tx.add(row)
    await tx.flush()
    await emit(tx, DrawDue(draw=row.id, live=live, at=row.closes_at), at=row.closes_at)
    await emit(tx, OffersChanged(live=live, at=now))
    return row


async def enter(
    tx: Tx, live: str, draw: str, *, viewer: Principal, watched_s: float, now: datetime
) -> int:
    """Take part; how many do. Entering twice is entering once.

    Raises:
        NoSuchOffer: the room has no such draw.
        NotForTheTeam: they give the prizes themselves.
        DrawOver: it is closed.
        NotEntitled: the viewer has not said, watched or followed what is asked.
    """
    row = await queries.one(tx, draw, live=live, lock=True)
    must_be_audience(viewer, row.merchant_id)
    if row.state is not DrawState.OPEN or row.closes_at <= now:
        raise DrawOver(draw=draw)
    if not await _entitled(tx, row, viewer.id, watched_s):
        raise NotEntitled(condition=row.condition, watch_s=row.watch_s)
    made = (
        postgresql.insert(DrawEntry)
        .values(
            draw_id=draw,
            merchant_id=row.merchant_id,
            viewer=viewer.id,
            name=viewer.name,
            at=now,
        )
        .on_conflict_do_nothing(index_elements=["draw_id", "viewer"])
        .returning(col(DrawEntry.id))
    )
    if (await tx.execute(made)).scalar_one_or_none() is not None:
        await emit(tx, OffersChanged(live=live, at=now))
    return len(await queries.entries(tx, draw))


async def draw_due(tx: Tx, draw: str, *, now: datetime) -> None:
    """Its time has come: the list is closed, the winners are worked out, the seed is told."""
    row = await queries.one(tx, draw, lock=True)
    if row.state is not DrawState.OPEN or row.closes_at > now:
        return
    found = await queries.entries(tx, draw)
    marks = [rules.mark(draw, each.viewer) for each in found]
    row.winners = rules.winners(row.seed, marks, row.prizes)
    row.entries_hash, row.state = rules.entries_hash(marks), DrawState.DRAWN
    claim_by = now + rules.TO_CLAIM
    for place in row.winners:
        entry = found[place]
        prize = Prize(
            id=ids.new("prz"),
            draw_id=draw,
            live_id=row.live_id,
            merchant_id=row.merchant_id,
            winner=entry.viewer,
            name=entry.name,
            state=PrizeState.WON,
            claim_by=claim_by,
        )
        tx.add(prize)
        won = PrizeWon(
            prize=prize.id,
            draw=draw,
            live=row.live_id,
            user=entry.viewer,
            claim_by=claim_by,
            at=now,
        )
        await emit(tx, won)
        await emit(tx, PrizeDue(prize=prize.id, at=claim_by), at=claim_by)
    await tx.flush()
    await emit(tx, OffersChanged(live=row.live_id, at=now))


async def claim(
    tx: Tx, prize: str, address: PrizeAddress, *, by: Principal, now: datetime
) -> Prize:
    """The winner says where the prize goes; until it lapses they may say so anew.

    Raises:
        NoSuchPrize: it is somebody else's, or there is none.
        PrizeLapsed: the time is over.
    """
    row = await tx.get(Prize, prize, with_for_update=True, populate_existing=True)
    if row is None or row.winner != by.id:
        raise NoSuchPrize(prize=prize)
    if row.state is PrizeState.LAPSED or row.claim_by <= now:
        raise PrizeLapsed(prize=prize)
    row.state, row.address = PrizeState.CLAIMED, address.model_dump()
    await tx.flush()
    return row


async def lapse_due(tx: Tx, prize: str, *, now: datetime) -> None:
    """Nobody said where it goes."""
    lapsed = (
        sa.update(Prize)
        .where(
            col(Prize.id) == prize,
            col(Prize.state) == PrizeState.WON,
            col(Prize.claim_by) <= now,
        )
        .values(state=PrizeState.LAPSED)
    )
    await tx.execute(lapsed)


async def follow(tx: Tx, merchant: str, *, viewer: str, on: bool, now: datetime) -> None:
    """Follow the merchant, or do so no longer."""
    if not on:
        mine = (col(Follow.merchant_id) == merchant, col(Follow.viewer) == viewer)
        await tx.execute(sa.delete(Follow).where(*mine))
        return
    begun = postgresql.insert(Follow).values(merchant_id=merchant, viewer=viewer, since=now)
    await tx.execute(begun.on_conflict_do_nothing())


async def _entitled(tx: Tx, row: Draw, viewer: str, watched_s: float) -> bool:
    if row.condition is Condition.WATCH:
        return watched_s >= row.watch_s
    if row.condition is Condition.FOLLOW:
        return await queries.follows(tx, row.merchant_id, viewer)
    if row.condition is Condition.COMMENT:
        return await chat.has_spoken(tx, row.live_id, viewer, since=row.opens_at)
    return True
