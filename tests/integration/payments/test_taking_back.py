"""Money that comes back from merchants' accounts: by our word, by somebody's at the provider's
desk, by both, or not at all."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from livecommerce.settlement import money_out, sending
from payments import reversals
from payments.events import ReversalRefused, ReversalSettled
from payments.rules import TransferState
from payments.sandbox.switches import What
from payments.tables_out import TransferReversal
from tests.integration.payments.test_reconciling import ANNA, found, reconciled
from tests.integration.payments.test_sending_on import Stall, stall, stands

__all__ = ["stall"]


async def sold(stall: Stall) -> Any:
    """A sale that was sent on; the transfer of 108.00 is the last thing that happened."""
    await stall.onboard()
    sale = await stall.sell()
    await stall.release()
    assert await stands(stall.till.db, stall.merchant) == {}
    return sale


async def at_the_desk(stall: Stall, amount: int) -> None:
    """Somebody takes this back on the provider's own pages."""
    (transfer,) = await stall.till.stripe("transfer")
    path = f"{stall.till.url}/v1/transfers/{transfer['id']}/reversals"
    headers = {"Authorization": "Bearer sk_test_till"}
    async with stall.till.http.post(path, data={"amount": amount}, headers=headers) as answer:
        assert answer.status == 200


async def ours(stall: Stall) -> list[tuple[str, int, str | None]]:
    """Our reversals: how each stands, how much it is, and why not."""
    async with stall.till.db.begin() as tx:
        rows = (await tx.execute(sa.select(TransferReversal))).scalars().all()
    return sorted((row.state.value, row.amount_minor, row.failure) for row in rows)


async def test_what_somebody_takes_back_at_the_provider_is_ours_to_account_for(
    stall: Stall,
) -> None:
    till = stall.till
    sale = await sold(stall)
    await at_the_desk(stall, 10_800)
    await till.settle()
    assert await stands(till.db, stall.merchant) == {"available": 10_800}
    assert await ours(stall) == [("sent", 10_800, None)]
    await reconciled(till)
    assert await found(till) == {}
    await sending.send_due(till.db, now=clock.utcnow() + timedelta(days=9))
    await till.settle()
    async with till.db.begin() as tx:
        (kept,) = await money_out.unsent_of(tx, stall.merchant, by=ANNA)
    assert (kept.why, kept.again_at) == ("reversed_at_provider", None), "until somebody says so"
    await stall.refund(sale, 5_000)  # 45.00 of it were the merchant's, and are there
    assert await stands(till.db, stall.merchant) == {"available": 6_300}
    assert len(await ours(stall)) == 1, "nothing is left to be asked back"
    async with till.db.begin() as tx:
        (kept,) = await money_out.ask_again(tx, stall.merchant, by=ANNA, now=clock.utcnow())
    assert kept.amount == Money(6_300, "EUR")
    await sending.send_due(till.db, now=clock.utcnow())
    await till.settle()
    assert await stands(till.db, stall.merchant) == {}
    async with till.db.begin() as tx:
        assert await money_out.all_unsent(tx, by=ANNA) == []


async def test_a_reversal_that_ours_meets_at_the_desk_counts_once(stall: Stall) -> None:
    """The provider has nothing left to take back for us: nothing is missing."""
    till = stall.till
    sale = await sold(stall)
    await at_the_desk(stall, 10_800)  # nobody has told us yet
    await stall.refund(sale, 5_000)
    assert await stands(till.db, stall.merchant) == {"available": 6_300}
    states = [(state, minor) for state, minor, _ in await ours(stall)]
    assert states == [("refused", 4_500), ("sent", 10_800)]
    claimed = sa.text("SELECT left_minor, sent_minor FROM commerce.merchant_share")
    async with till.db.begin() as tx:
        assert (await tx.execute(claimed)).one() == (6_300, 0)


async def test_what_the_provider_will_not_take_back_stays_owed_and_is_seen(
    stall: Stall,
) -> None:
    till = stall.till
    sale = await sold(stall)
    await till.webhooks(drop=1000)
    await at_the_desk(stall, 10_000)  # and nobody ever tells us
    await stall.refund(sale, 5_000)
    assert await stands(till.db, stall.merchant) == {"receivable": 4_500}
    (told,) = till.heard(ReversalRefused)
    assert told.amount == Money(4_500, "EUR")
    async with till.db.begin() as tx:
        (seen,) = await money_out.not_back(tx, by=ANNA)
    assert (seen.merchant, seen.order, seen.amount) == (
        stall.merchant,
        sale.order,
        Money(4_500, "EUR"),
    )
    claimed = sa.text("SELECT left_minor, sent_minor FROM commerce.merchant_share")
    async with till.db.begin() as tx:
        assert (await tx.execute(claimed)).one() == (6_300, 10_800)


async def test_a_lost_answer_is_looked_up_when_its_key_is_forgotten(stall: Stall) -> None:
    till = stall.till
    sale = await sold(stall)
    await till.webhooks(drop=1000)
    async with till.db.begin() as tx:
        amount = Money(3_000, "EUR")
        await reversals.take_back(
            tx, reference=sale.order, amount=amount, key="x", now=clock.utcnow()
        )
        (row,) = (await tx.execute(sa.select(TransferReversal))).scalars().all()
    await till.fault(What.LOSE_AFTER, "transfers.reversals.create")
    await till.relay.drain(clock.utcnow())
    async with till.db.begin() as tx:
        waits = await tx.get_one(TransferReversal, row.id)
        assert waits.state is TransferState.ASKED, "it has been done, and nobody told us"
    await till.webhooks(drop=1000)
    await till.sandbox.advance(26 * 3600)
    later = clock.utcnow() + timedelta(hours=26)
    await reversals.reverse(till.db, till.payments, row.id, now=later)
    await till.relay.drain(later)
    (transfer,) = await till.stripe("transfer")
    assert transfer["amount_reversed"] == 3_000
    assert len(till.heard(ReversalSettled)) == 1
    assert await stands(till.db, stall.merchant) == {"available": 3_000}


async def test_twin_without_the_look_up_takes_it_back_twice(stall: Stall) -> None:
    till = stall.till
    sale = await sold(stall)
    async with till.db.begin() as tx:
        amount = Money(3_000, "EUR")
        await reversals.take_back(
            tx, reference=sale.order, amount=amount, key="x", now=clock.utcnow()
        )
    await till.settle()
    await till.sandbox.advance(26 * 3600)
    async with till.db.begin() as tx:
        (row,) = (await tx.execute(sa.select(TransferReversal))).scalars().all()
        row.state, row.asked_at = TransferState.WANTED, None  # as if it had never been asked
        await tx.flush()
    await reversals.reverse(till.db, till.payments, row.id, now=clock.utcnow())
    (transfer,) = await till.stripe("transfer")
    assert transfer["amount_reversed"] == 6_000


async def test_a_lost_answer_is_heard_from_the_provider(stall: Stall) -> None:
    """The message names our reversal: it is not taken for somebody else's."""
    till = stall.till
    sale = await sold(stall)
    await till.fault(What.LOSE_AFTER, "transfers.reversals.create")
    await stall.refund(sale, 5_000)
    assert await ours(stall) == [("sent", 4_500, None)]
    assert len(till.heard(ReversalSettled)) == 1
    assert await stands(till.db, stall.merchant) == {}
