"""Our books against the provider's: thing by thing, and in sum.

Every line of our balance at the provider came of something we posted; every posting on a
``stripe_*`` account shows in such lines. What does not agree is written down with its age, for
somebody to explain; what explains itself later (a message that was late) is closed by the next
run. What the differences do not explain of the sums is a difference, too, so that a proof that
fails never stands alone.
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
from payments import ledger, posted, unread
from payments.errors import BeingExplained, DifferenceChanged, NoSuchDifference, NothingToEven
from payments.gateway import PaymentGateway
from payments.matching import BALANCE, Compared, Match, compare
from payments.outgoing import Holding, Line, Unread
from payments.tables_reconciling import (
    ITSELF,
    Reconciliation,
    ReconciliationCorrection,
    ReconciliationItem,
)

OVERLAP = timedelta(days=3)
"""How far each run looks back again: bookings and messages about them may be that late."""

SETTLES_WITHIN = timedelta(minutes=30)
"""Lines and postings younger than this may simply not have met yet."""

_ONE_AT_A_TIME = "reconciliation"
_LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00+00:00")

# Every difference that is known, however old, and whether or not somebody has explained it in
# words: what matched after all, or was evened out, counts nothing here.
_KNOWN = sa.text("""
SELECT currency, sum(ours_minor - theirs_minor) AS minor FROM payments.reconciliation_item
WHERE thing <> :balance AND ours_minor <> theirs_minor
  AND NOT (thing || ' ' || currency = ANY(:young))
GROUP BY currency
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
    # The newest lines come first, and the balance just before them: little fits in between.
    holdings = await gateway.holdings()
    told = await gateway.lines(begin - OVERLAP)
    lines = [line for line in told if isinstance(line, Line)]
    unreadable = [line for line in told if isinstance(line, Unread)]
    async with db.begin() as tx:
        await one_at_a_time(tx, _ONE_AT_A_TIME)
        names = await posted.names(tx, told)
        compared = compare(
            lines,
            await posted.since(tx, begin - OVERLAP),
            names,
            since=begin,
            until=now - SETTLES_WITHIN,
            unread=unreadable,
        )
        for one in compared:
            await _note(tx, one, now)
        for line in unreadable:
            await unread.note(tx, line, now=now)
        await unread.can_be_read(tx, [line.id for line in lines], now=now)
        proof = await _proof(tx, holdings, compared, now)
        counts = [one.match for one in compared]
        row = Reconciliation(
            id=ids.new("rec"),
            since=begin,
            until=now,
            matched=counts.count(Match.MATCHED),
            young=counts.count(Match.YOUNG),
            open=await _open(tx),
            proof=proof,
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


async def claim(tx: Tx, item: str, *, adjustment: str) -> ReconciliationItem:
    """From now on this adjustment is what is to explain the difference, and no other.

    Raises:
        NoSuchDifference: there is none that is open.
        BeingExplained: another adjustment waits for its approval.
        NothingToEven: what the provider has cannot be counted.
    """
    mine = sa.update(ReconciliationItem).where(*_open_to_anybody(item))
    row = await _guarded(tx, mine.values(adjustment=adjustment), item)
    if row.match is Match.UNREADABLE:
        raise NothingToEven(item=item)
    return row


async def close(tx: Tx, item: str, *, by: str, why: str, now: datetime) -> ReconciliationItem:
    """Somebody has explained it in words; the difference stays, and is known.

    Raises:
        NoSuchDifference: there is none that is open.
        BeingExplained: an adjustment waits for its approval.
    """
    mine = sa.update(ReconciliationItem).where(*_open_to_anybody(item))
    return await _guarded(tx, mine.values(closed_at=now, closed_by=by, why=why), item)


async def settle(
    tx: Tx, item: str, *, adjustment: str, amount: Money, by: str, now: datetime
) -> None:
    """The adjustment that evens a difference out is being posted: it counts as part of the
    thing from now on, and the difference is closed.

    Raises:
        DifferenceChanged: it is closed, somebody else's to explain, or of another amount.
    """
    await one_at_a_time(tx, _ONE_AT_A_TIME)  # no run may have read the books before this
    missing = col(ReconciliationItem.theirs_minor) - col(ReconciliationItem.ours_minor)
    mine = sa.update(ReconciliationItem).where(
        col(ReconciliationItem.id) == item,
        col(ReconciliationItem.adjustment) == adjustment,
        col(ReconciliationItem.closed_at).is_(None),
        col(ReconciliationItem.currency) == amount.currency,
        missing == amount.minor,
    )
    evened = mine.values(
        closed_at=now, closed_by=by, why=adjustment, ours_minor=ReconciliationItem.theirs_minor
    )
    done = evened.returning(col(ReconciliationItem.id))
    fresh = done.execution_options(synchronize_session=False)
    if (await tx.execute(fresh)).first() is None:
        raise DifferenceChanged(item=item)
    tx.add(ReconciliationCorrection(source=adjustment, item=item))
    await tx.flush()


async def let_go(tx: Tx, adjustment: str) -> None:
    """The adjustment that was to explain a difference will not be posted: another may."""
    mine = sa.update(ReconciliationItem).where(
        col(ReconciliationItem.adjustment) == adjustment,
        col(ReconciliationItem.closed_at).is_(None),
    )
    freed = mine.values(adjustment=None).execution_options(synchronize_session=False)
    await tx.execute(freed)


def _open_to_anybody(item: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ReconciliationItem.id) == item,
        col(ReconciliationItem.closed_at).is_(None),
        col(ReconciliationItem.adjustment).is_(None),
    )


async def _guarded(tx: Tx, update: sa.Update, item: str) -> ReconciliationItem:
    fresh = update.returning(ReconciliationItem).execution_options(
        synchronize_session=False, populate_existing=True
    )
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is not None:
        return row
    found = await tx.get(ReconciliationItem, item, populate_existing=True)
    if found is None or found.closed_at is not None:
        raise NoSuchDifference(item=item)
    raise BeingExplained(item=item, adjustment=found.adjustment)


async def _note(tx: Tx, one: Compared, now: datetime) -> None:
    """Write a difference down, or close it if it is none any more."""
    if one.match is Match.YOUNG:
        return
    same = [
        col(ReconciliationItem.thing) == one.thing,
        col(ReconciliationItem.currency) == one.ours.currency,
    ]
    if one.match is Match.MATCHED:
        await _close_what_matched(tx, one, same, now)
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
    # What was explained stays so, unless the figures have changed since; what was to even
    # out the old ones evens out nothing now.
    again: dict[str, Any] = {
        "match": seen.match,
        "ours_minor": seen.ours_minor,
        "theirs_minor": seen.theirs_minor,
        "lines": seen.lines,
        "adjustment": None,
        "closed_at": None,
        "closed_by": None,
        "why": None,
        "at": sa.case(
            (
                sa.and_(
                    col(ReconciliationItem.thing) == BALANCE,
                    col(ReconciliationItem.closed_at).is_not(None),
                ),
                seen.at,
            ),
            else_=col(ReconciliationItem.at),
        ),
    }
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["thing", "currency"], set_=again, where=changed
        )
    )


async def _close_what_matched(
    tx: Tx, one: Compared, same: list[sa.ColumnElement[bool]], now: datetime
) -> None:
    """A difference that is none any more; its figures are those that matched."""
    item = ReconciliationItem
    was_open = col(item.closed_at).is_(None)
    figures = {"ours_minor": one.ours.minor, "theirs_minor": one.theirs.minor}
    changed = [col(getattr(item, name)) != minor for name, minor in figures.items()]
    done = sa.update(item).where(*same, sa.or_(was_open, *changed))
    values = {
        **figures,
        "adjustment": sa.case((was_open, None), else_=col(item.adjustment)),
        "closed_at": sa.func.coalesce(col(item.closed_at), now),
        "closed_by": sa.func.coalesce(col(item.closed_by), ITSELF),
        "why": sa.func.coalesce(col(item.why), "matched"),
    }
    await tx.execute(done.values(**values).execution_options(synchronize_session=False))


async def _open(tx: Tx) -> int:
    waiting = sa.select(sa.func.count()).select_from(ReconciliationItem)
    counted = waiting.where(col(ReconciliationItem.closed_at).is_(None))
    return int((await tx.execute(counted)).scalar_one())


async def _proof(
    tx: Tx, told: Sequence[Holding | Unread], compared: Sequence[Compared], now: datetime
) -> list[dict[str, Any]]:
    """Per currency: our books, the provider's balance, and how much of their difference is
    known. What is not is written down as a difference of its own.

    It holds if both sums are the same and nothing is known that should make them differ. Of
    what the provider holds and we cannot read, there is no sum and no proof.
    """
    theirs: dict[str, Money] = {}
    unknown: set[str] = set()
    for held in told:
        if isinstance(held, Holding):
            theirs[held.available.currency] = held.available + held.pending
            continue
        await unread.note(tx, held, now=now)
        if held.currency is not None:
            unknown.add(held.currency)
    ours: dict[str, Money] = {}
    for line in await ledger.trial_balance(tx):
        if line.account in posted.AT_THE_PROVIDER:
            currency = line.amount.currency
            ours[currency] = ours.get(currency, Money.zero(currency)) + line.amount
    known = await _known(tx, compared)
    proof = []
    for currency in sorted(ours.keys() | theirs.keys() | known.keys() | unknown):
        none = Money.zero(currency)
        mine, their = ours.get(currency, none), theirs.get(currency, none)
        explained = known.get(currency, none)
        if currency in unknown:
            proof.append(_proven(mine, None, explained))
            continue
        rest = (mine - their) - explained
        match = Match.DIFFERING if rest else Match.MATCHED
        await _note(tx, Compared(BALANCE, match, BALANCE, rest, none, (), now), now)
        if rest and await _in_words(tx, currency):
            explained += rest
        proof.append(_proven(mine, their, explained))
    return proof


def _proven(ours: Money, theirs: Money | None, explained: Money) -> dict[str, Any]:
    return {
        "currency": ours.currency,
        "ours": ours.minor,
        "theirs": None if theirs is None else theirs.minor,
        "explained": explained.minor,
        "holds": ours == theirs and not explained,
    }


async def _known(tx: Tx, compared: Sequence[Compared]) -> dict[str, Money]:
    """What the differences come to, by currency; those that are too young to be one, too."""
    young = [one for one in compared if one.match is Match.YOUNG]
    names = [f"{one.thing} {one.ours.currency}" for one in young]
    rows = await tx.execute(_KNOWN, {"balance": BALANCE, "young": names})
    known = {row.currency: Money(int(row.minor), row.currency) for row in rows}
    for one in young:
        currency = one.ours.currency
        known[currency] = known.get(currency, Money.zero(currency)) + one.ours - one.theirs
    return known


async def _in_words(tx: Tx, currency: str) -> bool:
    """Whether somebody has explained what the sums differ by."""
    closed = sa.select(col(ReconciliationItem.closed_at)).where(
        col(ReconciliationItem.thing) == BALANCE, col(ReconciliationItem.currency) == currency
    )
    return (await tx.execute(closed)).scalar() is not None
