"""Rooms are counted, and people sent away, whatever else somebody named ``room:…``."""

from datetime import datetime
from functools import partial

import pytest

from livecommerce.assembly import _not_over
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.live.jobs import rooms_of
from streams.chat import jobs
from streams.presence.viewers import Audience, Viewers
from tests.centrifugo_peer import Centrifugo
from tests.room_screens import set_up

NO_ROOMS = ("room:\x00", "room:", "room:liv_\x00", "room:liv_1", "room:\ud7ff" * 30)


async def test_a_channel_that_is_no_room_disturbs_no_count(db: Database, now: datetime) -> None:
    stage = await set_up(db, now)
    room = f"room:{stage.live}"
    peer = Centrifugo(there={room: ["gst_1", "gst_2"]} | {name: ["gst_3"] for name in NO_ROOMS})
    async with peer.serving() as gateway:
        viewers = Viewers(gateway, watched=partial(_not_over, db))
        await viewers.count()
    assert viewers.audience(stage.live) == Audience(2, 2)
    assert [channel for channel, _ in peer.published] == [f"stats:{stage.live}"]


async def test_a_room_that_cannot_be_counted_stops_no_other() -> None:
    first, second, third = (f"room:{ids.new('liv')}" for _ in range(3))
    rooms = {name: ["gst_1"] for name in (first, second, third)}
    peer = Centrifugo(there=rooms, broken={second})
    async with peer.serving() as gateway:
        viewers = Viewers(gateway)
        with pytest.raises(ExceptionGroup) as told_of:
            await viewers.count()
    assert len(told_of.value.exceptions) == 1
    told = {channel.replace("stats:", "room:") for channel, _ in peer.published}
    assert told == {first, third}


async def test_somebody_banned_leaves_though_another_channel_is_no_room(
    db: Database, now: datetime
) -> None:
    stage = await set_up(db, now)
    room, merchant = f"room:{stage.live}", stage.products[0].merchant
    peer = Centrifugo(there={room: ["gst_1"]} | {name: ["gst_3"] for name in NO_ROOMS})
    async with peer.serving() as gateway:
        await jobs.send_away(gateway, "gst_1", None, merchant, partial(rooms_of, db))
    assert ("gst_1", room) in peer.put_out
    assert {channel.partition(":")[2] for _, channel in peer.put_out} == {stage.live}
