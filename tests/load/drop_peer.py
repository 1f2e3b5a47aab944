"""A well-known shop beside us: Vendure, installed on demand with a pinned version, on the same
PostgreSQL. A checkout is what it takes to have goods allocated there: the item in one request
(which tells the session), then the address, the shipping and the payment in one more."""

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import asyncpg

from tests.load.drop_stand import ENOUGH, ROOT, Round

HERE = Path(__file__).parent / "peers" / "vendure"
PLACE = ROOT / ".data" / "bench" / "vendure"
INSTALLED_WITHIN, READY_WITHIN = 600.0, 180.0
BASKET = "mutation($variant: ID!) { addItemToOrder(productVariantId: $variant, quantity: 1)"
BASKET += " { __typename } }"
CHECKOUT = """
mutation($method: [ID!]!, $customer: CreateCustomerInput!, $to: CreateAddressInput!,
         $pay: PaymentInput!) {
  setCustomerForOrder(input: $customer) { __typename }
  setOrderShippingAddress(input: $to) { __typename }
  setOrderShippingMethod(shippingMethodId: $method) { __typename }
  transitionOrderToState(state: "ArrangingPayment") { __typename }
  addPaymentToOrder(input: $pay) { __typename ... on Order { state } }
}
"""
MET = {"PaymentAuthorized", "PaymentSettled"}


class Without(Exception):
    """The shop cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as it answers."""

    url: str
    variant: str
    method: str

    async def buy(self, http: aiohttp.ClientSession, number: int) -> bool:
        """One checkout by somebody new; whether goods are allocated to them."""
        basket = {"query": BASKET, "variables": {"variant": self.variant}}
        async with http.post(self.url, json=basket) as answer:
            known = {"Authorization": f"Bearer {answer.headers.get('vendure-auth-token')}"}
        who = {"firstName": "A", "lastName": "B", "emailAddress": f"b{number}@example.com"}
        to = {"streetLine1": f"Street {number}", "countryCode": "DE", "postalCode": "10969"}
        given: dict[str, Any] = {"method": [self.method], "customer": who, "to": to}
        given["pay"] = {"method": "dummy", "metadata": {}}
        body = {"query": CHECKOUT, "variables": given}
        async with http.post(self.url, json=body, headers=known) as answer:
            found = (await answer.json()).get("data") or {}
        return (found.get("addPaymentToOrder") or {}).get("state") in MET


async def install() -> str:
    """Node, with the shop installed.

    Raises:
        Without: there is no Node, or the registry does not give it.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Without("there is no Node here")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "serve.cjs"):
        shutil.copy(HERE / name, PLACE / name)
    if not (PLACE / "node_modules" / "@vendure").exists():
        print("installing Vendure ...", flush=True)
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")
        process = await asyncio.create_subprocess_exec(npm, "install", *quiet, cwd=PLACE)
        try:
            async with asyncio.timeout(INSTALLED_WITHIN):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            raise Without("npm did not install it in time") from None
        if code:
            raise Without(f"npm could not install it (exit status {code})")
    return node


@asynccontextmanager
async def vendure(url: str) -> AsyncIterator[Shop]:
    """The shop in a database of its own on the same server.

    Raises:
        Without: it does not start here.
    """
    node = await install()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE vendure")
    await connection.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    host = parse_qs(urlsplit(url).query)["host"][0]
    plan = {"host": host, "database": "vendure", "port": port, "stock": ENOUGH}
    process = await asyncio.create_subprocess_exec(
        node,
        str(PLACE / "serve.cjs"),
        json.dumps(plan),
        cwd=PLACE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_ENV": "production"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        try:
            async with asyncio.timeout(READY_WITHIN):
                told = json.loads(await process.stdout.readline())
        except (TimeoutError, ValueError):
            raise Without("it does not start on this database") from None
        yield Shop(f"http://127.0.0.1:{port}/shop-api", told["variant"], told["method"])
    finally:
        process.stdin.close()
        await process.wait()


async def checkouts(shop: Shop, *, buyers: int, seconds: float) -> Round:
    """So many buyers, each with the next checkout as soon as the last is through."""
    took: list[float] = []
    said: dict[str, int] = {"met": 0, "other": 0}
    began = time.perf_counter()

    async def one(http: aiohttp.ClientSession, number: int) -> None:
        while (asked := time.perf_counter()) - began < seconds:
            met = await shop.buy(http, number * 1_000_000 + len(took))
            said["met" if met else "other"] += 1
            took.append(time.perf_counter() - asked)

    jar = aiohttp.DummyCookieJar()
    connector = aiohttp.TCPConnector(limit=buyers)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await asyncio.gather(*(one(http, n) for n in range(buyers)))
    return Round(took, time.perf_counter() - began, said)
