"""Webhooks that come at once are stored together, answered after the commit, and told once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson
import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database, open_database
from payments.errors import Forged
from payments.gateway import Heard, PaymentGateway
from payments.intake import Intake, IntakeFull, NotStored
from payments.sandbox.deliveries import signature
from payments.stripe_gateway import StripeGateway

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SECRET = "whsec_x"


@pytest.fixture
def gateway() -> StripeGateway:
    return StripeGateway("sk_test_x", webhook_secrets=[SECRET])


def message(number: int) -> tuple[bytes, str]:
    second = int(NOW.timestamp())
    event = {
        "id": f"evt_{number}",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": second,
        "data": {"object": {"id": f"pi_{number}", "client_secret": "hidden"}},
    }
    raw = orjson.dumps(event)
    return raw, signature(raw, SECRET, second)


async def counted(db: Database, table: str) -> int:
    async with db.begin() as tx:
        return int(await tx.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)


def begun(db: Database) -> list[str]:
    """Grows by one whenever a transaction of these is committed."""
    seen: list[str] = []

    def note(_connection: Any) -> None:
        seen.append("commit")

    sa.event.listen(db.engine.sync_engine, "commit", note)
    return seen


async def test_a_burst_shares_transactions_and_everybody_is_answered(
    db: Database, gateway: StripeGateway
) -> None:
    async with Intake(db, gateway).running() as intake:
        commits = begun(db)
        burst = [message(n % 150) for n in range(200)]  # fifty come twice
        told = await asyncio.gather(*(intake.receive(*one, now=NOW) for one in burst))
    assert len(commits) <= 3
    assert sum(one.fresh for one in told) == 150
    assert [one.inbox for one in told[150:]] == [one.inbox for one in told[:50]]
    assert await counted(db, "payments.inbox") == 150
    assert await counted(db, "kernel.outbox WHERE topic = 'payments.StripeSaid'") == 150
    assert await counted(db, "payments.inbox WHERE body::text LIKE '%hidden%'") == 0


async def test_nobody_is_answered_before_it_is_durable(
    db: Database, gateway: StripeGateway
) -> None:
    """The answer is given after the commit: at that moment another connection sees it."""
    seen: list[int] = []

    async def one(intake: Intake, number: int) -> None:
        await intake.receive(*message(number), now=NOW)
        found = f"payments.inbox WHERE event_id = 'evt_{number}'"
        seen.append(await counted(db, found))

    async with Intake(db, gateway, most_at_once=3).running() as intake:
        await asyncio.gather(*(one(intake, number) for number in range(20)))
    assert seen == [1] * 20


async def test_two_processes_hear_the_same_and_tell_it_once(
    db: Database, gateway: StripeGateway
) -> None:
    doors = [Intake(db, gateway), Intake(db, gateway)]
    told = await asyncio.gather(
        *(door.receive(*message(n), now=NOW) for n in range(60) for door in doors)
    )
    assert sum(one.fresh for one in told) == 60
    assert len({one.inbox for one in told}) == 60
    assert await counted(db, "kernel.outbox WHERE topic = 'payments.StripeSaid'") == 60


async def test_a_forged_message_never_gets_into_a_batch(
    db: Database, gateway: StripeGateway
) -> None:
    intake = Intake(db, gateway)
    raw, _ = message(1)
    good = asyncio.create_task(intake.receive(*message(2), now=NOW))
    with pytest.raises(Forged):
        await intake.receive(raw, signature(raw, "whsec_y", int(NOW.timestamp())), now=NOW)
    assert (await good).fresh
    assert await counted(db, "payments.inbox") == 1


async def test_a_database_that_is_away_is_said_and_nothing_is_answered_with_yes(
    gateway: StripeGateway,
) -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/none")
    try:
        intake = Intake(away, gateway, store_within=2)
        told = await asyncio.gather(
            *(intake.receive(*message(n), now=NOW) for n in range(5)), return_exceptions=True
        )
        assert [type(one) for one in told] == [NotStored] * 5
        small = Intake(away, gateway, most_waiting=1)
        told = await asyncio.gather(
            *(small.receive(*message(n), now=NOW) for n in range(2)), return_exceptions=True
        )
        assert [type(one) for one in told] == [NotStored, IntakeFull]
    finally:
        await away.close()


@dataclass
class Believing:
    """Takes whatever it is given for a message, as no gateway does."""

    async def close(self) -> None:
        """Nothing is open."""

    def hear(self, raw: bytes, signature: str, **_: Any) -> Heard:
        return Heard("stripe", raw.decode(), signature, NOW, {}, None)


async def test_one_that_no_row_can_hold_does_not_spoil_the_others(db: Database) -> None:
    intake = Intake(db, cast(PaymentGateway, Believing()))
    kinds = ["fine", "not\0fine", "fine", "fine"]
    told = await asyncio.gather(
        *(intake.receive(f"evt_{n}".encode(), kind, now=NOW) for n, kind in enumerate(kinds)),
        return_exceptions=True,
    )
    assert [isinstance(one, NotStored) for one in told] == [False, True, False, False]
    assert await counted(db, "payments.inbox") == 3
