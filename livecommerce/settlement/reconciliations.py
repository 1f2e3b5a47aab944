"""The reconciliation as finance staff see it: run it, look at what is open, resolve it."""

from datetime import datetime
from typing import Any

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import adjustments
from livecommerce.settlement.wire import (
    OpenItemOut,
    ProofOut,
    ReconciliationOut,
    Resolve,
)
from livecommerce.web.principal import Principal, StaffRole
from payments import reconciling
from payments.gateway import PaymentGateway
from payments.matching import Match
from payments.tables_reconciling import Reconciliation, ReconciliationItem


async def run(
    db: Database, gateway: PaymentGateway, *, by: Principal, now: datetime
) -> ReconciliationOut:
    """Compare our books with the provider's now.

    Raises:
        OutcomeUnknown, NotAsked: the provider is away; nothing was compared.
    """
    by.must_be_staff(StaffRole.FINANCE)
    row = await reconciling.run(db, gateway, now=now)
    async with db.begin() as tx:
        return await _out(tx, row, now)


async def latest(tx: Tx, *, by: Principal, now: datetime) -> ReconciliationOut | None:
    """The last run, and everything that is open."""
    by.must_be_staff(StaffRole.FINANCE)
    row = await reconciling.latest(tx)
    return None if row is None else await _out(tx, row, now)


async def resolve(
    tx: Tx, item: str, want: Resolve, *, by: Principal, now: datetime
) -> OpenItemOut:
    """Explain a difference: propose the posting that evens it out, against an account; or say
    in words why there is nothing to post. A posting closes it once somebody else approves.

    Raises:
        OnlyPeople: a key asks.
        NoSuchDifference: there is none that is open.
        BeingExplained: a posting that explains it waits for approval.
        NothingToEven: it cannot be counted; words alone explain it.
        NoSuchAccount: the posting names an account outside the chart.
    """
    adjustments.must_be_somebody(by)
    if want.account is None:
        row = await reconciling.close(tx, item, by=by.id, why=want.reason, now=now)
        return _item(row, now)
    row = await adjustments.propose_to_explain(
        tx, item, want.account, want.owner, want.reason, by=by, now=now
    )
    return _item(row, now)


async def _out(tx: Tx, row: Reconciliation, now: datetime) -> ReconciliationOut:
    items = await reconciling.open_items(tx)
    return ReconciliationOut(
        id=row.id,
        since=row.since,
        until=row.until,
        matched=row.matched,
        young=row.young,
        proof=[
            ProofOut(
                ours=Money(one["ours"], one["currency"]),
                theirs=_theirs(one),
                explained=Money(one["explained"], one["currency"]),
                holds=one["holds"],
            )
            for one in row.proof
        ],
        open=[_item(item, now) for item in items],
    )


def _theirs(proof: dict[str, Any]) -> Money | None:
    minor = proof["theirs"]
    return None if minor is None else Money(minor, proof["currency"])


def _item(row: ReconciliationItem, now: datetime) -> OpenItemOut:
    counts = row.match is not Match.UNREADABLE
    return OpenItemOut(
        id=row.id,
        thing=row.thing,
        match=row.match,
        kind=row.kind,
        ours=row.ours if counts else None,
        theirs=row.theirs if counts else None,
        lines=row.lines,
        at=row.at,
        age_days=max(0, (now - row.at).days),
        adjustment=row.adjustment,
        closed_at=row.closed_at,
        why=row.why,
    )
