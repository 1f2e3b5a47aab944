"""The processes that the command line starts: web, worker, demo."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date

from aiohttp import web

from livecommerce import assembly, migrations, one_machine, wiring
from livecommerce.app import build_app
from livecommerce.kernel.errors import Unavailable
from livecommerce.kernel.relay import Relay
from livecommerce.one_machine import Machine
from livecommerce.resources import Resources
from livecommerce.settings import Settings, kept_secret
from livecommerce.web.keys import RESOURCES
from livecommerce.webhooks.courier import Courier
from livecommerce.webhooks.sender import Sender
from streams.realtime.hub import Hub
from streams.realtime.transports.listening import listen

log = logging.getLogger(__name__)

DEMO_RATES_ON = date(2026, 10, 30)
"""The demo's prices do not move from start to start; every quote names the day."""

STOPPED = 130
"""The exit status of work that people stopped before its end."""

Then = Callable[[Resources, str], Awaitable[int]]


class PortTaken(Unavailable):
    """Another program listens on our port."""


async def serve(
    settings: Settings, *, everything: bool = False, then: Then | None = None
) -> int:
    """Answer requests until told to stop; the exit status.

    Args:
        everything: start the missing parts on this machine, and do the worker's work, too.
        then: done once the process answers; its result ends the process.

    Raises:
        PortTaken, Incomplete, CannotRun: it cannot be served; the message says what to do.
    """
    async with AsyncExitStack() as stack:
        sock = _bound(settings)
        stack.callback(sock.close)
        port = sock.getsockname()[1]
        url = f"http://{_shown(settings.host)}:{port}"
        stop = _stop_signals()
        machine = await stack.enter_async_context(_machine(settings, port, everything))
        app = build_app(lambda _app: assembly.opened(machine, public_url=url))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        resources = app[RESOURCES]
        hub = resources.find(Hub)
        await listen(runner, sock, hub.figures if hub is not None else None)
        if hub is not None:
            # Before aiohttp stops reading: clients are told to come back, and say goodbye.
            stack.push_async_callback(hub.drain)
        if everything:
            await stack.enter_async_context(relaying(resources))
        log.info("ready: %s", url)
        if then is None:
            await stop.wait()
            return 0
        return await _first(stop, then(resources, url))


async def demo(settings: Settings, *, once: bool = False) -> int:
    """The whole business on this machine with demo data: on air until stopped, or the
    journey once."""
    from livecommerce.demo import stage

    async def perform(resources: Resources, url: str) -> int:
        return await stage.perform(resources, url, once=once)

    pinned = settings.model_copy(update={"rates_on": settings.rates_on or DEMO_RATES_ON})
    code = await serve(pinned, everything=True, then=perform)
    return 0 if code == STOPPED and not once else code  # being stopped is how a demo ends


async def work(settings: Settings) -> int:
    """Tell facts and do jobs until told to stop.

    Raises:
        Incomplete: the settings do not say where everything is.
    """
    stop = _stop_signals()
    machine = Machine(settings, None, "")
    async with assembly.opened_worker(machine) as resources, relaying(resources):
        log.info("working")
        await stop.wait()
    return 0


async def migrate(settings: Settings) -> int:
    """Bring the database up to date."""
    async with AsyncExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = await stack.enter_async_context(one_machine.database(settings))
        before = await migrations.current(url)
        await migrations.migrate(url)
        log.info("schema: %s → %s", before or "empty", await migrations.current(url))
    return 0


@asynccontextmanager
async def relaying(resources: Resources) -> AsyncIterator[Relay]:
    """Facts are told, jobs done, ticks taken and webhooks sent while the block runs. Should
    that end by itself, the process must not go on as if nothing were wrong: the block is
    cancelled."""
    relay = Relay(resources.db, wiring.REACTIONS, wiring.JOBS, resources)
    url = resources.settings.database_url
    assert url is not None
    settings = resources.settings
    async with Sender(settings.webhook_hosts) as sender, asyncio.TaskGroup() as group:
        courier = Courier(resources.db, sender, secret=settings.secret_key())
        tasks = [
            group.create_task(relay.run(resources.wake, wiring.TICKS), name="relay"),
            group.create_task(courier.run(resources.wake), name="courier"),
            group.create_task(resources.wake.listen(url), name="listen"),
        ]
        try:
            yield relay
        finally:
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def _machine(settings: Settings, port: int, everything: bool) -> AsyncIterator[Machine]:
    if everything:
        async with one_machine.running(settings, port=port) as machine:
            yield machine
        return
    machine = Machine(settings, None, kept_secret(settings.data_dir, "hook-secret"))
    assembly.must_be_complete(settings)
    yield machine


def _bound(settings: Settings) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
    except OSError as error:
        sock.close()
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); is it"
            " running already? LC_PORT chooses another port"
        ) from None
    return sock


def _shown(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104


def _stop_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _first(stop: asyncio.Event, work: Awaitable[int]) -> int:
    """The work's result; or ``STOPPED`` if people stopped it first."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        stopped.cancel()
        return task.result()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return STOPPED
