"""The audit of the money soak: what people were told, what the provider did, what our books
say; and that it is all the same."""

from collections import Counter, defaultdict
from datetime import timedelta

import sqlalchemy as sa

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from payments import ledger, reconciling
from payments.stripe_gateway import StripeGateway
from tests.load.soak_money_parts import KEY, Stage
from tests.load.soak_money_people import Memory
from tests.reckoning import CHECKS

_UNDONE = sa.text(
    "SELECT (SELECT count(*) FROM kernel.outbox WHERE told_at IS NULL AND parked_at IS NULL"
    " AND (due_at IS NULL OR due_at <= now()))"
    " + (SELECT count(*) FROM kernel.job WHERE done_at IS NULL AND parked_at IS NULL)"
    " + (SELECT count(*) FROM payments.refund WHERE state IN ('wanted', 'asked', 'pending'))"
    " + (SELECT count(*) FROM payments.transfer WHERE state IN ('wanted', 'asked'))"
    " + (SELECT count(*) FROM commerce.merchant_share WHERE state = 'pending'"
    "    AND due_at <= now() AND blocked = 0)"
)
_PARKED = sa.text(
    "SELECT topic FROM kernel.outbox WHERE parked_at IS NOT NULL"
    " UNION ALL SELECT listener FROM kernel.job WHERE parked_at IS NOT NULL"
)
_PAID = sa.text("SELECT id, state FROM payments.payment")
_REFUNDS = sa.text("SELECT payment_id, state, amount_minor FROM payments.refund")
_DISPUTES = sa.text("SELECT payment_id, state FROM payments.dispute")
_ANSWERED = sa.text("SELECT count(*) FROM payments.dispute WHERE state <> 'needs_answer'")
_TRANSFERS = sa.text(
    "SELECT provider_id, state, amount_minor - taken_back_minor AS minor FROM payments.transfer"
)


async def answered(db: Database) -> int:
    """How many disputes are before the bank, or decided."""
    async with db.begin() as tx:
        return int((await tx.execute(_ANSWERED)).scalar_one())


async def undone(db: Database) -> int:
    """How much is still to be done."""
    async with db.begin() as tx:
        return int((await tx.execute(_UNDONE)).scalar_one())


async def audit(db: Database, stage: Stage, memory: Memory) -> list[str]:
    """Everything that is wrong; nothing, if all is well."""
    wrong = [*memory.wrong]
    async with db.begin() as tx:
        for what, query in CHECKS.items():
            wrong += [f"{what}: {tuple(row)}" for row in await tx.execute(sa.text(query))]
        wrong += [f"parked: {row[0]}" for row in await tx.execute(_PARKED)]
        payments = {row.id: row.state for row in await tx.execute(_PAID)}
        refunds: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in await tx.execute(_REFUNDS):
            refunds[row.payment_id].append((row.state, row.amount_minor))
        disputes = {row.payment_id: row.state for row in await tx.execute(_DISPUTES)}
        rows = (await tx.execute(_TRANSFERS)).all()
        memory.transfers = sum(row.state == "sent" for row in rows)
        sent = {row.provider_id: row.minor for row in rows if row.provider_id}
        lines = await ledger.trial_balance(tx)
    if sums := {line.amount.currency for line in lines} - {"EUR"}:
        wrong.append(f"unexpected currencies in the books: {sums}")
    kept = sum(-one.amount.minor for one in lines if one.account == "merchant_available")
    if kept:  # what merchants owe is set off first; all else is sent
        wrong.append(f"{kept} are merchants' and were not sent")
    if total := sum(line.amount.minor for line in lines):
        wrong.append(f"the books sum to {total}")
    wrong += await _charges(stage, memory, payments)
    for purchase in memory.paid:
        known = refunds[purchase.payment]
        if purchase.refunded and known != [("settled", purchase.refunded)]:
            wrong.append(f"{purchase.payment}: asked back {purchase.refunded}, found {known}")
        ends = {"dispute_won": "won", "dispute_lost": "lost"}.get(purchase.journey)
        if ends and disputes.get(purchase.payment) != ends:
            wrong.append(f"{purchase.payment}: {ends}, found {disputes.get(purchase.payment)}")
    theirs = {
        one["id"]: one["amount"] - one["amount_reversed"]
        for one in await stage.of_provider("transfers")
    }
    if theirs != sent:
        wrong.append(f"transfers differ: {set(theirs.items()) ^ set(sent.items())}")
    return wrong + await _reconciled(db, stage)


async def _charges(stage: Stage, memory: Memory, payments: dict[str, str]) -> list[str]:
    """Nobody was charged twice, and everybody who paid was charged what they were told."""
    paid = [one for one in await stage.of_provider("charges") if one["paid"]]
    times = Counter(one["metadata"]["payment"] for one in paid)
    amounts = {one["metadata"]["payment"]: one["amount"] for one in paid}
    back = {one["metadata"]["payment"]: one["amount_refunded"] for one in paid}
    wrong = [f"{payment} was charged {n} times" for payment, n in times.items() if n > 1]
    wrong += [
        f"{payment} was charged and is {payments.get(payment)}"
        for payment in times
        if payments.get(payment) != "captured"
    ]
    for purchase in memory.paid:
        if amounts.get(purchase.payment) != purchase.minor:
            wrong.append(f"{purchase.payment}: {amounts.get(purchase.payment)} were charged")
        if back.get(purchase.payment) != purchase.refunded:
            wrong.append(f"{purchase.payment}: {back.get(purchase.payment)} went back")
    return wrong


async def _reconciled(db: Database, stage: Stage) -> list[str]:
    gateway = StripeGateway(KEY, base_url=stage.provider)
    try:
        row = await reconciling.run(db, gateway, now=utcnow() + timedelta(minutes=45))
    finally:
        await gateway.close()
    wrong = [] if not row.open else [f"reconciliation: {row.open} differences are open"]
    return wrong + [f"no proof: {proof}" for proof in row.proof if not proof["holds"]]
