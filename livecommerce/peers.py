"""The peers' process: payment sandbox, customs and mail, as faithful as we need them.

It is started by the one-machine default with listening sockets, and told where its database
is on its standard input. When that input ends, its parent is gone, and so it goes, too.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web

from livecommerce import logs
from livecommerce.kernel.db import open_database
from livecommerce.outside.customs.peer import build_customs_peer
from livecommerce.outside.mail.peer import build_mail_peer, catching
from payments.sandbox import SandboxSettings, build_sandbox

log = logging.getLogger("livecommerce.peers")


async def run(told: dict[str, Any]) -> None:
    """Serve the peers on the sockets handed down, until told to stop or orphaned."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), lambda: _orphaned(stop))
    sockets = {name: socket.socket(fileno=fd) for name, fd in told["sockets"].items()}
    url = told["database_url"]
    sandbox = build_sandbox(
        SandboxSettings(
            database_url=url,
            secret_key="sk_test_sandbox",  # noqa: S106 - opens nothing but the sandbox
            publishable_key="pk_test_sandbox",
            webhook_url=told["webhook_url"],
            webhook_secret=told["webhook_secret"],
            connect_url=told["connect_url"],
            connect_secret=told["connect_secret"],
            page_switches=True,
        )
    )
    async with AsyncExitStack() as stack:
        db = open_database(url, pool=2)
        stack.push_async_callback(db.close)
        for name, app in (
            ("sandbox", sandbox),
            ("customs", build_customs_peer(url)),
            ("mail", build_mail_peer(url)),
        ):
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.SockSite(runner, sockets[name]).start()
        await stack.enter_async_context(catching(db, sockets["smtp"]))
        log.info("peers are up")
        await stop.wait()


def _orphaned(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


def _first_line() -> bytes:
    """Unbuffered: what comes after it must stay in the pipe for whoever waits for its end."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(sys.stdin.fileno(), 1)):
        line += byte
    return line


def main() -> None:
    """Read what we are told, and serve."""
    told = json.loads(_first_line())
    logs.configure(told["log_format"], "INFO")
    asyncio.run(run(told))


if __name__ == "__main__":
    main()
