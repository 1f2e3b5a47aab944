"""The gateway as the official Python SDK sees it, unmodified, over real sockets.

What the SDK does with an answer is the contract; so each test looks at the SDK's events and
states and not at our frames.
"""

import asyncio
from datetime import timedelta
from typing import Any

import centrifuge
import pytest
from centrifuge import ClientState, StreamPosition, SubscriptionState

from streams.realtime.options import Limits, Namespace
from tests.rooms import SECRET, Heard, Served, farewell, options, sdk, serving, token

OPEN = Namespace(
    history_size=100,
    history_ttl=300,
    force_recovery=True,
    presence=True,
    join_leave=True,
    force_push_join_leave=True,
    open_to_all=True,
    publish_for_subscriber=True,
    presence_for_subscriber=True,
    history_for_subscriber=True,
)
SHORT = Namespace(history_size=2, history_ttl=300, force_recovery=True, open_to_all=True)


class Told(centrifuge.ClientEventHandler):
    """What a client was told, in order."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Any] = asyncio.Queue()

    async def on_connecting(self, ctx: centrifuge.ConnectingContext) -> None:
        self.events.put_nowait(ctx)

    async def on_connected(self, ctx: centrifuge.ConnectedContext) -> None:
        self.events.put_nowait(ctx)

    async def on_disconnected(self, ctx: centrifuge.DisconnectedContext) -> None:
        self.events.put_nowait(ctx)

    async def on_publication(self, ctx: centrifuge.ServerPublicationContext) -> None:
        self.events.put_nowait(ctx)

    async def next(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(10):
            while not isinstance(event := await self.events.get(), kind):
                pass
        return event


def served() -> Any:
    return serving(options(open=OPEN, short=SHORT))


async def test_connect_says_who_the_client_is() -> None:
    async with served() as rooms:
        told = Told()
        client = centrifuge.Client(rooms.url, told, token=token("u1"), proxy=None)
        await client.connect()
        connected = await told.next(centrifuge.ConnectedContext)
        assert len(connected.client) == 36
        assert connected.version == "test"
        await farewell(client)
        assert client.state == ClientState.DISCONNECTED


async def test_publish_presence_history_and_stats() -> None:
    async with served() as rooms, sdk(rooms.url, "u1") as client:
        heard = Heard()
        sub = client.new_subscription("open:1", heard)
        await sub.subscribe()
        await sub.ready()
        for n in range(3):
            await sub.publish({"n": n})
        await heard.until(lambda: len(heard.data) == 3)
        history = await sub.history(limit=2, reverse=True)
        assert [pub.data["n"] for pub in history.publications] == [2, 1]
        assert history.offset == 3
        assert history.publications[0].info.user == "u1"
        assert (await sub.history()).publications == []
        presence = await sub.presence()
        assert [info.user for info in presence.clients.values()] == ["u1"]
        stats = await sub.presence_stats()
        assert (stats.num_clients, stats.num_users) == (1, 1)


async def test_a_forged_token_is_final() -> None:
    async with served() as rooms:
        told = Told()
        forged = token("u1", secret=SECRET[::-1])
        client = centrifuge.Client(rooms.url, told, token=forged, proxy=None)
        await client.connect()
        end = await told.next(centrifuge.DisconnectedContext)
        assert (end.code, end.reason) == (3500, "invalid token")
        assert client.state == ClientState.DISCONNECTED


async def test_an_expired_token_is_replaced() -> None:
    async with served() as rooms:
        asked = []

        async def get_token() -> str:
            asked.append(1)
            return token("u1")

        old = token("u1", lasts=timedelta(seconds=-10))
        client = centrifuge.Client(rooms.url, token=old, get_token=get_token, proxy=None)
        await client.connect()
        await client.ready(5)
        assert asked == [1]
        await farewell(client)


async def test_a_running_connection_is_refreshed_in_time() -> None:
    async with serving(options(Limits(expiry_grace=1))) as rooms:
        told, asked = Told(), []

        async def get_token() -> str:
            asked.append(1)
            return token("u1", lasts=timedelta(seconds=2.5 if len(asked) < 3 else 600))

        client = centrifuge.Client(rooms.url, told, get_token=get_token, proxy=None)
        await client.connect()
        await told.next(centrifuge.ConnectedContext)
        await asyncio.sleep(5.5)
        assert len(asked) >= 3
        assert client.state == ClientState.CONNECTED
        assert told.events.empty()  # it never had to come back
        await farewell(client)


async def test_a_refused_subscription_is_final_and_leaves_the_connection() -> None:
    async with served() as rooms, sdk(rooms.url, "u1") as client:
        refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        class Refusal(centrifuge.SubscriptionEventHandler):
            async def on_unsubscribed(self, ctx: centrifuge.UnsubscribedContext) -> None:
                refused.set_result((ctx.code, ctx.reason))

        sub = client.new_subscription("mod:1", Refusal())
        await sub.subscribe()
        async with asyncio.timeout(5):
            assert await refused == (103, "permission denied")
        assert sub.state == SubscriptionState.UNSUBSCRIBED
        assert client.state == ClientState.CONNECTED


async def test_an_rpc_error_is_an_error_of_the_call() -> None:
    async with served() as rooms, sdk(rooms.url, "u1") as client:
        with pytest.raises(centrifuge.ReplyError) as error:
            await client.rpc("nothing", {})
        assert error.value.code == 104


@pytest.mark.parametrize(
    ("code", "returns"),
    [(3001, True), (3011, True), (3503, False), (4000, True), (4500, False)],
)
async def test_clients_return_after_the_closes_that_ask_them_to(
    code: int, returns: bool
) -> None:
    async with served() as rooms:
        told = Told()
        client = centrifuge.Client(rooms.url, told, token=token("u1"), proxy=None)
        await client.connect()
        await told.next(centrifuge.ConnectedContext)
        await rooms.hub.disconnect("u1", code=code, reason="because")
        if returns:
            again = await told.next(centrifuge.ConnectingContext)
            assert (again.code, again.reason) == (code, "because")
            await told.next(centrifuge.ConnectedContext)
            await farewell(client)
        else:
            end = await told.next(centrifuge.DisconnectedContext)
            assert (end.code, end.reason) == (code, "because")


async def test_an_unsubscribe_from_our_side_is_final() -> None:
    async with served() as rooms, sdk(rooms.url, "u1") as client:
        sub = client.new_subscription("open:1", Heard())
        await sub.subscribe()
        await sub.ready()
        await rooms.hub.unsubscribe("u1", "open:1")
        async with asyncio.timeout(5):
            while sub.state != SubscriptionState.UNSUBSCRIBED:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert (await rooms.hub.presence_stats("open:1")).num_clients == 0


async def test_the_personal_channel_needs_no_subscribing() -> None:
    async with served() as rooms:
        told = Told()
        client = centrifuge.Client(rooms.url, told, token=token("u1"), proxy=None)
        await client.connect()
        await told.next(centrifuge.ConnectedContext)
        await rooms.hub.publish("#u1", {"t": "payment", "state": "ready"})
        pub = await told.next(centrifuge.ServerPublicationContext)
        assert pub.channel == "#u1"
        assert pub.pub.data["state"] == "ready"
        await farewell(client)


async def test_state_first_then_what_follows_its_position() -> None:
    """The way a room is joined: load the state with its position, subscribe from there; and
    load it again when the position is too old to go on from."""
    async with served() as rooms, sdk(rooms.url, "u1") as client:
        hub, channel, loaded = rooms.hub, "short:1", []
        for n in range(3):
            await hub.publish(channel, {"n": n})

        async def state(_: str) -> StreamPosition:
            top = await hub.history(channel)
            loaded.append(top.offset)
            if len(loaded) == 1:  # much happens before the client gets to subscribe
                for n in range(3, 8):
                    await hub.publish(channel, {"n": n})
            return StreamPosition(offset=top.offset, epoch=top.epoch)

        heard = Heard()
        sub = client.new_subscription(channel, heard, get_state=state)
        await sub.subscribe()
        await sub.ready(10)
        await hub.publish(channel, {"n": 8})
        await heard.until(lambda: len(heard.data) == 1)
        assert loaded == [3, 8]  # error 112 in between
        assert heard.data == [{"n": 8}]


async def test_joins_and_leaves_are_told_where_allowed() -> None:
    seen: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    class Door(Heard):
        async def on_join(self, ctx: centrifuge.JoinContext) -> None:
            seen.put_nowait(("join", ctx.info.user))

        async def on_leave(self, ctx: centrifuge.LeaveContext) -> None:
            seen.put_nowait(("leave", ctx.info.user))

    async with served() as rooms, sdk(rooms.url, "u1") as one:
        await one.new_subscription("open:1", Door()).subscribe()
        assert await asyncio.wait_for(seen.get(), 5) == ("join", "u1")
        async with sdk(rooms.url, "u2") as two:
            sub = two.new_subscription("open:1", Heard())
            await sub.subscribe()
            await sub.ready()
            assert await asyncio.wait_for(seen.get(), 5) == ("join", "u2")
        assert await asyncio.wait_for(seen.get(), 5) == ("leave", "u2")


async def test_churn_leaves_nothing_behind() -> None:
    async with served() as rooms:
        for n in range(20):
            async with sdk(rooms.url, f"u{n % 3}") as client:
                sub = client.new_subscription(f"open:{n % 5}", Heard())
                await sub.subscribe()
                if n % 2:
                    await sub.ready()
        await gone(rooms)
        assert await rooms.hub.channels() == {}


async def gone(rooms: Served) -> None:
    async with asyncio.timeout(5):
        while rooms.hub.open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
