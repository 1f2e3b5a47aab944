"""Endpoints over time: secrets, replays, dead receivers, forgotten logs."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.webhooks import actions, publishing, queries, rules
from livecommerce.webhooks.courier import Courier
from livecommerce.webhooks.errors import EndpointOff, NoSuchEndpoint, UnknownEventTypes
from livecommerce.webhooks.rules import DeliveryState, EndpointState, OffBecause
from livecommerce.webhooks.wire import ChangeEndpoint, Replay, RotateSecret
from tests import shop
from tests.hooked import ROOT, delivered, log, look, made, tell
from tests.receiver import HOST, receiver

ON = (EndpointState.ON, None)


async def test_an_endpoint_dead_for_days_is_switched_off_and_its_owner_told(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=500) as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        at = now
        for tries in range(1, rules.TRIES + 1):
            assert await look(db, merchant, endpoint.id) == ON
            assert await courier.drain(at) == 1, tries
            at += timedelta(hours=18)
        assert len(erp.heard) == rules.TRIES
        off = (EndpointState.OFF, OffBecause.FAILING)
        assert await look(db, merchant, endpoint.id) == off
        owner = shop.owner(merchant)
        async with db.begin() as tx:
            told = sa.text("SELECT body FROM kernel.outbox WHERE topic LIKE '%SwitchedOff'")
            (body,) = (await tx.execute(told)).scalars().all()
            assert (body["endpoint"], body["because"]) == (endpoint.id, "failing")
            with pytest.raises(EndpointOff):
                await actions.test(tx, endpoint.id, by=owner, now=at)
        # What happens meanwhile is kept, and a replay brings it once the receiver is mended.
        await tell(db, delivered(merchant, "ord_2"), now=at)
        assert await courier.drain(at) == 0
        erp.status = 204
        erp.heard.clear()
        async with db.begin() as tx:
            want = ChangeEndpoint(on=True)
            await actions.change(tx, endpoint.id, want, by=owner, trusted=(HOST,), now=at)
            span = Replay(since=now, until=at + timedelta(seconds=1))
            again = await actions.replay_range(tx, endpoint.id, span, by=owner, now=at)
        assert again.deliveries == 2
        assert await courier.drain(at) == 2
    assert sorted(one.told["data"]["order"] for one in erp.heard) == ["ord_1", "ord_2"]


async def test_a_success_in_between_keeps_an_endpoint_on(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=500) as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        at = now
        for tries in range(1, rules.TRIES + 1):
            if tries == rules.TRIES:
                # What is told just before the last try gets through.
                erp.status = 204
                before = at - timedelta(hours=6)
                await tell(db, delivered(merchant, "ord_2"), now=before)
                await courier.drain(before)
                erp.status = 500
            await courier.drain(at)
            at += timedelta(hours=18)
        assert len(erp.heard) == rules.TRIES + 1
        assert await look(db, merchant, endpoint.id) == ON


async def test_gone_is_believed_at_once(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=410) as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        await courier.drain(now)
    assert await look(db, merchant, endpoint.id) == (EndpointState.OFF, OffBecause.GONE)


async def test_both_secrets_sign_while_one_replaces_the_other(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    owner = shop.owner(merchant)

    async def rotate(want: RotateSecret) -> str:
        async with db.begin() as tx:
            turned = await actions.rotate(tx, endpoint.id, want, by=owner, secret=ROOT, now=now)
        return turned.secret

    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        fresh = await rotate(RotateSecret())
        assert fresh != endpoint.secret
        for secret in (endpoint.secret, fresh):
            erp.secret = secret
            await tell(db, delivered(merchant), now=now)
            await courier.drain(now)
            assert erp.heard[-1].verified
        await rotate(RotateSecret(overlap_hours=0))
        await tell(db, delivered(merchant), now=now)
        await courier.drain(now)
        assert not erp.heard[-1].verified  # a secret that leaked opens nothing any more


async def test_one_event_is_sent_again_as_it_was(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    owner = shop.owner(merchant)
    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        await courier.drain(now)
        (line,) = await log(db, merchant, endpoint.id)
        async with db.begin() as tx:
            again = await actions.replay(tx, endpoint.id, line.id, by=owner, now=now)
        assert again.replay
        await courier.drain(now)
        async with db.begin() as tx:
            span = Replay(since=now, until=now + timedelta(seconds=1))
            missed = await actions.replay_range(tx, endpoint.id, span, by=owner, now=now)
            everything = span.model_copy(update={"only_missed": False})
            whole = await actions.replay_range(tx, endpoint.id, everything, by=owner, now=now)
            twice = await actions.replay_range(tx, endpoint.id, everything, by=owner, now=now)
        assert (missed.deliveries, whole.deliveries, twice.deliveries) == (0, 1, 0)
    assert erp.heard[0].body == erp.heard[1].body
    assert erp.ids[0] == erp.ids[1]


async def test_a_test_event_comes_whatever_was_chosen(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url, "bookings.made")
        async with db.begin() as tx:
            await actions.test(tx, endpoint.id, by=shop.owner(merchant), now=now)
        await courier.drain(now)
    assert [one.told["type"] for one in erp.heard] == ["webhooks.test"]


async def test_strangers_find_no_endpoint_and_unknown_types_are_named(
    db: Database, merchant: str, now: datetime
) -> None:
    endpoint = await made(db, merchant, f"http://{HOST}:9/hook")
    async with db.begin() as tx:
        with pytest.raises(NoSuchEndpoint):
            await queries.endpoint(tx, endpoint.id, by=shop.owner(ids.new("mer")))
    with pytest.raises(UnknownEventTypes) as refused:
        await made(db, merchant, f"http://{HOST}:9/hook", "orders.paid", "orders.eaten")
    assert refused.value.facts == {"unknown": ["orders.eaten"]}


async def test_old_logs_are_forgotten_and_nothing_that_waits(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant, "ord_1"), now=now)
        await courier.drain(now)
    await tell(db, delivered(merchant, "ord_2"), now=now)
    async with db.begin() as tx:
        assert await publishing.forget_before(tx, now) == 0
        later = now + timedelta(seconds=1)
        assert await publishing.forget_before(tx, later) == 2  # delivery and event
    (line,) = await log(db, merchant, endpoint.id)
    assert line.state is DeliveryState.WAITING


async def test_removing_an_endpoint_in_mid_air_harms_nobody(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as erp:
        endpoint = await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        erp.gate.clear()
        flying = asyncio.create_task(courier.drain(now))
        await erp.knocks.wait()
        async with db.begin() as tx:
            await actions.remove(tx, endpoint.id, by=shop.owner(merchant), now=now)
        erp.gate.set()
        assert await flying == 1
        assert await courier.drain(now + timedelta(days=1)) == 0
