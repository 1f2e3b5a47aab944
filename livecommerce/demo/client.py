"""People as the journey plays them: a browser without a screen, and a viewer's connection.

They know nothing but the public interfaces: HTTP with cookies, the room's WebSocket protocol,
and (as Stripe.js does) the payment provider's confirm endpoint with a publishable key.
"""

import asyncio
import contextlib
import time
from collections import deque
from typing import Any, Self

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


class Unexpected(AssertionError):
    """The product answered something else than the journey expects."""


class Browser:
    """Somebody with a cookie jar."""

    def __init__(self, url: str, *, lang: str = "en") -> None:
        self.url = url
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": lang},
            timeout=aiohttp.ClientTimeout(total=30),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await asyncio.sleep(0)  # aiohttp closes its sockets in the turn after this one

    async def sign_in(self, email: str, password: str) -> None:
        """As a person with an account."""
        await self.post("/v1/sign-in", {"email": email, "password": password}, expect=204)

    async def get(self, path: str, *, expect: int = 200) -> Any:
        """The parsed answer."""
        return await self._ask("GET", path, None, expect, {})

    async def post(
        self, path: str, body: Any = None, *, expect: int = 200, key: str | None = None
    ) -> Any:
        """The parsed answer; ``key`` is the Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self._ask("POST", path, body, expect, headers)

    async def delete(self, path: str, *, expect: int = 204) -> Any:
        """The parsed answer."""
        return await self._ask("DELETE", path, None, expect, {})

    async def text(self, path: str) -> str:
        """The answer as it is."""
        async with self._http.get(f"{self.url}{path}") as answer:
            if answer.status != 200:
                raise Unexpected(f"GET {path}: {answer.status}")
            return await answer.text()

    async def status(self, path: str) -> int:
        """Only the status."""
        async with self._http.get(f"{self.url}{path}") as answer:
            await answer.read()
            return answer.status

    async def pay_by_card(self, payment: dict[str, Any], method: str) -> Any:
        """Confirm a payment the way Stripe.js does: publishable key and client secret."""
        secret: str = payment["client_secret"]
        intent = secret.partition("_secret_")[0]
        async with self._http.post(
            f"{self.url}/sandbox/v1/payment_intents/{intent}/confirm",
            data={
                "key": "pk_test_sandbox",
                "client_secret": secret,
                "payment_method": method,
            },
        ) as answer:
            if answer.status != 200:
                raise Unexpected(f"confirm: {answer.status} {(await answer.text())[:300]}")
            return await answer.json(content_type=None)

    async def _ask(
        self, method: str, path: str, body: Any, expect: int, headers: dict[str, str]
    ) -> Any:
        jar = {c.key: c.value for c in self._http.cookie_jar}
        if "lc_csrf" in jar:
            headers = {**headers, "X-CSRF-Token": jar["lc_csrf"]}
        async with self._http.request(
            method, f"{self.url}{path}", json=body, headers=headers
        ) as answer:
            raw = await answer.read()
            if answer.status != expect:
                raise Unexpected(f"{method} {path}: {answer.status} {raw[:600].decode()}")
            return orjson.loads(raw) if raw else None


class Viewer:
    """A connection to a room, speaking the Centrifuge client protocol in JSON."""

    def __init__(self, browser: Browser, live: str) -> None:
        self._browser = browser
        self._live = live
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard: deque[tuple[float, str, dict[str, Any]]] = deque()
        self._news = asyncio.Condition()
        self._next = 0
        self.stands: dict[str, tuple[int, str]] = {}
        self.offsets: dict[str, list[int]] = {}
        self.user = ""

    async def join(self, *channels: str) -> None:
        """Connect, and hear the channels from where we last stood."""
        token = (await self._browser.get(f"/v1/live/{self._live}/token"))["token"]
        url = self._browser.url.replace("http", "ws", 1) + "/connection/websocket"
        self._socket = await connect(url, compression=None)
        self._reader = asyncio.create_task(self._read())
        await self.call("connect", {"token": token, "name": "journey"})
        for channel in channels:
            want: dict[str, Any] = {"channel": channel}
            if channel in self.stands:
                offset, epoch = self.stands[channel]
                want |= {"recover": True, "offset": offset, "epoch": epoch}
            told = await self.call("subscribe", want)
            kept_whole = channel.startswith("room:")  # the others keep their newest only
            if kept_whole and "recover" in want and not told.get("recovered"):
                raise Unexpected(f"{channel} was not recovered")
            if "recover" not in want:
                self.stands[channel] = (told.get("offset", 0), told.get("epoch", ""))
            for publication in told.get("publications", ()):
                await self._take(channel, publication)

    async def drop(self) -> None:
        """Lose the connection without a word."""
        assert self._socket is not None
        assert self._reader is not None
        self._socket.transport.abort()
        await self._reader

    async def leave(self) -> None:
        """Close the connection properly."""
        if self._socket is not None:
            await self._socket.close()

    async def rpc(self, method: str, data: dict[str, Any]) -> Any:
        """Call a method of the room's."""
        return (await self.call("rpc", {"method": method, "data": data})).get("data")

    async def call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a command and wait for its reply."""
        assert self._socket is not None
        self._next += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._next] = answer
        await self._socket.send(orjson.dumps({"id": self._next, method: body}).decode())
        reply = await asyncio.wait_for(answer, 10)
        if "error" in reply:
            raise Unexpected(f"{method}: {reply['error']}")
        result: dict[str, Any] = reply.get(method, {})
        return result

    async def until(
        self, kind: str, *, within: float = 10.0, **facts: Any
    ) -> tuple[float, dict[str, Any]]:
        """The first frame heard of that ``t`` whose facts are these, and when it came."""

        def found() -> tuple[float, dict[str, Any]] | None:
            for at, _, frame in self._heard:
                same = all(frame.get(k) == v for k, v in facts.items())
                if frame.get("t") == kind and same:
                    return at, frame
            return None

        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: found() is not None), within)
            except TimeoutError:
                kinds = [frame.get("t") for _, _, frame in self._heard]
                raise Unexpected(f"never heard {kind} {facts}; heard {kinds}") from None
        got = found()
        assert got is not None
        return got

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """Every frame of that ``t`` so far."""
        return [frame for _, _, frame in self._heard if frame.get("t") == kind]

    async def _read(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(ConnectionClosed):
            async for frame in self._socket:
                for line in frame.splitlines():
                    await self._hear(self._socket, orjson.loads(line))

    async def _hear(self, socket: ClientConnection, message: dict[str, Any]) -> None:
        if not message:
            await socket.send("{}")
        elif "id" in message:
            self._answers.pop(message["id"]).set_result(message)
        elif "pub" in message.get("push", {}):
            push = message["push"]
            await self._take(push["channel"], push["pub"])

    async def _take(self, channel: str, publication: dict[str, Any]) -> None:
        if "offset" in publication:
            _, epoch = self.stands.get(channel, (0, ""))
            self.stands[channel] = (publication["offset"], epoch)
            self.offsets.setdefault(channel, []).append(publication["offset"])
        async with self._news:
            self._heard.append((time.perf_counter(), channel, publication["data"]))
            self._news.notify_all()
