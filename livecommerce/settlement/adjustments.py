"""Changing the books: one person proposes, another approves, and only then is it posted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.settlement.actions import REFUND_OUTSIDE, undo_refund
from livecommerce.settlement.errors import (
    AlreadyDecided,
    AlreadyReversed,
    NoSuchAdjustment,
    NotByHand,
    NothingToAdjust,
    OnlyPeople,
    SecondPairOfEyes,
    UndoneElsewhere,
)
from livecommerce.settlement.rules import AdjustmentState
from livecommerce.settlement.tables import Adjustment
from livecommerce.settlement.wire import AdjustmentIn, AdjustmentOut, EntryOut, PostingRef
from livecommerce.web.principal import Kind, Principal, StaffRole
from payments import ledger, reconciling, refunds
from payments.errors import NoSuchPosting
from payments.ledger import Entry
from payments.tables_reconciling import ReconciliationItem

CORRECTION = "correction"

INSTEAD: Mapping[str, str] = {
    "sale": "refund",
    "refund": "provider",
    "late-payment": "provider",
    "late-payment-refund": "provider",
    "release": "correction",
    "reserve-release": "correction",
    "recovery": "correction",
    "conversion": "correction",
    "transfer-wanted": "provider",
    "transfer": "provider",
    "transfer-refused": "provider",
    "transfer-reversed": "provider",
    "dispute": "bank",
    "dispute-hold": "bank",
    "dispute-lost": "bank",
}
"""Postings that moved more than the books, and what undoes all of it."""

FOLLOWED = frozenset({CORRECTION, REFUND_OUTSIDE})
"""Postings of merchants' money that may be reversed: shares need not answer for the one, and
follow the other."""

OF_ORDERS = frozenset({"merchant_pending", "merchant_reserve", "merchant_transit"})
"""What stands there is some share's, or on its way by some transfer."""

_PERSON = "usr_"


async def propose(tx: Tx, want: AdjustmentIn, *, by: Principal, now: datetime) -> AdjustmentOut:
    """Write down what should be undone or corrected, and why. Nothing is posted yet.

    Raises:
        OnlyPeople: a key asks, which may be anybody's.
        NothingToAdjust: neither a posting nor entries, or both.
        NoSuchPosting, AlreadyReversed: there is nothing to reverse under that kind and source.
        UndoneElsewhere: a share, an order or a transfer would not follow its mirror image.
        NotByHand: the entries are of money that shares or transfers account for.
        Unbalanced, NoSuchAccount, NoSuchMerchant: the entries could not be posted, or are
            somebody's who does not sell here.
        BeyondCounting: an account's sum could not be told any more.
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
        NotByHand: shares or transfers account for what stands there.
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
    meant = [e for e in want.entries if e.amount]
    if want.reverses is not None:
        entries = await _mirrored(tx, want.reverses)
    else:
        entries = _entries(meant)
        ledger.must_be_postable(entries)
        _must_be_by_hand(entries)
        for owner in sorted({e.owner for e in entries if e.owner is not None}):
            await people.seller(tx, owner)
    await ledger.must_stay_countable(tx, entries)
    row = Adjustment(
        id=adjustment,
        state=AdjustmentState.PROPOSED,
        reverses_kind=want.reverses.kind if want.reverses else None,
        reverses_source=want.reverses.source if want.reverses else None,
        entries=[e.model_dump(mode="json") for e in meant],
        reason=want.reason,
        explains=explains,
        proposed_by=by.id,
        proposed_at=now,
    )
    tx.add(row)
    await tx.flush()
    return (await _told(tx, [row]))[0]


async def approve(tx: Tx, adjustment: str, *, by: Principal, now: datetime) -> AdjustmentOut:
    """Post what somebody else proposed.

    Raises:
        NoSuchAdjustment, AlreadyDecided: there is nothing to approve.
        OnlyPeople: a key asks, or proposed it; its maker could approve their own proposal.
        SecondPairOfEyes: the caller proposed it.
        AlreadyReversed: somebody else has reversed that posting since.
        BeyondCounting: an account's sum could not be told any more.
        DifferenceChanged: it was to even out a difference that is not the same any more.
        UndoneElsewhere, NotByHand: it was proposed while that could still be.
    """
    must_be_somebody(by)
    await one_at_a_time(tx, "adjustments")  # each sees what the ones before it came to
    row = await _decide(tx, adjustment, AdjustmentState.APPROVED, by=by, now=now)
    lines = [EntryOut.model_validate(entry) for entry in row.entries]
    if row.reverses_kind is not None and row.reverses_source is not None:
        reverses = PostingRef(kind=row.reverses_kind, source=row.reverses_source)
        await ledger.must_stay_countable(tx, await _mirrored(tx, reverses))
        if not await _reverse(tx, reverses, f"{row.id}: {row.reason}", now):
            raise AlreadyReversed(kind=reverses.kind, source=reverses.source)
    else:
        if row.explains is not None:
            # The first entry is the provider's side of it.
            missing = lines[0].amount
            await reconciling.settle(
                tx, row.explains, adjustment=row.id, amount=missing, by=by.id, now=now
            )
        _must_be_by_hand(_entries(lines))
        await ledger.must_stay_countable(tx, _entries(lines))
        await ledger.post(
            tx,
            kind=CORRECTION,
            source=row.id,
            entries=_entries(lines),
            occurred_at=now,
            memo=row.reason,
        )
    return (await _told(tx, [row]))[0]


async def _reverse(tx: Tx, what: PostingRef, reason: str, now: datetime) -> bool:
    """Whether it was not reversed before. What a bank was thought to have paid a buyer is owed
    again: payments tell it, and the order follows."""
    if what.kind != REFUND_OUTSIDE:
        return await ledger.reverse(
            tx, kind=what.kind, source=what.source, reason=reason, occurred_at=now
        )
    order = (await refunds.get(tx, what.source)).reference
    if not await refunds.not_paid_outside(tx, what.source, now=now):
        return False
    # That of late money names its purchase: it was sold by nobody.
    return await undo_refund(tx, order, what.source, reason=reason, now=now)


async def refuse(tx: Tx, adjustment: str, *, by: Principal, now: datetime) -> AdjustmentOut:
    """It will not be posted. Whoever proposed it may take it back so, too; a difference that
    it was to explain can be explained otherwise.

    Raises:
        NoSuchAdjustment, AlreadyDecided: there is nothing to refuse.
    """
    by.must_be_staff(StaffRole.FINANCE)
    row = await _decide(tx, adjustment, AdjustmentState.REFUSED, by=by, now=now)
    await reconciling.let_go(tx, adjustment)
    return (await _told(tx, [row]))[0]


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
    return await _told(tx, (await tx.execute(newest.limit(100))).scalars().all())


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


async def _mirrored(tx: Tx, what: PostingRef) -> list[Entry]:
    """What reversing a posting enters.

    Raises:
        NoSuchPosting, AlreadyReversed: there is nothing to reverse.
        UndoneElsewhere: more than the books would have to follow.
    """
    found = {p.kind: p for p in await ledger.journal(tx, sources=[what.source])}
    if what.kind not in found:
        raise NoSuchPosting(source=what.source, kind=what.kind)
    if f"{what.kind}.reversed" in found:
        raise AlreadyReversed(source=what.source, kind=what.kind)
    entries = found[what.kind].entries
    instead = INSTEAD.get(what.kind)
    if instead is None and what.kind not in FOLLOWED and any(e.owner for e in entries):
        instead = "correction"
    if instead is not None:
        raise UndoneElsewhere(source=what.source, kind=what.kind, instead=instead)
    return [Entry(e.account, e.owner, -e.amount) for e in entries]


def _must_be_by_hand(entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.account in OF_ORDERS:
            raise NotByHand(account=entry.account)


def _entries(lines: Iterable[EntryOut]) -> list[Entry]:
    return [Entry(line.account, line.owner, line.amount) for line in lines]


async def _told(tx: Tx, rows: Sequence[Adjustment]) -> list[AdjustmentOut]:
    """As clients see them: with what they post, and the names of whoever decided."""
    sources = sorted({row.reverses_source for row in rows if row.reverses_source})
    found = {(p.source, p.kind): p for p in await ledger.journal(tx, sources=sources)}
    names = await people.names(
        tx, [who for row in rows for who in (row.proposed_by, row.decided_by) if who]
    )
    told = []
    for row in rows:
        facts = row.model_dump(exclude={"reverses_kind", "reverses_source"})
        facts["posts"] = row.entries
        if row.reverses_kind is not None and row.reverses_source is not None:
            facts["reverses"] = {"kind": row.reverses_kind, "source": row.reverses_source}
            posting = found[row.reverses_source, row.reverses_kind]
            facts["posts"] = [
                EntryOut(account=e.account, owner=e.owner, amount=-e.amount)
                for e in posting.entries
            ]
        facts["proposer"] = names.get(row.proposed_by)
        facts["decider"] = names.get(row.decided_by or "")
        told.append(AdjustmentOut.model_validate(facts))
    return told
