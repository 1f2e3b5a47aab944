"""Listens so that a returning crowd does not keep everybody else waiting.

asyncio accepts as many connections in one turn of its loop as the kernel may queue. With a
long queue thousands of handshakes come at once, and a purchase waits for them all; with a
short one the kernel refuses, and clients come again after seconds. So the queue is long and
the turn is short.

Python's collector looks at every object there is, again and again while thousands come in,
and stops the loop for half a second each time. So what was there before is frozen, and it
looks seldom.
"""

import gc
import socket

from aiohttp import web

QUEUE = 4096
AT_A_TIME = 16
SELDOM = (50_000, 50, 1000)


async def listen(runner: web.AppRunner, sock: socket.socket) -> None:
    """Accept connections on the socket, which the runner owns from now on."""
    await web.SockSite(runner, sock, backlog=AT_A_TIME).start()
    sock.listen(QUEUE)
    gc.freeze()
    gc.set_threshold(*SELDOM)
