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
    OnlyPeople,
    SecondPairOfEyes,
)
from livecommerce.settlement.rules import AdjustmentState
from livecommerce.settlement.tables import Adjustment
from livecommerce.settlement.wire import AdjustmentIn, AdjustmentOut, EntryOut
from livecommerce.web.principal import Kind, Principal, StaffRole
from payments import ledger, reconciling
from payments.errors import NoSuchPosting
from payments.ledger import Entry
from payments.tables_reconciling import ReconciliationItem

CORRECTION = "correction"
_PERSON = "usr_"


async def propose(tx: Tx, want: AdjustmentIn, *, by: Principal, now: datetime) -> AdjustmentOut:
    """Write down what should be undone or corrected, and why. Nothing is posted yet.

    Raises:
        OnlyPeople: a key asks, which may be anybody's.
        NothingToAdjust: neither a posting nor entries, or both.
        NoSuchPosting: nothing stands in the books under that kind and source.
        Unbalanced, NoSuchAccount: the entries could not be posted.
    """
    must_be_somebody(by)
    if (want.reverses is None) is not bool(want.entries):
        raise NothingToAdjust()
    return await _propose(tx, ids.new("adj"), want, by=by, now=now)


async def propose_to_explain(
    tx: Tx,
    item: str,
    account: str,
    owner: str | None,
    why: str,
    *,
    by: Principal,
    now: datetime,
) -> ReconciliationItem:
    """Propose the posting that evens a difference out, against an account. One at a time: an
    earlier one whose difference has changed since is refused with this.

    Raises:
        NoSuchDifference: there is none that is open.
        BeingExplained: another proposal waits for its approval.
        NoSuchAccount: the chart has no such account.
    """
    must_be_somebody(by)
    adjustment = ids.new("adj")
    row = await reconciling.claim(tx, item, adjustment=adjustment)
    stale = sa.update(Adjustment).where(
        col(Adjustment.explains) == item, col(Adjustment.state) == AdjustmentState.PROPOSED
    )
    refused = stale.values(state=AdjustmentState.REFUSED, decided_by=by.id, decided_at=now)
    await tx.execute(refused.execution_options(synchronize_session=False))
    missing = row.theirs - row.ours
    entries = [
        EntryOut(account="stripe_available", owner=None, amount=missing),
        EntryOut(account=account, owner=owner, amount=-missing),
    ]
    asked = AdjustmentIn(entries=entries, reason=f"{row.thing}: {why}"[:500])
    await _propose(tx, adjustment, asked, by=by, now=now, explains=item)
    return row


async def _propose(
    tx: Tx,
    adjustment: str,
    want: AdjustmentIn,
    *,
    by: Principal,
    now: datetime,
    explains: str | None = None,
) -> AdjustmentOut:
    entries = [Entry(e.account, e.owner, e.amount) for e in want.entries]
    if want.reverses is not None:
        found = await ledger.journal(tx, sources=[want.reverses.source])
        if want.reverses.kind not in {posting.kind for posting in found}:
            raise NoSuchPosting(source=want.reverses.source, kind=want.reverses.kind)
    else:
        ledger.must_be_postable(entries)
    row = Adjustment(
        id=adjustment,
        state=AdjustmentState.PROPOSED,
        reverses_kind=want.reverses.kind if want.reverses else None,
        reverses_source=want.reverses.source if want.reverses else None,
        entries=[e.model_dump(mode="json") for e in want.entries],
        reason=want.reason,
        explains=explains,
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
        OnlyPeople: a key asks, or proposed it; its maker could approve their own proposal.
        SecondPairOfEyes: the caller proposed it.
        DifferenceChanged: it was to even out a difference that is not the same any more.
    """
    must_be_somebody(by)
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
        if row.explains is not None:
            # The first entry is the provider's side of it.
            missing = lines[0].amount
            await reconciling.settle(
                tx, row.explains, adjustment=row.id, amount=missing, by=by.id, now=now
            )
        await ledger.post(
            tx,
            kind=CORRECTION,
            source=row.id,
            entries=[Entry(line.account, line.owner, line.amount) for line in lines],
            occurred_at=now,
            memo=row.reason,
        )
    return out(row)


async def refuse(tx: Tx, adjustment: str, *, by: Principal, now: datetime) -> AdjustmentOut:
    """It will not be posted. Whoever proposed it may take it back so, too; a difference that
    it was to explain can be explained otherwise.

    Raises:
        NoSuchAdjustment, AlreadyDecided: there is nothing to refuse.
    """
    by.must_be_staff(StaffRole.FINANCE)
    row = await _decide(tx, adjustment, AdjustmentState.REFUSED, by=by, now=now)
    await reconciling.let_go(tx, adjustment)
    return out(row)


def must_be_somebody(by: Principal) -> None:
    """A person of finance, signed in.

    Raises:
        NotAllowed: they do other work.
        OnlyPeople: a key asks.
    """
    by.must_be_staff(StaffRole.FINANCE)
    if by.kind is not Kind.PERSON:
        raise OnlyPeople()


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
        proposer = col(Adjustment.proposed_by)
        mine += [proposer != by.id, proposer.startswith(_PERSON, autoescape=True)]
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
    if not found.proposed_by.startswith(_PERSON):
        raise OnlyPeople(adjustment=adjustment, proposed_by=found.proposed_by)
    raise SecondPairOfEyes(adjustment=adjustment)


def out(row: Adjustment) -> AdjustmentOut:
    """As clients see it."""
    told = row.model_dump(exclude={"reverses_kind", "reverses_source"})
    if row.reverses_kind is not None:
        told["reverses"] = {"kind": row.reverses_kind, "source": row.reverses_source}
    return AdjustmentOut.model_validate(told)
