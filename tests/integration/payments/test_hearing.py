"""What the provider says: believed only if signed, acted on once, in any order."""

import asyncio
import itertools
from datetime import timedelta

import orjson
import pytest
import sqlalchemy as sa

from livecommerce.kernel import clock
from payments import inbox, janitor, ledger
from payments.errors import EndpointOff, Foreign, Forged, Stale, Unreadable
from payments.events import ChargeBooked, PaymentCaptured
from payments.intake import Intake
from payments.rules import PaymentState
from payments.sandbox.deliveries import signature
from payments.stripe_gateway import StripeGateway
from tests.integration.payments.conftest import SECRET, SIGNING, Till


async def test_the_whole_flow_with_every_message_three_times(till: Till) -> None:
    await till.webhooks(copies=3)
    await till.paid()
    assert len(till.heard(PaymentCaptured)) == 1
    assert len(till.heard(ChargeBooked)) == 1
    assert len(till.deliveries) == 3 * len(await till.stripe("event"))
    async with till.db.begin() as tx:
        stored = (await tx.execute(sa.text("SELECT count(*) FROM payments.inbox"))).scalar()
        assert stored == len(await till.stripe("event"))
        assert len(await ledger.journal(tx, source_prefix="txn_")) == 1


async def test_the_whole_flow_with_messages_late_and_backwards(till: Till) -> None:
    await till.webhooks(reorder=True, delay=30)
    payment = await till.opened()
    await till.pay(payment, "pm_card_chargeDeclined")
    await till.pay(payment)
    await till.settle(later=5)
    assert till.heard(PaymentCaptured) == [], "nothing has arrived yet"
    await till.settle(later=60)
    await till.settle(later=60)
    kinds = [orjson.loads(raw)["type"] for raw, _ in till.deliveries]
    assert kinds.index("payment_intent.succeeded") < kinds.index("payment_intent.created")
    assert (await till.payment(payment.id)).state is PaymentState.CAPTURED
    assert len(till.heard(PaymentCaptured)) == 1


async def test_every_order_of_messages_ends_the_same(till: Till) -> None:
    """All 120 orders of the five that matter, each on a payment of its own."""
    payments = [await till.opened(ref=f"chk_{n}") for n in range(3)]
    for payment in payments:
        await till.pay(payment, "pm_card_chargeDeclined")
        await till.pay(payment)
    await till.sandbox.advance(2)
    await till.sandbox.settle()
    matter = {
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "charge.succeeded",
        "charge.updated",
        "payment_intent.created",
    }
    bodies = [orjson.loads(raw) for raw, _ in till.deliveries]
    orders = list(itertools.permutations(range(5)))
    for payment, order in zip(payments, orders[:: len(orders) // 3], strict=True):
        mine = [
            body
            for body in bodies
            if payment.provider_id
            in (body["data"]["object"]["id"], body["data"]["object"].get("payment_intent"))
            and body["type"] in matter
        ]
        for place in order:
            # As a new event, understood by itself, in this order.
            copy = {**mine[place], "id": f"evt_{payment.id}_{place}"}
            await deliver(till, copy)
            await till.relay.drain(clock.utcnow())
        assert (await till.payment(payment.id)).state is PaymentState.CAPTURED
    assert len(till.heard(PaymentCaptured)) == 3


async def test_a_message_before_the_answer_that_caused_it(till: Till) -> None:
    """The webhook of the capture arrives while we still wait for the answer to create."""
    payment = await till.want()
    told = await till.payments.open(await wanted(till, payment))
    async with till.db.begin() as tx:
        await tx.execute(
            sa.text("UPDATE payments.payment SET state = 'asked', asked_at = now()")
        )
    ours = await till.payment(payment)
    ours.provider_id, ours.client_secret = told.id, told.client_secret
    await till.pay(ours)
    await till.sandbox.settle()
    await till.relay.tell(clock.utcnow())
    await till.relay.tell(clock.utcnow())
    assert (await till.payment(payment)).state is PaymentState.CAPTURED
    await till.settle()
    paid = await till.payment(payment)
    assert (paid.state, paid.provider_id) == (PaymentState.CAPTURED, told.id)
    assert len(till.heard(PaymentCaptured)) == 1


async def test_a_forged_message_is_refused_and_stored_nowhere(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment)
    await till.webhooks(bad_signature=True)
    await till.sandbox.settle()
    assert set(till.answers) == {200, 400}
    forged = orjson.dumps({"id": "evt_forged", "object": "event"})
    now = clock.utcnow()
    second = int(now.timestamp())
    good = signature(forged, SIGNING, second)
    for sign in (
        "",
        "t=1",
        "v1=abc",
        f"t={second}",
        f"t={second},v1=",
        f"t={second},v1=\u00e9",
        "t=x,v1=y",
        signature(forged, "", second),
        signature(forged, "whsec_other", second),
        good.replace("v1=", "v0="),
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.replace(f"t={second}", f"t={second + 1}"),
    ):
        with pytest.raises(Forged):
            await Intake(till.db, till.payments).receive(forged, sign, now=now)
    with pytest.raises(Forged):
        await Intake(till.db, till.payments).receive(b"\xff\xfe", good, now=now)
    async with till.db.begin() as tx:
        query = sa.text("SELECT count(*) FROM payments.inbox WHERE event_id = 'evt_forged'")
        assert (await tx.execute(query)).scalar() == 0


async def test_a_stale_message_is_refused_and_so_is_one_from_the_future(till: Till) -> None:
    await till.opened()
    raw, sign = till.deliveries[0]
    now = clock.utcnow()
    for away in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(Stale):
            await Intake(till.db, till.payments).receive(raw, sign, now=now + away)
    again = await Intake(till.db, till.payments).receive(raw, sign, now=now)
    assert not again.fresh


EVENT = {
    "id": "evt_odd",
    "type": "refund.updated",
    "livemode": False,
    "created": 1,
    "data": {"object": {}},
}
DEEP: dict = {}
for _ in range(60):
    DEEP = {"in": DEEP}


@pytest.mark.parametrize(
    "raw",
    [
        *(b"{}", b"[]", b"null", b"nojson", b"1", b'"evt_1"', b"[" * 5000),
        *(orjson.dumps({n: v for n, v in EVENT.items() if n != gone}) for gone in EVENT),
        *(
            orjson.dumps({**EVENT, **strange})
            for strange in (
                {"id": "evt_\0"},
                {"id": ""},
                {"id": "e" * 3000},
                {"id": 7},
                {"type": None},
                {"livemode": "no"},
                {"created": 2**64 - 1},
                {"created": -(2**62)},
                {"created": "now"},
                {"data": []},
                {"data": {"object": None}},
                {"data": {"object": {"a": ["\0"]}}},
                {"data": {"object": {"\0": 1}}},
                {"account": 7},
                {"account": "acct_\0"},
                {"account": ""},
                {"data": {"object": DEEP}},
            )
        ),
        orjson.dumps(EVENT).replace(b'"created":1', b'"created":' + b"9" * 40),
    ],
)
def test_what_is_signed_and_no_event_is_unreadable(raw: bytes) -> None:
    gateway, now = StripeGateway(SECRET, webhook_secrets=[SIGNING]), clock.utcnow()
    with pytest.raises(Unreadable):
        gateway.hear(raw, signature(raw, SIGNING, int(now.timestamp())), now=now)


@pytest.mark.parametrize("signed_at", [10**18, 0, -(10**18)])
def test_what_is_signed_for_another_age_is_stale(signed_at: int) -> None:
    gateway, raw = StripeGateway(SECRET, webhook_secrets=[SIGNING]), orjson.dumps(EVENT)
    with pytest.raises(Stale):
        gateway.hear(raw, signature(raw, SIGNING, signed_at), now=clock.utcnow())


async def test_an_object_that_lacks_something_is_marked_and_not_tried_again(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    payment = await till.opened()
    intent = {"id": payment.provider_id, "status": "succeeded", "amount": 12000}
    euros = {**intent, "currency": "eur", "amount_received": 12000}
    odd = [
        ("payment_intent.succeeded", intent),
        ("payment_intent.succeeded", {**euros, "latest_charge": None}),
        ("payment_intent.succeeded", {**euros, "currency": "usd", "latest_charge": "ch_1"}),
        ("payment_intent.succeeded", {**euros, "amount_received": 2**63}),
        ("payment_intent.succeeded", {**euros, "amount": "lots"}),
        ("payment_intent.succeeded", {**euros, "metadata": {"payment": 7}, "id": 7}),
        ("payment_intent.payment_failed", {**euros, "status": ["new"]}),
        ("refund.updated", {"id": "re_1"}),
        ("charge.updated", {"balance_transaction": "txn_1"}),
    ]
    for number, (kind, body) in enumerate(odd):
        event = {**EVENT, "id": f"evt_odd{number}", "type": kind, "data": {"object": body}}
        assert (await deliver(till, event)).fresh
    with caplog.at_level("ERROR", logger="payments.inbox"):
        await till.settle()
    assert len(caplog.records) == len(odd)
    async with till.db.begin() as tx:
        seen = await inbox.not_understood(tx)
        assert {row.event_id for row in seen} == {f"evt_odd{n}" for n in range(len(odd))}
    assert (await till.payment(payment.id)).state is PaymentState.OPEN
    assert till.heard(PaymentCaptured) == []


async def test_what_failed_before_is_forgotten_when_it_succeeds(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment, "pm_card_chargeDeclined")
    await till.settle()
    assert (await till.payment(payment.id)).failure == "generic_decline"
    await till.pay(payment)
    await till.settle()
    paid = await till.payment(payment.id)
    assert (paid.state, paid.failure) == (PaymentState.CAPTURED, None)


async def test_an_empty_secret_switches_the_endpoint_off(till: Till) -> None:
    raw, now = b"{}", clock.utcnow()
    for secrets in ((), ("",), ("  ",)):
        gateway = StripeGateway(SECRET, base_url=till.url, webhook_secrets=secrets)
        with pytest.raises(EndpointOff):
            gateway.hear(raw, signature(raw, "", int(now.timestamp())), now=now)


async def test_a_message_of_the_other_mode_is_foreign(till: Till) -> None:
    await till.opened()
    body = orjson.loads(till.deliveries[0][0])
    for strange in ({"livemode": True}, {"account": "acct_1"}):
        with pytest.raises(Foreign):
            await deliver(till, {**body, **strange, "id": "evt_strange"})


async def test_during_a_rotation_both_secrets_are_believed(till: Till) -> None:
    await till.opened()
    raw, now = till.deliveries[0][0], clock.utcnow()
    gateway = StripeGateway(SECRET, base_url=till.url, webhook_secrets=["whsec_new", SIGNING])
    for secret in ("whsec_new", SIGNING):
        assert gateway.hear(raw, signature(raw, secret, int(now.timestamp())), now=now).id


async def test_two_at_once_store_one(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment)
    await till.webhooks(drop=50)
    (event,) = [
        e for e in await till.stripe("event") if e["type"] == "payment_intent.succeeded"
    ]
    both = await asyncio.gather(*(deliver(till, event) for _ in range(8)))
    assert sum(one.fresh for one in both) == 1
    assert len({one.inbox for one in both}) == 1
    await till.relay.drain(clock.utcnow())
    assert len(till.heard(PaymentCaptured)) == 1


async def test_without_the_unique_key_both_would_be_stored(till: Till) -> None:
    """The twin of the test above."""
    await till.opened()
    async with till.db.begin() as tx:
        await tx.execute(
            sa.text("ALTER TABLE payments.inbox DROP CONSTRAINT uq_inbox_source_event_id")
        )
        copy = "INSERT INTO payments.inbox SELECT 'ibx_2', source, event_id, kind, said_at,"
        copy += " received_at, body, understood_at, outcome FROM payments.inbox LIMIT 1"
        await tx.execute(sa.text(copy))


async def test_lost_messages_are_fetched(till: Till) -> None:
    await till.webhooks(drop=100)
    payment = await till.opened()
    await till.pay(payment)
    await till.settle(later=2)
    assert till.deliveries == []
    assert (await till.payment(payment.id)).state is PaymentState.OPEN
    assert await janitor.listen_again(till.db, till.payments, now=clock.utcnow()) == 4
    await till.settle()
    assert (await till.payment(payment.id)).state is PaymentState.CAPTURED
    assert await janitor.listen_again(till.db, till.payments, now=clock.utcnow()) == 0


async def test_a_message_about_somebody_elses_payment_changes_nothing(till: Till) -> None:
    stranger = await till.payments.open(
        inbox.intents.WantedPayment("k", (await till.opened()).amount, "not ours", {})
    )
    await till.settle()
    async with till.db.begin() as tx:
        query = sa.text("SELECT kind, outcome FROM payments.inbox ORDER BY id")
        assert ("payment_intent.created", "irrelevant") in (await tx.execute(query)).all()
    body = {"id": stranger.id, "status": "succeeded", "amount": 5, "currency": "eur"}
    event = {**orjson.loads(till.deliveries[0][0]), "id": "evt_2"}
    event |= {"type": "payment_intent.succeeded", "data": {"object": body}}
    await deliver(till, event)
    await till.settle()
    assert till.heard(PaymentCaptured) == []


async def test_no_secret_and_no_client_secret_is_kept_in_the_inbox(till: Till) -> None:
    payment = await till.opened()
    async with till.db.begin() as tx:
        for table in ("payments.inbox", "kernel.outbox"):
            rows = (await tx.execute(sa.text(f"SELECT t::text FROM {table} t"))).scalars()
            assert all(str(payment.client_secret) not in row for row in rows)


async def deliver(till: Till, event: dict) -> inbox.Received:
    raw, now = orjson.dumps(event), clock.utcnow()
    sign = signature(raw, SIGNING, int(now.timestamp()))
    return await Intake(till.db, till.payments).receive(raw, sign, now=now)


async def wanted(till: Till, payment: str) -> inbox.intents.WantedPayment:
    ours = await till.payment(payment)
    details = {"payment": ours.id, "reference": ours.reference}
    key = f"{ours.reference}:pay:{ours.attempt}"
    return inbox.intents.WantedPayment(key, ours.amount, ours.description, details)
