"""Stream keys, and the decision whether an encoder may publish.

The ingest row is locked first and the live session is moved second, everywhere, so that two
encoders that ask at once are answered one after the other.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.ingest import queries, rules
from streams.ingest.errors import LiveIsOver
from streams.ingest.events import RecordingFinished
from streams.ingest.rules import Reason, State
from streams.ingest.tables import Ingest, Publication
from streams.media.port import MediaEvent, MediaEventKind, PublishAttempt, Publisher
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions import rules as session_rules
from streams.sessions.errors import WrongLiveState
from streams.sessions.tables import LiveSession

log = logging.getLogger(__name__)

Stands = Callable[[Tx, str], Awaitable[bool]]
"""Whether the slot behind a session's ``reference`` is still its own."""

_NOBODYS = rules.digest("")
_MAY_START = frozenset({session_rules.State.READY, session_rules.State.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Issued:
    """A stream key, shown this once: only its hash is kept."""

    live: str
    app: str
    stream_name: str
    key: str = field(repr=False)
    valid: Period

    @property
    def stream_key(self) -> str:
        """What goes into the encoder's field for the stream key."""
        return f"{self.stream_name}?key={self.key}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an encoder may publish, why, and whom the server must drop first."""

    allowed: bool
    reason: Reason
    replaces: Publisher | None = None


async def issue_key(
    tx: Tx, live: str, *, valid: Period, now: datetime, app: str = "live"
) -> Issued:
    """A new key for the live session; the one before is good no more. Who publishes already
    is not disturbed.

    Raises:
        NoSuchLive: there is no such live session.
        LiveIsOver: it has ended or was cancelled.
    """
    session = await session_queries.get(tx, live)
    if session.state in session_rules.OVER:
        raise LiveIsOver(live=live, state=session.state)
    key = rules.new_key()
    row = await queries.locked(tx, live)
    if row is None:
        row = Ingest(
            live_id=live,
            state=State.IDLE,
            since=now,
            key_hash="",
            key_tail="",
            valid_from=valid.start,
            valid_to=valid.end,
            issued_at=now,
        )
    row.key_hash, row.key_tail = rules.digest(key), key[-4:]
    row.valid_from, row.valid_to, row.issued_at = valid.start, valid.end, now
    row.refusal = row.refused_at = None
    tx.add(row)
    await tx.flush()
    return Issued(live=live, app=app, stream_name=live, key=key, valid=valid)


async def move(tx: Tx, live: str, slot: Period, *, now: datetime) -> None:
    """The session has another slot, and the key that was issued for it is good around that.

    Raises:
        NoSuchLive: there is no such live session.
        WrongLiveState: it is on air, or over.
    """
    row = await queries.locked(tx, live)
    await sessions.move(tx, live, slot, now=now)
    if row is not None:
        valid = rules.window(slot)
        row.valid_from, row.valid_to = valid.start, valid.end
        tx.add(row)
        await tx.flush()


async def decide(
    tx: Tx, attempt: PublishAttempt, *, stands: Stands | None = None, now: datetime
) -> Decision:
    """Let the encoder in, with everything that follows from that, or say why not.

    Let in, the session goes from ready or interrupted to live (a paused one stays paused).
    Asked again about the same connection it gives the same answer and changes nothing.

    Args:
        stands: asked last; without it every slot stands.
    """
    row = await queries.locked(tx, attempt.name)
    if row is None:
        rules.matches(attempt.key, _NOBODYS)  # an unknown name takes as long as a wrong key
        return _refused(attempt, Reason.UNKNOWN)
    session = await session_queries.get(tx, attempt.name)
    decision = _judge(row, session, attempt, now)
    if decision.allowed and stands is not None and not await stands(tx, session.reference):
        decision = Decision(False, Reason.NO_SLOT)
    if decision.allowed and row.publisher == attempt.publisher and row.state is State.LIVE:
        return decision
    if decision.allowed and session.state in _MAY_START:
        try:
            await sessions.start(tx, session.id, now=now)
        except WrongLiveState:  # ended between our look and our step
            decision = Decision(False, Reason.OVER)
    if not decision.allowed:
        row.refusal, row.refused_at = decision.reason, now
        tx.add(row)
        return _refused(attempt, decision.reason)
    if row.state is State.LIVE and row.publisher is not None:
        await _close(tx, row.live_id, row.publisher, now)
    came_in(row, attempt.publisher, now)
    tx.add(row)
    tx.add(
        Publication(
            id=ids.new("pub"),
            live_id=row.live_id,
            server=attempt.publisher.server,
            server_epoch=attempt.publisher.epoch,
            client_id=attempt.publisher.client_id,
            started_at=now,
        )
    )
    await tx.flush()
    log.info("publisher let in: live=%s client=%s", row.live_id, attempt.publisher.client_id)
    return decision


async def on_event(tx: Tx, event: MediaEvent, *, now: datetime) -> None:
    """Take note of what a media server tells. What it tells about connections that are not
    (or no longer) the current one never touches the session."""
    row = await queries.locked(tx, event.name)
    if row is None:
        log.info("ignored: %s of a stream we do not know", event.kind)
        return
    if event.kind is MediaEventKind.UNPUBLISHED:
        if row.state is State.LIVE and row.publisher == event.publisher:
            await lost(tx, row, now=now)
        else:
            await _close(tx, row.live_id, event.publisher, now)
    elif event.kind is MediaEventKind.RECORDED and event.path is not None:
        await _recorded(tx, event, event.path, now)


async def lost(tx: Tx, row: Ingest, *, now: datetime) -> None:
    """The publisher is gone. A live session is interrupted, at once and never ended; a paused
    one stays paused until people resume it."""
    session = await session_queries.get(tx, row.live_id)
    over = session.state in session_rules.OVER
    if row.publisher is not None:
        await _close(tx, row.live_id, row.publisher, now)
    row.state, row.since = (State.ENDED if over else State.INTERRUPTED), now
    tx.add(row)
    await tx.flush()
    log.info("publisher gone: live=%s client=%s", row.live_id, row.client_id)
    if session.state is session_rules.State.LIVE:
        try:
            await sessions.interrupt(tx, session.id, now=now)
        except WrongLiveState:
            log.info("not interrupted: live=%s has just left the air", row.live_id)


def came_in(row: Ingest, publisher: Publisher, now: datetime) -> None:
    """Write into the row that this connection publishes now."""
    row.state, row.since, row.last_seen_at, row.bytes_in = State.LIVE, now, now, 0
    row.server, row.server_epoch = publisher.server, publisher.epoch
    row.client_id = publisher.client_id
    row.refusal = row.refused_at = None


def _judge(
    row: Ingest, session: LiveSession, attempt: PublishAttempt, now: datetime
) -> Decision:
    if not rules.matches(attempt.key, row.key_hash):
        return Decision(False, Reason.WRONG_KEY)
    if session.state in session_rules.OVER:
        return Decision(False, Reason.OVER)
    timely = rules.timely(row.valid, now)
    if timely is not Reason.OK:
        return Decision(False, timely)
    if session.state in session_rules.TO_COME - _MAY_START:
        return Decision(False, Reason.NOT_CLEARED)
    there = row.publisher if row.state is State.LIVE else None
    if there is None or there == attempt.publisher:
        return Decision(True, Reason.OK)
    if there.server == attempt.publisher.server and there.epoch != attempt.publisher.epoch:
        return Decision(True, Reason.OK)  # the server restarted, so that one is gone
    if rules.alive(row.last_seen_at, now):
        return Decision(False, Reason.SECOND)
    return Decision(True, Reason.OK, replaces=there)


def _refused(attempt: PublishAttempt, reason: Reason) -> Decision:
    log.warning("publisher refused: live=%s reason=%s", attempt.name, reason)
    return Decision(False, reason)


async def _close(tx: Tx, live: str, publisher: Publisher, now: datetime) -> None:
    known = await queries.publication(tx, live, publisher)
    if known is None:
        log.info("ignored: live=%s client=%s was not let in", live, publisher.client_id)
    elif known.ended_at is None:
        known.ended_at = now
        tx.add(known)
        await tx.flush()


async def _recorded(tx: Tx, event: MediaEvent, path: str, now: datetime) -> None:
    known = await queries.publication(tx, event.name, event.publisher)
    if known is None:
        log.info("ignored: a file of live=%s from a client not let in", event.name)
        return
    known.recorded_at = now
    tx.add(known)
    await tx.flush()
    await emit(
        tx,
        RecordingFinished(
            live=event.name,
            publication=known.id,
            path=path,
            started_at=known.started_at,
            finished_at=event.at,
        ),
    )
