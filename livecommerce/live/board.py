"""The board: what a room's shelf channels show, kept up with the database.

A publication is always the whole state with a version, so one that comes late undoes
nothing and one that is skipped loses nothing. The first change goes out at once; what
follows within a quarter of a second goes out together.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from livecommerce.kernel.db import Database
from livecommerce.live import queries, rules
from livecommerce.live.offers import queries as offers
from streams.realtime.gateway import Gateway

log = logging.getLogger(__name__)

CONFLATED = 0.25


class Board:
    """Publishes cards and stock of live sessions; one per process that runs jobs."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self._db = db
        self._gateway = gateway
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._sold: dict[str, dict[str, dict[str, Any]]] = {}

    async def stock(self, live: str) -> None:
        """The numbers left of everything on the shelf have changed."""
        await self._soon(f"stock:{live}", lambda: self._publish_stock(live))

    async def offers(self, live: str) -> None:
        """What the room is offered has changed."""
        await self._soon(f"offers:{live}", lambda: self._publish_offers(live))

    async def card(self, live: str) -> None:
        """Another card is being presented, or none."""
        await self._publish_card(live)

    async def sold(self, live: str, frame: dict[str, Any], *, key: str) -> None:
        """Something was sold. In a rush the room is shown the newest sale, and how many
        ``more`` pieces went since the one before."""
        self._sold.setdefault(live, {})[key] = frame
        await self._soon(f"sold:{live}", lambda: self._publish_sold(live))

    async def close(self) -> None:
        """Publish what still waits, then stop."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _soon(self, channel: str, publish: Callable[[], Awaitable[None]]) -> None:
        """At once if the channel is quiet; else once more when its pause is over."""
        if channel in self._busy:
            self._again.add(channel)
            return
        task = asyncio.create_task(self._pause(channel, publish))
        self._busy[channel] = task
        await publish()

    async def _pause(self, channel: str, publish: Callable[[], Awaitable[None]]) -> None:
        try:
            await asyncio.sleep(CONFLATED)
            while channel in self._again:
                self._again.discard(channel)
                await publish()
                await asyncio.sleep(CONFLATED)
        except Exception as error:
            log.warning("board: %s not published: %s", channel, type(error).__name__)
        finally:
            self._busy.pop(channel, None)

    async def _publish_stock(self, live: str) -> None:
        async with self._db.begin() as tx:
            version, left = await queries.stock_left(tx, live)
        channel = f"stock:{live}"
        before = await self._shown(channel)
        frame = {"t": "stock", "left": left, "low": rules.FEW, "version": version}
        await self._gateway.publish(channel, frame, version=version, version_epoch="clock")
        for kind, variants in zip(
            ("soldout", "restock"), rules.turned(before, left), strict=True
        ):
            for variant in variants:
                told = {
                    "t": kind,
                    "variant": variant,
                    "left": left[variant],
                    "version": version,
                }
                key = f"{kind}/{variant}/{version}"
                await self._gateway.publish(f"room:{live}", told, idempotency_key=key)

    async def _shown(self, channel: str) -> dict[str, int]:
        """What the room was last told, by whichever process."""
        kept = (await self._gateway.history(channel, limit=-1)).publications
        return dict(orjson.loads(kept[-1].data)["left"]) if kept else {}

    async def _publish_sold(self, live: str) -> None:
        sales = self._sold.pop(live, {})
        if not sales:
            return
        key, newest = sales.popitem()
        told = {**newest, "more": sum(sale["count"] for sale in sales.values())}
        await self._gateway.publish(f"room:{live}", told, idempotency_key=key)

    async def _publish_offers(self, live: str) -> None:
        async with self._db.begin() as tx:
            found = await offers.shown(tx, live)
        frame = {"t": "offers", **found.model_dump(mode="json")}
        await self._gateway.publish(
            f"offers:{live}", frame, version=found.version, version_epoch="clock"
        )

    async def _publish_card(self, live: str) -> None:
        async with self._db.begin() as tx:
            shelf = await queries.shelf(tx, live)
            now_showing = await queries.explaining(tx, live)
            times = await queries.explained_times(tx, live)
        frame = {
            "t": "card",
            "card": now_showing.card if now_showing else None,
            "segment": now_showing.segment if now_showing else None,
            "since": now_showing.since.isoformat() if now_showing else None,
            "times": times,
            "version": shelf.version,
        }
        await self._gateway.publish(
            f"cards:{live}", frame, version=shelf.version, version_epoch="shelf"
        )
