"""Webhooks as a receiver sees them: signed, at least once, and behind no slow neighbour."""

import asyncio
from datetime import datetime, timedelta

import pytest

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.web.principal import Principal, StaffRole
from livecommerce.webhooks import public, queries
from livecommerce.webhooks.courier import LEASE, Courier, Lane
from livecommerce.webhooks.public import Said
from livecommerce.webhooks.rules import DeliveryState
from livecommerce.webhooks.sender import Sender
from tests import shop
from tests.hooked import ROOT, delivered, log, made, tell
from tests.receiver import receiver


async def test_what_is_told_arrives_signed(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        erp.secret = endpoint.secret
        (event,) = await tell(db, delivered(merchant), now=now)
        assert await courier.drain(now) == 1
    (heard,) = erp.heard
    assert heard.verified
    assert heard.id == event
    assert heard.told == {
        "type": "orders.delivered",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "data": {
            "merchant": merchant,
            "live_session": None,
            "sequence": None,
            "order": "ord_1",
            "consignment": "cns_1",
        },
    }
    (line,) = await log(db, merchant, endpoint.id)
    assert (line.state, line.status, line.tries) == (DeliveryState.DELIVERED, 204, 1)


async def test_an_endpoint_hears_what_it_chose_of_its_own_merchant(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with db.begin() as tx:
        rival = await shop.add_merchant(tx, now=now, number=2)
    admin = Principal(id="usr_admin", staff=frozenset({StaffRole.ADMIN}))
    async with receiver() as erp, receiver() as theirs, receiver() as centre:
        await made(db, merchant, erp.url, "orders.delivered")
        await made(db, rival, theirs.url, "orders.*")
        await made(db, None, centre.url, "orders.*", by=admin)
        shipped = public.OrderShipped(
            merchant=merchant, order="ord_1", consignment="cns_1", declaration="dcl_1"
        )
        told = await tell(db, delivered(merchant), Said(shipped), delivered(rival), now=now)
        await courier.drain(now)
    assert erp.ids == [told[0]]
    assert theirs.ids == [told[2]]
    assert sorted(centre.ids) == sorted(map(str, told))


async def test_what_nobody_chose_is_not_even_stored(
    db: Database, merchant: str, now: datetime
) -> None:
    assert await tell(db, delivered(merchant), now=now) == [None]


async def test_the_same_id_and_body_come_until_they_are_taken(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=503) as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        assert await courier.drain(now) == 1
        assert await courier.drain(now + timedelta(seconds=4)) == 0  # not yet
        assert await courier.drain(now + timedelta(seconds=20)) == 1
        erp.status = 204
        assert await courier.drain(now + timedelta(minutes=2)) == 1
        assert await courier.drain(now + timedelta(days=9)) == 0
    assert len(erp.ids) == 3
    assert len(set(erp.ids)) == 1
    assert len({one.body for one in erp.heard}) == 1
    (line,) = await log(db, merchant, endpoint.id)
    async with db.begin() as tx:
        detail = await queries.delivery(tx, endpoint.id, line.id, by=shop.owner(merchant))
    assert [attempt.status for attempt in detail.attempts] == [204, 503, 503]
    assert detail.body["type"] == "orders.delivered"


async def test_a_courier_that_dies_after_sending_sends_again(
    db: Database, sender: Sender, merchant: str, now: datetime
) -> None:
    """Twice is allowed, lost is not. The dead one gives nothing back, as under ``kill -9``."""

    class Dying(Courier):
        async def _give_back(self, row: object) -> None:
            pass

    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        erp.gate.clear()
        dying = asyncio.create_task(Dying(db, sender, secret=ROOT).drain(now))
        await erp.knocks.wait()  # it was heard, and nobody has written that down
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        erp.gate.set()
        next_one = Courier(db, sender, secret=ROOT)
        assert await next_one.drain(now + LEASE / 2) == 0  # leased still
        assert await next_one.drain(now + LEASE) == 1
    assert len(erp.ids) == 2
    assert len(set(erp.ids)) == 1
    (line,) = await log(db, merchant, endpoint.id)
    assert line.state is DeliveryState.DELIVERED


async def test_a_courier_that_is_stopped_gives_back_what_it_held(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as erp:
        await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        erp.gate.clear()
        stopped = asyncio.create_task(courier.drain(now))
        await erp.knocks.wait()
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        erp.gate.set()
        assert await courier.drain(now) == 1  # at once


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_endpoint_that_hangs_holds_up_nobody_else(
    db: Database, courier: Courier, merchant: str, now: datetime, guarded: bool
) -> None:
    """The twin gives one endpoint all places, and another's event finds none."""
    if not guarded:
        courier._lanes = (Lane(False, most=32, each=32), Lane(True, most=16, each=1))
    async with receiver() as hangs, receiver() as lives:
        await made(db, merchant, hangs.url, "orders.*")
        hangs.gate.clear()
        await tell(db, *[delivered(merchant, f"ord_{n}") for n in range(40)], now=now)
        wake = Wake()
        running = asyncio.create_task(courier.run(wake))
        await hangs.knocks.wait()
        await made(db, merchant, lives.url, "bookings.*")
        checked_in = public.BookingCheckedIn(merchant=merchant, booking="bkg_1")
        await tell(db, Said(checked_in), now=now)
        wake.now()
        if guarded:
            await lives.knocks.wait()
            assert len(hangs.heard) <= 4
        else:
            await hangs.crowded.wait()
            assert not await courier._lease(courier._lanes[0], utcnow())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert bool(lives.heard) is guarded


async def test_failing_endpoints_have_places_of_their_own(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=500) as fails:
        await made(db, merchant, fails.url)
        await tell(db, delivered(merchant), now=now)
        await courier.drain(now)
        await tell(db, *[delivered(merchant, f"ord_{n}") for n in range(5)], now=now)
        well, failing = courier._lanes
        assert not await courier._lease(well, now)
        assert len(await courier._lease(failing, now)) == 1


async def test_events_of_one_live_session_are_numbered(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    def ready(live: str, version: int) -> Said:
        data = public.LiveSessionReady(
            merchant=merchant,
            live_session=live,
            booking="bkg_1",
            state="ready",
            version=version,
            rehearsal=False,
        )
        return Said(data)

    async with receiver() as erp:
        await made(db, merchant, erp.url, "live_sessions.*")
        said = [ready("liv_a", 1), ready("liv_b", 1), ready("liv_a", 2), ready("liv_a", 3)]
        await tell(db, *said, now=now)
        await courier.drain(now)
    data = [one.told["data"] for one in erp.heard]
    numbered = sorted(
        (each["live_session"], each["version"], each["sequence"]) for each in data
    )
    assert numbered == [("liv_a", 1, 1), ("liv_a", 2, 2), ("liv_a", 3, 3), ("liv_b", 1, 1)]
