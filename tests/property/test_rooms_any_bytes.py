"""Any bytes, in any order: a session answers them, and a hub keeps nothing of the client."""

import asyncio
import json
import random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.realtime import protocol as p
from streams.realtime.codec import Codec
from streams.realtime.codes import Close
from streams.realtime.hub import Hub
from streams.realtime.json_codec import JSON
from streams.realtime.protobuf_codec import PROTOBUF, SCHEMA
from streams.realtime.protobuf_wire import framed
from streams.realtime.session import Do, Phase, Refuse, Session
from tests.rooms_in_memory import (
    HELLO,
    HELLO_MESSAGE,
    LINES,
    MESSAGES,
    OPTIONS,
    Welcoming,
    opened,
)

names = st.sampled_from(
    ["room:1", "room:2", "cache:1", "fleeting:1", "no:1", "#u", "", "x" * 300]
)
numbers = st.integers(-2, 9)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "channel": names,
        "token": st.sampled_from(["", "t", "bad"]),
        "recover": st.booleans(),
        "offset": numbers,
        "epoch": st.sampled_from(["", "e"]),
        "data": anything,
        "flag": numbers,
        "type": st.sampled_from([0, 0, 0, 1]),
        "delta": st.sampled_from(["", "fossil", "other"]),
        "limit": numbers,
        "since": st.fixed_dictionaries({"offset": numbers}),
        "reverse": st.booleans(),
        "method": st.sampled_from(["ok", "refuse", "break", "bytes"]),
        "subs": st.dictionaries(names, st.fixed_dictionaries({"recover": st.booleans()})),
        "surprise": anything,
    },
)
METHODS = [
    "connect",
    "subscribe",
    "unsubscribe",
    "publish",
    "presence",
    "presence_stats",
    "history",
    "rpc",
    "send",
    "refresh",
    "sub_refresh",
    "ping",
]
commands = st.one_of(
    st.builds(
        lambda i, m, b: {"id": i, m: b}, st.integers(0, 5), st.sampled_from(METHODS), bodies
    ),
    st.just({}),
    anything,
)
cut = st.builds(  # text that was cut within a character
    lambda i, m, text: json.dumps({"id": i, m: {"method": text, "data": text}}).encode(),
    st.integers(0, 5),
    st.sampled_from(METHODS),
    st.text(st.characters(categories=["Cs", "Ll"]), max_size=5),
)
frames = st.one_of(
    st.binary(max_size=60),
    st.lists(cut, min_size=1, max_size=3).map(b"\n".join),
    st.lists(commands, min_size=1, max_size=5).map(
        lambda cs: b"\n".join(orjson.dumps(c, option=orjson.OPT_NON_STR_KEYS) for c in cs)
    ),
)


def in_protobuf(command: dict[str, Any]) -> bytes:
    """The same command in the other encoding; what that cannot say is left out."""
    ((method, body),) = [one for one in command.items() if one[0] != "id"]
    fits = {
        name: value if name != "data" else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        for name, value in body.items()
        if name != "surprise"
    }
    return framed(SCHEMA.write("Command", {"id": command["id"], method: fits}))


native = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.builds(
            lambda i, m, b: in_protobuf({"id": i, m: b}),
            st.integers(0, 5),
            st.sampled_from(METHODS),
            bodies,
        ),
        min_size=1,
        max_size=5,
    ).map(b"".join),
)


@given(
    st.one_of(
        st.tuples(st.just(JSON), st.lists(frames, max_size=8)),
        st.tuples(st.just(PROTOBUF), st.lists(native, max_size=8)),
    ),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_a_session_answers_any_bytes_in_any_order(
    heard: tuple[Codec, list[bytes]], welcome: bool, chance: random.Random
) -> None:
    codec, said = heard
    hello = HELLO if codec is JSON else HELLO_MESSAGE
    session, now = Session(codec, OPTIONS, 0.0), 0.0
    for frame in [hello, *said] if welcome else said:
        for decision in session.receive(frame, now):
            match decision:
                case Do(_, p.Connect()):
                    assert session.phase is Phase.OPEN
                    if chance.random() < 0.8:
                        session.connected(now, 0.5, chance.choice([None, now + 5]))
                    else:
                        session.refused()
                case Do(id, _) | Refuse(id, _):
                    assert id > 0
                    assert session.phase is Phase.CONNECTED
                case Close(code, reason):
                    assert 3000 <= code < 4000
                    assert reason
                    assert session.phase is Phase.CLOSED
        now += chance.random() * 20
        session.on_time(now)
        assert session.phase is not Phase.CLOSED or session.next_time is None


@given(
    st.lists(
        st.one_of(st.tuples(st.integers(0, 2), frames), st.tuples(st.integers(3, 4), native)),
        max_size=12,
    )
)
@settings(deadline=None)
def test_a_hub_answers_any_clients_and_keeps_nothing_of_them(
    said: list[tuple[int, bytes]],
) -> None:
    async def scene() -> None:
        hub = Hub(OPTIONS, Welcoming())
        clients = [opened(hub) for _ in range(3)] + [opened(hub, MESSAGES) for _ in range(2)]
        for peer, line in clients:
            await peer.receive(HELLO if line.kind is LINES else HELLO_MESSAGE)
        for n, frame in said:
            peer, line = clients[n]
            if line.ended is None:
                await peer.receive(frame)
            await hub.publish("room:1", {"n": n})
            await hub.publish("fleeting:1", {"n": n})
        for peer, line in clients:
            assert peer.over is (line.ended is not None)
            peer.gone()
        assert hub.open == 0
        assert await hub.channels() == {}
        assert not hub._channels
        assert not hub.connected.users

    asyncio.run(scene())
