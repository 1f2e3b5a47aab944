"""Stock: what becomes of holds, and goods that come and go. One statement decides each.

Holds are taken first, in the order of their ids, then stock rows in the order of theirs; so
any two of these wait for each other and never in a circle. Every movement is in the journal
by the transaction that made it, with the location whose goods it moved: a claim asks only the
one row per variant, and where a sold piece is taken from is decided when it is sold.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from livecommerce.catalogue import rules
from livecommerce.catalogue.errors import (
    HoldGone,
    NoSuchLocation,
    NoSuchVariant,
    StockShort,
)
from livecommerce.catalogue.events import HoldLapsed, HoldReleased, StockChanged
from livecommerce.catalogue.households import Household, within
from livecommerce.catalogue.rules import HoldState, Reason
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.outbox import emit

_END = sa.text(
    "UPDATE commerce.hold h SET state = :state, ended_at = :now FROM ("
    " SELECT id FROM commerce.hold WHERE id = ANY(:holds) AND state = ANY(:states)"
    " ORDER BY id FOR UPDATE) mine"
    " WHERE h.id = mine.id"
    " RETURNING h.id, h.variant_id, h.merchant_id, h.buyer, h.live_id, h.count AS pieces"
)
_LAPSE = sa.text(
    "UPDATE commerce.hold h SET state = 'lapsed', ended_at = :now FROM ("
    " SELECT id FROM commerce.hold WHERE state = 'held' AND checkout_id IS NULL"
    " AND hold_until <= :now ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED) due"
    " WHERE h.id = due.id"
    " RETURNING h.id, h.variant_id, h.merchant_id, h.buyer, h.live_id, h.count AS pieces"
)
_ATTACH = sa.text(
    "UPDATE commerce.hold h SET checkout_id = :checkout, household = :household FROM ("
    " SELECT id FROM commerce.hold WHERE id = ANY(:holds) AND buyer = :buyer"
    " AND state = 'held' AND checkout_id IS NULL AND hold_until > :now"
    " ORDER BY id FOR UPDATE) mine"
    " WHERE h.id = mine.id RETURNING h.id"
)
_FREE = sa.text(
    "UPDATE commerce.hold h SET given_back = h.given_back + n.pieces FROM ("
    " SELECT id FROM commerce.hold WHERE id = ANY(:holds) ORDER BY id FOR UPDATE) mine"
    " JOIN unnest(cast(:holds AS text[]), cast(:pieces AS int[])) AS n(id, pieces) USING (id)"
    " WHERE h.id = mine.id"
)
_MOVE = sa.text(
    "UPDATE commerce.stock s"
    " SET on_hand = s.on_hand + m.on_hand, held = s.held + m.held, version = s.version + 1"
    " FROM (SELECT k.variant_id FROM commerce.stock k WHERE k.variant_id = ANY(:variants)"
    " ORDER BY k.variant_id FOR UPDATE) locked"
    " JOIN unnest(cast(:variants AS text[]), cast(:on_hand AS int[]), cast(:held AS int[]))"
    " AS m(variant_id, on_hand, held) USING (variant_id)"
    " WHERE s.variant_id = locked.variant_id"
    " AND s.held + m.held BETWEEN 0 AND s.on_hand + m.on_hand"
    " RETURNING s.variant_id, s.product_id, s.on_hand - s.held AS left, s.version"
)
_LOCK = sa.text(
    "SELECT variant_id, on_hand - held AS left FROM commerce.stock"
    " WHERE variant_id = ANY(:variants) ORDER BY variant_id FOR UPDATE"
)
_NOTE = sa.text(
    "INSERT INTO commerce.stock_journal"
    " (variant_id, on_hand, held, reason, reference, location_id, at)"
    " SELECT n.variant_id, n.on_hand, n.held, :reason, n.reference, n.place, :now FROM"
    " unnest(cast(:variants AS text[]), cast(:on_hand AS int[]), cast(:held AS int[]),"
    " cast(:references AS text[]), cast(:places AS text[]))"
    " AS n(variant_id, on_hand, held, reference, place)"
)
_THERE = sa.text(
    "SELECT s.variant_id, l.id AS place, coalesce(a.on_hand, 0) AS on_hand"
    " FROM commerce.stock s JOIN commerce.variant v ON v.id = s.variant_id"
    " JOIN commerce.stock_location l ON l.merchant_id = v.merchant_id"
    " LEFT JOIN commerce.stock_at a ON a.variant_id = v.id AND a.location_id = l.id"
    " WHERE s.variant_id = ANY(:variants) ORDER BY l.priority, l.id"
)
_PLACE = sa.text(
    "INSERT INTO commerce.stock_at (variant_id, location_id, on_hand) SELECT v, l, 0"
    " FROM unnest(cast(:variants AS text[]), cast(:places AS text[])) AS n(v, l)"
    " ON CONFLICT DO NOTHING"
)
_PUT = sa.text(
    "UPDATE commerce.stock_at a SET on_hand = a.on_hand + n.change FROM unnest("
    "cast(:variants AS text[]), cast(:places AS text[]), cast(:changes AS int[]))"
    " AS n(v, l, change) WHERE a.variant_id = n.v AND a.location_id = n.l"
)

Move = tuple[str, int, int, str]
"""A variant, by how many on-hand and held change, and the reference that says why."""

Entry = tuple[str, int, int, str, str | None]
"""A move as the journal has it: with the location, if goods came or went."""


async def attach(
    tx: Tx,
    holds: Sequence[str],
    *,
    checkout: str,
    buyer: str,
    now: datetime,
    household: Household | None = None,
) -> None:
    """Put the buyer's own, still-held holds into a checkout, which decides their end.

    Purchases for one household follow each other, so that none of two at the same moment
    overlooks the other.

    Raises:
        HoldGone: one has ended, is somebody else's, or is in a checkout already.
        TooManyThere: with what else goes there, it is more than one household may have.
    """
    if household is not None:
        await one_at_a_time(tx, f"household:{household.mark}")
    values = {
        "checkout": checkout,
        "holds": list(holds),
        "buyer": buyer,
        "now": now,
        "household": household.mark if household else None,
    }
    taken = set((await tx.execute(_ATTACH, values)).scalars())
    for hold in holds:
        if hold not in taken:
            raise HoldGone(hold=hold)
    if household is not None:
        await within(tx, holds, household)


async def sell(tx: Tx, holds: Sequence[str], *, now: datetime) -> None:
    """Held goods are sold: they leave both counts. What is sold already stays sold.

    Raises:
        HoldGone: one of them is no longer held; nothing is sold then.
    """
    ended = await _end(tx, holds, [HoldState.HELD], HoldState.SOLD, now)
    sold = await _in_state(tx, holds, HoldState.SOLD)
    for hold in holds:
        if hold not in sold:
            raise HoldGone(hold=hold)
    moves = [(row.variant_id, -row.pieces, -row.pieces, row.id) for row in ended]
    await move(tx, moves, reason=Reason.SOLD, now=now)


async def release(
    tx: Tx, holds: Sequence[str], *, now: datetime, lapsed: bool = False
) -> list[str]:
    """Held goods are for sale again; holds that have ended are left alone.

    Returns:
        the holds that this call ended.
    """
    state = HoldState.LAPSED if lapsed else HoldState.RELEASED
    rows = await _end(tx, holds, [HoldState.HELD], state, now)
    await _give_back(tx, rows, state, now)
    return [row.id for row in rows]


async def lapse(tx: Tx, *, now: datetime, limit: int = 500) -> int:
    """End up to ``limit`` holds whose moment has come and that no checkout has; how many."""
    rows = (await tx.execute(_LAPSE, {"now": now, "most": limit})).all()
    await _give_back(tx, rows, HoldState.LAPSED, now)
    return len(rows)


async def reclaim(tx: Tx, holds: Sequence[str], *, now: datetime) -> bool:
    """Sell goods whose holds had ended, if all of them can still be had; else do nothing.

    A hold that is still held, or sold already, is no obstacle.
    """
    ended = sa.text(
        "SELECT id, variant_id, count AS pieces FROM commerce.hold WHERE id = ANY(:holds)"
        " AND state = ANY(:states) ORDER BY id FOR UPDATE"
    )
    states = [HoldState.LAPSED.value, HoldState.RELEASED.value]
    rows = (await tx.execute(ended, {"holds": list(holds), "states": states})).all()
    wanted = _summed((row.variant_id, row.pieces) for row in rows)
    found = (await tx.execute(_LOCK, {"variants": sorted(wanted)})).all()
    left = {row.variant_id: row.left for row in found}
    if any(left.get(variant, 0) < count for variant, count in wanted.items()):
        return False
    again = [row.id for row in rows]
    await _end(tx, again, [HoldState.LAPSED, HoldState.RELEASED], HoldState.SOLD, now)
    moves = [(row.variant_id, -row.pieces, 0, row.id) for row in rows]
    await move(tx, moves, reason=Reason.RECLAIMED, now=now)
    await sell(tx, holds, now=now)
    return True


async def free(tx: Tx, pieces: Mapping[str, int]) -> None:
    """So many pieces of these sold holds were given back: no limit per buyer or household
    counts them any more. Goods do not move."""
    values = {"holds": list(pieces), "pieces": list(pieces.values())}
    await tx.execute(_FREE, values)


async def put_back(tx: Tx, counts: Mapping[str, int], *, reference: str, now: datetime) -> None:
    """Sold goods are on hand again: they never left, or came back."""
    moves = [(variant, count, 0, reference) for variant, count in counts.items()]
    await move(tx, moves, reason=Reason.RETURNED, now=now)


async def write_off(
    tx: Tx, counts: Mapping[str, int], *, reference: str, now: datetime
) -> None:
    """Goods on hand are none any more: missing, faulty, or come back unfit for sale.

    Raises:
        StockShort: fewer are on hand and not held.
    """
    moves = [(variant, -count, 0, reference) for variant, count in counts.items()]
    await move(tx, moves, reason=Reason.WRITTEN_OFF, now=now)


async def move(
    tx: Tx,
    moves: Iterable[Move],
    *,
    reason: Reason,
    now: datetime,
    at: str | None = None,
) -> None:
    """Change stock and write the journal; rooms hear what is left.

    Args:
        at: the location whose goods they are. Without one, goods are taken from the
            merchant's locations by priority, and what comes in goes to the first.

    Raises:
        NoSuchVariant: there is no such stock row.
        NoSuchLocation: ``at`` is not one of the merchant's.
        StockShort: held would exceed what is on hand, or ``at`` has not so many.
    """
    entries = [entry for entry in moves if entry[1] or entry[2]]
    if not entries:
        return
    on_hand = _summed((variant, change) for variant, change, _, _ in entries)
    held = _summed((variant, change) for variant, _, change, _ in entries)
    variants = sorted(on_hand)
    values = {
        "variants": variants,
        "on_hand": [on_hand[variant] for variant in variants],
        "held": [held[variant] for variant in variants],
    }
    rows = (await tx.execute(_MOVE, values)).all()
    if len(rows) < len(variants):
        known = set((await tx.execute(_LOCK, {"variants": variants})).scalars())
        gone = [variant for variant in variants if variant not in known]
        if gone:
            raise NoSuchVariant(variant=gone[0])
        moved = {row.variant_id for row in rows}
        raise StockShort(variant=next(v for v in variants if v not in moved))
    placed = await _placed(tx, entries, at)
    await note(tx, placed, reason=reason, now=now)
    changed = [
        StockChanged(
            variant=row.variant_id, product=row.product_id, left=row.left, version=row.version
        )
        for row in rows
    ]
    await emit(tx, *changed)


async def note(tx: Tx, entries: Sequence[Entry], *, reason: Reason, now: datetime) -> None:
    """Write the journal, and move the goods of each entry at its location. The caller holds
    the locks of the stock rows, and has moved or is to move their sums."""
    goods = [entry for entry in entries if entry[1]]
    if goods:
        moved: Counter[tuple[str, str]] = Counter()
        for variant, on_hand, _, _, place in goods:
            moved[variant, str(place)] += on_hand
        pairs = {"variants": [v for v, _ in moved], "places": [place for _, place in moved]}
        if any(change > 0 for change in moved.values()):
            await tx.execute(_PLACE, pairs)
        await tx.execute(_PUT, {**pairs, "changes": list(moved.values())})
    journal = {
        "variants": [entry[0] for entry in entries],
        "on_hand": [entry[1] for entry in entries],
        "held": [entry[2] for entry in entries],
        "references": [entry[3] for entry in entries],
        "places": [entry[4] for entry in entries],
        "reason": reason.value,
        "now": now,
    }
    await tx.execute(_NOTE, journal)


async def lock(tx: Tx, variants: Iterable[str]) -> None:
    """Take the stock rows, in the order of their ids, until the transaction ends."""
    await tx.execute(_LOCK, {"variants": sorted(set(variants))})


async def there(tx: Tx, variants: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many of each variant lie at each of its merchant's locations, by priority."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in await tx.execute(_THERE, {"variants": list(variants)}):
        found.setdefault(row.variant_id, []).append((row.place, row.on_hand))
    return found


async def _placed(tx: Tx, entries: Sequence[Move], at: str | None) -> list[Entry]:
    """The moves with their locations; one that takes from several becomes several."""
    goods = {entry[0] for entry in entries if entry[1]}
    lying = await there(tx, goods) if goods else {}
    placed: list[Entry] = []
    for variant, on_hand, held, reference in entries:
        if not on_hand:
            placed.append((variant, 0, held, reference, None))
            continue
        places = lying.get(variant, [])
        if at is not None:
            places = [place for place in places if place[0] == at]
        if not places:
            raise NoSuchLocation(location=at)
        if on_hand > 0:
            parts = [(places[0][0], on_hand)]
        else:
            taken = rules.drawn(places, -on_hand)
            if sum(count for _, count in taken) < -on_hand:
                raise StockShort(variant=variant, location=at)
            parts = [(place, -count) for place, count in taken]
        shares = rules.shared(held, [count for _, count in parts])
        for (place, count), share in zip(parts, shares, strict=True):
            placed.append((variant, count, share, reference, place))
        lying[variant] = _after(lying[variant], parts)
    return placed


def _after(
    lying: Sequence[tuple[str, int]], parts: Sequence[tuple[str, int]]
) -> list[tuple[str, int]]:
    change = dict(parts)
    return [(place, count + change.get(place, 0)) for place, count in lying]


async def _end(
    tx: Tx, holds: Sequence[str], states: Sequence[HoldState], state: HoldState, now: datetime
) -> Sequence[Any]:
    values = {
        "holds": list(holds),
        "states": [one.value for one in states],
        "state": state.value,
        "now": now,
    }
    return (await tx.execute(_END, values)).all()


async def _give_back(tx: Tx, rows: Sequence[Any], state: HoldState, now: datetime) -> None:
    moves = [(row.variant_id, 0, -row.pieces, row.id) for row in rows]
    lapsed = state is HoldState.LAPSED
    await move(tx, moves, reason=Reason.LAPSED if lapsed else Reason.RELEASED, now=now)
    told = HoldLapsed if lapsed else HoldReleased
    facts = [
        told(
            hold=row.id,
            variant=row.variant_id,
            merchant=row.merchant_id,
            buyer=row.buyer,
            live=row.live_id,
            count=row.pieces,
        )
        for row in rows
    ]
    await emit(tx, *facts)


async def _in_state(tx: Tx, holds: Sequence[str], state: HoldState) -> set[str]:
    found = sa.text("SELECT id FROM commerce.hold WHERE id = ANY(:holds) AND state = :state")
    values = {"holds": list(holds), "state": state.value}
    return set((await tx.execute(found, values)).scalars())


def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for name, count in pairs:
        total[name] += count
    return total
