"""What is available is sent, however it became so: after a refusal, when a refund bounces, at
any number of orders, by a correction; and what is owed is set off before."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from livecommerce.kernel import clock, ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Denied
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, adjustments, money_out, sending, waits
from livecommerce.settlement.rules import Parts, Terms, asked_again_after
from livecommerce.settlement.wire import AdjustmentIn, EntryOut
from livecommerce.web.principal import MerchantRole, Principal
from payments import disputes, transfers
from tests import shop
from tests.integration.payments.conftest import PRICE
from tests.integration.payments.test_reconciling import ANNA, BEN
from tests.integration.payments.test_sending_on import (
    TERMS,
    Stall,
    disputed,
    none,
    stall,
    stands,
)

__all__ = ["stall"]

_ORDER_OF = sa.text("SELECT order_id FROM commerce.merchant_share WHERE payment_id = :payment")
_HISTORY = sa.text("""
INSERT INTO commerce.merchant_share
SELECT (jsonb_populate_record(s, jsonb_build_object('order_id', 'ord_' || n,
  'state', 'available', 'released_at', s.paid_at, 'sent_minor', s.left_minor))).*
FROM commerce.merchant_share s, generate_series(1, 5000) n
""")
_SMALL = sa.text("""
SELECT pg_relation_size('commerce.ix_merchant_share_unsent')
     < pg_relation_size('commerce.ix_merchant_share_newest') / 10
""")


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


async def may_be_paid(stall: Stall, state: str) -> None:
    """The provider changes its mind about the merchant, and tells nobody."""
    async with stall.till.sandbox.work() as work:
        (account,) = [a["id"] for a in await stall.till.stripe("account")]
        there = await work.get("account", account, lock=True)
        there.body["capabilities"] = {"transfers": state}
        await work.put(there)


async def sent(stall: Stall, *, after: timedelta = timedelta(0)) -> list[int]:
    """What the provider has sent in all, once what is due by then has been."""
    await sending.send_due(stall.till.db, now=clock.utcnow() + after)
    await stall.till.settle()
    return [transfer["amount"] for transfer in await stall.till.stripe("transfer")]


async def test_what_was_refused_is_sent_again_after_a_while_and_says_why_it_waits(
    stall: Stall,
) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    await may_be_paid(stall, "inactive")
    await stall.release()
    assert await sent(stall) == []
    async with till.db.begin() as tx:
        ((wait, _),) = await waits.listed(tx, stall.merchant)
    assert (wait.reference, wait.why) == (sale.order, "insufficient_capabilities_for_transfer")
    assert (wait.refusals, wait.amount_minor) == (1, 10_800)
    assert await sent(stall, after=timedelta(minutes=11)) == []
    async with till.db.begin() as tx:
        ((wait, _),) = await waits.listed(tx)
        assert wait.refusals == 2, "asked once more, and refused once more"
    await may_be_paid(stall, "active")
    assert await sent(stall, after=timedelta(minutes=12)) == [], "it waits longer each time"
    assert await sent(stall, after=timedelta(minutes=35)) == [10_800]
    assert await stands(till.db, stall.merchant) == {}
    async with till.db.begin() as tx:
        assert await waits.listed(tx) == []


def test_waits_grow_to_a_day() -> None:
    assert asked_again_after(1) == timedelta(minutes=10)
    assert asked_again_after(3) == timedelta(minutes=40)
    assert asked_again_after(5_000) == timedelta(days=1)


async def test_a_merchant_who_is_ready_again_waits_no_longer(stall: Stall) -> None:
    await stall.onboard()
    await stall.sell()
    await may_be_paid(stall, "inactive")
    await stall.release()
    await may_be_paid(stall, "active")
    async with stall.till.db.begin() as tx:
        await waits.ask_again(tx, stall.merchant, now=clock.utcnow())
    assert await sent(stall) == [10_800]


async def test_merchant_and_desk_see_what_waits_and_finance_may_say_now(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    await may_be_paid(stall, "inactive")
    await stall.release()
    await may_be_paid(stall, "active")
    member = Principal("usr_m", memberships={stall.merchant: frozenset({MerchantRole.FINANCE})})
    async with till.db.begin() as tx:
        (theirs,) = await money_out.unsent_of(tx, stall.merchant, by=member)
        assert (theirs.order, theirs.amount) == (sale.order, euros(10_800))
        assert theirs.why == "insufficient_capabilities_for_transfer"
        assert await money_out.all_unsent(tx, by=ANNA) == [theirs]
        with pytest.raises(Denied):
            await money_out.ask_again(tx, stall.merchant, by=member, now=clock.utcnow())
        now = clock.utcnow()
        (asked,) = await money_out.ask_again(tx, stall.merchant, by=ANNA, now=now)
        assert asked.again_at == now
    assert await sent(stall) == [10_800]


async def test_what_a_refund_took_back_is_sent_again_when_it_bounces(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    await stall.release()
    refund = ids.new("rfd")
    await stall.refund(sale, 5_000, refund=refund)
    async with till.db.begin() as tx:
        await actions.undo_refund(tx, sale.order, refund, reason="bounced", now=clock.utcnow())
    assert await stands(till.db, stall.merchant) == {"available": 4_500}
    assert await sent(stall) == [10_800, 4_500]
    assert await stands(till.db, stall.merchant) == {}


async def test_any_number_of_orders_is_sent(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    for number in range(5):
        await stall.sell(f"chk_{number}")
    await stall.release()
    await stall.onboard()
    assert await sent(stall) == [10_800] * 5
    assert await stands(stall.till.db, stall.merchant) == {}


async def test_a_correction_in_the_merchants_favour_is_sent_out_of_no_charge(
    stall: Stall,
) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    await till.settle(
        later=3 * 24 * 3600
    )  # ours at the provider, and still the merchant's hold
    gift = [
        EntryOut(account="merchant_available", owner=stall.merchant, amount=euros(-5_000)),
        EntryOut(account="refund_cost", owner=None, amount=euros(5_000)),
    ]
    async with till.db.begin() as tx:
        want = AdjustmentIn(entries=gift, reason="they were short of it")
        proposed = await adjustments.propose(tx, want, by=ANNA, now=clock.utcnow())
        await adjustments.approve(tx, proposed.id, by=BEN, now=clock.utcnow())
    assert await sent(stall) == [5_000]
    (transfer,) = await till.stripe("transfer")
    assert transfer["source_transaction"] is None
    assert await stands(till.db, stall.merchant) == {"pending": 10_800}
    assert await sent(stall) == [5_000], "and once only"


async def test_what_no_share_claims_waits_for_the_balance_at_the_provider(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    gift = [
        EntryOut(account="merchant_available", owner=stall.merchant, amount=euros(-5_000)),
        EntryOut(account="refund_cost", owner=None, amount=euros(5_000)),
    ]
    async with till.db.begin() as tx:
        want = AdjustmentIn(entries=gift, reason="they were short of it")
        proposed = await adjustments.propose(tx, want, by=ANNA, now=clock.utcnow())
        await adjustments.approve(tx, proposed.id, by=BEN, now=clock.utcnow())
    assert await sent(stall) == []
    assert await sent(stall) == []
    async with till.db.begin() as tx:
        ((wait, _),) = await waits.listed(tx)
        assert len(await transfers.of_owner(tx, stall.merchant)) == 1, "it is not asked at once"
    assert (wait.reference, wait.why) == (stall.merchant, "balance_insufficient")


async def test_what_is_owed_is_set_off_before_anything_is_sent(stall: Stall) -> None:
    till = stall.till
    await stall.sell("chk_1")
    await stall.release()
    about = await disputed(stall, "chk_2")
    async with till.db.begin() as tx:
        payment = (await disputes.get(tx, about)).payment_id
        of_payment = sa.text(
            "SELECT order_id FROM commerce.merchant_share WHERE payment_id = :p"
        )
        order = await tx.scalar(of_payment, {"p": payment})
    parts = Parts(PRICE, none(), none(), none(), none())
    sale = actions.Sale(str(order), stall.merchant, "DE", payment, parts, TERMS)
    await stall.refund(sale, PRICE.minor)
    before = {"available": 10_800, "reserve": 10_800, "receivable": 10_800}
    assert await stands(till.db, stall.merchant) == before
    await stall.onboard()
    assert await sent(stall) == []
    assert await stands(till.db, stall.merchant) == {"reserve": 10_800}


async def test_what_waits_is_read_from_an_index_that_has_nothing_else(
    db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
        sale = actions.Sale(
            *(ids.new("ord"), merchant, "DE", ids.new("pay")),
            parts=Parts(PRICE, none(), none(), none(), none()),
            terms=Terms(bps=0),
        )
        await actions.record_sale(tx, sale, now=now)
        await tx.execute(_HISTORY)
        await tx.execute(sa.text("ANALYZE commerce.merchant_share"))
        wanted = sending.to_send(merchant, "EUR", now).compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        plan = await tx.execute(sa.text(f"EXPLAIN {wanted}".replace(":", "\\:")))
        told = "\n".join(row[0] for row in plan)
        assert await tx.scalar(_SMALL)
    assert "ix_merchant_share_unsent" in told
    assert "Seq Scan on merchant_share" not in told
