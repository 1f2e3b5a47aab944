"""Changing the books: one person proposes, another approves, and only then is it posted."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.settlement.errors import (
    AlreadyDecided,
    NoSuchAdjustment,
    NothingToAdjust,
    SecondPairOfEyes,
)
from livecommerce.settlement.rules import AdjustmentState
from livecommerce.settlement.tables import Adjustment
from livecommerce.settlement.wire import AdjustmentIn, AdjustmentOut, EntryOut
from livecommerce.web.principal import Principal, StaffRole
from payments import ledger, reconciling
from payments.errors import NoSuchPosting
from payments.ledger import Entry

CORRECTION = "correction"


async def propose(tx: Tx, want: AdjustmentIn, *, by: Principal, now: datetime) -> AdjustmentOut:
    """Write down what should be undone or corrected, and why. Nothing is posted yet.

    Raises:
        NothingToAdjust: neither a posting nor entries, or both.
        NoSuchPosting: nothing stands in the books under that kind and source.
        Unbalanced, NoSuchAccount: the entries could not be posted.
    """
    by.must_be_staff(StaffRole.FINANCE)
    if (want.reverses is None) is not bool(want.entries):
        raise NothingToAdjust()
    entries = [Entry(e.account, e.owner, e.amount) for e in want.entries]
    if want.reverses is not None:
        found = await ledger.journal(tx, sources=[want.reverses.source])
        if want.reverses.kind not in {posting.kind for posting in found}:
            raise NoSuchPosting(source=want.reverses.source, kind=want.reverses.kind)
    else:
        ledger.must_be_postable(entries)
    row = Adjustment(
        id=ids.new("adj"),
        state=AdjustmentState.PROPOSED,
        reverses_kind=want.reverses.kind if want.reverses else None,
        reverses_source=want.reverses.source if want.reverses else None,
        entries=[e.model_dump(mode="json") for e in want.entries],
        reason=want.reason,
        proposed_by=by.id,
        proposed_at=now,
    )
    tx.add(row)
    await tx.flush()
    return out(row)


async def approve(tx: Tx, adjustment: str, *, by: Principal, now: datetime) -> AdjustmentOut:
    """Post what somebody else proposed.

    Raises:
        NoSuchAdjustment, AlreadyDecided: there is nothing to approve.
        SecondPairOfEyes: the caller proposed it.
    """
    by.must_be_staff(StaffRole.FINANCE)
    row = await _decide(tx, adjustment, AdjustmentState.APPROVED, by=by, now=now)
    if row.reverses_kind is not None and row.reverses_source is not None:
        await ledger.reverse(
            tx,
            kind=row.reverses_kind,
            source=row.reverses_source,
            reason=f"{row.id}: {row.reason}",
            occurred_at=now,
        )
    else:
        lines = [EntryOut.model_validate(entry) for entry in row.entries]
        await ledger.post(
            tx,
            kind=CORRECTION,
            source=row.id,
            entries=[Entry(line.account, line.owner, line.amount) for line in lines],
            occurred_at=now,
            memo=row.reason,
        )
        await reconciling.close_for(tx, row.id, by=by.id, now=now)
    return out(row)


async def refuse(tx: Tx, adjustment: str, *, by: Principal, now: datetime) -> AdjustmentOut:
    """It will not be posted. Whoever proposed it may take it back so, too.

    Raises:
        NoSuchAdjustment, AlreadyDecided: there is nothing to refuse.
    """
    by.must_be_staff(StaffRole.FINANCE)
    return out(await _decide(tx, adjustment, AdjustmentState.REFUSED, by=by, now=now))


async def listed(tx: Tx, *, by: Principal) -> list[AdjustmentOut]:
    """The newest hundred, those that wait for somebody first."""
    by.must_be_staff(StaffRole.FINANCE)
    waiting = sa.case((col(Adjustment.state) == AdjustmentState.PROPOSED, 0), else_=1)
    newest = sa.select(Adjustment).order_by(
        waiting, col(Adjustment.proposed_at).desc(), col(Adjustment.id).desc()
    )
    return [out(row) for row in (await tx.execute(newest.limit(100))).scalars()]


async def _decide(
    tx: Tx, adjustment: str, to: AdjustmentState, *, by: Principal, now: datetime
) -> Adjustment:
    mine = [col(Adjustment.id) == adjustment, col(Adjustment.state) == AdjustmentState.PROPOSED]
    if to is AdjustmentState.APPROVED:
        mine.append(col(Adjustment.proposed_by) != by.id)
    decide = sa.update(Adjustment).where(*mine)
    decided: dict[str, Any] = {"state": to, "decided_by": by.id, "decided_at": now}
    row = (
        await tx.execute(
            decide.values(**decided)
            .returning(Adjustment)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).scalar_one_or_none()
    if row is not None:
        return row
    found = await tx.get(Adjustment, adjustment, populate_existing=True)
    if found is None:
        raise NoSuchAdjustment(adjustment=adjustment)
    if found.state is not AdjustmentState.PROPOSED:
        raise AlreadyDecided(adjustment=adjustment, state=found.state)
    raise SecondPairOfEyes(adjustment=adjustment)


def out(row: Adjustment) -> AdjustmentOut:
    """As clients see it."""
    told = row.model_dump(exclude={"reverses_kind", "reverses_source"})
    if row.reverses_kind is not None:
        told["reverses"] = {"kind": row.reverses_kind, "source": row.reverses_source}
    return AdjustmentOut.model_validate(told)
