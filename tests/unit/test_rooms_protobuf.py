"""The Protobuf encoding: the protocol's vectors, and Google's own library on the other end."""

import contextlib

import pytest
from centrifuge.protocol import client_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from streams.realtime import protocol as p
from streams.realtime.errors import ClientError, Undecodable
from streams.realtime.protobuf_codec import ONE_WAY_PROTOBUF, PROTOBUF, SCHEMA
from streams.realtime.protobuf_wire import framed, messages


def said(frame: bytes) -> "pb.Reply":
    """What the other library reads of a frame with one reply."""
    (message,) = messages(frame)
    return pb.Reply.FromString(message)


def test_the_vectors() -> None:
    asked = bytes.fromhex("0408012200")
    assert framed(SCHEMA.write("Command", {"id": 1, "connect": {}})) == asked
    assert PROTOBUF.commands(asked) == [p.Command(1, p.Connect())]
    result = p.ConnectResult(client="a", ping=25, pong=True)
    assert PROTOBUF.reply(1, result).hex() == "0b08012a070a01613819" + "4001"
    push = PROTOBUF.push("x", p.Publication(b"{}", 1))
    assert push.hex() == "0d220b1201782206" + "22027b7d3001"
    assert PROTOBUF.ping == b"\0"
    assert PROTOBUF.commands(b"\0") == [p.Command(0, p.Pong())]


@pytest.mark.parametrize(
    ("command", "request_"),
    [
        (pb.Command(id=3, unsubscribe={"channel": "c"}), p.Unsubscribe("c")),
        (pb.Command(id=3, publish={"channel": "c", "data": b"\xff"}), p.Publish("c", b"\xff")),
        (pb.Command(id=3, presence={"channel": "c"}), p.Presence("c")),
        (pb.Command(id=3, presence_stats={"channel": "c"}), p.PresenceStats("c")),
        (
            pb.Command(
                id=3,
                history={"channel": "c", "limit": -1, "since": {"offset": 1 << 40}},
            ),
            p.ReadHistory("c", -1, p.Position(1 << 40, "")),
        ),
        (pb.Command(id=3, rpc={"method": "m", "data": b"x"}), p.Rpc("m", b"x")),
        (pb.Command(id=3, refresh={"token": "t"}), p.Refresh("t")),
        (pb.Command(id=3, sub_refresh={"channel": "c", "token": "t"}), p.SubRefresh("c", "t")),
        (pb.Command(send={"data": b"x"}), p.Send()),
        (pb.Command(id=3, ping={}), p.Ping()),
        (
            pb.Command(
                id=3,
                subscribe={
                    "channel": "c",
                    "recover": True,
                    "offset": 18,
                    "epoch": "K",
                    "delta": "fossil",
                    "flag": 3,
                },
            ),
            p.Subscribe("c", "", True, "K", 18, delta="fossil", flag=3),
        ),
        (
            pb.Command(
                id=3,
                connect={
                    "token": "t",
                    "data": b"{}",
                    "name": "go",
                    "version": "1",
                    "headers": {"X": "y"},
                    "subs": {"#u": {"recover": True, "offset": 7, "epoch": "e"}, "v": {}},
                },
            ),
            p.Connect(
                "t",
                b"{}",
                {"#u": p.Recover(True, 7, "e"), "v": p.Recover()},
                "go",
                "1",
                {"X": "y"},
            ),
        ),
    ],
)
def test_commands(command: "pb.Command", request_: p.Request) -> None:
    frame = framed(command.SerializeToString())
    assert PROTOBUF.commands(frame * 2) == [p.Command(command.id, request_)] * 2


INFO = p.ClientInfo("u", "c", b'{"name":"n"}', b"\xff")
PUBS = [
    p.Publication(b"\x00\xff", 1, INFO, {"k": "v"}, "epoch"),
    p.Publication(b"2", 1 << 50, delta=True),
]


def test_results_and_pushes() -> None:
    sub = p.SubscribeResult(True, 9, True, True, "e", 5, PUBS, True, True, True, data=b"\x80")
    reply = said(PROTOBUF.reply(7, sub))
    assert (reply.id, reply.subscribe.offset) == (7, 5)
    assert [pub.data for pub in reply.subscribe.publications] == [b"\x00\xff", b"2"]
    first, second = reply.subscribe.publications
    assert (first.info.user, first.info.chan_info, dict(first.tags)) == (
        "u",
        b"\xff",
        {"k": "v"},
    )
    assert (second.offset, second.delta) == (1 << 50, True)
    assert reply.subscribe.recovered
    assert reply.subscribe.was_recovering
    assert reply.subscribe.delta
    connect = said(
        PROTOBUF.reply(
            1, p.ConnectResult("c", "v", True, 5, b"d", {"x": sub}, 25, True, "s", "n")
        )
    ).connect
    assert (connect.client, connect.ttl, connect.session, connect.node) == ("c", 5, "s", "n")
    assert connect.subs["x"].epoch == "e"
    presence = said(PROTOBUF.reply(1, p.PresenceResult({"c": INFO}))).presence
    assert presence.presence["c"].conn_info == INFO.conn_info
    assert said(PROTOBUF.reply(1, p.UnsubscribeResult())).HasField("unsubscribe")
    assert said(PROTOBUF.reply(1, p.PublishResult())).HasField("publish")
    history = said(PROTOBUF.reply(1, p.History(PUBS, 3, "e"))).history
    assert (len(history.publications), history.offset) == (2, 3)
    error = said(PROTOBUF.error(1, ClientError(111))).error
    assert (error.code, error.message, error.temporary) == (111, "too many requests", True)
    join = said(PROTOBUF.push("x", p.Join(INFO))).push
    assert (join.channel, join.join.info.client) == ("x", "c")
    removed = said(PROTOBUF.push("x", p.Removed(2500, "why"))).push.unsubscribe
    assert (removed.code, removed.reason) == (2500, "why")
    ended = said(PROTOBUF.push("", p.Ended(3001, "why"))).push
    assert (ended.channel, ended.disconnect.code) == ("", 3001)
    added = said(PROTOBUF.push("x", p.Added(True, "e", 4, True, b"d"))).push.subscribe
    assert (added.epoch, added.offset, added.recoverable) == ("e", 4, True)


def test_those_who_only_listen_hear_bare_pushes() -> None:
    asked = pb.ConnectRequest(token="t", subs={"c": {}}).SerializeToString()
    (command,) = ONE_WAY_PROTOBUF.commands(asked)
    assert command.request == p.Connect("t", subs={"c": p.Recover()})
    (hello,) = messages(ONE_WAY_PROTOBUF.reply(1, p.ConnectResult("c", ping=25, session="s")))
    push = pb.Push.FromString(hello)
    assert (push.connect.client, push.connect.ping, push.connect.session) == ("c", 25, "s")
    (told,) = messages(ONE_WAY_PROTOBUF.push("x", PUBS[0]))
    assert pb.Push.FromString(told).pub.data == b"\x00\xff"


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    for codec in (PROTOBUF, ONE_WAY_PROTOBUF):
        with contextlib.suppress(Undecodable):
            codec.commands(frame)


@given(st.binary(max_size=60))
def test_what_we_read_the_other_library_reads_alike(raw: bytes) -> None:
    try:
        theirs = pb.SubscribeRequest.FromString(raw)
    except Exception:
        return
    ours = SCHEMA.read("SubscribeRequest", raw)
    assert ours.get("channel", "") == theirs.channel
    assert ours.get("offset", 0) == theirs.offset
    assert ours.get("flag", 0) == theirs.flag
    assert ours.get("data", b"") == theirs.data
