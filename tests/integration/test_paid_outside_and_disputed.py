"""A buyer has their money by bank transfer and has their card's bank take it, too: whoever
answers the dispute sees it, and the bank reads it."""

from datetime import datetime

import pytest

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders import evidence
from livecommerce.settlement import money_out
from livecommerce.settlement.wire_waiting import AnswerDispute, DisputeOut
from livecommerce.web.principal import SYSTEM
from payments.rules import DisputeState
from payments.tables_out import Dispute
from tests.integration.test_debts import BANK, owing, pay
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def disputed(counter: Counter, checkout: str, amount: Money) -> DisputeOut:
    """As the desk lists it."""
    async with counter.db.begin() as tx:
        row = Dispute(
            id=ids.new("dsp"),
            provider_id="dp_1",
            payment_id=await counter.payment(checkout),
            reference=checkout,
            state=DisputeState.NEEDS_ANSWER,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason="product_not_received",
            evidence={},
            opened_at=counter.now,
        )
        tx.add(row)
        await tx.flush()
        (listed,) = await money_out.disputes_of(tx, by=SYSTEM)
    return listed


async def test_the_desk_says_what_the_buyer_has_already_and_the_bank_is_told(
    counter: Counter,
) -> None:
    order = await owing(counter)
    await pay(counter, order, 2_000)
    listed = await disputed(counter, order.checkout, order.total)
    assert listed.paid_outside == Money(2_000, "EUR")
    async with counter.db.begin() as tx:
        want = AnswerDispute(note="", submit=False)
        kept = await money_out.answer(tx, listed.id, want, by=SYSTEM, now=counter.now)
        told = await evidence.assemble(tx, order.checkout, note="", home="https://x")
    assert kept.paid_outside == listed.paid_outside
    given = [x for x in told["uncategorized_text"].splitlines() if "given back" in x]
    (line,) = given
    assert line.startswith("- 20.00 EUR given back on")
    assert line.endswith(f"by bank transfer, reference {BANK}")


async def test_what_nobody_paid_past_the_provider_is_nothing(counter: Counter) -> None:
    order = await owing(counter)
    listed = await disputed(counter, order.checkout, order.total)
    assert listed.paid_outside == Money(0, "EUR")
