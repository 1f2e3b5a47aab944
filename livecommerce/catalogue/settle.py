"""The statement that decides: who gets a hold, in order of arrival, under one row's lock.

The stock row is locked first and looked at second, in the same transaction, so that the
second statement's snapshot shows whatever other processes committed while we waited: equal
keys, a buyer's other holds, the stock itself. (One statement that does both sees fresh stock
but old holds.) All holds, the stock, its journal and the facts are written by that second
statement, so there is no partial state to repair.

Each member's earlier holds are looked up one by one (scalar subqueries, which can only use
an index), never joined: the server keeps the plan that it made first, and for a table that is
still empty it would read the whole of it for evermore.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

import sqlalchemy as sa

from livecommerce.catalogue import events, rules
from livecommerce.catalogue.errors import CountWrong, NoSuchVariant
from livecommerce.kernel import ids
from livecommerce.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Special:
    """A price for so many pieces and no more.

    ``total`` and ``per_buyer`` count the pieces held or sold under ``id``, whatever their
    variant; ``per_buyer`` without those that were given back. A claim that no longer fits is
    met at its normal price; with ``only`` it is refused instead (the buyer was shown the
    special price and agreed to no other).
    """

    id: str
    price: Money
    total: int
    per_buyer: int
    only: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What a buyer asks for: ``count`` of a variant at the price that they were shown.

    ``key`` is the client's own; asking again with it gives the first answer again.
    ``ours``: it is made for the buyer (a replacement, a turn, a piece under the hammer), and
    not by them; its key is then out of every client's reach.
    ``limit_per_buyer`` counts a buyer's holds and sales of the variant on the same card,
    without the pieces that were given back.
    """

    buyer: str
    key: str
    variant: str
    merchant: str
    count: int
    price: Money
    live: str | None = None
    card: str | None = None
    segment: str | None = None
    limit_per_buyer: int | None = None
    special: Special | None = None
    ours: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise CountWrong(count=self.count)


class Fate(Enum):
    """What became of one claim in a batch. KNOWN: its key is taken, look the hold up.
    SPECIAL: made, at the special price; GONE: it wanted that price and no other."""

    MADE = auto()
    KNOWN = auto()
    SHORT = auto()
    LIMITED = auto()
    SPECIAL = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """A claim as it enters the statement: under its durable key, with its new hold's id."""

    claim: Claim
    key: str
    now: datetime
    until: datetime
    hold: str

    @classmethod
    def of(cls, claim: Claim, *, now: datetime, until: datetime, position: int = 0) -> "Ask":
        """Ready to be settled."""
        key = rules.claim_key(claim.buyer, claim.key, position, ours=claim.ours)
        return cls(claim, key, now, until, ids.new("hld"))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch came to: a fate for each ask, and what is left to sell."""

    fates: list[Fate]
    left: int


class Executes(Protocol):
    """A connection or a session in a transaction."""

    async def execute(self, statement: Any, parameters: Any = None, /) -> sa.Result[Any]: ...


_LOCK = sa.text(
    "SELECT on_hand - held FROM commerce.stock WHERE variant_id = :variant FOR UPDATE"
)

_SETTLE_TEXT = """
WITH want AS MATERIALIZED (
  SELECT w.*, (SELECT k.id FROM commerce.hold k WHERE k.claim_key = w.key) AS known
  FROM unnest(
    cast(:ids AS text[]), cast(:keys AS text[]), cast(:buyers AS text[]),
    cast(:merchants AS text[]), cast(:counts AS int[]), cast(:prices AS bigint[]),
    cast(:currencies AS text[]), cast(:lives AS text[]), cast(:cards AS text[]),
    cast(:segments AS text[]), cast(:limits AS int[]), cast(:nows AS timestamptz[]),
    cast(:untils AS timestamptz[]){arrays}
  ) WITH ORDINALITY AS w(id, key, buyer, merchant, count, price, currency, live, card,
                         segment, most, now, until{names}, ord)
), fresh AS MATERIALIZED (
  SELECT w.*, CASE WHEN w.most IS NULL THEN 0 ELSE (
      SELECT coalesce(sum(h.count - h.given_back), 0) FROM commerce.hold h
      WHERE h.buyer = w.buyer AND h.variant_id = :variant
        AND h.card_id IS NOT DISTINCT FROM w.card AND h.state IN ('held', 'sold')
    ) END AS had
  FROM want w WHERE w.known IS NULL
), able AS (
  SELECT f.*,
    f.had + sum(f.count) OVER (PARTITION BY f.buyer, f.card ORDER BY f.ord) AS would_have
  FROM fresh f WHERE f.most IS NULL OR f.had + f.count <= f.most
), line AS (
  SELECT a.*, sum(a.count) OVER (ORDER BY a.ord) AS run
  FROM able a WHERE a.most IS NULL OR a.would_have <= a.most
){cut}, made AS (
  INSERT INTO commerce.hold (id, claim_key, variant_id, merchant_id, buyer, live_id, card_id,
    segment_id, count, price_minor, currency, state, hold_until, claimed_at{columns})
  SELECT l.id, l.key, :variant, l.merchant, l.buyer, l.live, l.card,
    l.segment, l.count, {price}, l.currency, 'held', l.until, l.now{values}
  FROM line l JOIN commerce.stock s ON s.variant_id = :variant{given}
  WHERE l.run <= s.on_hand - s.held{agreed}
  ORDER BY l.ord
  ON CONFLICT (claim_key) DO NOTHING
  RETURNING *
), raised AS (
  UPDATE commerce.stock s SET held = s.held + n.count, version = s.version + 1
  FROM (SELECT cast(sum(count) AS int) AS count FROM made) n
  WHERE s.variant_id = :variant AND n.count > 0
  RETURNING s.product_id, s.on_hand - s.held AS left, s.version
), noted AS (
  INSERT INTO commerce.stock_journal (variant_id, on_hand, held, reason, reference, at)
  SELECT variant_id, 0, count, 'held', id, claimed_at FROM made
), told AS (
  INSERT INTO kernel.outbox (topic, body)
  SELECT cast(:hold_made AS text), jsonb_build_object(
    'hold', id, 'variant', variant_id, 'merchant', merchant_id, 'buyer', buyer,
    'live', live_id, 'card', card_id, 'count', count, 'hold_until', hold_until,
    'price', jsonb_build_object('minor', price_minor, 'currency', currency)) FROM made
  UNION ALL
  SELECT cast(:stock_changed AS text), jsonb_build_object(
    'variant', cast(:variant AS text), 'product', product_id, 'left', r.left,
    'version', version)
  FROM raised r
), rung AS MATERIALIZED (SELECT pg_notify('outbox', '') FROM raised)
SELECT m.id IS NOT NULL AS made,
  w.known IS NOT NULL OR l.run <= s.on_hand - s.held AS known,
  l.ord IS NOT NULL AS allowed, {special} AS special, {gone} AS gone,
  (SELECT r.left FROM raised r) AS left, (SELECT count(*) FROM rung) AS rung
FROM want w JOIN commerce.stock s ON s.variant_id = :variant
LEFT JOIN made m ON m.claim_key = w.key
LEFT JOIN line l ON l.ord = w.ord
ORDER BY w.ord
"""

# Who gets the special price, in the same order: first each buyer's own part, then the whole.
_CUT = """, own AS (
  SELECT l.*, sum(l.count) OVER (PARTITION BY l.special, l.buyer ORDER BY l.ord) + (
      SELECT coalesce(sum(h.count - h.given_back), 0) FROM commerce.hold h
      WHERE h.offer_id = l.special AND h.buyer = l.buyer AND h.state IN ('held', 'sold')
    ) AS own_run
  FROM line l JOIN commerce.stock s ON s.variant_id = :variant
  WHERE l.special IS NOT NULL AND l.run <= s.on_hand - s.held
), spent AS MATERIALIZED (
  SELECT o.special, (
      SELECT coalesce(sum(h.count), 0) FROM commerce.hold h
      WHERE h.offer_id = o.special AND h.state IN ('held', 'sold')
    ) AS count
  FROM (SELECT DISTINCT special FROM own) o
), cut AS (
  SELECT o.ord, o.special, o.special_price, o.special_total,
    sum(o.count) OVER (PARTITION BY o.special ORDER BY o.ord) + p.count AS all_run
  FROM own o JOIN spent p USING (special) WHERE o.own_run <= o.special_each
)"""
_PLAIN = {
    **dict.fromkeys(("arrays", "names", "cut", "columns", "values", "given", "agreed"), ""),
    "price": "l.price",
    "special": "false",
    "gone": "false",
}
_WITH_SPECIALS = {
    "arrays": ", cast(:specials AS text[]), cast(:special_prices AS bigint[]),"
    " cast(:special_totals AS int[]), cast(:special_eachs AS int[]),"
    " cast(:onlys AS boolean[])",
    "names": ", special, special_price, special_total, special_each, alone",
    "cut": _CUT,
    "columns": ", offer_id, normal_minor",
    "price": "coalesce(c.special_price, l.price)",
    "values": ", c.special, CASE WHEN c.ord IS NOT NULL THEN l.price END",
    "given": " LEFT JOIN cut c ON c.ord = l.ord AND c.all_run <= c.special_total",
    "agreed": " AND (c.ord IS NOT NULL OR l.alone IS NOT TRUE)",
    "special": "m.offer_id IS NOT NULL",
    "gone": "m.id IS NULL AND l.alone IS TRUE AND l.run <= s.on_hand - s.held AND NOT EXISTS"
    " (SELECT FROM cut c WHERE c.ord = w.ord AND c.all_run <= c.special_total)",
}
_SETTLE = sa.text(_SETTLE_TEXT.format_map(_PLAIN))
_SETTLE_SPECIALS = sa.text(_SETTLE_TEXT.format_map(_WITH_SPECIALS))

_LOCK_SPECIALS = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended(o.id, 0))"
    " FROM (SELECT id FROM unnest(cast(:specials AS text[])) AS id ORDER BY id) o"
)


async def lock_specials(tx: Executes, asks: Sequence[Ask]) -> None:
    """The special prices that the asks may get are ours until the transaction ends. They are
    locked before any stock row, always, so that nobody waits in a circle."""
    specials = {ask.claim.special.id for ask in asks if ask.claim.special is not None}
    if specials:
        await tx.execute(_LOCK_SPECIALS, {"specials": sorted(specials)})


async def settle(tx: Executes, variant: str, asks: Sequence[Ask]) -> Settled:
    """Give each ask a hold while there is stock, in order; the transaction is the caller's.

    Keys are different from each other. All asks are for ``variant``.

    Raises:
        NoSuchVariant: it has no stock row.
    """
    await lock_specials(tx, asks)
    left = (await tx.execute(_LOCK, {"variant": variant})).scalar()
    if left is None:
        raise NoSuchVariant(variant=variant)
    claims = [ask.claim for ask in asks]
    values = {
        "variant": variant,
        "hold_made": events.HoldMade.topic,
        "stock_changed": events.StockChanged.topic,
        "ids": [ask.hold for ask in asks],
        "keys": [ask.key for ask in asks],
        "buyers": [claim.buyer for claim in claims],
        "merchants": [claim.merchant for claim in claims],
        "counts": [claim.count for claim in claims],
        "prices": [claim.price.minor for claim in claims],
        "currencies": [claim.price.currency for claim in claims],
        "lives": [claim.live for claim in claims],
        "cards": [claim.card for claim in claims],
        "segments": [claim.segment for claim in claims],
        "limits": [claim.limit_per_buyer for claim in claims],
        "nows": [ask.now for ask in asks],
        "untils": [ask.until for ask in asks],
    }
    statement = _SETTLE
    if any(claim.special for claim in claims):
        statement = _SETTLE_SPECIALS
        values |= _specials([claim.special for claim in claims])
    rows = (await tx.execute(statement, values)).all()
    after = rows[0].left
    return Settled([_fate(row) for row in rows], int(left if after is None else after))


def _specials(specials: Sequence[Special | None]) -> dict[str, list[Any]]:
    return {
        "specials": [s.id if s else None for s in specials],
        "special_prices": [s.price.minor if s else None for s in specials],
        "special_totals": [s.total if s else None for s in specials],
        "special_eachs": [s.per_buyer if s else None for s in specials],
        "onlys": [s.only if s else None for s in specials],
    }


def _fate(row: Any) -> Fate:
    if row.made:
        return Fate.SPECIAL if row.special else Fate.MADE
    if row.gone:
        return Fate.GONE
    if row.known:
        return Fate.KNOWN
    return Fate.SHORT if row.allowed else Fate.LIMITED
