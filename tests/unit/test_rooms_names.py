"""What channels can be called, and which names let their bearers in by themselves."""

from dataclasses import replace

import orjson
import pytest

from streams.realtime import codes
from streams.realtime.config import ChannelOptions
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.json_codec import ONE_WAY_JSON
from streams.realtime.listeners import Kind
from streams.realtime.options import Options, room_namespaces
from tests.rooms_in_memory import HELLO, KEPT, NAMESPACES, OPTIONS, opened

LIMITED = replace(OPTIONS, namespaces={**NAMESPACES, "pair": replace(KEPT, user_limited=True)})


class Asked(ClosedDoor):
    """Everybody comes in as ``u``, and hears nothing unless a token is shown."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect(self, want: ConnectWant) -> Admitted:
        return Admitted("u")

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        self.asked.append(channel)
        if not token:
            raise ClientError(codes.PERMISSION_DENIED)
        return Grant()


async def answer(channel: str, options: Options = OPTIONS) -> tuple[int | None, list[str]]:
    """The error, if any, that a subscribe is answered with; and what the door was asked."""
    door = Asked()
    hub = Hub(options, door)
    peer, line = opened(hub)
    await peer.receive(HELLO)
    line.take()
    await peer.receive(orjson.dumps({"id": 2, "subscribe": {"channel": channel}}))
    (told,) = line.take()
    return told.get("error", {}).get("code"), door.asked


async def test_a_name_lets_in_only_where_the_namespace_says_so() -> None:
    assert await answer("room:x#u") == (103, ["room:x#u"])
    assert await answer("room:#u") == (103, ["room:#u"])
    assert await answer("pair:x#u,v", LIMITED) == (None, [])
    assert await answer("pair:x#v,w", LIMITED) == (103, [])
    assert await answer("pair:x#", LIMITED) == (103, [])


async def test_nobody_is_let_into_somebody_elses_own() -> None:
    for name in ("#v", "#u,v", "#v,u", "$#u", "$#v"):
        assert await answer(name) == (103, []), name
    assert await answer("#u") == (105, [])


@pytest.mark.parametrize("name", ["room:\0#u", "room:a\nb", "room:\x7f", "room:\x9bx"])
async def test_names_have_no_control_characters(name: str) -> None:
    assert await answer(name) == (107, [])
    assert await answer(name.replace("room", "pair"), LIMITED) == (107, [])


async def test_who_names_channels_in_their_connect_is_told_the_same() -> None:
    hub = Hub(LIMITED, Asked())
    for name, end in (
        ("pair:x#u", None),
        ("pair:\0#u", codes.DENIED),
        ("room:x#u", codes.DENIED),
    ):
        peer, line = opened(hub, Kind(ONE_WAY_JSON, lambda payload: payload + b"\n"))
        await peer.receive(orjson.dumps({"token": "t", "subs": {name: {}}}))
        assert line.ended == end, name
        assert (name in await hub.channels()) is (end is None)


async def test_no_other_command_takes_such_a_name() -> None:
    hub = Hub(OPTIONS, Asked())
    peer, line = opened(hub)
    await peer.receive(HELLO)
    line.take()
    for method in ("publish", "presence", "presence_stats", "history"):
        said = {"channel": "room:\0", "data": 1}
        await peer.receive(orjson.dumps({"id": 2, method: said}))
        assert line.take()[0]["error"]["code"] == 107


def test_the_rooms_of_a_shop_have_no_such_channels() -> None:
    assert not any(namespace.user_limited for namespace in room_namespaces().values())
    assert not ChannelOptions().namespace().user_limited
    assert ChannelOptions(allow_user_limited_channels=True).namespace().user_limited
