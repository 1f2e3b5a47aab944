"""Listens so that a returning crowd does not keep everybody else waiting.

asyncio accepts as many connections in one turn of its loop as the kernel may queue. With a
long queue thousands come in at once, and a purchase waits for them all; with a short one the
kernel refuses, and clients come again after seconds. So the queue is long and the turn is
short, and who wants to come into the rooms waits in the vestibule.

Python's collector looks at every object there is, again and again while thousands come in,
and stops the loop for half a second each time. So what was there before is frozen, and it
looks seldom.
"""

import asyncio
import gc
import socket

from aiohttp import web

from streams.realtime.channel import Figures
from streams.realtime.transports.turns import line
from streams.realtime.transports.vestibule import Vestibule

QUEUE = 4096
AT_A_TIME = 16
SELDOM = (50_000, 10, 1000)


async def listen(
    runner: web.AppRunner, sock: socket.socket, figures: Figures | None = None
) -> None:
    """Accept connections on the socket, which the runner owns from now on.

    Args:
        figures: the hub's, where there is one.
    """
    await Site(runner, sock, figures).start()
    sock.listen(QUEUE)
    gc.freeze()
    gc.set_threshold(*SELDOM)


class Site(web.BaseSite):
    """A site of aiohttp's with a vestibule before it."""

    __slots__ = ("_sock", "_vestibule")

    def __init__(
        self, runner: web.AppRunner, sock: socket.socket, figures: Figures | None = None
    ) -> None:
        super().__init__(runner, backlog=AT_A_TIME)
        assert runner.server is not None
        self._vestibule = Vestibule(runner.server, line(), figures or Figures())
        self._sock = sock

    @property
    def name(self) -> str:
        return "http://{}:{}".format(*self._sock.getsockname()[:2])

    async def start(self) -> None:
        await super().start()
        self._server = await asyncio.get_running_loop().create_server(
            self._vestibule, sock=self._sock, backlog=self._backlog
        )

    async def stop(self) -> None:
        self._vestibule.close()
        await super().stop()
