"""Buying over HTTP: the whole way for the buyer, and 404 for everybody it does not concern."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from livecommerce.catalogue import routes as catalogue
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.wire import ProductOut
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.orders import routes as orders
from livecommerce.orders.desk import routes as order_desk
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.settlement import routes as settlement
from livecommerce.web.keys import AUTHENTICATE, RESOURCES
from livecommerce.web.middleware import principals, request_ids
from livecommerce.web.principal import SYSTEM, Kind, MerchantRole, Principal, StaffRole
from livecommerce.web.problems import problems
from payments.intake import Intake
from payments.stripe_gateway import StripeGateway
from streams.realtime.hub import Hub
from streams.realtime.options import Options
from tests import shop
from tests.integration.test_refunds import desk
from tests.purchases import BERLIN, Counter

Client = TestClient[web.Request, web.Application]
ENDPOINTS = [*catalogue.ROUTES, *order_desk.ROUTES, *orders.ROUTES, *settlement.ROUTES]


class Crowd:
    """Whoever the test says is asking."""

    def __init__(self) -> None:
        self.people: dict[str, Principal] = {"system": SYSTEM}

    def add(self, who: Principal) -> dict[str, str]:
        self.people[who.id] = who
        return {"X-Who": who.id}

    async def who(self, request: web.Request, _db: Database) -> Principal:
        return self.people[request.headers.get("X-Who", "system")]


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


@pytest.fixture
def counter(db: Database) -> Counter:
    return Counter(db, utcnow())


@pytest.fixture
async def client(
    aiohttp_client: AiohttpClient, db: Database, crowd: Crowd, counter: Counter
) -> Client:
    async def opened(app: web.Application) -> AsyncIterator[None]:
        settings = Settings(stripe_base_url="http://127.0.0.1:1", secret="x" * 40)  # type: ignore[arg-type]
        async with aiohttp.ClientSession() as http, Claims(db).running() as claims:
            app[RESOURCES] = Resources(
                settings=settings,
                db=db,
                http=http,
                wake=Wake(),
                gateway=Hub(Options()),
                payments=counter.till,
                customs=None,
                mail=None,  # type: ignore[arg-type]
            )
            for part in (claims, desk(), Rates()):
                app[RESOURCES].add(part)
            yield

    app = web.Application(middlewares=[request_ids, problems, principals])
    app[AUTHENTICATE] = crowd.who
    app.cleanup_ctx.append(opened)
    app.add_routes([endpoint.as_route() for endpoint in ENDPOINTS])
    return await aiohttp_client(app)


async def asked(client: Client, method: str, path: str, status: int, **more: Any) -> Any:
    async with client.request(method, path, **more) as answer:
        told = await answer.json() if answer.status != 204 else None
        assert answer.status == status, told
        return told


async def bought(
    client: Client, counter: Counter, who: Principal, headers: dict[str, str]
) -> tuple[ProductOut, str, str]:
    """A product, and a checkout with one order of it."""
    product = await shop.open_shop(counter.db, now=counter.now)
    hold = await counter.claim(product, who, count=2)
    shown = await asked(client, "GET", "/v1/holds", 200, headers=headers)
    assert [one["id"] for one in shown] == [hold.id]
    want = {
        "holds": [hold.id],
        "destination": {"country": "DE", "postcode": "10969"},
        "currency": "EUR",
    }
    quote = await asked(client, "POST", "/v1/quotes", 201, json=want, headers=headers)
    place = {"quote": quote["id"], "address": BERLIN.model_dump(), "email": "a@example.com"}
    made = await asked(client, "POST", "/v1/checkouts", 201, json=place, headers=headers)
    assert made["state"] == "placed"
    assert made["payment"]["client_secret"] is None
    return product, made["id"], made["orders"][0]


async def test_the_buyers_way(client: Client, counter: Counter, crowd: Crowd) -> None:
    who = shop.buyer()
    me = crowd.add(who)
    product, checkout, order = await bought(client, counter, who, me)
    await counter.drain()
    ready = await asked(client, "GET", f"/v1/checkouts/{checkout}", 200, headers=me)
    assert ready["state"] == "awaiting_payment"
    assert ready["payment"]["client_secret"] == "secret"
    assert ready["payment"]["page"].startswith("/sandbox/pay/pi_")
    for_staff = await asked(client, "GET", f"/v1/checkouts/{checkout}", 200)
    assert for_staff["payment"]["client_secret"] is None
    await counter.pay(checkout)
    shown = await asked(client, "GET", f"/v1/orders/{order}", 200, headers=me)
    assert shown["state"] == "paid"
    await asked(client, "DELETE", f"/v1/checkouts/{checkout}", 409, headers=me)
    seller = crowd.add(shop.owner(product.merchant))
    owed = f"/v1/merchants/{product.merchant}/balances"
    (balance,) = await asked(client, "GET", owed, 200, headers=seller)
    assert balance["pending"]["minor"] > 0
    theirs = f"/v1/merchants/{product.merchant}/shares"
    (share,) = await asked(client, "GET", theirs, 200, headers=seller)
    goods = (share["order"], share["title"], share["pieces"])
    snapshot = shown["lines"][0]["snapshot"]
    assert goods == (order, snapshot["title"], sum(line["count"] for line in shown["lines"]))
    parcel = {"carrier": "YANWEN", "tracking": "YT1", "weight_g": 4200}
    path = f"/v1/orders/{order}/consignments"
    shipped = await asked(client, "POST", path, 201, json=parcel, headers=seller)
    assert shipped["consignments"][0]["declaration"].startswith("dcl_")
    await asked(client, "POST", path, 409, json=parcel, headers=seller)
    back = {"amount": {"minor": 100, "currency": "EUR"}, "reason": "a small stain"}
    path = f"/v1/orders/{order}/refunds"
    await asked(client, "POST", path, 422, json=back, headers=seller)  # no key
    for _ in range(2):
        given = await asked(
            client, "POST", path, 201, json=back, headers={**seller, "Idempotency-Key": "k1"}
        )
    assert given["refunded"]["minor"] == 100
    paid = {"reference": "MT103 1", "reason": "the card was closed"}
    path = f"/v1/orders/{order}/owed/paid"
    await asked(client, "POST", path, 422, json=paid)  # no key
    key = {"Idempotency-Key": "k2"}
    await asked(client, "POST", path, 403, json=paid, headers={**seller, **key})
    refused = await asked(client, "POST", path, 409, json=paid, headers=key)
    assert refused["type"].endswith("nothing-owed")
    (posting,) = await asked(client, "GET", f"/v1/postings?source={order}", 200)
    assert sum(entry["amount"]["minor"] for entry in posting["entries"]) == 0


async def test_strangers_learn_nothing(client: Client, counter: Counter, crowd: Crowd) -> None:
    who = shop.buyer()
    product, checkout, order = await bought(client, counter, who, crowd.add(who))
    await counter.drain()
    await counter.pay(checkout)
    guest, rival = crowd.add(shop.buyer()), crowd.add(shop.owner("mer_rival"))
    parcel = {"carrier": "YANWEN", "tracking": "YT1", "weight_g": 4200}
    refund = {"reason": "mine"}
    stock = {"change": 5, "reason": "received"}
    variant = product.variants[0].id
    for method, path, body in [
        ("GET", f"/v1/orders/{order}", None),
        ("GET", f"/v1/checkouts/{checkout}", None),
        ("DELETE", f"/v1/checkouts/{checkout}", None),
        ("GET", f"/v1/orders?merchant={product.merchant}", None),
        ("POST", f"/v1/orders/{order}/consignments", parcel),
        ("POST", f"/v1/orders/{order}/refunds", refund),
        ("DELETE", f"/v1/products/{product.id}", None),
        ("POST", f"/v1/variants/{variant}/stock", stock),
        ("GET", f"/v1/merchants/{product.merchant}/balances", None),
    ]:
        keyed = {**rival, "Idempotency-Key": "k"}
        await asked(client, method, path, 404, json=body, headers=keyed)
        async with client.request(
            method, path, json=body, headers={**guest, "Idempotency-Key": "k"}
        ) as told:
            assert told.status in {401, 404}
    mine = await asked(client, "GET", "/v1/orders", 200, headers=rival)
    assert mine["items"] == []
    async with client.get("/v1/postings?source=x", headers=guest) as told:
        assert told.status == 401


async def test_where_a_buyer_lives_is_for_those_who_need_it(
    client: Client, counter: Counter, crowd: Crowd
) -> None:
    who = shop.buyer()
    me = crowd.add(who)
    product, checkout, order = await bought(client, counter, who, me)
    paths = f"/v1/orders/{order}", f"/v1/checkouts/{checkout}"

    def member(role: MerchantRole) -> dict[str, str]:
        held = {product.merchant: frozenset({role})}
        return crowd.add(Principal(id=f"usr_{role}", kind=Kind.PERSON, memberships=held))

    def worker(role: StaffRole) -> dict[str, str]:
        staff = frozenset({role})
        return crowd.add(Principal(id=f"usr_staff_{role}", kind=Kind.PERSON, staff=staff))

    reading = {StaffRole.OPERATOR, StaffRole.COMPLIANCE, StaffRole.FINANCE, StaffRole.ADMIN}
    asks = [(path, me, True) for path in paths]
    asks += [(path, worker(role), role in reading) for role in StaffRole for path in paths]
    sending = {MerchantRole.OWNER, MerchantRole.ASSISTANT, MerchantRole.FINANCE}
    asks += [(paths[0], member(role), role in sending) for role in MerchantRole]
    for path, headers, reads in asks:
        told = await asked(client, "GET", path, 200, headers=headers)
        assert told["country"] == told["quote"]["destination"]["country"] == "DE"
        assert (told["address"] is not None) is reads, (path, headers)
        assert (told["email"] is not None) is reads
        for secret in ("Anna Beispiel", "Lindenstr", "10969", "+4930", "a@example.com"):
            assert (secret in json.dumps(told)) is reads, (secret, headers)
        listed = await asked(client, "GET", "/v1/orders", 200, headers=headers)
        assert [one["id"] for one in listed["items"]] == [order]
        assert not {"address", "email", "phone"} & set(listed["items"][0])


async def test_bad_bodies_say_where(client: Client, crowd: Crowd) -> None:
    me = crowd.add(shop.buyer())
    empty = {"holds": [], "destination": {"country": "de"}, "currency": "EUR"}
    told = await asked(client, "POST", "/v1/quotes", 422, json=empty, headers=me)
    assert {error["pointer"] for error in told["errors"]} == {"/holds", "/destination/country"}
    unknown = {"holds": ["hld_x"], "destination": {"country": "DE"}, "currency": "EUR"}
    await asked(client, "POST", "/v1/quotes", 404, json=unknown, headers=me)


async def test_a_merchant_keeps_their_catalogue(
    client: Client, counter: Counter, crowd: Crowd, now: datetime
) -> None:
    async with counter.db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    seller = crowd.add(shop.owner(merchant))
    want = shop.duvet(merchant, variants=2).model_dump(mode="json")
    made = await asked(client, "POST", "/v1/products", 201, json=want, headers=seller)
    assert [variant["left"] for variant in made["variants"]] == [10, 10]
    again = await asked(client, "POST", "/v1/products", 409, json=want, headers=seller)
    assert again["type"] == "/problems/sku-taken"
    variant = made["variants"][0]["id"]
    path = f"/v1/variants/{variant}/stock"
    moved = await asked(
        client, "POST", path, 200, json={"change": -4, "reason": "counted"}, headers=seller
    )
    assert moved["on_hand"] == 6
    short = {"change": -7, "reason": "counted"}
    await asked(client, "POST", path, 409, json=short, headers=seller)
    listed = await asked(client, "GET", f"/v1/products?merchant={merchant}&limit=1", 200)
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    await asked(client, "DELETE", f"/v1/products/{made['id']}", 204, headers=seller)
    assert (await asked(client, "GET", "/v1/products", 200))["items"] == []
    assert (await asked(client, "GET", f"/v1/products/{made['id']}", 200))["archived"]


async def test_only_signed_webhooks_are_heard(
    client: Client, counter: Counter, crowd: Crowd
) -> None:
    gateway = StripeGateway(
        "sk_test_x", base_url="http://127.0.0.1:1", webhook_secrets=["whsec_x"]
    )
    assert client.app is not None
    client.app[RESOURCES].add(Intake(counter.db, gateway))
    event = {"id": "evt_1", "object": "event", "type": "payment_intent.created"}
    more = {"livemode": False, "created": int(time.time()), "data": {"object": {"id": "pi_1"}}}
    body = json.dumps(event | more).encode()
    stamp = int(time.time())
    signed = hmac.new(b"whsec_x", b"%d.%s" % (stamp, body), hashlib.sha256).hexdigest()
    nobody = crowd.add(Principal(id="nobody"))
    try:
        for header, status in [
            ({}, 401),
            ({"Stripe-Signature": f"t={stamp},v1={'0' * 64}"}, 401),
            ({"Stripe-Signature": f"t={stamp},v1={signed}"}, 200),
            ({"Stripe-Signature": f"t={stamp},v1={signed}"}, 200),
        ]:
            async with client.post(
                "/hooks/stripe", data=body, headers={**nobody, **header}
            ) as told:
                assert told.status == status
        for raw in (b"{}", b"[]", b"null", b"nojson"):
            signed = hmac.new(b"whsec_x", b"%d.%s" % (stamp, raw), hashlib.sha256).hexdigest()
            header = {"Stripe-Signature": f"t={stamp},v1={signed}"}
            async with client.post(
                "/hooks/stripe", data=raw, headers={**nobody, **header}
            ) as told:
                assert (told.status, (await told.json())["title"]) == (
                    422,
                    "The message is signed, but it is not an event as the provider writes them",
                )
    finally:
        await gateway.close()
    assert len(await counter.told("payments.StripeSaid")) == 1
