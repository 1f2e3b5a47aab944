"""Whoever was put out of a room neither reads it over HTTP nor gets a token for it, nor buys
there from the cart."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.live import routes
from livecommerce.web.api import Call
from livecommerce.web.principal import Principal
from streams.chat.errors import Banned
from streams.chat.rules import Kind
from tests import shop
from tests.carts import arcade
from tests.room_screens import Stage, set_up


async def asks(stage: Stage, who: str, now: datetime) -> None:
    """Read the room, and then get a token for it."""
    nothing: Any = None  # both look at who asks, not at what came with it
    caller = Principal(who)
    await routes.join.handler(Call(nothing, stage.r, caller, now, None), stage.live)
    async with stage.db.begin() as tx:
        call = Call(nothing, stage.r, caller, now, None, tx)
        given = await routes.token.handler(call, stage.live)
    assert given.token


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_ban_holds_beside_the_socket(
    db: Database, now: datetime, everywhere: bool
) -> None:
    stage = await set_up(db, now)
    await asks(stage, "gst_1", now)
    until = now + timedelta(hours=1)
    owner = stage.products[0].merchant if everywhere else None
    place = {"live": None if everywhere else stage.live, "owner": owner}
    banned = {"by": "usr_1", "kind": Kind.BAN, "until": until, "now": now}
    await stage.chat.mute("gst_1", **place, **banned)
    await stage.chat.mute("gst_2", **place, **{**banned, "kind": Kind.MUTE})
    with pytest.raises(Banned) as put_out:
        await asks(stage, "gst_1", now)
    assert put_out.value.facts == {"until": until.isoformat()}
    nothing: Any = None
    async with db.begin() as tx:
        call = Call(nothing, stage.r, Principal("gst_1"), now, None, tx)
        with pytest.raises(Banned):
            await routes.token.handler(call, stage.live)
    await asks(stage, "gst_2", now)  # who may not speak may listen
    await asks(stage, "gst_1", until)


async def test_a_cart_is_no_way_round_a_ban(db: Database, now: datetime) -> None:
    """The other room's line can still be bought; the banned one's waits in the cart."""
    who = shop.buyer()
    async with arcade(db, now) as mall:
        await mall.put(who, mall.item(0, 1))
        want = await mall.wish(who)
        await mall.put(who, mall.item(1, 2))
        both = await mall.wish(who)
        banned = {"by": "usr_1", "kind": Kind.BAN, "until": None, "now": now}
        merchant = mall.rooms[0].products[0].merchant
        await mall.rooms[0].chat.mute(who.id, live=None, owner=merchant, **banned)
        for refused in (want, both):
            with pytest.raises(Banned):
                await mall.buy(who, refused, ids.new("key"))
        others = [line for line in both.lines if line not in want.lines]
        await mall.buy(who, both.model_copy(update={"lines": others}), "other")
        assert [hold.count for hold in await shop.holds_in(db)] == [2]
        assert await mall.counts(who) == [1]
