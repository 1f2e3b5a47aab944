"""Every transport as a client without an SDK sees it: bytes, headers, and what stays behind."""

import asyncio
import logging
from urllib.parse import quote

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from centrifuge.protocol import client_pb2 as pb
from websockets.asyncio.client import connect

from streams.realtime.hub import Hub
from streams.realtime.options import Limits, Options
from streams.realtime.protobuf_wire import framed, messages
from streams.realtime.transports import SERVER, routes
from tests.rooms import Raw, serving, token
from tests.rooms_over_http import OCTETS, Stream, both_ways, hello, http, rooms, say, url


@pytest.mark.parametrize("kind", ["http_stream", "sse"])
async def test_a_stream_says_and_hears(kind: str) -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, kind)
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        assert stream.response.headers["Cache-Control"] == (
            "private, no-cache, no-store, must-revalidate, max-age=0"
        )
        if kind == "sse":
            assert stream.response.headers["Content-Type"] == "text/event-stream"
        assert len(known["session"]) > 40
        assert known["session"] != known["client"]
        assert (known["ping"], known["pong"]) == (25, True)
        subscribe = {"id": 2, "subscribe": {"channel": "open:1"}}
        publish = {"id": 3, "publish": {"channel": "open:1", "data": {"x": "…\n"}}}
        assert await say(served, session, known, subscribe, publish) == 204
        assert (await stream.next())["id"] == 2
        heard = [await stream.next(), await stream.next()]
        assert {"id": 3, "publish": {}} in heard
        (pushed,) = [one for one in heard if "push" in one]
        assert pushed["push"]["pub"]["data"] == {"x": "…\n"}
        await served.hub.disconnect("u1", code=3503, reason="go")
        assert await stream.next() == {"push": {"disconnect": {"code": 3503, "reason": "go"}}}
        assert await stream.ended()
        assert await say(served, session, known, subscribe) == 204  # too late, and harmless


@pytest.mark.parametrize("kind", ["http_stream", "sse"])
async def test_who_breaks_off_is_gone(kind: str) -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, kind)
        await say(served, session, known, {"id": 2, "subscribe": {"channel": "open:1"}})
        await stream.next()
        assert (await served.hub.presence_stats("open:1")).num_clients == 1
        stream.response.close()
        async with asyncio.timeout(2):
            while served.hub.open:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert (await served.hub.presence_stats("open:1")).num_clients == 0
        assert await served.hub.channels() == {}


@pytest.mark.parametrize("kind", ["websocket", "http_stream", "sse"])
async def test_who_hangs_up_before_the_answer_is_no_failure(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They do it all the time: a page that is left while it connects."""
    heard = asyncio.Event()

    @web.middleware
    async def hang_up(request: web.Request, handler: Handler) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()  # known to the transport, and not yet to the handler
        try:
            return await handler(request)
        finally:
            heard.set()

    hub = Hub(rooms())
    app = web.Application(handler_args=SERVER, middlewares=[hang_up])
    app.add_routes(routes(hub))
    said = f"GET /connection/{kind}?cf_connect={quote(hello())} HTTP/1.1\r\nHost: here\r\n"
    if kind == "websocket":
        said += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        said += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    if kind == "http_stream":
        said = said.replace("GET", "POST", 1)
    async with hub.running(), TestServer(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"{said}\r\n".encode())
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        await asyncio.wait_for(heard.wait(), 20)
        assert not hub.open
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_bytes_of_streams() -> None:
    """How each begins, and how replies are told apart; SSE takes a body, too."""
    async with serving(rooms()) as served, http() as session:
        for path, begins, ends in (
            ("/connection/http_stream", b'{"id":1,"connect":', b"}\n"),
            ("/connection/sse", b'\r\ndata: {"id":1,"connect":', b"}\n\n"),
        ):
            answer = await session.post(url(served, path), data=hello())
            said = b""
            async with asyncio.timeout(20):
                while not said.endswith(ends):
                    said += await answer.content.readany()
            assert said.startswith(begins)


async def test_an_event_source_may_bring_much_in_its_address() -> None:
    """It cannot send a body; a client that comes back names every channel it was in."""
    subs = {f"#u1-{n}": {"recover": True, "epoch": "abcdefgh", "offset": n} for n in range(120)}
    asked = orjson.dumps({"id": 1, "connect": {"token": token("u1"), "subs": subs}}).decode()
    assert len(quote(asked)) > 10_000
    async with serving(rooms()) as served, http() as session:
        answer = await session.get(url(served, f"/connection/sse?cf_connect={quote(asked)}"))
        assert answer.status == 200
        assert (await Stream(answer).next())["connect"]["client"]


async def test_a_malformed_connect_ends_the_stream_with_the_reason() -> None:
    async with serving(rooms()) as served, http() as session:
        for body in (b"", b"nonsense", b"{}"):
            answer = await session.post(url(served, "/connection/http_stream"), data=body)
            stream = Stream(answer)
            assert (await stream.next())["push"]["disconnect"]["code"] == 3501
            assert await stream.ended()


async def test_emulation_answers_by_status() -> None:
    async with serving(rooms(Limits(message_bytes=1000))) as served, http() as session:
        _, known = await both_ways(served, session, "http_stream")
        ping = {"id": 9, "rpc": {"method": "x"}}
        assert await say(served, session, known, ping) == 204
        assert await say(served, session, known, ping, node="elsewhere") == 404
        assert await say(served, session, known, ping, node=7) == 400
        assert await say(served, session, known, ping, session="") == 400
        assert await say(served, session, known, ping, data="x" * 1001) == 413
        address = url(served, "/emulation")
        assert (await session.post(address, data=b"nonsense")).status == 400
        assert (await session.post(address, data=b"x" * 5000)).status == 413
        allowed = await session.options(address)
        assert allowed.status == 204
        assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
        assert int(allowed.headers["Access-Control-Max-Age"]) > 0
        asked = {"Origin": "https://evil.example"}
        assert (await session.post(address, data=b"{}", headers=asked)).status == 403


async def test_who_says_more_than_is_carried_out_has_to_go() -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, "http_stream")
        for n in range(150):
            await say(
                served, session, known, {"id": n + 2, "rpc": {"method": "wait", "data": 9}}
            )
        while "push" not in (told := await stream.next()):
            pass
        assert told["push"]["disconnect"]["code"] == 3013


async def test_pages_of_other_origins_only_if_listed() -> None:
    listed = Options(namespaces=rooms().namespaces, origins=frozenset({"https://a.example"}))
    async with serving(listed) as served, http() as session:
        address = url(served, "/connection/http_stream")
        ours, theirs = {"Origin": "https://a.example"}, {"Origin": "https://b.example"}
        asked = {"Access-Control-Request-Headers": "content-type"}
        answer = await session.options(address, headers={**ours, **asked})
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert int(answer.headers["Access-Control-Max-Age"]) > 0
        assert (await session.options(address, headers=theirs)).status == 403
        assert (await session.post(address, data=hello(), headers=theirs)).status == 403
        answer = await session.post(address, data=hello(), headers=ours)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        answer.close()


@pytest.mark.parametrize("origin", ["http://[x", "null", "https://[::1", "nonsense"])
async def test_pages_that_do_not_even_say_whose_they_are(origin: str) -> None:
    async with serving(rooms()) as served, http() as session:
        asked = {"Origin": origin}
        for path in ("http_stream", "sse", "uni_http_stream", "uni_sse"):
            address = url(served, f"/connection/{path}")
            assert (await session.post(address, data=hello(), headers=asked)).status == 403
            assert (await session.options(address, headers=asked)).status == 403
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", **asked}
        upgrade |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "A" * 22 + "=="}
        for path in ("/connection/websocket", "/connection/uni_websocket"):
            assert (await session.get(url(served, path), headers=upgrade)).status == 403
        said = await session.post(url(served, "/emulation"), data=b"{}", headers=asked)
        assert said.status == 403


async def test_protobuf_over_http() -> None:
    async with serving(rooms()) as served, http() as session:
        command = pb.Command(id=1, connect={"token": token("u1")})
        answer = await session.post(
            url(served, "/connection/http_stream"),
            data=framed(command.SerializeToString()),
            headers=OCTETS,
        )
        (reply,) = messages(await answer.content.readany())
        known = pb.Reply.FromString(reply).connect
        command = pb.Command(id=2, subscribe={"channel": "open:1"})
        body = pb.EmulationRequest(
            session=known.session,
            node=known.node,
            data=framed(command.SerializeToString()),
        )
        address = url(served, "/emulation")
        said = await session.post(address, data=body.SerializeToString(), headers=OCTETS)
        assert said.status == 204
        (reply,) = messages(await answer.content.readany())
        assert pb.Reply.FromString(reply).subscribe.recoverable
        answer.close()


async def test_both_encodings_in_one_room() -> None:
    async with serving(rooms()) as served, Raw.to(served.url) as json:
        await json.enter("u1")
        await json.ask(subscribe={"channel": "open:1"})
        subprotocols = ["centrifuge-json", "centrifuge-protobuf"]
        async with connect(
            served.url, proxy=None, subprotocols=subprotocols, compression=None
        ) as native:
            assert native.subprotocol == "centrifuge-protobuf"
            commands = (
                pb.Command(id=1, connect={"token": token("u2")}),
                pb.Command(id=2, subscribe={"channel": "open:1"}),
                pb.Command(id=3, publish={"channel": "open:1", "data": b'{"n":\n1}'}),
            )
            await native.send(b"".join(framed(c.SerializeToString()) for c in commands))
            heard = []
            while len(heard) < 4:
                frame = await native.recv()
                assert isinstance(frame, bytes)
                heard += [pb.Reply.FromString(one) for one in messages(frame)]
            (pub,) = [one.push.pub for one in heard if one.HasField("push")]
            assert pub.data == b'{"n":\n1}'
            assert (pub.info.user, pub.offset) == ("u2", 1)
            assert (await json.next())["push"]["pub"]["data"] == {"n": 1}
            # What is no JSON cannot be told to those who speak it.
            await native.send(
                framed(
                    pb.Command(
                        id=4, publish={"channel": "open:1", "data": b"\xff"}
                    ).SerializeToString()
                )
            )
            assert await json.closed() == (3506, "inappropriate protocol")
            told = [pb.Reply.FromString(one) for one in messages(await native.recv())]
            assert any(one.push.pub.data == b"\xff" for one in told)


@pytest.mark.parametrize("kind", ["uni_http_stream", "uni_sse"])
async def test_those_who_only_listen_over_http(kind: str) -> None:
    async with serving(rooms()) as served, http() as session:
        asked = orjson.dumps({"token": token("u1"), "subs": {"open:1": {}}})
        address = url(served, f"/connection/{kind}")
        if kind == "uni_sse":
            answer = await session.get(f"{address}?cf_connect={quote(asked)}")
        else:
            answer = await session.post(address, data=asked)
        stream = Stream(answer, b"\n\n" if kind == "uni_sse" else b"\n")
        entered = (await stream.next())["connect"]
        assert entered["ping"] == 25
        assert "pong" not in entered
        assert set(entered["subs"]) == {"open:1", "#u1"}
        await served.hub.publish("open:1", {"n": 1})
        told = await stream.next()
        assert (told["channel"], told["pub"]["data"]) == ("open:1", {"n": 1})
        # Its session opens nothing: those who only listen have nothing to say.
        leave = {"id": 2, "unsubscribe": {"channel": "open:1"}}
        assert await say(served, session, entered, leave) == 204
        assert (await served.hub.presence_stats("open:1")).num_clients == 1
        await served.hub.drain()
        assert await stream.next() == {"disconnect": {"code": 3001, "reason": "shutdown"}}
        assert await stream.ended()


async def test_those_who_only_listen_over_websocket() -> None:
    async with serving(rooms()) as served:
        address = f"ws://127.0.0.1:{served.port}/connection/uni_websocket"
        asked = orjson.dumps({"token": token("u1"), "subs": {"open:1": {}}})
        for at_once in (True, False):
            more = f"?cf_connect={quote(asked)}" if at_once else ""
            async with connect(address + more, proxy=None, compression=None) as socket:
                if not at_once:
                    await socket.send(asked)
                assert "client" in orjson.loads(await socket.recv())["connect"]
                await socket.send("whatever")
                await served.hub.publish("open:1", {"n": 1})
                assert orjson.loads(await socket.recv())["pub"]["data"] == {"n": 1}
        async with connect(address, proxy=None, compression=None) as socket:
            await socket.send(orjson.dumps({"token": "forged"}))
            end = orjson.loads(await socket.recv())["disconnect"]
            assert end == {"code": 3500, "reason": "invalid token"}
