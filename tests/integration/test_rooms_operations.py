"""Rooms as those see them who run them: bounds, leaving in batches, figures."""

import asyncio
import contextlib
import logging
import socket
from dataclasses import replace
from urllib.parse import quote

import orjson
import pytest
from aiohttp import web
from websockets.asyncio.client import connect

from streams.realtime import metrics
from streams.realtime.door import Admitted, ConnectWant
from streams.realtime.hub import Hub
from streams.realtime.options import Limits, Options
from streams.realtime.transports import SERVER, crowd, routes
from streams.realtime.transports.listening import Site
from tests.room_screens import Standing
from tests.rooms import OpenDoor, Raw, Served, serving, token
from tests.rooms_over_http import EVERYTHING, both_ways, hello, http, rooms, say, url

PAGE = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    "GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n"
)


def figure(hub: Hub, name: str) -> int:
    """One of the figures, as Prometheus reads it."""
    lines = metrics.page(hub).splitlines()
    return int(next(line for line in lines if line.startswith(f"rooms_{name} ")).split()[1])


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


HALF = "POST /{} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + "x" * 900


async def half_sent(
    served: Served, path: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose rest never comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(HALF.format(path).encode())
    await writer.drain()
    return reader, writer


async def test_who_is_slow_to_say_anything_counts_and_is_given_up() -> None:
    limits = Limits(connections_per_address=2, stale=1.0)
    async with serving(rooms(limits)) as served, http() as session:
        address = url(served, "/connection/http_stream")
        halves = [await half_sent(served, "connection/http_stream") for _ in range(2)]
        halves.append(await half_sent(served, "emulation"))
        async with asyncio.timeout(0.9):
            while served.hub.connected.accepts("127.0.0.1"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert (await session.post(address, data=hello())).status == 503
        for reader, writer in halves:
            async with asyncio.timeout(5):
                assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            writer.close()
        assert (await session.post(address, data=hello())).status == 200
        assert (await session.post(address, data=hello())).status == 200


async def test_only_so_many_of_one_user() -> None:
    async with (
        serving(rooms(Limits(connections_per_user=2))) as served,
        Raw.to(served.url) as one,
        Raw.to(served.url) as two,
        Raw.to(served.url) as three,
        Raw.to(served.url) as other,
    ):
        for raw in (one, two):
            await raw.enter("u1")
        await three.send({"id": 1, "connect": {"token": token("u1")}})
        assert await three.closed() == (3504, "connection limit")
        await other.enter("u2")


async def test_only_so_many_channels() -> None:
    async with serving(rooms(Limits(channels_per_client=2))) as served:
        async with Raw.to(served.url) as raw:
            wanted = {f"open:{n}": {} for n in range(3)}
            await raw.send({"id": 1, "connect": {"token": token("u1"), "subs": wanted}})
            assert (await raw.closed())[0] == 3505
        async with Raw.to(served.url) as raw:
            await raw.enter("u1")  # who has a channel of their own
            await raw.ask(subscribe={"channel": "open:1"})
            assert (await raw.ask(subscribe={"channel": "open:2"}))["error"]["code"] == 106


async def test_a_crowd_is_put_off_before_its_handshakes() -> None:
    """Two at once and one a second, by a clock that the test moves."""
    clock = Standing()
    hub = Hub(rooms(Limits(accepts_burst=2, accepts_per_second=1)), clock=clock)
    async with serving(hub=hub) as served, http() as session:
        address = url(served, "/connection/http_stream")

        async def knock() -> tuple[int, str | None]:
            answer = await session.post(address, data=hello())
            return answer.status, answer.headers.get("Retry-After")

        assert [await knock() for _ in range(3)] == [(200, None)] * 2 + [(503, "1")]
        clock.now += 1
        assert [await knock() for _ in range(2)] == [(200, None), (503, "1")]
        assert hub.connected.refused == 2
        assert "rooms_refused_total 2" in metrics.page(hub)


async def test_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens to whoever brings it, by whichever way."""

    class Broken(OpenDoor):
        async def connect(self, want: ConnectWant) -> Admitted:
            if want.data:
                raise RuntimeError("the door is broken")
            return await super().connect(want)

    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="websockets")  # the client says what it sends
    secret, signature = token("u1"), "c2lnbmF0dXJl-of-nobody"
    shown = [secret, secret[:-20] + signature, "not.a.token"]
    hub = Hub(rooms())
    async with serving(hub=hub) as served, http() as session:
        hub.door = Broken()
        for text in shown:
            for data in ({}, {"data": {"x": 1}}):
                said = orjson.dumps({"id": 1, "connect": {"token": text, **data}}).decode()
                asked = orjson.dumps({"token": text, **data}).decode()
                async with Raw.to(served.url) as raw:
                    await raw.send(said, {"id": 2, "refresh": {"token": text}})
                    await raw.send({"id": 3, "subscribe": {"channel": "o", "token": text}})
                    await raw.send({})
                    await raw.closed()
                for path, one in (("sse", said), ("uni_sse", asked)):
                    await session.get(
                        url(served, f"/connection/{path}?cf_connect={quote(one)}")
                    )
                for path, one in (("http_stream", said), ("uni_http_stream", asked)):
                    await session.post(url(served, f"/connection/{path}"), data=one.encode())
        assert "the door is broken" in caplog.text
        for text in (*shown, signature, secret.rpartition(".")[2]):
            assert text not in caplog.text
            assert text not in metrics.page(hub)


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
        assert "rooms_slow_total 1" in metrics.page(served.hub)


async def test_the_figures_tell_what_waits() -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, "http_stream")
        await say(served, session, known, {"id": 2, "subscribe": {"channel": "open:1"}})
        await stream.next()
        reading = stream.response.connection
        assert reading is not None
        assert reading.transport is not None
        reading.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(20):
            while figure(served.hub, "queue_bytes") < 300_000:
                await served.hub.publish("open:1", {"text": "x" * 60_000})
                await asyncio.sleep(0)
        assert figure(served.hub, "queue_bytes_max") == figure(served.hub, "queue_bytes")


async def test_the_figures_tell_how_much_was_gathered() -> None:
    gathering = replace(rooms(), namespaces={"open": replace(EVERYTHING, conflate=0.2)})
    async with serving(gathering) as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await raw.ask(subscribe={"channel": "open:1"})
        for n in range(50):  # the first goes out at once, the last when it is time
            await served.hub.publish("open:1", {"n": n})
        assert [(await raw.next())["push"]["pub"]["data"]["n"] for _ in range(2)] == [0, 49]
        assert figure(served.hub, "flushes_total") == 2
        assert figure(served.hub, "frames_total") == 2


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_crowd_at_the_door_keeps_nobody_else_waiting(guarded: bool) -> None:
    """A page is asked for after 300 handshakes: how many were done before its answer. The
    twin without a vestibule answers in the order in which it was asked."""
    crowd_, done = 300, list[int]()
    hub = Hub(rooms(), OpenDoor())
    app = web.Application(handler_args=SERVER)

    async def page(_: web.Request) -> web.Response:
        done.append(hub.open)
        return web.Response()

    app.add_routes([*routes(hub), web.get("/page", page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    sock = socket.create_server(("127.0.0.1", 0), backlog=512)
    site = Site(runner, sock) if guarded else web.SockSite(runner, sock, backlog=512)
    with contextlib.ExitStack() as stack:
        callers = []
        for said in [*[UPGRADE] * crowd_, PAGE]:
            caller = stack.enter_context(socket.create_connection(sock.getsockname()))
            caller.sendall(said.encode())
            callers.append(caller)
        await site.start()
        async with asyncio.timeout(20):
            while not done or hub.open < crowd_:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert (done[0] < crowd_) if guarded else (done[0] == crowd_)
    await runner.cleanup()


@pytest.mark.parametrize("guarded", [True, False])
def test_a_crowd_that_is_cut_off_keeps_nobody_else_waiting(guarded: bool) -> None:
    """A page is asked for when 200 viewers break off at once: how many are still to be seen
    off when it is answered. The twin on asyncio's own loop sees off all of them first."""
    crowd_, left = 200, list[int]()

    async def scenario() -> None:
        hub = Hub(rooms(), OpenDoor())
        app = web.Application(handler_args=SERVER)

        async def page(_: web.Request) -> web.Response:
            left.append(hub.open)
            return web.Response()

        app.add_routes([*routes(hub), web.get("/page", page)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        sock = socket.create_server(("127.0.0.1", 0), backlog=512)
        await Site(runner, sock).start()
        sock.listen(512)
        with contextlib.ExitStack() as stack:

            def call(said: str) -> socket.socket:
                caller = stack.enter_context(socket.create_connection(sock.getsockname()))
                caller.sendall(said.encode())
                return caller

            asker = call(PAGE)
            viewers = [call(UPGRADE) for _ in range(crowd_)]
            async with asyncio.timeout(20):
                while hub.open < crowd_ or not left:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                for viewer in viewers:
                    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" * 2)
                    viewer.close()
                asker.sendall(PAGE.encode())
                while hub.open or len(left) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        await runner.cleanup()

    with asyncio.Runner(loop_factory=crowd.new_loop if guarded else None) as runner:
        runner.run(scenario())
    assert (left[1] > crowd_ // 2) if guarded else (left[1] == 0)


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
