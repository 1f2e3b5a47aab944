"""The ledger on a real database: what it accepts, what it refuses, and who may undo what."""

import asyncio
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from livecommerce.kernel.db import Database, Tx, sqlstate
from livecommerce.kernel.money import Money
from payments import ledger
from payments.errors import NoSuchAccount, NoSuchPosting, PostingDiffers, Unbalanced
from payments.ledger import Entry


def euros(account: str, minor: int, owner: str | None = None) -> Entry:
    return Entry(account, owner, Money(minor, "EUR"))


SALE = [
    euros("stripe_pending", 12_000),
    euros("merchant_pending", -9_000, "mer_1"),
    euros("platform_fee", -500),
    euros("freight_payable", -500),
    euros("duty_payable:DE", -100),
    euros("tax_payable:DE", -1_900),
]


async def post_sale(tx: Tx, now: datetime, source: str = "ord_1") -> bool:
    return await ledger.post(tx, kind="sale", source=source, entries=SALE, occurred_at=now)


async def test_balances_are_positive_on_their_normal_side(db: Database, now: datetime) -> None:
    async with db.begin() as tx:
        await post_sale(tx, now)
    async with db.begin() as tx:
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(12_000, "EUR")
        assert await ledger.balance(tx, "merchant_pending", "EUR", "mer_1") == Money(
            9_000, "EUR"
        )
        assert await ledger.balance(tx, "merchant_pending", "EUR", "mer_2") == Money(0, "EUR")
        assert await ledger.balance(tx, "tax_payable:DE", "EUR") == Money(1_900, "EUR")
        assert await ledger.balance(tx, "tax_payable:FR", "EUR") == Money(0, "EUR")
        assert sum(line.amount.minor for line in await ledger.trial_balance(tx)) == 0


async def test_posting_again_changes_nothing(db: Database, now: datetime) -> None:
    async with db.begin() as tx:
        assert await post_sale(tx, now)
    async with db.begin() as tx:
        assert not await post_sale(tx, now)
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(12_000, "EUR")
        with pytest.raises(PostingDiffers):
            await ledger.post(
                tx,
                kind="sale",
                source="ord_1",
                entries=[euros("stripe_pending", 1), euros("platform_fee", -1)],
                occurred_at=now,
            )


async def test_two_at_once_post_one(db: Database, now: datetime) -> None:
    async def one() -> bool:
        async with db.begin() as tx:
            return await post_sale(tx, now)

    assert sorted(await asyncio.gather(*(one() for _ in range(8)))) == [False] * 7 + [True]
    async with db.begin() as tx:
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(12_000, "EUR")


async def test_new_accounts_in_two_orders_do_not_deadlock(db: Database, now: datetime) -> None:
    async def one(number: int) -> None:
        entries = [euros(f"tax_payable:{c}", 5) for c in ("DE", "FR", "IT")]
        entries = entries if number % 2 else entries[::-1]
        rest = euros("suspense", -15)
        async with db.begin() as tx:
            await ledger.post(
                tx,
                kind="try",
                source=str(number),
                entries=[*entries, rest],
                occurred_at=now,
            )

    await asyncio.gather(*(one(n) for n in range(12)))


async def test_unbalanced_is_refused_by_us(db: Database, now: datetime) -> None:
    async def post(*entries: Entry) -> None:
        async with db.begin() as tx:
            await ledger.post(tx, kind="k", source="s", entries=list(entries), occurred_at=now)

    with pytest.raises(Unbalanced):
        await post(euros("stripe_pending", 5), euros("platform_fee", -4))
    with pytest.raises(Unbalanced):  # in sum, but not per currency
        await post(euros("stripe_pending", 5), Entry("platform_fee", None, Money(-5, "USD")))
    with pytest.raises(Unbalanced):
        await post(euros("stripe_pending", 0))
    for strange in ("cash", "tax_payable", "tax_payable:Germany", "bank:DE", "bank:"):
        with pytest.raises(NoSuchAccount):
            await post(euros(strange, 5), euros("platform_fee", -5))
    with pytest.raises(NoSuchAccount):
        await post(euros("bank", 5, "mer_1"), euros("platform_fee", -5))
    with pytest.raises(NoSuchAccount):
        await post(euros("merchant_pending", 5), euros("platform_fee", -5))


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE payments.ledger_entry SET amount_minor = 1",
        "DELETE FROM payments.ledger_entry",
        "DELETE FROM payments.ledger_posting",
        "UPDATE payments.ledger_posting SET memo = 'x'",
        "UPDATE payments.ledger_account SET owner = 'mer_2'",
        "TRUNCATE payments.ledger_entry",
        # one more entry, unbalanced
        "INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)"
        " SELECT posting_id, account_id, currency, 7 FROM payments.ledger_entry LIMIT 1",
        # a balanced pair, added to a posting that was complete
        "INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)"
        " SELECT posting_id, account_id, currency, a FROM (SELECT * FROM payments.ledger_entry"
        " LIMIT 1) e, unnest(ARRAY[7, -7]) a",
        # an entry in another currency than its account's
        "INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)"
        " SELECT posting_id, account_id, 'USD', a FROM (SELECT * FROM payments.ledger_entry"
        " LIMIT 1) e, unnest(ARRAY[7, -7]) a",
        # a posting without entries
        "INSERT INTO payments.ledger_posting (kind, source, memo, occurred_at, entry_count)"
        " VALUES ('k', 's', '', now(), 2)",
    ],
)
async def test_the_database_itself_refuses(db: Database, now: datetime, forgery: str) -> None:
    async with db.begin() as tx:
        await post_sale(tx, now)
    with pytest.raises(DBAPIError) as refused:
        async with db.begin() as tx:
            await tx.execute(sa.text(forgery))
    assert sqlstate(refused.value) in {"23001", "23503", "23514"}


async def test_without_the_trigger_it_would_have_been_taken(
    db: Database, now: datetime
) -> None:
    """The twin of the test above: it is the trigger that refuses, not luck."""
    forgery = (
        "INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)"
        " SELECT posting_id, account_id, currency, 7 FROM payments.ledger_entry LIMIT 1"
    )
    async with db.begin() as tx:
        await post_sale(tx, now)
        await tx.execute(sa.text("DROP TRIGGER ledger_entry_balanced ON payments.ledger_entry"))
    async with db.begin() as tx:
        await tx.execute(sa.text(forgery))
    async with db.begin() as tx:
        assert sum(line.amount.minor for line in await ledger.trial_balance(tx)) == 7


async def test_a_correction_is_a_mirror_image(db: Database, now: datetime) -> None:
    async with db.begin() as tx:
        await post_sale(tx, now)
        await ledger.reverse(
            tx, kind="sale", source="ord_1", reason="entered twice", occurred_at=now
        )
        assert not await ledger.balance(tx, "merchant_pending", "EUR", "mer_1")
        with pytest.raises(NoSuchPosting):
            await ledger.reverse(tx, kind="x", source="ord_1", reason="", occurred_at=now)
    async with db.begin() as tx:
        sale, undone = await ledger.journal(tx, source_prefix="ord_")
        assert sale.entries == tuple(SALE)
        assert undone.kind == "sale.reversed"
        assert undone.memo == "entered twice"
        assert await ledger.journal(tx, sources=["ord_2"]) == []
