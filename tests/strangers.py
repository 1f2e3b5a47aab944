"""Strangers of every kind, and an existing thing of every kind for them to try."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from livecommerce.demo.client import Browser
from livecommerce.kernel import ids
from livecommerce.kernel.clock import utcnow
from livecommerce.web.api import Endpoint
from livecommerce.wiring import ENDPOINTS
from tests import people, sending, shop
from tests.database import in_a_loop_of_its_own
from tests.path_parts import QUERIES
from tests.people import Centre, Show
from tests.receiver import HOST

FAR = utcnow() + timedelta(days=20)

ANYBODY = {
    "GET /v1/me",
    "POST /v1/sign-in",
    "GET /v1/merchants",
    "GET /v1/merchants/{merchant}",
    "GET /v1/products",
    "GET /v1/products/{product}",
    "GET /v1/holds",
    "GET /v1/live",
    "GET /v1/live/{live}",
    "GET /v1/live/{live}/room",
    "GET /v1/live/{live}/token",
    "POST /v1/live/{live}/claims",
    "GET /v1/orders",
    "GET /v1/destinations",
    "GET /v1/webhook-types",
    "GET /v1/webhook-types/{event_type}/schema",
    "GET /v1/address-forms/{country}",
    "GET /v1/addresses",
    "POST /v1/addresses",
    "GET /v1/cart",
    "PUT /v1/cart/items",
    "POST /v1/cart/purchase",
    "GET /v1/messages",
    "POST /v1/receipts",
    "POST /v1/receipts/mail",
    "GET /v1/coupons",
    "GET /v1/draws/{draw}",
    "GET /v1/prizes",
}
"""Open to everybody: what they show is public, or the caller's own."""


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


WITH_PATH = [e for e in ENDPOINTS if e.path_names]
WITH_BODY = [e for e in ENDPOINTS if e.body is not None]


@dataclass(frozen=True)
class Things:
    """One of everything, of the merchant whom strangers do not know."""

    ids: dict[str, str]
    show: Show
    bodies: dict[str, dict[str, Any]]

    def path(self, endpoint: Endpoint, **other: str) -> str:
        """The endpoint's path to these things, or to others."""
        path = endpoint.path
        for part in endpoint.path_names:
            told = other.get(part) or self.ids.get(part, "")
            assert told, f"say in _things() what {endpoint.path} names by {part!r}"
            start = path.index("{" + part)
            path = path[:start] + told + path[path.index("}", start) + 1 :]
        mine = {"merchant": self.ids["merchant"], "owner": self.ids["merchant"]}
        queries = {**QUERIES, **mine, "source": self.ids["order"]}
        asked = [
            f"{field}={queries[field]}"
            for field in endpoint.query.model_fields
            if field in queries
        ]
        return path + ("?" + "&".join(asked) if asked else "")

    def body(self, endpoint: Endpoint) -> dict[str, Any] | None:
        """A body that would do, if the caller might."""
        if endpoint.body is None:
            return None
        kind = endpoint.body.__name__
        assert kind in self.bodies, f"say in _things() what a {kind} looks like"
        return self.bodies[kind]


@pytest.fixture(scope="session")
def things(centre: Centre) -> Things:
    """Made by those who may; only read and refused afterwards."""
    made: list[Things] = []

    async def make() -> None:
        made.append(await _things(centre))

    in_a_loop_of_its_own(make())
    return made[0]


async def _offers(assistant: Browser, merchant: str, show: Show) -> dict[str, str]:
    """One offer of every kind, none of which anybody may touch but the merchant's own."""
    card, variant = show.cards[0]["id"], show.cards[0]["variants"][0]
    live = f"/v1/live/{show.live}"
    title = {"zh": "券", "en": "Coupon"}
    worth = {"merchant": merchant, "title": title, "currency": "CNY", "off": 100, "stock": 9}
    template = (await assistant.post("/v1/coupon-templates", worth, expect=201))["id"]
    piece = {"card": card, "variant": variant["id"], "opening": 100, "start": False}
    price = {variant["id"]: variant["price"]["minor"] // 2}
    wanted: dict[str, tuple[str, dict[str, Any]]] = {
        "flash": ("flash", {"card": card, "prices": price, "total": 1}),
        "coupon": ("coupons", {"template": template, "stock": 1}),
        "auction": ("auctions", piece),
        "bundle": ("bundles", {"cards": [card], "percent": 50}),
        "draw": ("draws", {"prize": title, "lasts_s": 1800}),
    }
    made = {
        kind: (await assistant.post(f"{live}/{path}", body, expect=201))["id"]
        for kind, (path, body) in wanted.items()
    }
    return {**made, "template": template, "prize": ids.new("prz")}


async def _things(centre: Centre) -> Things:
    async with (
        centre.guest() as buyer,
        centre.person("owner") as owner,
        centre.person("assistant") as assistant,
    ):
        product = await people.new_product(owner, centre, on_hand=50)
        show = await people.prepare(
            owner, centre, products=[product["id"]], minutes=40, ready=False, at=FAR
        )
        merchant = centre.seeded.merchant
        paid = await people.buy(buyer, show)
        order = await buyer.get(f"/v1/orders/{paid['orders'][0]}")
        shipped = await people.ship(assistant, order)
        piece = {"line": order["lines"][0]["id"], "count": 1}
        wanted_back = {"lines": [piece], "wish": "refund", "reason": "wrong_size"}
        back = await buyer.post(
            f"/v1/orders/{order['id']}/returns", wanted_back, expect=201, key="back"
        )
        invoices = await people.eventually(
            lambda: buyer.get(f"/v1/orders/{order['id']}/invoices"), what="an invoice"
        )
        hold = (await people.claim(buyer, show))[0]
        quoted = await people.quote(buyer, await people.claim(buyer, show))
        body = {"address": people.COLOGNE}
        kept = (await people.ask(buyer, "POST", "/v1/addresses", json=body))[1]
        item = {"live": show.live, "card": show.cards[0]["id"], "count": 1}
        item["variant"] = product["variants"][0]["id"]
        cart = (await people.ask(buyer, "PUT", "/v1/cart/items", json=item))[1]
        (line,) = cart["groups"][0]["lines"]
        wanted_key = {"name": "till", "merchant": merchant, "scopes": ["assistant"]}
        key = await owner.post("/v1/api-keys", wanted_key, expect=201)
        wanted_hook = {
            "merchant": merchant,
            "url": f"http://{HOST}:9/hook",  # nobody listens there
            "events": ["replays.failed"],
        }
        hook = await owner.post("/v1/webhooks", wanted_hook, expect=201)
        sent = await owner.post(f"/v1/webhooks/{hook['id']}/test", {}, expect=201)
        places = await owner.get(f"/v1/merchants/{merchant}/locations")
        sheet = await sending.send_sheet(owner, merchant, b"sku,price\nnone,1\n")
        offers = await _offers(assistant, merchant, show)
        found = {
            **offers,
            "merchant": merchant,
            "product": product["id"],
            "variant": product["variants"][0]["id"],
            "location": places[0]["id"],
            "sheet": sheet["id"],
            "booking": show.booking,
            "live": show.live,
            "card": show.cards[0]["id"],
            "hold": hold["id"],
            "checkout": paid["id"],
            "method": ids.new("mth"),
            "order": order["id"],
            "consignment": shipped["id"],
            "goods_return": back["id"],
            "invoice": invoices[0]["id"],
            "declaration": shipped["declaration"],
            "key": key["id"],
            "webhook": hook["id"],
            "delivery": sent["id"],
            "event_type": "orders.paid",
            "address": kept["id"],
            "item": line["id"],
            "country": "DE",
            "adjustment": ids.new("adj"),
            "dispute": ids.new("dsp"),
            "difference": ids.new("rci"),
            "kind": "303",
            "step": "ready",
            "word": "theirs",
        }
    worth = {"title": {"zh": "券", "en": "Coupon"}, "currency": "CNY", "off": 100, "stock": 5}
    starts, ends = FAR + timedelta(days=1), FAR + timedelta(days=1, hours=1)
    slot = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    slot_of_old = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    item = {"card": found["card"], "variant": found["variant"], "count": 1}
    new = shop.duvet(merchant, sku=f"S{secrets.token_hex(3)}").model_dump(mode="json")
    bodies: dict[str, dict[str, Any]] = {
        "SignIn": {"email": "nobody@example.org", "password": "nothing"},
        "MakeKey": wanted_key,
        "BookSlot": {**slot, "merchant": merchant, "studio": centre.seeded.studio},
        "MoveSlot": slot,
        "NewProduct": new,
        "MoveStock": {"change": 1, "reason": "received"},
        **_keeping(found, product),
        "MakeLive": {"booking": show.booking, "title": {"zh": "别人的", "en": "Theirs"}},
        "AddCard": {"product": found["product"], "prices": {}},
        "PriceCard": {"prices": {found["variant"]: 100}},
        "OrderCards": {"cards": [found["card"]]},
        "MakeClaims": {"items": [item]},
        "AskQuote": {
            "holds": [found["hold"]],
            "destination": {"country": "DE"},
            "currency": "EUR",
        },
        "PlaceCheckout": {
            "quote": quoted["id"],
            "address": people.COLOGNE,
            "email": people.MAIL,
        },
        "ShipOrder": {"carrier": "YANWEN", "tracking": people.tracking(), "weight_g": 900},
        "AskCancel": {"lines": [piece], "reason": "other", "note": "mine"},
        "AskReturn": wanted_back,
        "Answer": {"note": "mine"},
        "Refusal": {"note": "mine"},
        "Inspection": {"lines": [{"line": piece["line"], "restocked": 1, "written_off": 0}]},
        "Resolution": {"give": "refund"},
        "Print": {"orders": [found["order"]], "paper": "pick_list", "lang": "en"},
        "ShipMany": {
            "merchant": merchant,
            "text": f"{found['order']},YANWEN,{people.tracking()},900",
        },
        "AskRefund": {"reason": "mine", "amount": {"minor": 100, "currency": "EUR"}},
        "PayOwed": {"reason": "mine", "reference": "MT103 1"},
        "KeepMethod": {"keep": True},
        "Tap": {"method": ids.new("mth")},
        "SaveAddress": {"address": people.COLOGNE},
        "PutItem": {**item, "live": found["live"]},
        "BuyCart": {"lines": [{**item, "live": found["live"], "price": line["price"]}]},
        "WriteMessage": {"text": "让我看看 · let me see"},
        "ReadMessages": {"number": 1},
        "OpenReceipt": {"token": "nothing"},
        "SendReceipt": {"order": found["order"], "email": "x@example.org"},
        "SetFlash": {"card": found["card"], "prices": {found["variant"]: 100}, "total": 1},
        "MakeTemplate": {**worth, "merchant": merchant},
        "PlanCoupon": {"template": offers["template"], "stock": 1},
        "AnnounceAuction": {
            "card": found["card"],
            "variant": found["variant"],
            "opening": 100,
        },
        "SetBundle": {"cards": [found["card"]], "percent": 50},
        "OpenDraw": {"prize": worth["title"]},
        "PrizeAddress": {"name": "A", "lines": ["B"], "country": "CN", "phone": "+86 513"},
        "ChangeChat": {"slow": 5, "paused": False},
        "Announce": {"text": "今晚八点 · at eight"},
        "AddWord": {"word": "theirs"},
        "Resend": {"facts": None},
        "Withdraw": {"reason": "mine"},
        "MakeEndpoint": wanted_hook,
        "ChangeEndpoint": {"note": "theirs", "on": False},
        "RotateSecret": {"overlap_hours": 0},
        "Replay": {**slot_of_old, "only_missed": True},
        "PlanIn": {"bps": 300, "caps": {"EUR": 900}},
        "AdjustmentIn": {
            "reverses": {"kind": "sale", "source": order["id"]},
            "reason": "theirs, not ours",
        },
        "AnswerDispute": {"note": "it arrived", "submit": False},
        "Resolve": {"reason": "agreed with the provider"},
    }
    return Things(found, show, bodies)


def _keeping(found: dict[str, str], product: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Bodies of who keeps a catalogue."""
    words = {
        name: product[name]
        for name in product
        if name not in {"id", "merchant", "options", "variants", "archived"}
    }
    place = {"name": {"zh": "仓库", "en": "Warehouse"}, "kind": "warehouse", "priority": 3}
    variant = product["variants"][0]
    kept = {n: variant[n] for n in ("id", "sku", "weight_g", "price", "prices", "measures")}
    option = {n: product["options"][0][n] for n in ("key", "label")}
    values = [{n: v[n] for n in ("key", "label")} for v in product["options"][0]["values"]]
    fill = {"sku": "F", "weight_g": 900, "price": variant["price"]}
    return {
        "NewLocation": {"merchant": found["merchant"], **place},
        "EditLocation": place,
        "TransferStock": {"source": found["location"], "target": "loc_x", "count": 1},
        "TakeStock": {"counts": [{"variant": found["variant"], "counted": 3}]},
        "EditProduct": words,
        "EditOptions": {
            "version": product["version"],
            "options": [{**option, "values": values}],
            "fill": fill,
        },
        "EditVariants": {"version": product["version"], "variants": [kept]},
        "BulkEdit": {
            "products": [found["product"]],
            "edit": {"kind": "price_percent", "percent": -10, "currency": "CNY"},
            "seen": "x",
        },
    }


@pytest.fixture
async def everybody(centre: Centre) -> AsyncIterator[dict[str, Browser]]:
    """A guest, the rivals' owner, the merchant's own owner, and staff who may do all."""
    async with AsyncExitStack() as stack:
        there = {"guest": await stack.enter_async_context(centre.guest())}
        for who in ("rival-owner", "owner", "admin"):
            there[who] = await stack.enter_async_context(centre.person(who))
        await there["guest"].get("/v1/me")  # from now on it is the same guest
        yield there


def told(endpoint: Endpoint, more: Any = None) -> dict[str, Any]:
    """What a request to the endpoint carries: a fresh key, and a body if it takes one."""
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    return {"headers": headers, **({} if endpoint.body is None else {"json": more})}


def none_of(wrong: dict[str, tuple[int, Any]]) -> None:
    """Fails with what went wrong, one a line."""
    lines = [f"{what}: {status} {str(body)[:200]}" for what, (status, body) in wrong.items()]
    assert not lines, "\n".join(["", *lines])


def is_a_problem(answer: tuple[int, Any]) -> bool:
    """Whether it is refused in our words, and nobody stumbled."""
    status, body = answer
    return 400 <= status < 500 and isinstance(body, dict) and body.get("status") == status


def who_may(endpoint: Endpoint, everybody: dict[str, Browser]) -> Browser:
    """Somebody who gets past the guard, so that it is the body that is refused."""
    staff = "merchant" not in endpoint.may.name and not endpoint.may.open
    return everybody["admin" if staff else "owner"]


async def some_at_a_time(tries: list[Any], most: int = 8) -> list[tuple[str, Any]]:
    gate = asyncio.Semaphore(most)

    async def one(work: Any) -> Any:
        async with gate:
            return await work

    return list(await asyncio.gather(*(one(work) for work in tries)))
