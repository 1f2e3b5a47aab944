"""What is done with auctions: announced, begun, bid in, ended.

Bids of one auction follow one another by its row's lock; the UPDATE that keeps one names the
version it was judged by, so that none is judged by what is no longer so.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import aside, stock
from livecommerce.catalogue.claims import Claim
from livecommerce.catalogue.prices import must_be_sound
from livecommerce.catalogue.rules import masked
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.errors import NotSoldHere
from livecommerce.live.offers.auctions import queries, rules
from livecommerce.live.offers.auctions.errors import (
    AuctionOver,
    AuctionRunning,
    BidTooLow,
    NothingToAuction,
    NoWayBack,
    StepsWrong,
)
from livecommerce.live.offers.auctions.events import AuctionDue, AuctionWon
from livecommerce.live.offers.auctions.rules import AuctionState, Standing
from livecommerce.live.offers.auctions.tables import Auction, AuctionBid
from livecommerce.live.offers.auctions.wire import AnnounceAuction
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.team import must_be_audience
from livecommerce.web.principal import Principal

KEPT = timedelta(hours=6)
"""How long the piece is set aside at first; longer than any auction lasts."""


async def announce(
    tx: Tx, live: str, want: AnnounceAuction, *, by: Principal, now: datetime
) -> Auction:
    """Announce an auction, to be bid in before it begins; or begin it at once.

    Raises:
        NoSuchCard, NotSoldHere: the shelf does not offer that.
        StepsWrong: the increments lead nowhere.
        PriceNotPayable: nobody could pay the opening price.
        AuctionRunning, NothingToAuction: as :func:`start`.
        OverAlready: the session is over.
    """
    shelf = await shelves.may_offer(tx, live, by=by)
    card = await shelves.card_on(tx, live, want.card)
    if want.variant not in card.prices:
        raise NotSoldHere(card=card.id, variant=want.variant)
    must_be_sound({want.variant: [Money(want.opening, card.currency)]})
    row = Auction(
        id=ids.new("auc"),
        live_id=live,
        merchant_id=shelf.merchant_id,
        card_id=card.id,
        variant_id=want.variant,
        currency=card.currency,
        opening_minor=want.opening,
        steps=[list(x) for x in _steps(want.steps, card.currency)],
        lasts_s=want.lasts_s,
        counter_s=want.counter_s,
        pay_within_s=want.pay_within_s,
        state=AuctionState.ANNOUNCED,
        announced_at=now,
        announced_by=by.id,
    )
    tx.add(row)
    await tx.flush()
    await emit(tx, OffersChanged(live=live, at=now))
    return await start(tx, live, row.id, by=by, now=now) if want.start else row


async def start(tx: Tx, live: str, id_: str, *, by: Principal, now: datetime) -> Auction:
    """Begin: the piece is set aside, the bids that wait are counted, the clock runs.

    Raises:
        NoSuchOffer: the room has no such auction.
        AuctionRunning: another one runs.
        AuctionOver: it was begun, or called off.
        NothingToAuction: no piece is left.
    """
    await shelves.may_offer(tx, live, by=by)
    row = await queries.one(tx, live, id_, lock=True)
    if row.state is not AuctionState.ANNOUNCED:
        raise AuctionOver(auction=id_, state=row.state)
    running = sa.select(col(Auction.id)).where(
        col(Auction.live_id) == live, col(Auction.state) == AuctionState.RUNNING
    )
    if other := (await tx.execute(running)).scalar_one_or_none():
        raise AuctionRunning(auction=other)
    card = await shelves.card_on(tx, live, row.card_id)
    piece = Claim(
        buyer=row.id,
        key=row.id,
        variant=row.variant_id,
        merchant=row.merchant_id,
        count=1,
        price=Money(card.prices[row.variant_id], card.currency),
        live=live,
        card=row.card_id,
        ours=True,
    )
    hold = await aside.set_aside(tx, piece, until=now + KEPT, now=now)
    if hold is None:
        raise NothingToAuction(variant=row.variant_id)
    stands, name = queries.standing(row), row.leader_name
    waited = await queries.waiting_bids(tx, id_)
    for each in waited:
        stands, name = _counted(stands, each, name)
    row.state, row.hold_id, row.started_at = AuctionState.RUNNING, hold, now
    row.ends_at = now + timedelta(seconds=row.lasts_s)
    row.price_minor, row.leader, row.most_minor = stands.price, stands.leader, stands.most
    row.leader_name, row.bids, row.version = name, len(waited), row.version + 1
    await tx.flush()
    await emit(tx, AuctionDue(auction=id_, live=live, at=row.ends_at), at=row.ends_at)
    await emit(tx, OffersChanged(live=live, at=now))
    return row


async def drop(tx: Tx, live: str, id_: str, *, by: Principal, now: datetime) -> None:
    """Call off an auction that has not begun. Twice is once.

    Raises:
        NoWayBack: it has begun.
    """
    await shelves.may_offer(tx, live, by=by)
    row = await queries.one(tx, live, id_, lock=True)
    if row.state is AuctionState.DROPPED:
        return
    if AuctionState.DROPPED not in rules.NEXT[row.state]:
        raise NoWayBack(auction=id_, state=row.state)
    row.state = AuctionState.DROPPED
    await tx.flush()
    await emit(tx, OffersChanged(live=live, at=now))


async def drop_announced(tx: Tx, live: str, *, now: datetime) -> None:
    """The broadcast is over; what never began never will. What runs ends by its clock."""
    gone = (
        sa.update(Auction)
        .where(col(Auction.live_id) == live, col(Auction.state) == AuctionState.ANNOUNCED)
        .values(state=AuctionState.DROPPED)
        .returning(col(Auction.id))
        .execution_options(synchronize_session=False)
    )
    if (await tx.execute(gone)).scalars().all():
        await emit(tx, OffersChanged(live=live, at=now))


async def bid(
    tx: Tx, live: str, id_: str, most: int, *, by: Principal, now: datetime
) -> Auction:
    """Somebody would pay up to ``most``; the auction as it then stands.

    Raises:
        NoSuchOffer: the room has no such auction.
        NotForTheTeam: they sell here themselves.
        PriceNotPayable: the payment provider would not take so much.
        AuctionOver: it came too late.
        BidTooLow: it is less than the next bid must be.
    """
    row = await queries.one(tx, live, id_, lock=True)
    must_be_audience(by, row.merchant_id)
    must_be_sound({row.variant_id: [Money(most, row.currency)]})
    bidder, name = by.id, by.name
    if row.state is AuctionState.ANNOUNCED:
        return await _wait(tx, row, most, bidder=bidder, name=name, now=now)
    over = row.ends_at is None or row.ends_at <= now
    if row.state is not AuctionState.RUNNING or over:
        raise AuctionOver(auction=id_)
    assert row.ends_at is not None
    was = queries.standing(row)
    try:
        stands = rules.bid(was, bidder, most)
    except rules.TooLow:
        raise BidTooLow(auction=id_, least=was.least, currency=row.currency) from None
    if stands == was:
        return row
    own, before = bidder == was.leader, row.ends_at
    ends = before if own else rules.ends(before, row.counter_s, now=now)
    lead = masked(name) if stands.leader == bidder else row.leader_name
    kept = await _keep(tx, row, stands, ends=ends, name=lead, counts=not own)
    tx.add(_bid_row(row, bidder, name, most, stands.price, now))
    await tx.flush()
    if ends > before:
        await emit(tx, AuctionDue(auction=id_, live=live, at=ends), at=ends)
    await emit(tx, OffersChanged(live=live, at=now))
    return kept


async def end_due(tx: Tx, live: str, id_: str, *, now: datetime) -> None:
    """Its time is over: the leader has the piece at the price, for a while; or nobody has."""
    row = await queries.one(tx, live, id_, lock=True)
    if row.state is not AuctionState.RUNNING or row.ends_at is None or row.ends_at > now:
        return  # a bid has moved the end, and the fact of that end comes later
    assert row.hold_id is not None
    row.version += 1
    if row.leader is None or row.price_minor is None:
        row.state = AuctionState.UNSOLD
        await stock.release(tx, [row.hold_id], now=now)
    else:
        await _sell(tx, row, row.leader, Money(row.price_minor, row.currency), now)
    await tx.flush()
    await emit(tx, OffersChanged(live=live, at=now))


async def _sell(tx: Tx, row: Auction, winner: str, price: Money, now: datetime) -> None:
    assert row.hold_id is not None
    until = now + timedelta(seconds=row.pay_within_s)
    there = await aside.hand_over(
        tx,
        row.hold_id,
        holder=row.id,
        buyer=winner,
        price=price,
        offer=row.id,
        until=until,
    )
    row.state = AuctionState.SOLD if there else AuctionState.UNSOLD
    if there:
        won = AuctionWon(
            auction=row.id,
            live=row.live_id,
            buyer=winner,
            hold=row.hold_id,
            price=price,
            hold_until=until,
            at=now,
        )
        await emit(tx, won)


async def _wait(
    tx: Tx, row: Auction, most: int, *, bidder: str, name: str, now: datetime
) -> Auction:
    """A bid before the start is kept for it; a bidder's later one counts, if it is more."""
    if most < row.opening_minor:
        raise BidTooLow(auction=row.id, least=row.opening_minor, currency=row.currency)
    row.bids += 1
    tx.add(_bid_row(row, bidder, name, most, None, now))
    await tx.flush()
    await emit(tx, OffersChanged(live=row.live_id, at=now))
    return row


async def _keep(
    tx: Tx, row: Auction, stands: Standing, *, ends: datetime, name: str | None, counts: bool
) -> Auction:
    """The one statement that decides: the auction runs, and is as it was judged."""
    kept = (
        sa.update(Auction)
        .where(
            col(Auction.id) == row.id,
            col(Auction.version) == row.version,
            col(Auction.state) == AuctionState.RUNNING,
        )
        .values(
            price_minor=stands.price,
            leader=stands.leader,
            leader_name=name,
            most_minor=stands.most,
            ends_at=ends,
            bids=Auction.bids + (1 if counts else 0),
            version=Auction.version + 1,
        )
        .returning(col(Auction.id))
        .execution_options(synchronize_session=False)
    )
    if (await tx.execute(kept)).scalar_one_or_none() is None:
        raise AuctionOver(auction=row.id)
    return await queries.one(tx, row.live_id, row.id)


def _counted(
    stands: Standing, each: AuctionBid, name: str | None
) -> tuple[Standing, str | None]:
    try:
        after = rules.bid(stands, each.bidder, each.most_minor)
    except rules.TooLow:
        return stands, name
    leads = after.leader == each.bidder
    return after, masked(each.name) if leads else name


def _bid_row(
    row: Auction, bidder: str, name: str, most: int, price: int | None, now: datetime
) -> AuctionBid:
    return AuctionBid(
        auction_id=row.id,
        merchant_id=row.merchant_id,
        bidder=bidder,
        name=name,
        most_minor=most,
        price_minor=price,
        at=now,
    )


def _steps(
    wanted: Sequence[tuple[int, int]] | None, currency: str
) -> Sequence[tuple[int, int]]:
    steps = list(wanted) if wanted is not None else rules.steps_of(currency)
    starts = [start for start, _ in steps]
    if starts[0] != 0 or starts != sorted(set(starts)) or min(x for _, x in steps) < 1:
        raise StepsWrong()
    return steps
