"""From facts to what is told outside: whose it is, once, and only what somebody chose."""

from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue.events import StockChanged
from livecommerce.kernel.db import Database
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.kernel.relay import Relay
from livecommerce.orders.events import OrderDisputed, OrderRefundFailed
from livecommerce.studios.events import BookingMade, SlotFreed
from livecommerce.telling import TOLD, with_telling
from streams.chat.events import ViewerMuted
from streams.sessions.events import LiveStarted
from streams.sessions.rules import State
from tests import shop
from tests.hooked import made
from tests.receiver import HOST

HOOK = f"http://{HOST}:9/hook"
STORED = sa.text("SELECT body FROM commerce.webhook_event ORDER BY ctid")


async def told(db: Database, *facts: Event, now: datetime) -> list[dict[str, Any]]:
    """What is stored to be sent once the relay has told the facts."""
    async with db.begin() as tx:
        await emit(tx, *facts)
    await Relay(db, with_telling({}, TOLD), {}, None).drain(now)
    async with db.begin() as tx:
        return [orjson.loads(body) for body in (await tx.execute(STORED)).scalars()]


async def test_coming_back_on_air_is_no_second_start(
    db: Database, merchant: str, now: datetime
) -> None:
    await made(db, merchant, HOOK, "live_sessions.*")

    def started(version: int, *, first: bool) -> LiveStarted:
        return LiveStarted(
            live="liv_1",
            state=State.LIVE,
            version=version,
            at=now,
            host_reference=merchant,
            reference="bkg_1",
            first=first,
        )

    facts = [started(3, first=True), started(5, first=False)]
    heard = await told(db, *facts, now=now)
    assert [one["type"] for one in heard] == ["live_sessions.started", "live_sessions.resumed"]
    assert [one["data"]["sequence"] for one in heard] == [1, 2]
    assert {one["data"]["merchant"] for one in heard} == {merchant}


async def test_a_refund_that_failed_is_told_its_merchant_and_names_nobody(
    db: Database, merchant: str, now: datetime
) -> None:
    await made(db, merchant, HOOK, "orders.refund_failed")
    failed = OrderRefundFailed(
        order="ord_1",
        checkout="chk_1",
        merchant=merchant,
        buyer="usr_1",
        live=None,
        refund="rfd_1",
        amount=Money(900, "EUR"),
        owed=Money(1200, "EUR"),
        at=now,
    )
    (heard,) = await told(db, failed, now=now)
    assert heard["type"] == "orders.refund_failed"
    assert heard["data"] == {
        "merchant": merchant,
        "live_session": None,
        "sequence": None,
        "order": "ord_1",
        "refund": "rfd_1",
        "amount": {"minor": 900, "currency": "EUR"},
        "owed": {"minor": 1200, "currency": "EUR"},
    }


async def test_a_dispute_is_told_its_merchant_and_so_is_what_the_bank_decides(
    db: Database, merchant: str, now: datetime
) -> None:
    await made(db, merchant, HOOK, "orders.disputed")
    opened = OrderDisputed(
        order="ord_1",
        merchant=merchant,
        buyer="usr_1",
        live="liv_1",
        dispute="dsp_1",
        state="open",
        amount=Money(900, "EUR"),
        at=now,
    )
    elsewhere = opened.model_copy(update={"merchant": "mer_other"})
    won = opened.model_copy(update={"state": "won"})
    heard = await told(db, opened, elsewhere, won, now=now)
    assert [(one["type"], one["data"]["state"]) for one in heard] == [
        ("orders.disputed", "open"),
        ("orders.disputed", "won"),
    ]
    assert heard[0]["data"] == {
        "merchant": merchant,
        "live_session": "liv_1",
        "sequence": 1,
        "order": "ord_1",
        "dispute": "dsp_1",
        "state": "open",
        "amount": {"minor": 900, "currency": "EUR"},
    }


async def test_stock_is_told_when_its_level_changes_and_old_news_is_not(
    db: Database, merchant: str, now: datetime
) -> None:
    async with db.begin() as tx:
        want = shop.duvet(merchant, on_hand=50)
        product = await catalogue.create_product(tx, want, by=shop.owner(merchant), now=now)
    variant = product.variants[0].id
    await made(db, merchant, HOOK, "stock.*")

    def left(count: int, version: int) -> StockChanged:
        return StockChanged(variant=variant, product=product.id, left=count, version=version)

    facts = [left(50, 10), left(9, 11), left(8, 12), left(0, 14), left(30, 13), left(5, 15)]
    heard = await told(db, *facts, now=now)
    assert [(one["type"], one["data"]["left"]) for one in heard] == [
        ("stock.low", 9),
        ("stock.sold_out", 0),
        ("stock.restocked", 5),
    ]


async def test_what_nobody_chose_and_what_is_nobody_s_is_not_told(
    db: Database, merchant: str, now: datetime
) -> None:
    await made(db, merchant, HOOK, "bookings.released", "chat.*")
    booked = BookingMade(
        booking="bkg_1",
        merchant=merchant,
        state="confirmed",
        starts_at=now,
        ends_at=now,
        resources=["res_1"],
    )
    freed = SlotFreed(booking="bkg_1", merchant=merchant, at=now)
    everywhere = ViewerMuted(
        mute="mut_1", user="gst_1", live=None, until=None, by="usr_1", at=now
    )
    in_theirs = everywhere.model_copy(update={"owner": merchant})
    heard = await told(db, booked, freed, everywhere, in_theirs, now=now)
    assert [one["type"] for one in heard] == ["bookings.released", "chat.viewer_muted"]
    assert "gst_1" not in str(heard)
