"""Rooms as those see them who run them: bounds, leaving in batches, figures."""

import asyncio

from websockets.asyncio.client import connect

from streams.realtime import metrics
from streams.realtime.options import Limits, Options
from tests.rooms import serving, token
from tests.rooms_over_http import both_ways, hello, http, rooms, say, url


async def test_only_so_many_from_one_address() -> None:
    limits = Limits(connections_per_address=2)
    async with serving(rooms(limits)) as served, http() as session:
        streams = [await both_ways(served, session, "http_stream") for _ in range(2)]
        address = url(served, "/connection/http_stream")
        crowded = await session.post(address, data=hello())
        assert (crowded.status, crowded.headers["Retry-After"]) == (503, "1")
        streams[0][0].response.close()
        async with asyncio.timeout(2):
            while served.hub.open > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await both_ways(served, session, "sse")


async def test_a_proxy_is_believed_only_if_it_is_ours() -> None:
    ours = Options(
        namespaces=rooms().namespaces,
        proxies=frozenset({"127.0.0.1", "10.0.0.1"}),
        limits=Limits(connections_per_address=1),
    )
    async with serving(ours) as served, http() as session:
        address, statuses = url(served, "/connection/http_stream"), []
        for hops in ("9.9.9.9, 10.0.0.1", "1.2.3.4, 9.9.9.9", "8.8.8.8", "nonsense"):
            answer = await session.post(
                address, data=hello(), headers={"X-Forwarded-For": hops}
            )
            statuses.append(answer.status)
        assert statuses == [200, 503, 200, 200]


async def test_the_figures_add_up() -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, "http_stream")
        await say(served, session, known, {"id": 2, "subscribe": {"channel": "open:1"}})
        await stream.next()
        for n in range(3):
            await served.hub.publish("open:1", {"n": n})
            await stream.next()
        await session.get(url(served, "/connection/websocket"))
        page = metrics.page(served.hub)
        figures = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[0] != "#")
        assert figures["rooms_connections"] == "1"
        assert figures["rooms_users"] == "1"
        assert figures["rooms_channels"] == "2"
        assert figures["rooms_publications_total"] == "3"
        assert figures["rooms_deliveries_total"] == "3"
        assert figures["rooms_publish_to_write_seconds_count"] == "3"
        assert figures['rooms_publish_to_write_seconds_bucket{le="+Inf"}'] == "3"
        assert int(figures["rooms_bytes_total"]) > 100
        assert token("u1") not in page


async def test_a_stream_that_is_not_read_is_ended() -> None:
    limits = Limits(queue_bytes=100_000, close_wait=0.5)
    async with serving(rooms(limits)) as served, http() as session:
        stream, known = await both_ways(served, session, "http_stream")
        await say(served, session, known, {"id": 2, "subscribe": {"channel": "open:1"}})
        await stream.next()
        reading = stream.response.connection
        assert reading is not None
        assert reading.transport is not None
        reading.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(10):
            while served.hub.open:
                await served.hub.publish("open:1", {"text": "x" * 50_000})
                await asyncio.sleep(0.01)
        assert served.hub.figures.slow == 1


async def test_everybody_is_sent_away_in_batches() -> None:
    limits = Limits(drain=0.3, accepts_burst=10_000)
    async with serving(rooms(limits)) as served:
        sockets = [await connect(served.url, proxy=None, compression=None) for _ in range(450)]
        started = asyncio.get_running_loop().time()
        await served.hub.drain()
        took = asyncio.get_running_loop().time() - started
        assert 0.2 <= took < 2  # three batches, and nobody stays
        assert served.hub.open == 0
        for socket in sockets:
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (3001, "shutdown")
        assert not served.hub.accepts()
