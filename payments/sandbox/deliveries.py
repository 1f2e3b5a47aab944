"""Delivering events: signed, again until taken, in no promised order."""

import asyncio
import hashlib
import hmac
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import sqlalchemy as sa

from payments.sandbox import store

if TYPE_CHECKING:
    from payments.sandbox.engine import Sandbox

log = logging.getLogger(__name__)

_PAUSES = (1, 2, 4, 8, 16, 32, 64, 128, 300, 600, 1800, 3600)
_AT_ONCE = 8

_DUE = """
SELECT d.id, d.event, d.endpoint, d.attempts FROM stripe_sandbox.delivery d
WHERE NOT d.done AND d.at <= :now ORDER BY d.id {order} LIMIT 50
"""
_TRIED = sa.text("""
UPDATE stripe_sandbox.delivery
SET attempts = attempts + 1, done = :done, status = :status, note = :note, at = :at
WHERE id = :id
""")


def signature(body: bytes, secret: str, timestamp: int) -> str:
    """The ``Stripe-Signature`` header of a message."""
    signed = str(timestamp).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


async def deliver(sandbox: "Sandbox", http: aiohttp.ClientSession) -> int:
    """Send whatever is due once; what is not taken is due again later. Tells how many."""
    reordered = sandbox.switches.webhooks.reorder
    async with sandbox.db.begin() as tx:
        query = sa.text(_DUE.format(order="DESC" if reordered else "ASC"))
        due = (await tx.execute(query, {"now": sandbox.now})).all()
    if reordered:
        for row in due:
            await _send(sandbox, http, row)
        return len(due)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Any) -> None:
        async with gate:
            await _send(sandbox, http, row)

    await asyncio.gather(*(one(row) for row in due))
    return len(due)


async def _send(sandbox: "Sandbox", http: aiohttp.ClientSession, row: Any) -> None:
    async with sandbox.db.begin() as tx:
        event = await store.get(tx, "event", row.event)
        endpoint = await store.get(tx, "webhook_endpoint", row.endpoint)
    body = orjson.dumps(event.body)
    # Signed by the real clock: whoever checks it knows nothing of the test clock.
    signed = signature(body, endpoint.hidden["secret"], int(sandbox.real_now))
    if sandbox.switches.webhooks.bad_signature:
        signed = signature(body, "whsec_somebody_else", int(sandbox.real_now))
    headers = {"Stripe-Signature": signed, "Content-Type": "application/json; charset=utf-8"}
    headers["User-Agent"] = "Stripe/1.0 (sandbox)"
    status: int | None = None
    try:
        async with http.post(endpoint.body["url"], data=body, headers=headers) as answer:
            status, note = answer.status, ""
    except (aiohttp.ClientError, TimeoutError) as error:
        note = type(error).__name__
    taken = status is not None and 200 <= status < 300
    last = row.attempts >= len(_PAUSES)
    if not taken:
        log.info("event %s was not taken: %s %s", event.id, status, note)
    pause = 0 if taken or last else _PAUSES[row.attempts]
    done = {"id": row.id, "done": taken or last, "status": status, "note": note}
    async with sandbox.db.begin() as tx:
        await tx.execute(_TRIED, {**done, "at": sandbox.now + pause})
