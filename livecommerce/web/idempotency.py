"""Idempotency-Key: the same request twice has one effect and one answer.

The final answer is stored in the same transaction as the effect, so a lost answer can be
asked for again. After the IETF draft ``draft-ietf-httpapi-idempotency-key-header-07``.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from aiohttp import web
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.errors import Conflict, Invalid

KEPT = timedelta(hours=24)
LONGEST = 200
_VISIBLE = re.compile(r"[!-~]+")


class KeyMissing(Invalid):
    """This request needs an Idempotency-Key header."""


class KeyMalformed(Invalid):
    """The Idempotency-Key is empty, too long or not of visible ASCII characters."""


class KeyReused(Invalid):
    """The Idempotency-Key was used for a different request."""


class AnswerLost(Conflict):
    """The first request with this key had an effect, but its answer cannot be repeated."""


class IdempotentAnswer(SQLModel, table=True):
    """An answer given once, kept for a day."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (
        sa.PrimaryKeyConstraint("principal", "key", "route"),
        {"schema": "commerce"},
    )

    principal: str = Field(sa_type=sa.Text)
    key: str = Field(sa_type=sa.Text)
    route: str = Field(sa_type=sa.Text)
    fingerprint: str = Field(sa_type=sa.Text)
    status: int
    body: bytes = Field(sa_type=sa.LargeBinary)
    content_type: str = Field(sa_type=sa.Text)
    expires_at: datetime = columns.moment(index=True)


def key_of(request: web.Request, *, required: bool) -> str | None:
    """The client's key, without the quotes of a structured-field string.

    Raises:
        KeyMissing: the route requires one.
        KeyMalformed: it is empty, longer than 200 characters, or has one that is not visible
            ASCII: the draft takes the strings of RFC 8941, which have no others but the space.
    """
    raw = request.headers.get("Idempotency-Key")
    if raw is None:
        if required:
            raise KeyMissing()
        return None
    key = raw.strip().strip('"')
    if not _VISIBLE.fullmatch(key) or len(key) > LONGEST:
        raise KeyMalformed(longest=LONGEST)
    return key


async def once(
    tx: Tx,
    request: web.Request,
    *,
    who: str,
    key: str,
    now: datetime,
    work: Callable[[], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Do ``work`` unless this key has an answer; then give that answer again.

    Two at the same time wait for each other, so exactly one works.

    Raises:
        KeyReused: same key, other method, path or body.
    """
    place = f"{request.method} {request.path}"
    await one_at_a_time(tx, f"idempotent:{who}:{place}:{key}")
    fingerprint = hashlib.sha256(await request.read()).hexdigest()
    stored = await tx.get(IdempotentAnswer, (who, key, place))
    if stored is not None and stored.expires_at > now:
        if stored.fingerprint != fingerprint:
            raise KeyReused(key=key)
        return web.Response(
            status=stored.status,
            body=stored.body or None,
            content_type=stored.content_type,
            headers={"Idempotency-Replayed": "true"},
        )
    answer = await work()
    if not isinstance(answer, web.Response) or not isinstance(answer.body, (bytes, type(None))):
        raise AnswerLost(key=key)
    if stored is not None:
        await tx.delete(stored)
        await tx.flush()
    tx.add(
        IdempotentAnswer(
            principal=who,
            key=key,
            route=place,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body or b"",
            content_type=answer.content_type,
            expires_at=now + KEPT,
        )
    )
    return answer


async def has_answers(tx: Tx, who: str) -> bool:
    """Whether a request of theirs with a key had an effect within the last day."""
    theirs = sa.exists().where(IdempotentAnswer.principal == who)  # type: ignore[arg-type]
    return bool(await tx.scalar(sa.select(theirs)))


async def forget_expired(tx: Tx, *, now: datetime) -> None:
    """Drop answers older than a day."""
    expired = sa.delete(IdempotentAnswer).where(IdempotentAnswer.expires_at < now)  # type: ignore[arg-type]
    await tx.execute(expired)
