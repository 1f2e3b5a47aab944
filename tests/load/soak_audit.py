"""The audit of the soak: what buyers were told against what the books say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from livecommerce.catalogue.events import HoldMade
from livecommerce.kernel.db import Database
from tests import shop
from tests.load.soak_buyers import Memory, Shop, ask

_HOLDS = sa.text(
    "SELECT id, claim_key, variant_id, buyer, count, state, hold_until, ended_at"
    " FROM commerce.hold"
)
_FACTS = sa.text(
    "SELECT body ->> 'hold' AS hold, count(*) AS times FROM kernel.outbox"
    " WHERE topic = :topic GROUP BY 1"
)
_MADE = HoldMade.topic
_STOCK = sa.text(
    "SELECT s.variant_id, s.on_hand, s.held,"
    " (SELECT coalesce(sum(j.on_hand), 0) FROM commerce.stock_journal j"
    "   WHERE j.variant_id = s.variant_id AND j.reason IN ('received', 'counted')) AS received,"
    " (SELECT coalesce(sum(h.count), 0) FROM commerce.hold h"
    "   WHERE h.variant_id = s.variant_id AND h.state = 'sold') AS sold"
    " FROM commerce.stock s"
)


async def oversold(db: Database) -> list[str]:
    """Variants of which more was promised than there is."""
    async with db.begin() as tx:
        rows = (await tx.execute(_STOCK)).all()
    return [
        f"{row.variant_id}: {row.received} received, {row.sold} sold, {row.held} held"
        for row in rows
        if row.sold + row.held > row.received or row.held > row.on_hand
    ]


async def audit(db: Database, memory: Memory, where: Shop, *, now: datetime) -> list[str]:
    """Everything that is wrong after the last hold has lapsed; nothing, if all is well."""
    wrong = [*memory.wrong, *await oversold(db)]
    async with db.begin() as tx:
        holds = {row.id: row for row in await tx.execute(_HOLDS)}
        facts = {row.hold: row.times for row in await tx.execute(_FACTS, {"topic": _MADE})}
    if facts != dict.fromkeys(holds, 1):
        wrong.append("the facts told are not the holds made")
    told_of = set()
    for key, told in memory.by_key.items():
        if not (told.holds or told.refused):
            wrong.append(f"{key} was never answered")
        for hold, item in zip(told.holds, told.items, strict=False):
            told_of.add(hold)
            row = holds.get(hold)
            if row is None:
                wrong.append(f"{hold} was acknowledged and is lost")
            elif (row.buyer, row.variant_id, row.count) != (
                *(told.buyer, item["variant"]),
                item["count"],
            ):
                wrong.append(f"{hold} is not what was asked for")
    for row in holds.values():
        if row.state == "held":
            wrong.append(f"{row.id} is stuck: it is {now - row.hold_until} past its time")
        elif row.state == "lapsed" and row.ended_at < row.hold_until:
            wrong.append(f"{row.id} lapsed before its time")
    wrong += await _found_again(memory, where, set(holds) - told_of, holds)
    try:
        await shop.books_agree(db)
    except AssertionError as disagreement:
        wrong.append(str(disagreement))
    return wrong


async def _found_again(
    memory: Memory, where: Shop, unheard: set[str], holds: Mapping[str, Any]
) -> list[str]:
    """Holds of which no buyer has heard: the same key finds them."""
    wrong = []
    for hold in unheard:
        key = holds[hold].claim_key.rpartition("/")[2]
        told = memory.by_key.get(key)
        if told is None:
            wrong.append(f"{hold} is nobody's")
            continue
        status, answer = await ask(where, told, key, where.ports[0])
        if status != 201 or hold not in [each["id"] for each in answer["holds"]]:
            wrong.append(f"{hold} was not found under its key: {status} {answer}")
    return wrong
