"""How a process is put together: everything opened in order, and closed in the other."""

import logging
from collections.abc import AsyncIterator, Set
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp

from livecommerce import gateways
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.editing.checks import KnownCodes
from livecommerce.crossborder import classification, refreshing
from livecommerce.crossborder.desk import demo_desk, read_desk
from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.rates import Rates, shipped_currencies
from livecommerce.kernel.db import Database, open_database
from livecommerce.kernel.errors import Unavailable
from livecommerce.kernel.wake import Wake
from livecommerce.live.board import Board
from livecommerce.live.claiming import Claiming
from livecommerce.live.counter import Counter
from livecommerce.live.door import RoomDoor
from livecommerce.live.jobs import rooms_of
from livecommerce.one_machine import Machine
from livecommerce.outside.customs.client import HttpExchange
from livecommerce.outside.mail.mailer import SmtpMailer
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.settlement.exchange import DatedRates, Quoted
from payments.intake import Intake
from payments.stripe_gateway import StripeGateway
from streams.chat.chat import Chat
from streams.chat.words import read_csv
from streams.media.ffmpeg import Ffmpeg, FfmpegMissing, find_ffmpeg
from streams.media.nginx_rtmp import NginxRtmp
from streams.media.port import MediaServer
from streams.presence.viewers import Viewers
from streams.realtime.gateway import Gateway
from streams.realtime.hub import Hub
from streams.sessions import queries as sessions

log = logging.getLogger(__name__)

_PATIENCE = aiohttp.ClientTimeout(total=20, connect=5)


class Incomplete(Unavailable):
    """An address is missing that this process cannot do without."""


@asynccontextmanager
async def opened(machine: Machine, *, public_url: str) -> AsyncIterator[Resources]:
    """What the web process holds, rooms included.

    Raises:
        Incomplete: the settings name no database, payments, customs or mail.
    """
    settings = machine.settings
    must_be_complete(settings)
    async with AsyncExitStack() as stack:
        db, http = await _opened(stack, settings)
        rooms = await stack.enter_async_context(gateways.served(settings, http))
        resources = await _held(stack, machine, db, http, rooms.gateway)
        resources.public_url = settings.public_url or public_url
        words = read_csv(settings.word_file) if settings.word_file else ()
        chat = Chat(
            rooms.gateway,
            db,
            words=words,
            rooms_of=partial(rooms_of, db),
            processes=partial(_how_many, rooms.hub),
        )
        claims = Claims(db, hold_lasts=settings.hold_lasts)
        await stack.enter_async_context(claims.running())
        counter = Counter(db)
        claiming = Claiming(
            counter, claims, settings.claim_limit, let_in=chat.restraints.let_in
        )
        door = RoomDoor(db, settings.secret_key(), chat, claiming)
        await stack.enter_async_context(chat.running())
        if rooms.hub is not None:
            resources.add(rooms.hub)
            rooms.hub.door = door
            await stack.enter_async_context(rooms.hub.running())
        viewers = Viewers(rooms.gateway, watched=partial(_not_over, db))
        await stack.enter_async_context(viewers.running())
        intake = Intake(db, resources.payments)
        await stack.enter_async_context(intake.running())
        for part in (chat, door, viewers, claims, counter, claiming, intake):
            resources.add(part)
        yield resources


@asynccontextmanager
async def opened_worker(machine: Machine) -> AsyncIterator[Resources]:
    """What a worker holds: everything that jobs and ticks ask for, and no rooms of its own.

    Raises:
        Incomplete: the settings name no database, payments, customs or mail.
        NoWayToRooms: they do not say where the rooms are.
    """
    settings = machine.settings
    must_be_complete(settings)
    gateways.must_reach_rooms(settings)
    async with AsyncExitStack() as stack:
        db, http = await _opened(stack, settings)
        gateway = await stack.enter_async_context(gateways.reached(settings, http))
        resources = await _held(stack, machine, db, http, gateway)
        resources.public_url = settings.public_url or ""
        yield resources


async def _not_over(db: Database, lives: Set[str]) -> Set[str]:
    """Rooms whose broadcast can still be watched."""
    async with db.begin() as tx:
        return await sessions.not_over(tx, list(lives))


async def _how_many(hub: Hub | None) -> int:
    """Web processes that serve the same rooms, as far as they know of each other."""
    return 1 if hub is None else len(await hub.processes())


async def _opened(
    stack: AsyncExitStack, settings: Settings
) -> tuple[Database, aiohttp.ClientSession]:
    assert settings.database_url is not None
    db = open_database(settings.database_url)
    stack.push_async_callback(db.close)
    return db, await stack.enter_async_context(aiohttp.ClientSession(timeout=_PATIENCE))


async def _held(
    stack: AsyncExitStack,
    machine: Machine,
    db: Database,
    http: aiohttp.ClientSession,
    gateway: Gateway,
) -> Resources:
    """What every process holds."""
    settings = machine.settings
    resources = Resources(
        settings=settings,
        db=db,
        http=http,
        wake=Wake(),
        gateway=gateway,
        payments=await stack.enter_async_context(payment_gateway(settings)),
        customs=HttpExchange(http, settings.customs_url or ""),
        mail=SmtpMailer(settings.smtp_url or "", sender=settings.mail_from),
        media=_media(machine, http),
        rtmp_address=machine.nginx.rtmp_url() if machine.nginx else settings.rtmp_url or "",
        hook_secret=machine.hook_secret,
    )
    board = Board(db, gateway)
    stack.push_async_callback(board.close)
    rates = Rates(
        pinned=settings.rates_on,
        lasts=settings.rates_last,
        needed=shipped_currencies()
        & {*settings.sells_in, settings.books_currency, "CNY", "USD"},
    )
    await stack.enter_async_context(refreshing.followed(db, rates))
    known = KnownCodes(classification.known())
    dated = DatedRates(lambda *asked: Quoted(*rates.between(*asked)))
    for part in (board, rates, dated, customs_desk(machine), _ffmpeg(), known):
        resources.add(part)
    return resources


def _media(machine: Machine, http: aiohttp.ClientSession) -> MediaServer | None:
    """Our own nginx-rtmp, or the operator's; it records under the data folder either way."""
    if machine.nginx is not None:
        return machine.nginx.server(http)
    settings = machine.settings
    if settings.media_control_url is None:
        return None
    recordings = settings.data_dir / "media" / "rec"
    return NginxRtmp(http, control=settings.media_control_url, recordings=recordings)


@asynccontextmanager
async def payment_gateway(settings: Settings) -> AsyncIterator[StripeGateway]:
    """Stripe by its key; or the sandbox, which is Stripe at another address. While a webhook
    secret is being changed there are two, with a comma between them."""
    assert settings.stripe_key is not None
    secret, connected = settings.stripe_webhook_secret, settings.stripe_connect_secret
    gateway = StripeGateway(
        settings.stripe_key.get_secret_value(),
        base_url=settings.stripe_base_url,
        webhook_secrets=secret.get_secret_value().split(",") if secret else [],
        connect_secrets=connected.get_secret_value().split(",") if connected else [],
    )
    try:
        yield gateway
    finally:
        await gateway.close()


def _ffmpeg() -> Ffmpeg:
    """The machine's ffmpeg. Without one, sessions that recorded nothing are archived all the
    same, and making a replay fails and says why."""
    try:
        return find_ffmpeg()
    except FfmpegMissing as missing:
        log.warning("%s; replays cannot be made", missing)
        return Ffmpeg(Path("ffmpeg"))


def customs_desk(machine: Machine) -> Desk:
    """The operator's standing with customs; a made-up one only before our own stand-in."""
    settings = machine.settings
    if settings.customs_desk is not None:
        return read_desk(settings.customs_desk)
    if not machine.customs_is_ours:
        raise Incomplete("set LC_CUSTOMS_DESK to the file with your standing with customs")
    return demo_desk()


def must_be_complete(settings: Settings) -> None:
    """Raises Incomplete, naming what is missing and how to give it."""
    needed = ("database_url", "stripe_key", "customs_url", "smtp_url")
    missing = [f"LC_{name.upper()}" for name in needed if getattr(settings, name) is None]
    if missing:
        raise Incomplete(
            f"set {', '.join(missing)}, or run `livecommerce serve --all`, which starts local"
            " ones"
        )
