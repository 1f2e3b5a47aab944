"""Our books against the provider's: thing by thing, and in sum.

Every line of our balance at the provider came of something we posted; every posting on a
``stripe_*`` account shows in such lines. What does not agree is written down with its age, for
somebody to explain; what explains itself later (a message that was late) is closed by the next
run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.kernel.money import Money
from payments import ledger
from payments.errors import NoSuchDifference
from payments.gateway import PaymentGateway
from payments.matching import Compared, Match, Posted, compare
from payments.outgoing import Holding, Line
from payments.tables_reconciling import Reconciliation, ReconciliationItem

OVERLAP = timedelta(days=3)
"""How far each run looks back again: bookings and messages about them may be that late."""

SETTLES_WITHIN = timedelta(minutes=30)
"""Lines and postings younger than this may simply not have met yet."""

ITSELF = "reconciliation"
"""Who closes what a later run finds in order."""

CORRECTION = "correction"
"""Postings that explain a difference stand for no line of the provider's."""

_LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
_AT_THE_PROVIDER = ("stripe_pending", "stripe_available")

# A posting belongs to what its memo names, if that is a thing of ours, else to its source. A
# mirror image belongs to what its original does.
_POSTED = sa.text("""
SELECT CASE WHEN coalesce(o.memo, p.memo) ~ '^(pay|rfd|trf|rev|dsp)_[0-9a-z]{26}$'
            THEN coalesce(o.memo, p.memo) ELSE p.source END AS thing,
       p.kind, p.occurred_at, a.currency, sum(e.amount_minor) AS minor
FROM payments.ledger_posting p
JOIN payments.ledger_entry e ON e.posting_id = p.id
JOIN payments.ledger_account a ON a.id = e.account_id
LEFT JOIN payments.ledger_posting o
  ON p.kind LIKE '%.reversed' AND o.source = p.source
 AND o.kind = left(p.kind, -length('.reversed'))
WHERE a.code = ANY(:accounts) AND p.occurred_at >= :since AND p.kind <> :correction
GROUP BY p.id, o.id, a.currency HAVING sum(e.amount_minor) <> 0
""")

_NAMES = sa.text("""
SELECT charge AS theirs, id AS ours FROM payments.payment WHERE charge = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.refund WHERE provider_id = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.transfer WHERE provider_id = ANY(:ids)
UNION ALL SELECT application_fee, id FROM payments.transfer WHERE application_fee = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.transfer_reversal WHERE provider_id = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.dispute WHERE provider_id = ANY(:ids)
UNION ALL SELECT id, id FROM payments.payout WHERE id = ANY(:ids)
""")


async def run(
    db: Database, gateway: PaymentGateway, *, now: datetime, since: datetime | None = None
) -> Reconciliation:
    """Compare what happened since the last run (with some overlap), or since then.

    Raises:
        OutcomeUnknown, NotAsked: the provider is away; nothing was compared.
    """
    async with db.begin() as tx:
        last = await latest(tx)
        waiting = await open_items(tx, limit=1)
    begin = since or (last.until - OVERLAP if last is not None else _LONG_AGO)
    if waiting:  # what is open is looked at again, however old it is
        begin = min(begin, waiting[0].at)
    lines = await gateway.lines(begin - OVERLAP)
    holdings = await gateway.holdings()
    async with db.begin() as tx:
        await one_at_a_time(tx, "reconciliation")
        compared = compare(
            lines,
            await _posted(tx, begin - OVERLAP),
            await _names(tx, lines),
            since=begin,
            until=now - SETTLES_WITHIN,
        )
        for one in compared:
            await _note(tx, one, now)
        counts = [one.match for one in compared]
        row = Reconciliation(
            id=ids.new("rec"),
            since=begin,
            until=now,
            matched=counts.count(Match.MATCHED),
            young=counts.count(Match.YOUNG),
            open=await _open(tx),
            proof=await _proof(tx, holdings, compared),
        )
        tx.add(row)
        await tx.flush()
        return row


async def latest(tx: Tx) -> Reconciliation | None:
    """The last run."""
    newest = sa.select(Reconciliation).order_by(col(Reconciliation.until).desc()).limit(1)
    return (await tx.execute(newest)).scalar_one_or_none()


async def open_items(tx: Tx, *, limit: int = 200) -> Sequence[ReconciliationItem]:
    """What nobody has explained yet, oldest first."""
    waiting = sa.select(ReconciliationItem).where(col(ReconciliationItem.closed_at).is_(None))
    oldest = waiting.order_by(col(ReconciliationItem.at), col(ReconciliationItem.id))
    return (await tx.execute(oldest.limit(limit))).scalars().all()


async def get(tx: Tx, item: str) -> ReconciliationItem:
    """One difference.

    Raises:
        NoSuchDifference: there is none.
    """
    found = await tx.get(ReconciliationItem, item, populate_existing=True)
    if found is None:
        raise NoSuchDifference(item=item)
    return found


async def close(tx: Tx, item: str, *, by: str, why: str, now: datetime) -> ReconciliationItem:
    """Somebody has explained it, in words or by a posting.

    Raises:
        NoSuchDifference: there is none that is open.
    """
    mine = sa.update(ReconciliationItem).where(
        col(ReconciliationItem.id) == item, col(ReconciliationItem.closed_at).is_(None)
    )
    closed = mine.values(closed_at=now, closed_by=by, why=why).returning(ReconciliationItem)
    fresh = closed.execution_options(synchronize_session=False, populate_existing=True)
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is None:
        raise NoSuchDifference(item=item)
    return row


async def close_for(tx: Tx, adjustment: str, *, by: str, now: datetime) -> None:
    """The adjustment that was to explain a difference has been posted."""
    mine = sa.update(ReconciliationItem).where(
        col(ReconciliationItem.adjustment) == adjustment,
        col(ReconciliationItem.closed_at).is_(None),
    )
    closed = mine.values(closed_at=now, closed_by=by, why=adjustment)
    await tx.execute(closed.execution_options(synchronize_session=False))


async def _posted(tx: Tx, since: datetime) -> list[Posted]:
    asked = {"since": since, "accounts": list(_AT_THE_PROVIDER), "correction": CORRECTION}
    rows = await tx.execute(_POSTED, asked)
    return [
        Posted(row.thing, row.kind, Money(int(row.minor), row.currency), row.occurred_at)
        for row in rows
    ]


async def _names(tx: Tx, lines: Sequence[Line]) -> dict[str, str]:
    known = sorted({line.source for line in lines if line.source} | {x.id for x in lines})
    rows = await tx.execute(_NAMES, {"ids": known})
    return {row.theirs: row.ours for row in rows}


async def _note(tx: Tx, one: Compared, now: datetime) -> None:
    """Write a difference down, or close it if it is none any more."""
    if one.match is Match.YOUNG:
        return
    same = (
        col(ReconciliationItem.thing) == one.thing,
        col(ReconciliationItem.currency) == one.ours.currency,
    )
    if one.match is Match.MATCHED:
        done = sa.update(ReconciliationItem).where(
            *same, col(ReconciliationItem.closed_at).is_(None)
        )
        values = {"closed_at": now, "closed_by": ITSELF, "why": "matched"}
        await tx.execute(done.values(**values).execution_options(synchronize_session=False))
        return
    row = ReconciliationItem(
        id=ids.new("rci"),
        thing=one.thing,
        match=one.match,
        kind=one.kind,
        currency=one.ours.currency,
        ours_minor=one.ours.minor,
        theirs_minor=one.theirs.minor,
        lines=list(one.lines),
        at=one.at,
        found_at=now,
    )
    insert = postgresql.insert(ReconciliationItem).values(row.model_dump())
    seen = insert.excluded
    changed = sa.or_(
        col(ReconciliationItem.ours_minor) != seen.ours_minor,
        col(ReconciliationItem.theirs_minor) != seen.theirs_minor,
    )
    # What was explained stays so, unless the figures have changed since.
    again: dict[str, Any] = {
        "match": seen.match,
        "ours_minor": seen.ours_minor,
        "theirs_minor": seen.theirs_minor,
        "lines": seen.lines,
        "closed_at": None,
        "closed_by": None,
        "why": None,
    }
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["thing", "currency"], set_=again, where=changed
        )
    )


async def _open(tx: Tx) -> int:
    waiting = sa.select(sa.func.count()).select_from(ReconciliationItem)
    counted = waiting.where(col(ReconciliationItem.closed_at).is_(None))
    return int((await tx.execute(counted)).scalar_one())


async def _proof(
    tx: Tx, holdings: Sequence[Holding], compared: Sequence[Compared]
) -> list[dict[str, Any]]:
    """Per currency: our books, the provider's balance, and what the differences explain."""
    theirs = {h.available.currency: h.available + h.pending for h in holdings}
    ours: dict[str, Money] = {}
    for line in await ledger.trial_balance(tx):
        if line.account in _AT_THE_PROVIDER:
            currency = line.amount.currency
            ours[currency] = ours.get(currency, Money.zero(currency)) + line.amount
    proof = []
    for currency in sorted(ours.keys() | theirs.keys()):
        none = Money.zero(currency)
        mine, their = ours.get(currency, none), theirs.get(currency, none)
        known = [c.ours - c.theirs for c in compared if c.ours.currency == currency]
        explained = Money.sum(known, currency)
        proof.append(
            {
                "currency": currency,
                "ours": mine.minor,
                "theirs": their.minor,
                "explained": explained.minor,
                "holds": mine == their,
            }
        )
    return proof
