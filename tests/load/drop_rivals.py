"""What our claims are measured against, in one process on the same database: the ways one
would write first. Each makes the hold, the journal and the facts, like ours."""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.catalogue.errors import SoldOut
from livecommerce.catalogue.events import HoldMade, StockChanged
from livecommerce.catalogue.settle import Ask
from livecommerce.kernel.db import Database
from tests.load.drop_server import naive_claim


class Way(Protocol):
    """One way of taking claims."""

    async def claim(self, want: Claim, now: datetime) -> object: ...


class ForUpdate:
    """A transaction per buyer that locks the row first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claim(self, want: Claim, now: datetime) -> object:
        return await naive_claim(self._db, want, now, now)


_ONE = sa.text(
    """
WITH taken AS (
  UPDATE commerce.stock SET held = held + :count, version = version + 1
  WHERE variant_id = :variant AND on_hand - held >= :count
  RETURNING product_id, on_hand - held AS left, version
), made AS (
  INSERT INTO commerce.hold (id, claim_key, variant_id, merchant_id, buyer, live_id, card_id,
    segment_id, count, price_minor, currency, state, hold_until, claimed_at)
  SELECT :id, :key, :variant, :merchant, :buyer, :live, :card, NULL, :count, :price,
    :currency, 'held', :until, :now FROM taken
  RETURNING *
), noted AS (
  INSERT INTO commerce.stock_journal (variant_id, on_hand, held, reason, reference, at)
  SELECT variant_id, 0, count, 'held', id, claimed_at FROM made
), told AS (
  INSERT INTO kernel.outbox (topic, body)
  SELECT cast(:hold_made AS text), jsonb_build_object('hold', id, 'variant', variant_id,
    'merchant', merchant_id, 'buyer', buyer, 'live', live_id, 'card', card_id,
    'count', count, 'hold_until', hold_until, 'price',
    jsonb_build_object('minor', price_minor, 'currency', currency)) FROM made
  UNION ALL
  SELECT cast(:stock_changed AS text), jsonb_build_object('variant',
    cast(:variant AS text), 'product', product_id, 'left', t.left, 'version', version)
  FROM taken t
)
SELECT count(*) FROM taken
"""
)


class OneStatement:
    """A single conditional UPDATE per buyer, with everything else in the same statement."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claim(self, want: Claim, now: datetime) -> object:
        ask = Ask.of(want, now=now, until=now)
        values = {
            "id": ask.hold,
            "key": ask.key,
            "variant": want.variant,
            "merchant": want.merchant,
            "buyer": want.buyer,
            "live": want.live,
            "card": want.card,
            "count": want.count,
            "price": want.price.minor,
            "currency": want.price.currency,
            "until": now,
            "now": now,
            "hold_made": HoldMade.topic,
            "stock_changed": StockChanged.topic,
        }
        async with self._db.begin() as tx:
            if not await tx.scalar(_ONE, values):
                raise SoldOut(variant=want.variant)
        return None


def ways(db: Database, ours: Claims) -> dict[str, Way]:
    """All of them, by name."""
    return {
        "ours": ours,
        "SELECT FOR UPDATE per buyer": ForUpdate(db),
        "one conditional UPDATE per buyer": OneStatement(db),
    }
