"""The JSON encoding, vector by vector."""

import orjson
import pytest
from websockets.frames import Close as PeerClose
from websockets.frames import Frame, Opcode

from livecommerce.kernel.errors import Conflict, Throttled
from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.errors import ClientError, NotJson, Undecodable, error_of
from streams.realtime.frames import binary_frame, close_frame, text_frame
from streams.realtime.json_codec import JSON, payload


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("{}", p.Pong()),
        ('{"id":1,"connect":{}}', p.Connect()),
        (
            '{"id":1,"connect":{"token":"t","data":{"a": 1},"name":"js","version":"5",'
            '"subs":{"#u":{"recover":true,"epoch":"e","offset":7}},"headers":{"X":"y"},'
            '"flag":1,"future":[]}}',
            p.Connect(
                token="t",
                data=b'{"a":1}',
                subs={"#u": p.Recover(True, 7, "e")},
                name="js",
                version="5",
                headers={"X": "y"},
            ),
        ),
        (
            '{"id":2,"subscribe":{"channel":"room:1","flag":3,"recover":true,"offset":18,'
            '"epoch":"K","data":null,"delta":"fossil","tf":{}}}',
            p.Subscribe(
                channel="room:1", flag=3, recover=True, offset=18, epoch="K", delta="fossil"
            ),
        ),
        ('{"id":3,"unsubscribe":{"channel":"c"}}', p.Unsubscribe("c")),
        ('{"id":3,"publish":{"channel":"c","data":"x"}}', p.Publish("c", b'"x"')),
        ('{"id":3,"presence":{"channel":"c"}}', p.Presence("c")),
        ('{"id":3,"presence_stats":{"channel":"c"}}', p.PresenceStats("c")),
        (
            '{"id":3,"history":{"channel":"c","limit":-1,"since":{"offset":2,"epoch":"e"}}}',
            p.ReadHistory("c", -1, p.Position(2, "e")),
        ),
        ('{"id":3,"rpc":{"method":"m","data":[1.5]}}', p.Rpc("m", b"[1.5]")),
        ('{"id":3,"refresh":{"token":"t"}}', p.Refresh("t")),
        ('{"id":3,"sub_refresh":{"channel":"c","token":"t"}}', p.SubRefresh("c", "t")),
        ('{"send":{"data":1}}', p.Send()),
        ('{"id":3,"ping":{}}', p.Ping()),
        ('{"id":3,"rpc":{},"subscribe":{"channel":"first"}}', p.Subscribe("first")),
    ],
)
def test_commands(line: str, asked: p.Request) -> None:
    (command,) = JSON.commands(line.encode())
    assert command.request == asked


def test_what_is_nested_as_deeply_as_can_be_told_is_told() -> None:
    deep = b"[" * 254 + b"]" * 254
    (command,) = JSON.commands(b'{"id":1,"rpc":{"method":"m","data":%b}}' % deep)
    assert command.request == p.Rpc("m", deep)


def test_a_frame_holds_several_commands_and_may_end_in_a_newline() -> None:
    frame = b'{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"c"}}\n'
    assert [c.id for c in JSON.commands(frame)] == [1, 2]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (r"\ud83d", p.Illegible()),  # a first half alone
        (r"\uDE00", p.Illegible()),  # a second one
        (r"\ude00\ud83d", p.Illegible()),  # both the wrong way round
        (r"\ud83d\ud83d\ude00", p.Illegible()),  # one before a whole character
        (r"\\\ud83d", p.Illegible()),  # after a backslash
        (r"\ud83d\ude00", p.Rpc("say", '"\U0001f600"'.encode())),
        (r"\\ud83d", p.Rpc("say", rb'"\\ud83d"')),  # a backslash, and letters
    ],
)
def test_half_a_character_costs_a_command_and_no_other(written: str, asked: p.Request) -> None:
    frame = '{"id":7,"rpc":{"method":"say","data":"%s"}}\n{"id":8,"rpc":{"method":"m"}}'
    said, after = JSON.commands((frame % written).encode())
    assert (said.id, said.request) == (7, asked)
    assert after == p.Command(8, p.Rpc("m"))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\n",
        b"null",
        b"7",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"id":1}',
        b'{"id":-1,"rpc":{}}',
        b'{"id":4294967296,"rpc":{}}',
        b'{"id":"1","rpc":{}}',
        b'{"id":true,"rpc":{}}',
        b'{"id":1,"rpc":[]}',
        b'{"id":1,"subscribe":{"channel":7}}',
        b'{"id":1,"subscribe":{"channel":"c","recover":1}}',
        b'{"id":1,"subscribe":{"channel":"c","offset":-1}}',
        b'{"id":1,"subscribe":{"channel":"c","offset":1.0}}',
        b'{"id":1,"history":{"channel":"c","since":5}}',
        b'{"id":1,"connect":{"subs":{"c":true}}}',
        b'{"id":1,"connect":{"headers":{"a":1}}}',
        b'{"id":1,"rpc":{}}\n\n{"id":2,"rpc":{}}',
        b"[" * 5000,
        *(
            b'{"id":1,"%b":{"data":%b}}' % (method, b"[" * deep + b"]" * deep)
            for method in (b"rpc", b"publish", b"connect", b"subscribe")
            for deep in (255, 1000, 2000)
        ),
        rb'{"id":1,"connect":{"token":"\ud83d"}}',
        rb'{"id":1,"rpc":{"data":"\ud83d"}',
        rb'{"id":1,"rpc":{"data":"\ud83"}}',
        b'{"id":1,"rpc":{"data":"\xed\xa0\xbd"}}',
    ],
)
def test_what_is_not_the_protocol(frame: bytes) -> None:
    with pytest.raises(Undecodable):
        JSON.commands(frame)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (
            p.ConnectResult("c1", version="v", ping=25, pong=True),
            '{"id":1,"connect":{"client":"c1","version":"v","ping":25,"pong":true}}',
        ),
        (
            p.ConnectResult(
                "c1",
                subs={"#u": p.SubscribeResult(recoverable=True, epoch="e", positioned=True)},
            ),
            '{"id":1,"connect":{"client":"c1","subs":'
            '{"#u":{"recoverable":true,"epoch":"e","positioned":true}}}}',
        ),
        (p.SubscribeResult(), '{"id":1,"subscribe":{}}'),
        (
            p.SubscribeResult(
                recoverable=True,
                epoch="e",
                offset=18,
                publications=(p.Publication(b'{"a":1}', 19),),
                was_recovering=True,
                recovered=True,
                positioned=True,
            ),
            '{"id":1,"subscribe":{"recoverable":true,"epoch":"e",'
            '"publications":[{"data":{"a":1},"offset":19}],"recovered":true,"offset":18,'
            '"positioned":true,"was_recovering":true}}',
        ),
        (p.UnsubscribeResult(), '{"id":1,"unsubscribe":{}}'),
        (p.PublishResult(), '{"id":1,"publish":{}}'),
        (p.PresenceResult({}), '{"id":1,"presence":{"presence":{}}}'),
        (
            p.PresenceResult({"c": p.ClientInfo("", "c", b"{}", b"1")}),
            '{"id":1,"presence":{"presence":{"c":'
            '{"user":"","client":"c","conn_info":{},"chan_info":1}}}}',
        ),
        (
            p.PresenceStatsResult(0, 0),
            '{"id":1,"presence_stats":{"num_clients":0,"num_users":0}}',
        ),
        (
            p.History((), 0, "e"),
            '{"id":1,"history":{"publications":[],"epoch":"e","offset":0}}',
        ),
        (p.RpcResult(), '{"id":1,"rpc":{}}'),
        (p.RpcResult(b"null"), '{"id":1,"rpc":{"data":null}}'),
        (
            p.RefreshResult("c", "v", True, 60),
            '{"id":1,"refresh":{"client":"c","version":"v","expires":true,"ttl":60}}',
        ),
        (p.SubRefreshResult(), '{"id":1,"sub_refresh":{}}'),
    ],
)
def test_results(result: p.Result, text: str) -> None:
    assert JSON.reply(1, result).decode() == text


@pytest.mark.parametrize(
    ("push", "body"),
    [
        (
            p.Publication(b"1", 1, p.ClientInfo("u", "c"), {"k": "v"}, "e"),
            '"pub":{"data":1,"info":{"user":"u","client":"c"},"offset":1,"tags":{"k":"v"},'
            '"epoch":"e"}',
        ),
        (p.Publication(b"{}"), '"pub":{"data":{}}'),
        (p.Join(p.ClientInfo("u", "c")), '"join":{"info":{"user":"u","client":"c"}}'),
        (p.Leave(p.ClientInfo("", "c")), '"leave":{"info":{"user":"","client":"c"}}'),
        (p.Removed(2500, "why"), '"unsubscribe":{"code":2500,"reason":"why"}'),
    ],
)
def test_pushes(push: p.Push, body: str) -> None:
    assert JSON.push("x", push).decode() == '{"push":{"channel":"x",' + body + "}}"


def test_errors_carry_their_words() -> None:
    assert JSON.error(4, ClientError(103)) == (
        b'{"id":4,"error":{"code":103,"message":"permission denied"}}'
    )
    assert orjson.loads(JSON.error(4, ClientError(100)))["error"]["temporary"] is True
    assert JSON.ping == b"{}"
    assert JSON.join([b"{}", b"1"]) == b"{}\n1"


def test_a_problem_is_told_by_kind_and_code() -> None:
    class SoldOut(Conflict):
        """Nothing is left."""

    class Hasty(Throttled):
        """Too fast."""

    assert (error_of(SoldOut()).code, error_of(SoldOut()).message) == (409, "sold-out")
    assert not error_of(SoldOut()).temporary
    assert error_of(Hasty()).temporary


def test_payloads_are_json_on_one_line() -> None:
    assert payload({"a": "…\n"}) == '{"a":"…\\n"}'.encode()
    assert payload(b' {"a":\r\n1} ') == b'{"a":  1}'
    for bad in (b"", b"{", b"\xff"):
        with pytest.raises(NotJson):
            payload(bad)
    with pytest.raises(NotJson):
        payload({"a": object()})


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_frames_are_those_of_another_implementation(size: int) -> None:
    body = b"x" * size
    assert text_frame(body) == Frame(Opcode.TEXT, body).serialize(mask=False)
    assert binary_frame(body) == Frame(Opcode.BINARY, body).serialize(mask=False)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        *((code, "go") for code in (70000, 65536, -1, 0, 1000, 1005, 2999, 5000)),
        *((4500, reason) for reason in ("", "x" * 33, "中" * 11, '{"reconnect":true}', "1")),
    ],
)
def test_a_close_that_cannot_be_told_is_none(code: int, reason: str) -> None:
    with pytest.raises(ValueError, match=r"a reason|a connection"):
        codes.Close(code, reason)
    assert codes.Close(4999, "中" * 10).code == 4999


def test_every_close_is_one_that_clients_understand() -> None:
    closes = [c for c in vars(codes).values() if isinstance(c, codes.Close)]
    assert close_frame(4000, "中" * 60)[2:] == b"\x0f\xa0" + ("中" * 41).encode()
    assert len(closes) == len({c.code for c in closes}) == 22
    for close in closes:
        assert 0 < len(close.reason.encode()) <= 32  # an empty one reconnects for ever
        assert not close.reason.startswith(("{", "[", '"'))
        assert close.returns is (close.code < 3500)
        frame = Frame(Opcode.CLOSE, PeerClose(close.code, close.reason).serialize())
        assert close_frame(close.code, close.reason) == frame.serialize(mask=False)
