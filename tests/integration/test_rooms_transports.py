"""Every transport as a client without an SDK sees it: bytes, headers, and what stays behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from aiohttp import ClientResponse, ClientSession
from centrifuge.protocol import client_pb2 as pb
from websockets.asyncio.client import connect

from streams.realtime import metrics
from streams.realtime.options import Limits, Namespace, Options
from streams.realtime.protobuf_wire import framed, messages
from tests.rooms import Raw, Served, options, serving, token

EVERYTHING = Namespace(
    history_size=10,
    history_ttl=60,
    force_recovery=True,
    presence=True,
    open_to_all=True,
    publish_for_subscriber=True,
    presence_for_subscriber=True,
)
OCTETS = {"Content-Type": "application/octet-stream"}


def rooms(limits: Limits | None = None) -> Options:
    return options(limits, open=EVERYTHING)


def hello(user: str = "u1", id: int = 1) -> bytes:
    return orjson.dumps({"id": id, "connect": {"token": token(user)}})


def url(served: Served, path: str) -> str:
    return f"http://127.0.0.1:{served.port}{path}"


@dataclass
class Stream:
    """A response that goes on: its messages, one after the other."""

    response: ClientResponse
    ends: bytes = b"\n"
    _text: bytes = b""
    _waiting: list[Any] = field(default_factory=list)

    async def next(self) -> Any:
        while not self._waiting:
            async with asyncio.timeout(5):
                chunk = await self.response.content.readany()
            assert chunk, "the stream has ended"
            *whole, self._text = (self._text + chunk).split(self.ends)
            lines = [line.strip().removeprefix(b"data: ") for line in whole]
            self._waiting += [orjson.loads(line) for line in lines if line]
        return self._waiting.pop(0)

    async def ended(self) -> bool:
        async with asyncio.timeout(5):
            return await self.response.content.readany() == b""


class Http:
    """A client that says what its bodies are only where a test does, and closes what it
    opened."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session
        self.answers: list[ClientResponse] = []

    async def ask(self, method: str, address: str, **more: Any) -> ClientResponse:
        self.answers.append(await self._session.request(method, address, **more))
        return self.answers[-1]

    async def get(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("GET", address, **more)

    async def post(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("POST", address, **more)

    async def options(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("OPTIONS", address, **more)


@asynccontextmanager
async def http() -> AsyncIterator[Http]:
    async with ClientSession(skip_auto_headers=["Content-Type"]) as session:
        client = Http(session)
        yield client
        for answer in client.answers:
            answer.close()


async def both_ways(served: Served, session: Http, kind: str) -> tuple[Stream, Any]:
    """A stream of that kind, and what its connect was answered."""
    if kind == "http_stream":
        answer = await session.post(url(served, "/connection/http_stream"), data=hello())
        stream = Stream(answer)
    else:
        address = url(served, f"/connection/sse?cf_connect={quote(hello())}")
        stream = Stream(await session.get(address), b"\n\n")
    return stream, (await stream.next())["connect"]


async def say(served: Served, client: Http, known: Any, *commands: Any, **instead: Any) -> int:
    text = "\n".join(orjson.dumps(command).decode() for command in commands)
    body = {"session": known["session"], "node": known["node"], "data": text, **instead}
    answer = await client.post(url(served, "/emulation"), data=orjson.dumps(body))
    return answer.status


@pytest.mark.parametrize("kind", ["http_stream", "sse"])
async def test_a_stream_says_and_hears(kind: str) -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, kind)
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        assert "no-store" in stream.response.headers["Cache-Control"]
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
        asked = {"Origin": "https://evil.example"}
        assert (await session.post(address, data=b"{}", headers=asked)).status == 403


async def test_who_says_more_than_is_carried_out_has_to_go() -> None:
    async with serving(rooms()) as served, http() as session:
        stream, known = await both_ways(served, session, "http_stream")
        for n in range(80):
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
