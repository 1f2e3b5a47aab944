"""The local mail server: takes everything, delivers nothing, and shows what it took."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database, open_database
from livecommerce.outside.mail import caught

log = structlog.get_logger()

LARGEST = 1 << 20  # bytes of one message
DB: web.AppKey[Database] = web.AppKey("mail_db", Database)


class _Catcher:
    """What aiosmtpd calls; the method's name is its."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        source = envelope.content
        assert isinstance(source, bytes)
        try:
            async with self._db.begin() as tx:
                id_ = await caught.keep(
                    tx,
                    sender=envelope.mail_from or "",
                    recipients=list(envelope.rcpt_tos),
                    source=source,
                    now=self._now(),
                )
        except (SQLAlchemyError, OSError):
            log.exception("a message could not be kept")
            return "451 Could not be stored, try again later"
        return f"250 Kept as {id_}"


@asynccontextmanager
async def catching(
    db: Database, sock: socket.socket, *, now: Callable[[], datetime] = clock.utcnow
) -> AsyncIterator[None]:
    """Speak SMTP on a socket that listens already, until the block ends."""
    await caught.make(db)
    catcher = _Catcher(db, now)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            catcher,
            hostname="mail.livecommerce.example",
            ident="Livecommerce mail peer",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            loop=loop,
        ),
        sock=sock,
    )
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def build_mail_peer(database_url: str) -> web.Application:
    """What was caught, over HTTP: ``GET /messages?to=&before=``, ``GET /messages/{id}``."""

    async def running(app: web.Application) -> AsyncIterator[None]:
        db = open_database(database_url, pool=2)
        await caught.make(db)
        app[DB] = db
        yield
        await db.close()

    app = web.Application()
    app.cleanup_ctx.append(running)
    app.add_routes([web.get("/messages", _messages), web.get("/messages/{id}", _message)])
    return app


async def _messages(request: web.Request) -> web.Response:
    to, before = request.query.get("to"), request.query.get("before")
    async with request.app[DB].begin() as tx:
        found = await caught.listed(tx, to=to, before=before)
    return web.json_response({"items": [message.model_dump(mode="json") for message in found]})


async def _message(request: web.Request) -> web.Response:
    async with request.app[DB].begin() as tx:
        try:
            found = await caught.get(tx, request.match_info["id"])
        except caught.NoSuchMessage:
            raise web.HTTPNotFound from None
    return web.json_response(found.model_dump(mode="json"))
