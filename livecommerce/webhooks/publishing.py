"""Telling: an event is stored for good, and set on its way to every endpoint that chose it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.webhooks import public, rules
from livecommerce.webhooks.public import PublicEvent, Said
from livecommerce.webhooks.rules import DeliveryState, EndpointState, Level
from livecommerce.webhooks.tables import WebhookDelivery, WebhookEvent

# Shared with others who tell, and held against whoever removes the endpoint meanwhile.
_WHO_WANTS = sa.text(
    """
    SELECT id, state FROM commerce.webhook_endpoint
     WHERE (merchant_id = :merchant OR merchant_id IS NULL)
       AND jsonb_exists_any(choices, CAST(:names AS text[]))
     ORDER BY id FOR KEY SHARE
    """
)
_NEXT = sa.text(
    """
    INSERT INTO commerce.webhook_sequence AS s (live_id, last) VALUES (:live, 1)
    ON CONFLICT (live_id) DO UPDATE SET last = s.last + 1 RETURNING last
    """
)
_KNOWN_STOCK = sa.text(
    "SELECT level, version FROM commerce.webhook_stock WHERE variant_id = :variant FOR UPDATE"
)
_KEEP_STOCK = sa.text(
    """
    INSERT INTO commerce.webhook_stock AS s (variant_id, level, version)
    VALUES (:variant, :level, :version)
    ON CONFLICT (variant_id) DO UPDATE SET level = excluded.level, version = excluded.version
     WHERE s.version < excluded.version
    """
)


async def publish(tx: Tx, said: Said, *, now: datetime) -> str | None:
    """Tell all endpoints that chose it; the event's id, or nothing if nobody ever chose it.

    An endpoint that is switched off is sent nothing, but the event is kept for it to ask for.
    """
    kind = said.data.type
    names = [kind, rules.whole_topic(kind)]
    wanting = await tx.execute(_WHO_WANTS, {"merchant": said.data.merchant, "names": names})
    rows = wanting.all()
    if not rows:
        return None
    event = await _keep(tx, said.data, at=said.at or now, now=now)
    on = [row.id for row in rows if row.state == EndpointState.ON.value]
    await send(tx, [(endpoint, event, kind) for endpoint in on], now=now)
    return event


async def keep_for(tx: Tx, endpoint: str, data: PublicEvent, *, now: datetime) -> str:
    """An event for one endpoint alone."""
    return await _keep(tx, data, at=now, now=now, only_for=endpoint)


async def send(
    tx: Tx, what: Sequence[tuple[str, str, str]], *, now: datetime, replay: bool = False
) -> list[str]:
    """Set events on their way, each as ``(endpoint, event, type)``; the deliveries' ids."""
    if not what:
        return []
    rows: list[dict[str, Any]] = [
        {
            "id": ids.new("whd"),
            "endpoint_id": endpoint,
            "event_id": event,
            "kind": kind,
            "state": DeliveryState.WAITING,
            "replay": replay,
            "tries": 0,
            "made_at": now,
            "next_at": now,
        }
        for endpoint, event, kind in what
    ]
    await tx.execute(sa.insert(WebhookDelivery), rows)
    # The channel that wakes the relay wakes the courier, too.
    await tx.execute(sa.select(sa.func.pg_notify("outbox", "")))
    return [row["id"] for row in rows]


async def stock_changed(
    tx: Tx, variant: str, product: str, merchant: str, *, left: int, version: int, now: datetime
) -> None:
    """Tell when little, nothing or again something is left, each once per change."""
    known = (await tx.execute(_KNOWN_STOCK, {"variant": variant})).one_or_none()
    if known is not None and known.version >= version:
        return
    level = rules.level(left)
    values = {"variant": variant, "level": level.value, "version": version}
    await tx.execute(_KEEP_STOCK, values)
    kind = rules.stock_news(Level(known.level) if known else None, level)
    if kind is not None:
        about = {"variant": variant, "product": product, "left": left, "version": version}
        data = public.CATALOGUE[kind].model_validate({"merchant": merchant, **about})
        await publish(tx, Said(data), now=now)


async def forget_before(tx: Tx, moment: datetime, *, limit: int = 5000) -> int:
    """Drop what ended before the moment, and events of that time that nothing waits for; how
    many deliveries and events."""
    values = {"moment": moment, "most": limit}
    old = (await tx.execute(_OLD_DELIVERIES, values)).scalars().all()
    await tx.execute(_DROP_ATTEMPTS, {"ids": list(old)})
    mine = sa.delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old))
    await tx.execute(mine)
    events = (await tx.execute(_DROP_EVENTS, values)).scalars().all()
    return len(old) + len(events)


_OLD_DELIVERIES = sa.text(
    "SELECT id FROM commerce.webhook_delivery WHERE state <> 'waiting' AND made_at < :moment"
    " ORDER BY made_at LIMIT :most FOR UPDATE SKIP LOCKED"
)
_DROP_ATTEMPTS = sa.text("DELETE FROM commerce.webhook_attempt WHERE delivery_id = ANY(:ids)")
_DROP_EVENTS = sa.text(
    """
    DELETE FROM commerce.webhook_event WHERE id IN (
      SELECT v.id FROM commerce.webhook_event v WHERE v.told_at < :moment
         AND NOT EXISTS (SELECT 1 FROM commerce.webhook_delivery d WHERE d.event_id = v.id)
       ORDER BY v.told_at LIMIT :most FOR UPDATE SKIP LOCKED) RETURNING id
    """
)


async def _keep(
    tx: Tx, data: PublicEvent, *, at: datetime, now: datetime, only_for: str | None = None
) -> str:
    sequence: int | None = None
    if data.live_session is not None:
        counted = await tx.execute(_NEXT, {"live": data.live_session})
        sequence = counted.scalar_one()
    told = data.model_copy(update={"sequence": sequence})
    body = {
        "type": data.type,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "data": told.model_dump(mode="json"),
    }
    row = {
        "id": ids.new("evt"),
        "kind": data.type,
        "merchant_id": data.merchant,
        "live_id": data.live_session,
        "sequence": sequence,
        "body": orjson.dumps(body).decode(),
        "told_at": now,
        "only_for": only_for,
    }
    await tx.execute(sa.insert(WebhookEvent), [row])
    return str(row["id"])
