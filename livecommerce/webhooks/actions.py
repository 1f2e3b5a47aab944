"""What people can do with endpoints, and what the courier records."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity.audit import audit
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.outbox import emit
from livecommerce.web.principal import Principal
from livecommerce.webhooks import addresses, public, publishing, queries, rules, signing
from livecommerce.webhooks.errors import (
    EndpointOff,
    NoSuchDelivery,
    TooManyEndpoints,
    UnknownEventTypes,
)
from livecommerce.webhooks.events import EndpointSwitchedOff
from livecommerce.webhooks.queries import row_of
from livecommerce.webhooks.rules import DeliveryState, EndpointState, OffBecause
from livecommerce.webhooks.sender import Outcome
from livecommerce.webhooks.tables import WebhookDelivery, WebhookEndpoint
from livecommerce.webhooks.wire import (
    ChangeEndpoint,
    DeliveryOut,
    EndpointOut,
    MadeEndpoint,
    MadeSecret,
    MakeEndpoint,
    Replay,
    Replayed,
    RotateSecret,
)

MOST = 20
"""So many endpoints one merchant may have."""
AT_ONCE = 5000
"""So many events one replay sends."""

_MISSED = sa.text(
    """
    SELECT v.id, v.kind, v.told_at FROM commerce.webhook_event v
     WHERE v.told_at >= :since AND v.told_at < :until AND v.only_for IS NULL
       AND (CAST(:merchant AS text) IS NULL OR v.merchant_id = :merchant)
       AND (v.kind = ANY(CAST(:choices AS text[]))
            OR split_part(v.kind, '.', 1) || '.*' = ANY(CAST(:choices AS text[])))
       AND NOT EXISTS (SELECT 1 FROM commerce.webhook_delivery d
             WHERE d.event_id = v.id AND d.endpoint_id = :endpoint AND (d.state = 'waiting'
                OR (d.state = 'delivered' AND :only_missed)))
     ORDER BY v.told_at, v.id LIMIT :most
    """
)
_LOCK = sa.text(
    "SELECT e.id, e.merchant_id, e.state, e.failing_since FROM commerce.webhook_endpoint e"
    " JOIN commerce.webhook_delivery d ON d.endpoint_id = e.id WHERE d.id = :delivery"
    " FOR NO KEY UPDATE OF e"
)
_MOVE = sa.text(
    """
    UPDATE commerce.webhook_delivery
       SET state = :state, next_at = :next_at, ended_at = :ended_at, locked_until = NULL
     WHERE id = :delivery AND tries = :tries AND state = 'waiting'
    """
)
_LOG = sa.text(
    """
    INSERT INTO commerce.webhook_attempt
           (delivery_id, number, at, status, error, ms, response)
    VALUES (:delivery, :number, :at, :status, :error, :ms, :response)
    ON CONFLICT (delivery_id, number) DO NOTHING
    """
)
_REMOVE = tuple(
    sa.text(statement)
    for statement in (
        "DELETE FROM commerce.webhook_attempt WHERE delivery_id IN"
        " (SELECT id FROM commerce.webhook_delivery WHERE endpoint_id = :id)",
        "DELETE FROM commerce.webhook_delivery WHERE endpoint_id = :id",
        "DELETE FROM commerce.webhook_event WHERE only_for = :id",
        "DELETE FROM commerce.webhook_endpoint WHERE id = :id",
    )
)


async def make(
    tx: Tx,
    want: MakeEndpoint,
    *,
    by: Principal,
    trusted: tuple[str, ...],
    secret: str,
    now: datetime,
) -> MadeEndpoint:
    """An endpoint, switched on; its secret is told this once.

    Raises:
        NotYours, NotAllowed: only owners make a merchant's endpoints, only admins the centre's.
        AddressRefused, UnknownEventTypes, TooManyEndpoints: it cannot be made.
    """
    queries.must_keep(want.merchant, by)
    addresses.checked(want.url, trusted)
    await one_at_a_time(tx, f"webhooks:{want.merchant}")
    mine = col(WebhookEndpoint.merchant_id).is_not_distinct_from(want.merchant)
    if await tx.scalar(sa.select(sa.func.count()).where(mine)) >= MOST:  # type: ignore[operator]
        raise TooManyEndpoints(most=MOST)
    row = WebhookEndpoint(
        id=ids.new("whe"),
        merchant_id=want.merchant,
        url=want.url,
        note=want.note,
        choices=_known(want.events),
        state=EndpointState.ON,
        generation=1,
        made_by=by.id,
        made_at=now,
    )
    tx.add(row)
    await _audit(tx, row, "make", by, now)
    made = signing.secret_of(secret, row.id, row.generation)
    return MadeEndpoint(**queries.endpoint_out(row, 0).model_dump(), secret=made)


async def change(
    tx: Tx,
    endpoint: str,
    want: ChangeEndpoint,
    *,
    by: Principal,
    trusted: tuple[str, ...],
    now: datetime,
) -> EndpointOut:
    """Another address, other events, on or off. Switching off gives up what waits; switching
    on sends what happens from now on, and a replay the rest.

    Raises:
        NoSuchEndpoint, NotAllowed, AddressRefused, UnknownEventTypes: it cannot be changed.
    """
    row = await row_of(tx, endpoint, by=by, change=True)
    if want.url is not None:
        addresses.checked(want.url, trusted)
        row.url = want.url
    if want.note is not None:
        row.note = want.note
    if want.events is not None:
        row.choices = _known(want.events)
    if want.on is True and row.state is EndpointState.OFF:
        row.state, row.off_because, row.failing_since = EndpointState.ON, None, None
    if want.on is False and row.state is EndpointState.ON:
        row.state, row.off_because = EndpointState.OFF, OffBecause.OWNER
        await _give_up(tx, row.id, now)
    await _audit(tx, row, "change", by, now)
    await tx.flush()
    return await queries.endpoint(tx, endpoint, by=by)


async def remove(tx: Tx, endpoint: str, *, by: Principal, now: datetime) -> None:
    """The endpoint and its log are gone.

    Raises:
        NoSuchEndpoint, NotAllowed: it is not the caller's to remove.
    """
    row = await row_of(tx, endpoint, by=by, change=True)
    await _audit(tx, row, "remove", by, now)
    for statement in _REMOVE:
        await tx.execute(statement, {"id": endpoint})


async def rotate(
    tx: Tx, endpoint: str, want: RotateSecret, *, by: Principal, secret: str, now: datetime
) -> MadeSecret:
    """A new secret, told this once; the one before it signs, too, for as long as wanted.

    Raises:
        NoSuchEndpoint, NotAllowed: it is not the caller's.
    """
    row = await row_of(tx, endpoint, by=by, change=True)
    row.generation += 1
    overlap = timedelta(hours=want.overlap_hours)
    row.old_until = now + overlap if overlap else None
    await _audit(tx, row, "rotate", by, now)
    made = signing.secret_of(secret, row.id, row.generation)
    return MadeSecret(secret=made, old_secret_until=row.old_until)


async def test(tx: Tx, endpoint: str, *, by: Principal, now: datetime) -> DeliveryOut:
    """Send the endpoint a ``webhooks.test``, whatever it chose.

    Raises:
        NoSuchEndpoint, NotAllowed, EndpointOff: it is not the caller's, or sent nothing.
    """
    row = await _on(tx, endpoint, by)
    data = public.WebhookTested(merchant=row.merchant_id, endpoint=endpoint)
    event = await publishing.keep_for(tx, endpoint, data, now=now)
    (made,) = await publishing.send(tx, [(endpoint, event, data.type)], now=now)
    return await queries.one_delivery(tx, endpoint, made)


async def replay(
    tx: Tx, endpoint: str, delivery: str, *, by: Principal, now: datetime
) -> DeliveryOut:
    """Send one event again, under its own id and to the byte as before.

    Raises:
        NoSuchEndpoint, NoSuchDelivery, EndpointOff: there is nothing to send, or nowhere to.
    """
    await _on(tx, endpoint, by)
    old = await tx.get(WebhookDelivery, delivery)
    if old is None or old.endpoint_id != endpoint:
        raise NoSuchDelivery(delivery=delivery)
    again = [(endpoint, old.event_id, old.kind)]
    (made,) = await publishing.send(tx, again, now=now, replay=True)
    return await queries.one_delivery(tx, endpoint, made)


async def replay_range(
    tx: Tx, endpoint: str, want: Replay, *, by: Principal, now: datetime
) -> Replayed:
    """Send again what was told in a range of time, of the types that the endpoint chose.

    What is on its way is not doubled. If there is too much for once, ``until`` says how far
    it went.

    Raises:
        NoSuchEndpoint, NotAllowed, EndpointOff: it is not the caller's, or sent nothing.
    """
    row = await _on(tx, endpoint, by)
    values = {
        "endpoint": endpoint,
        "merchant": row.merchant_id,
        "choices": row.choices,
        "since": want.since,
        "until": want.until,
        "only_missed": want.only_missed,
        "most": AT_ONCE + 1,
    }
    found = (await tx.execute(_MISSED, values)).all()
    again = [(endpoint, event.id, event.kind) for event in found[:AT_ONCE]]
    made = await publishing.send(tx, again, now=now, replay=True)
    until = found[AT_ONCE].told_at if len(found) > AT_ONCE else want.until
    return Replayed(deliveries=len(made), until=until)


async def record(
    tx: Tx, delivery: str, tries: int, outcome: Outcome, *, chance: float, now: datetime
) -> None:
    """What came of a try: it is logged, and the delivery ends or waits for the next one.

    What was taken over meanwhile (a lease ran out) or given up stays as it is.
    """
    # The endpoint first, as everybody does who changes both.
    endpoint = (await tx.execute(_LOCK, {"delivery": delivery})).one_or_none()
    if endpoint is None:
        return  # it was removed while we talked
    taken = outcome.status is not None and rules.succeeded(outcome.status)
    wait = None if taken else rules.pause(tries, chance, wish=outcome.wish)
    state = DeliveryState.WAITING if wait is not None else DeliveryState.FAILED
    moved = {
        "delivery": delivery,
        "tries": tries,
        "state": (DeliveryState.DELIVERED if taken else state).value,
        "next_at": now + (wait or timedelta()),
        "ended_at": None if wait is not None else now,
    }
    await tx.execute(_MOVE, moved)
    log = {"delivery": delivery, "number": tries, "at": now, "status": outcome.status}
    said = {"error": outcome.error, "ms": outcome.ms, "response": outcome.response}
    await tx.execute(_LOG, {**log, **said})
    healthy = endpoint.failing_since is None
    if taken != healthy:
        since = None if taken else now
        one = col(WebhookEndpoint.id) == endpoint.id
        await tx.execute(sa.update(WebhookEndpoint).where(one).values(failing_since=since))
    if outcome.status == rules.GONE:
        await _switch_off(tx, endpoint.id, OffBecause.GONE, now)
    elif wait is None and not taken and rules.is_dead(endpoint.failing_since, now):
        await _switch_off(tx, endpoint.id, OffBecause.FAILING, now)


async def _switch_off(tx: Tx, endpoint: str, because: OffBecause, now: datetime) -> None:
    off = (
        sa.update(WebhookEndpoint)
        .where(col(WebhookEndpoint.id) == endpoint)
        .where(col(WebhookEndpoint.state) == EndpointState.ON)
        .values(state=EndpointState.OFF, off_because=because)
        .returning(col(WebhookEndpoint.merchant_id))
    )
    done = (await tx.execute(off)).one_or_none()
    if done is not None:
        await _give_up(tx, endpoint, now)
        told = {"endpoint": endpoint, "merchant": done.merchant_id, "because": because.value}
        await emit(tx, EndpointSwitchedOff(**told, at=now))


async def _give_up(tx: Tx, endpoint: str, now: datetime) -> None:
    waiting = (
        sa.update(WebhookDelivery)
        .where(col(WebhookDelivery.endpoint_id) == endpoint)
        .where(col(WebhookDelivery.state) == DeliveryState.WAITING)
        .values(state=DeliveryState.FAILED, ended_at=now, locked_until=None)
    )
    await tx.execute(waiting)


async def _on(tx: Tx, endpoint: str, by: Principal) -> WebhookEndpoint:
    row = await row_of(tx, endpoint, by=by)
    if row.state is EndpointState.OFF:
        raise EndpointOff(endpoint=endpoint)
    return row


def _known(choices: list[str]) -> list[str]:
    known = {*public.CATALOGUE, *(f"{topic}.*" for topic in public.topics())}
    if strange := [choice for choice in choices if choice not in known]:
        raise UnknownEventTypes(unknown=sorted(strange))
    return sorted(set(choices))


async def _audit(tx: Tx, row: WebhookEndpoint, verb: str, by: Principal, now: datetime) -> None:
    await audit(
        tx,
        by=by.id,
        action=f"webhooks.{verb}",
        subject=row.id,
        now=now,
        merchant=row.merchant_id,
        state=row.state.value,
    )
