"""The sandbox at work: one transaction per request, and what happens later by itself."""

import asyncio
import contextlib
import hashlib
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import aiohttp
import orjson
import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database, open_database
from payments.sandbox import (
    charges,
    deliveries,
    disputes,
    endpoints,
    parameters,
    payouts,
    refunds,
    store,
)
from payments.sandbox.expand import expanded
from payments.sandbox.operation import Operation
from payments.sandbox.problems import StripeProblem
from payments.sandbox.settings import SandboxSettings
from payments.sandbox.switches import Switches
from payments.sandbox.work import Work, random_part

log = logging.getLogger(__name__)

_ALONE = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 1))")
_ANSWERED = sa.text(
    "SELECT fingerprint, status, body FROM stripe_sandbox.answer WHERE key = :key AND at > :old"
)
_ANSWER = sa.text(
    "INSERT INTO stripe_sandbox.answer VALUES (:key, :fingerprint, :status,"
    " cast(:body AS jsonb), :at) ON CONFLICT (key) DO UPDATE SET status = excluded.status,"
    " fingerprint = excluded.fingerprint, body = excluded.body, at = excluded.at"
)
_DUE = sa.text(
    "UPDATE stripe_sandbox.due SET done = true WHERE id = (SELECT id FROM stripe_sandbox.due"
    " WHERE NOT done AND at <= :now ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING act, thing"
)
_NEXT = sa.text(
    "SELECT least((SELECT min(at) FROM stripe_sandbox.due WHERE NOT done),"
    " (SELECT min(at) FROM stripe_sandbox.delivery WHERE NOT done))"
)
_KEYS_LAST = 24 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, decoded, its caller known."""

    operation: Operation
    named: Mapping[str, str]
    form: Mapping[str, Any]
    extra: Mapping[str, Any]
    """What a publishable key comes with, which is no parameter of the library's."""
    trusted: bool
    key: str | None
    request: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


class Sandbox:
    """A Stripe of our own. Everything it knows is in its database; this only works on it."""

    def __init__(
        self, settings: SandboxSettings, *, now: Callable[[], datetime] = clock.utcnow
    ) -> None:
        self.settings = settings
        self.switches = Switches()
        self.ahead = 0.0
        """How many seconds the test clock runs before the real one."""
        self.page_token = secrets.token_urlsafe(16)
        """Shows that a form comes from our own state page."""
        self._now = now
        self._db: Database | None = None
        self._http: aiohttp.ClientSession | None = None
        self._stirred = asyncio.Event()
        self._busy = asyncio.Lock()
        self._seen: dict[str, deque[float]] = {}
        self.closing = asyncio.Event()

    @property
    def db(self) -> Database:
        assert self._db is not None, "the sandbox is not running"
        return self._db

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the database, make its tables, and do what falls due, until the block ends."""
        self._db = open_database(self.settings.database_url, pool=5)
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as self._http:
                await store.make_tables(self.db)
                await self._remember()
                worker = asyncio.create_task(self._work_alone(), name="sandbox")
                try:
                    yield
                finally:
                    self.closing.set()
                    worker.cancel()
                    await asyncio.gather(worker, return_exceptions=True)
        finally:
            await self.db.close()

    @property
    def real_now(self) -> float:
        return self._now().timestamp()

    @property
    def now(self) -> float:
        """The time by the test clock."""
        return self.real_now + self.ahead

    @asynccontextmanager
    async def work(self, **how: Any) -> AsyncIterator[Work]:
        """All of the block or none of it; afterwards whatever it stirred is done."""
        async with self.db.begin() as tx:
            work = Work(tx, self.now, self.settings, self.switches, **how)
            yield work
        if work.stirred:
            self._stirred.set()

    async def do(self, asked: Asked) -> Answer:
        """Carry out a request, once per idempotency key.

        Raises:
            StripeProblem: nothing has happened, and nothing is remembered of it.
        """
        want = parameters.checked(asked.operation.params, asked.form)
        scope = "secret" if asked.trusted else "publishable"
        how = {"trusted": asked.trusted, "request": asked.request, "key": asked.key}
        how["account"] = asked.account
        async with self.work(**how) as work:
            if asked.key is None or asked.operation.method != "POST":
                return await self._run(work, asked, want)
            key = f"{scope}:{asked.key}"
            if not (await work.tx.execute(_ALONE, {"key": key})).scalar():
                raise StripeProblem(
                    "There is currently another in-progress request using this Idempotent Key.",
                    status=409,
                    type="idempotency_error",
                    code="idempotency_key_in_use",
                )
            fingerprint = _fingerprint(asked)
            old = await self._answered(work, key, fingerprint)
            if old is not None:
                return old
            answer = await self._run(work, asked, want)
            row = {"key": key, "fingerprint": fingerprint, "status": answer.status}
            row |= {"body": orjson.dumps(answer.body).decode(), "at": work.now}
            await work.tx.execute(_ANSWER, row)
            return answer

    def allow(self, endpoint: str) -> bool:
        """Whether this endpoint has room for one more request in this second."""
        seen = self._seen.setdefault(endpoint, deque(maxlen=self.settings.per_second))
        moment = monotonic()
        if len(seen) == seen.maxlen and moment - seen[0] < 1:
            return False
        seen.append(moment)
        return True

    async def settle(self) -> int:
        """Do all that is due now, and all that becomes due by it; tells how much it was."""
        done = 0
        async with self._busy:
            while True:
                before = done
                while await self._do_next():
                    done += 1
                assert self._http is not None
                done += await deliveries.deliver(self, self._http)
                if done == before:
                    return done

    async def set_switches(self, switches: Switches) -> None:
        """Set the fault switches; they hold over a restart."""
        self.switches = switches
        async with self.db.begin() as tx:
            await store.set_setting(tx, "switches", switches.model_dump(mode="json"))

    async def advance(self, seconds: float) -> None:
        """Move the test clock forward; it never goes back."""
        if seconds < 0:
            raise StripeProblem("The test clock only goes forward.", param="seconds")
        self.ahead += seconds
        async with self.db.begin() as tx:
            await store.set_setting(tx, "ahead", self.ahead)
        self._stirred.set()

    def stir(self) -> None:
        """Have the worker look for due work."""
        self._stirred.set()

    async def _run(self, work: Work, asked: Asked, want: dict[str, Any]) -> Answer:
        paths = want.pop("expand", [])
        try:
            body = await asked.operation.run(work, {**want, **asked.extra}, **asked.named)
            return Answer(200, await expanded(work, body, paths))
        except StripeProblem as problem:
            if not problem.began:
                raise
            return Answer(problem.status, problem.body)

    async def _answered(self, work: Work, key: str, fingerprint: str) -> Answer | None:
        binds = {"key": key, "old": work.now - _KEYS_LAST}
        row = (await work.tx.execute(_ANSWERED, binds)).one_or_none()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise StripeProblem(
                "Keys for idempotent requests can only be used with the same parameters they"
                " were first used with.",
                type="idempotency_error",
            )
        body = orjson.loads(row.body) if isinstance(row.body, str) else row.body
        return Answer(row.status, body, replayed=True)

    async def _do_next(self) -> bool:
        async with self.work() as work:
            row = (await work.tx.execute(_DUE, {"now": self.now})).one_or_none()
            if row is None:
                return False
            await _ACTS[row.act](work, row.thing)
            return True

    async def _remember(self) -> None:
        async with self.work() as work:
            self.ahead = float(await store.setting(work.tx, "ahead") or 0)
            switches = await store.setting(work.tx, "switches")
            self.switches = Switches.model_validate(switches or {})
            for connect, url, secret in (
                (False, self.settings.webhook_url, self.settings.webhook_secret),
                (True, self.settings.connect_url, self.settings.connect_secret),
            ):
                if url is not None and secret is not None:
                    await _endpoint_of_settings(work, url, secret, connect=connect)

    async def _work_alone(self) -> None:
        """Do due work as time passes. A failure is logged and tried again a second later."""
        while self.settings.runs_itself:
            self._stirred.clear()
            try:
                await self.settle()
                async with self.db.begin() as tx:
                    due = (await tx.execute(_NEXT)).scalar()
                wait = 60.0 if due is None else min(60.0, max(0.01, due - self.now))
            except Exception:
                log.exception("the sandbox could not do what was due")
                wait = 1.0
            # Not wait_for: before Python 3.12 it may forget that it was cancelled.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._stirred.wait()


async def _endpoint_of_settings(work: Work, url: str, secret: str, *, connect: bool) -> None:
    """Ports change from start to start; the endpoints of the settings are the same ones."""
    for old in await store.kept(work.tx, "webhook_endpoint"):
        same = bool(old.hidden.get("connect")) is connect
        if old.hidden.get("from_settings") and same:
            old.body["url"], old.hidden["secret"] = url, secret
            await work.put(old)
            return
    made = await endpoints.keep(work, url, secret, ["*"])
    made.hidden |= {"from_settings": True, "connect": connect}
    await work.put(made)


async def _wallet(work: Work, intent: str) -> None:
    found = await work.get("payment_intent", intent, lock=True)
    if found.body["status"] == "processing":
        method = await work.get("payment_method", found.body["payment_method"])
        await charges.capture(work, found, method)


_ACTS = {
    "book": charges.book,
    "wallet": _wallet,
    "refund_later": refunds.arrive,
    "refund_bounce": refunds.bounce,
    "pay_out": payouts.pay_out,
    "payout_arrives": payouts.arrives,
    "dispute": disputes.open_,
    "inquiry": disputes.inquire,
    "inquiry_escalated": disputes.escalate,
    "inquiry_closed": disputes.drop,
    "dispute_won": disputes.won,
    "dispute_lost": disputes.lost,
}


def _fingerprint(asked: Asked) -> str:
    told = [asked.operation.name, dict(asked.named), dict(asked.form)]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def request_id() -> str:
    """What Stripe calls a request in its logs."""
    return f"req_{random_part(14)}"
