"""Waking the relay: NOTIFY from any process, or a nudge from our own."""

import asyncio
import logging

import asyncpg

log = logging.getLogger(__name__)


class Wake:
    """Sets every subscriber's event when a fact may be waiting. A missed wake-up costs half
    a second, never a fact: the relay polls as well."""

    def __init__(self) -> None:
        self._events: list[asyncio.Event] = []

    def subscribe(self) -> asyncio.Event:
        """An event that is set on each wake-up; its owner clears it."""
        event = asyncio.Event()
        self._events.append(event)
        return event

    def now(self) -> None:
        """Something may be due."""
        for event in self._events:
            event.set()

    async def listen(self, url: str) -> None:
        """Follow the server's notifications until cancelled, reconnecting when they stop."""
        while True:
            try:
                connection = await asyncpg.connect(url)
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("cannot listen: %s", type(error).__name__)
                await asyncio.sleep(0.5)
                continue
            gone = asyncio.Event()
            connection.add_termination_listener(lambda _c, gone=gone: gone.set())
            try:
                await connection.add_listener("outbox", lambda *_: self.now())
                self.now()
                await gone.wait()
            finally:
                await connection.close(timeout=1)
