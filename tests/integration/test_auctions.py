"""Auctions: bids in order, an end that only the clock brings, a hold for the winner."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live.offers import queries as offers
from livecommerce.live.offers.auctions import actions
from livecommerce.live.offers.auctions.errors import (
    AuctionOver,
    AuctionRunning,
    BidTooLow,
    NothingToAuction,
    NoWayBack,
    StepsWrong,
)
from livecommerce.live.offers.auctions.rules import AuctionState
from livecommerce.live.offers.auctions.tables import Auction
from livecommerce.live.offers.auctions.wire import AnnounceAuction, AuctionOut
from livecommerce.web.principal import Principal
from streams.sessions import actions as sessions
from tests import shop
from tests.purchases import Counter
from tests.room_screens import Stage, set_up

SECOND = timedelta(seconds=1)


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def begin(stage: Stage, product: int = 0, **more: Any) -> Auction:
    card = (await stage.snapshot())["cards"][product]
    want = AnnounceAuction(
        card=card["id"], variant=card["variants"][0]["id"], **{"opening": 1000, **more}
    )
    row: Auction = await stage.shelf(actions.announce, want)
    return row


async def bid(stage: Stage, row: Auction, who: str, most: int, at: datetime) -> Auction:
    async with stage.db.begin() as tx:
        return await actions.bid(
            tx, stage.live, row.id, most, by=Principal(id=who, name=f"{who} Lin"), now=at
        )


async def shown(stage: Stage) -> list[AuctionOut]:
    async with stage.db.begin() as tx:
        return (await offers.shown(tx, stage.live)).auctions


async def test_the_winner_gets_a_hold_at_the_price_and_buys_it(stage: Stage) -> None:
    row = await begin(stage, lasts_s=30, counter_s=10)
    variant = stage.products[0].variants[0].id
    assert await shop.stock_of(stage.db, variant) == (10, 1)
    assert row.ends_at is not None
    began = row.ends_at - 30 * SECOND
    await bid(stage, row, "gst_a", 5000, began + SECOND)
    after = await bid(stage, row, "gst_b", 8000, row.ends_at - 2 * SECOND)
    assert (after.leader, after.price_minor) == ("gst_b", 5300)
    assert after.ends_at == row.ends_at + 8 * SECOND
    with pytest.raises(BidTooLow) as low:
        await bid(stage, row, "gst_a", 5400, row.ends_at)
    assert low.value.facts["least"] == 5600
    await stage.relay.drain(row.ends_at)  # the first end was moved: nothing ends yet
    assert (await shown(stage))[0].state is AuctionState.RUNNING
    await stage.relay.drain(after.ends_at)
    (sold,) = await shown(stage)
    assert (sold.state, sold.price, sold.leader) == ("sold", Money(5300, "CNY"), "gst_b")
    with pytest.raises(AuctionOver):
        await bid(stage, row, "gst_c", 9000, after.ends_at)
    (hold,) = [h for h in await shop.holds_in(stage.db) if h.state == "held"]
    assert (hold.buyer, hold.price_minor, hold.normal_minor) == ("gst_b", 5300, 19900)
    assert hold.offer_id == row.id
    counter, winner = Counter(stage.db, after.ends_at), shop.buyer("gst_b")
    from livecommerce.catalogue.queries import hold_out

    checkout = await counter.place(winner, hold_out(hold))
    (order,) = await counter.orders(checkout)
    (line,) = order.lines
    (offer,) = line.offers
    assert (offer.kind, offer.id, offer.in_price) == ("auction", row.id, True)
    assert line.unit_price == Money(5300, "CNY")
    await shop.books_agree(stage.db)


async def test_unsold_goods_are_for_sale_again(stage: Stage) -> None:
    row = await begin(stage)
    assert row.ends_at is not None
    await stage.relay.drain(row.ends_at)
    assert (await shown(stage))[0].state is AuctionState.UNSOLD
    assert await shop.stock_of(stage.db, stage.products[0].variants[0].id) == (10, 0)
    await shop.books_agree(stage.db)


async def test_sudden_death_waits_for_nobody(stage: Stage) -> None:
    row = await begin(stage, counter_s=0)
    assert row.ends_at is not None
    after = await bid(stage, row, "gst_a", 1000, row.ends_at - timedelta(milliseconds=1))
    assert after.ends_at == row.ends_at


async def test_bids_before_the_start_wait_in_their_order(stage: Stage) -> None:
    row = await begin(stage, start=False)
    for who, most in [("gst_a", 6000), ("gst_b", 6000), ("gst_c", 2000)]:
        await bid(stage, row, who, most, stage.tick())
    with pytest.raises(BidTooLow):
        await bid(stage, row, "gst_d", 999, stage.tick())
    (before,) = await shown(stage)
    assert (before.state, before.price, before.bids) == ("announced", None, 3)
    started: Auction = await stage.shelf(actions.start, row.id)
    assert (started.leader, started.price_minor) == ("gst_a", 6000)


async def test_one_at_a_time_and_no_way_back(stage: Stage) -> None:
    waits = await begin(stage, start=False)
    row = await begin(stage, product=1)
    with pytest.raises(AuctionRunning):
        await stage.shelf(actions.start, waits.id)
    with pytest.raises(NoWayBack):
        await stage.shelf(actions.drop, row.id)
    await stage.shelf(actions.drop, waits.id)
    await stage.shelf(actions.drop, waits.id)
    with pytest.raises(AuctionOver):
        await stage.shelf(actions.start, waits.id)
    with pytest.raises(StepsWrong):
        await begin(stage, steps=[(100, 1)], start=False)


async def test_what_is_sold_out_is_not_auctioned(stage: Stage) -> None:
    await stage.move_stock(0, -10)
    with pytest.raises(NothingToAuction):
        await begin(stage)


async def test_the_end_of_the_broadcast_ends_what_never_began(stage: Stage) -> None:
    await begin(stage, start=False)
    running = await begin(stage, product=1)
    assert running.ends_at is not None
    await bid(stage, running, "gst_a", 1000, stage.tick())
    await stage.become(sessions.end)
    await stage.relay.drain(running.ends_at)
    assert [x.state for x in await shown(stage)] == [AuctionState.SOLD]


async def test_of_many_bids_at_once_none_is_lost(stage: Stage) -> None:
    row = await begin(stage)
    wants = [(f"gst_{n}", 1000 * n) for n in range(1, 21)]
    asked = (bid(stage, row, who, most, stage.now) for who, most in wants)
    await asyncio.gather(*asked, return_exceptions=True)
    (after,) = await shown(stage)
    assert after.leader == "gst_20"
    assert after.price == Money(19300, "CNY") or after.price is not None
    count = sa.text("SELECT count(*) FROM commerce.auction_bid")
    async with stage.db.begin() as tx:
        assert await tx.scalar(count) == after.bids


async def test_twin_that_judges_by_what_it_read_loses_the_higher_bid(stage: Stage) -> None:
    row = await begin(stage)
    there = asyncio.Barrier(2)

    async def unguarded(who: str, most: int, first: asyncio.Event, mine: asyncio.Event) -> None:
        async with stage.db.begin() as tx:
            read = sa.text("SELECT most_minor FROM commerce.auction WHERE id = :id")
            was = await tx.scalar(read, {"id": row.id})
            await there.wait()
            await first.wait()
            if was is None or most > was:
                write = sa.text(
                    "UPDATE commerce.auction SET leader = :who, most_minor = :most,"
                    " price_minor = :most WHERE id = :id"
                )
                await tx.execute(write, {"id": row.id, "who": who, "most": most})
        mine.set()

    now, high = asyncio.Event(), asyncio.Event()
    now.set()
    await asyncio.gather(
        unguarded("gst_high", 9000, now, high),
        unguarded("gst_low", 2000, high, asyncio.Event()),
    )
    (after,) = await shown(stage)
    assert after.leader == "gst_low"
