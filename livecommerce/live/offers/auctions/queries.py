"""Reads: the auctions of a room."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live.offers.auctions.rules import AuctionState, Standing
from livecommerce.live.offers.auctions.tables import Auction, AuctionBid
from livecommerce.live.offers.auctions.wire import AuctionOut
from livecommerce.live.offers.errors import NoSuchOffer

OPEN = (AuctionState.ANNOUNCED, AuctionState.RUNNING)


async def one(tx: Tx, live: str, id_: str, *, lock: bool = False) -> Auction:
    """An auction of the room, ours until the transaction ends if ``lock``.

    Raises:
        NoSuchOffer: the room has none with that id.
    """
    wanted = sa.select(Auction).where(col(Auction.id) == id_, col(Auction.live_id) == live)
    if lock:
        wanted = wanted.with_for_update()
    fresh = wanted.execution_options(populate_existing=True)
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is None:
        raise NoSuchOffer(offer=id_)
    return row


async def waiting_bids(tx: Tx, id_: str) -> Sequence[AuctionBid]:
    """What was bid before the start, in its order."""
    found = sa.select(AuctionBid).where(col(AuctionBid.auction_id) == id_)
    return (await tx.execute(found.order_by(col(AuctionBid.id)))).scalars().all()


async def shown(tx: Tx, live: str) -> list[AuctionOut]:
    """What is announced or runs in the room, and the last one that ended."""
    rows = (
        sa.select(Auction)
        .where(col(Auction.live_id) == live, col(Auction.state) != AuctionState.DROPPED)
        .order_by(col(Auction.announced_at).desc(), col(Auction.id).desc())
        .execution_options(populate_existing=True)
    )
    found = (await tx.execute(rows)).scalars().all()
    over = [row for row in found if row.state not in OPEN][:1]
    return [out(row) for row in [*(x for x in found if x.state in OPEN), *over]]


def standing(row: Auction) -> Standing:
    """Where it stands, for the rules."""
    return Standing(
        opening=row.opening_minor,
        steps=[(start, more) for start, more in row.steps],
        price=row.price_minor,
        leader=row.leader,
        most=row.most_minor,
    )


def out(row: Auction) -> AuctionOut:
    """An auction as clients see it: nobody is told how much anybody would pay."""
    price = None if row.price_minor is None else Money(row.price_minor, row.currency)
    return AuctionOut(
        id=row.id,
        card=row.card_id,
        variant=row.variant_id,
        state=row.state,
        opening=Money(row.opening_minor, row.currency),
        price=price,
        least=Money(standing(row).least, row.currency),
        leader=row.leader,
        leader_name=row.leader_name,
        bids=row.bids,
        lasts_s=row.lasts_s,
        counter_s=row.counter_s,
        ends_at=row.ends_at,
        version=row.version,
    )
