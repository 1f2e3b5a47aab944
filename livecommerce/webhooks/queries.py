"""Reads of endpoints, and of what was delivered to them."""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor, Page
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from livecommerce.webhooks import public
from livecommerce.webhooks.errors import NoSuchDelivery, NoSuchEndpoint
from livecommerce.webhooks.rules import DeliveryState
from livecommerce.webhooks.tables import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from livecommerce.webhooks.wire import (
    AttemptOut,
    DeliveryDetail,
    DeliveryOut,
    EndpointOut,
    EventTypeOut,
)

_WANTED = sa.text(
    "SELECT EXISTS (SELECT 1 FROM commerce.webhook_endpoint"
    " WHERE jsonb_exists_any(choices, CAST(:names AS text[])))"
)
_LISTED = sa.text(
    """
    SELECT d.id, d.event_id, d.kind, d.state, d.replay, d.tries, d.made_at, d.next_at,
           d.ended_at, a.status, a.error, a.ms
      FROM commerce.webhook_delivery d
      LEFT JOIN LATERAL (
        SELECT status, error, ms FROM commerce.webhook_attempt
         WHERE delivery_id = d.id ORDER BY number DESC LIMIT 1) a ON true
     WHERE d.endpoint_id = :endpoint
       AND (CAST(:delivery AS text) IS NULL OR d.id = :delivery)
       AND (CAST(:state AS text) IS NULL OR d.state = :state)
       AND (CAST(:kind AS text) IS NULL OR d.kind = :kind)
       AND (CAST(:at AS timestamptz) IS NULL OR (d.made_at, d.id) < (:at, CAST(:id AS text)))
     ORDER BY d.made_at DESC, d.id DESC LIMIT :most
    """
)


async def anybody_wants(tx: Tx, kinds: Sequence[str]) -> bool:
    """Whether some endpoint chose one of the types, so that telling is worth the trouble."""
    topics = {f"{kind.partition('.')[0]}.*" for kind in kinds}
    names = [*kinds, *sorted(topics)]
    return bool((await tx.execute(_WANTED, {"names": names})).scalar_one())


def must_keep(merchant: str | None, by: Principal) -> None:
    """Owners keep a merchant's endpoints, admins the centre's.

    Raises:
        NotYours: a stranger asks, who learns nothing.
        NotAllowed: a colleague without the role.
    """
    if merchant is None:
        by.must_be_staff(StaffRole.ADMIN)
    else:
        by.must_act_for(merchant, MerchantRole.OWNER)


async def row_of(
    tx: Tx, endpoint: str, *, by: Principal, change: bool = False
) -> WebhookEndpoint:
    """The endpoint, for somebody who may keep it.

    Raises:
        NoSuchEndpoint: there is none, or it is somebody else's.
        NotAllowed: it is the caller's merchant's, but not theirs to keep.
    """
    row = await tx.get(
        WebhookEndpoint, endpoint, with_for_update=change, populate_existing=True
    )
    if row is None:
        raise NoSuchEndpoint(endpoint=endpoint)
    if row.merchant_id is None:
        if not by.is_staff(StaffRole.ADMIN):
            raise NoSuchEndpoint(endpoint=endpoint)
    elif not by.member_of(row.merchant_id):
        raise NoSuchEndpoint(endpoint=endpoint)
    must_keep(row.merchant_id, by)
    return row


async def endpoints(tx: Tx, *, merchant: str | None, by: Principal) -> list[EndpointOut]:
    """A merchant's endpoints (the centre's, if none is named), oldest first.

    Raises:
        NotYours, NotAllowed: only owners see a merchant's, only admins the centre's.
    """
    must_keep(merchant, by)
    mine = sa.select(WebhookEndpoint).where(
        col(WebhookEndpoint.merchant_id).is_not_distinct_from(merchant)
    )
    rows = (await tx.execute(mine.order_by(col(WebhookEndpoint.id)))).scalars().all()
    waiting = await _waiting(tx, [row.id for row in rows])
    return [endpoint_out(row, waiting.get(row.id, 0)) for row in rows]


async def endpoint(tx: Tx, endpoint_id: str, *, by: Principal) -> EndpointOut:
    """One endpoint; raises as :func:`row_of`."""
    row = await row_of(tx, endpoint_id, by=by)
    waiting = await _waiting(tx, [row.id])
    return endpoint_out(row, waiting.get(row.id, 0))


async def deliveries(
    tx: Tx,
    endpoint_id: str,
    *,
    by: Principal,
    state: DeliveryState | None = None,
    kind: str | None = None,
    cursor: Cursor | None = None,
    limit: int,
) -> Page[DeliveryOut]:
    """The delivery log, newest first; raises as :func:`row_of`."""
    await row_of(tx, endpoint_id, by=by)
    rows = await _listed(tx, endpoint_id, state=state, kind=kind, cursor=cursor, most=limit + 1)
    items = [delivery_out(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, Cursor(items[-1].made_at, items[-1].id) if more else None)


async def delivery(
    tx: Tx, endpoint_id: str, delivery_id: str, *, by: Principal
) -> DeliveryDetail:
    """A delivery with what was sent and every try.

    Raises:
        NoSuchEndpoint, NoSuchDelivery: there is none, or it is somebody else's.
    """
    await row_of(tx, endpoint_id, by=by)
    found = await _listed(tx, endpoint_id, delivery=delivery_id, most=1)
    if not found:
        raise NoSuchDelivery(delivery=delivery_id)
    body = await tx.scalar(
        sa.text("SELECT body FROM commerce.webhook_event WHERE id = :id"),
        {"id": found[0].event_id},
    )
    tried = (
        sa.select(WebhookAttempt)
        .where(col(WebhookAttempt.delivery_id) == delivery_id)
        .order_by(col(WebhookAttempt.number).desc())
    )
    return DeliveryDetail(
        **delivery_out(found[0]).model_dump(),
        body=orjson.loads(body or "{}"),
        attempts=[AttemptOut.model_validate(a) for a in (await tx.execute(tried)).scalars()],
    )


def event_types() -> list[EventTypeOut]:
    """The public catalogue."""
    return [
        EventTypeOut(
            type=kind,
            topic=kind.partition(".")[0],
            says=event.says(),
            schema_at=f"/v1/webhook-types/{kind}/schema",
        )
        for kind, event in public.CATALOGUE.items()
    ]


def endpoint_out(row: WebhookEndpoint, waiting: int) -> EndpointOut:
    """The endpoint as its keepers see it."""
    return EndpointOut(
        id=row.id,
        merchant=row.merchant_id,
        url=row.url,
        note=row.note,
        events=row.choices,
        state=row.state,
        off_because=row.off_because,
        failing_since=row.failing_since,
        old_secret_until=row.old_until,
        made_at=row.made_at,
        waiting=waiting,
    )


def delivery_out(row: Any) -> DeliveryOut:
    """A line of the log."""
    state = DeliveryState(row.state)
    return DeliveryOut(
        id=row.id,
        event=row.event_id,
        type=row.kind,
        state=state,
        replay=row.replay,
        tries=row.tries,
        made_at=row.made_at,
        next_at=row.next_at if state is DeliveryState.WAITING else None,
        ended_at=row.ended_at,
        status=row.status,
        error=row.error,
        ms=row.ms,
    )


async def url_of(tx: Tx, endpoint_id: str) -> str | None:
    """Where an endpoint is, if it still is."""
    mine = sa.select(col(WebhookEndpoint.url)).where(col(WebhookEndpoint.id) == endpoint_id)
    return (await tx.execute(mine)).scalar_one_or_none()


async def one_delivery(tx: Tx, endpoint_id: str, delivery_id: str) -> DeliveryOut:
    """A delivery just made."""
    (row,) = await _listed(tx, endpoint_id, delivery=delivery_id, most=1)
    return delivery_out(row)


async def _listed(
    tx: Tx,
    endpoint: str,
    *,
    delivery: str | None = None,
    state: DeliveryState | None = None,
    kind: str | None = None,
    cursor: Cursor | None = None,
    most: int,
) -> Sequence[Any]:
    values: dict[str, Any] = {
        "endpoint": endpoint,
        "delivery": delivery,
        "state": state.value if state else None,
        "kind": kind,
        "at": cursor.at if cursor else None,
        "id": cursor.id if cursor else None,
        "most": most,
    }
    return (await tx.execute(_LISTED, values)).all()


async def _waiting(tx: Tx, endpoints: Sequence[str]) -> dict[str, int]:
    if not endpoints:
        return {}
    counted = (
        sa.select(col(WebhookDelivery.endpoint_id), sa.func.count())
        .where(
            col(WebhookDelivery.endpoint_id).in_(endpoints),
            col(WebhookDelivery.state) == DeliveryState.WAITING,
        )
        .group_by(col(WebhookDelivery.endpoint_id))
    )
    return {row[0]: row[1] for row in await tx.execute(counted)}
