"""Declarations over HTTP: their own merchant and the staff see them, nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from lxml import etree
from pytest_aiohttp import AiohttpClient, AiohttpServer

from livecommerce.crossborder import actions
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.routes import ROUTES
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.kernel.wake import Wake
from livecommerce.outside.customs.ceb import schema
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.keys import AUTHENTICATE, RESOURCES
from livecommerce.web.middleware import principals, request_ids
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole
from livecommerce.web.problems import problems
from tests.customs import DESK, NOW, consignment
from tests.rates_peer import Bank, xml

OURS = consignment().merchant_id


async def who(request: web.Request, _db: Database) -> Principal:
    name = request.headers.get("X-Who", "guest")
    people = {
        "operator": Principal("usr_o", kind=Kind.PERSON, staff=frozenset({StaffRole.OPERATOR})),
        "finance": Principal("usr_f", kind=Kind.PERSON, staff=frozenset({StaffRole.FINANCE})),
        "owner": Principal(
            "usr_w", kind=Kind.PERSON, memberships={OURS: frozenset({MerchantRole.OWNER})}
        ),
        "host": Principal(
            "usr_h", kind=Kind.PERSON, memberships={OURS: frozenset({MerchantRole.HOST})}
        ),
        "stranger": Principal(
            "usr_s", kind=Kind.PERSON, memberships={"mer_x": frozenset({MerchantRole.OWNER})}
        ),
    }
    return people.get(name, Principal("gst_1"))


@pytest.fixture
async def client(db: Database, aiohttp_client: AiohttpClient) -> TestClient[Any, Any]:
    app = web.Application(middlewares=[request_ids, problems, principals])

    async def opened(app: web.Application) -> AsyncIterator[None]:
        nothing: Any = None
        async with aiohttp.ClientSession() as http:
            r = Resources(Settings(), db, http, Wake(), nothing, nothing, nothing, nothing)
            r.add(DESK)
            r.add(Rates())
            app[RESOURCES] = r
            yield

    app.cleanup_ctx.append(opened)
    app[AUTHENTICATE] = who
    app.add_routes([endpoint.as_route() for endpoint in ROUTES])
    return await aiohttp_client(app)


@pytest.fixture
async def declared(db: Database) -> str:
    async with db.begin() as tx:
        found = await actions.open_declaration(
            tx, consignment(), desk=DESK, rates=Rates(), now=NOW
        )
    return found.id


async def got(
    client: TestClient[Any, Any], path: str, name: str, method: str = "GET", **body: Any
) -> tuple[int, Any]:
    more = {"json": body} if method == "POST" else {}
    async with client.request(method, path, headers={"X-Who": name}, **more) as answer:
        return answer.status, await answer.json(content_type=None)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("guest", 401),
        ("stranger", 404),
        ("owner", 200),
        ("host", 200),
        ("operator", 200),
        ("finance", 200),
    ],
)
async def test_who_may_see_a_declaration(
    client: TestClient[Any, Any], declared: str, name: str, status: int
) -> None:
    assert (await got(client, f"/v1/declarations/{declared}", name))[0] == status


async def test_a_strangers_404_is_the_404_of_nothing(
    client: TestClient[Any, Any], declared: str
) -> None:
    _, hidden = await got(client, f"/v1/declarations/{declared}", "stranger")
    _, absent = await got(client, "/v1/declarations/dcl_0", "stranger")
    assert hidden["type"] == absent["type"]
    assert hidden["title"] == absent["title"]


async def test_a_list_shows_only_ones_own(
    client: TestClient[Any, Any], db: Database, declared: str
) -> None:
    async with db.begin() as tx:
        other = consignment(consignment="cns_2", tracking="LZ1", merchant_id="mer_x")
        await actions.open_declaration(tx, other, desk=DESK, rates=Rates(), now=NOW)
    _, ours = await got(client, "/v1/declarations", "owner")
    assert [d["id"] for d in ours["items"]] == [declared]
    _, first = await got(client, "/v1/declarations?limit=1", "operator")
    assert len(first["items"]) == 1
    _, rest = await got(
        client, f"/v1/declarations?limit=1&cursor={first['next_cursor']}", "operator"
    )
    assert {first["items"][0]["id"], rest["items"][0]["id"]} > {declared}
    assert rest["next_cursor"] is None


async def test_a_message_is_downloaded_as_it_is_sent(
    client: TestClient[Any, Any], declared: str
) -> None:
    for kind in ("303", "403", "505", "603"):
        path = f"/v1/declarations/{declared}/messages/{kind}"
        async with client.get(path, headers={"X-Who": "owner"}) as answer:
            assert answer.status == 200
            assert answer.content_type == "application/xml"
            assert f"CEB{kind}" in answer.headers["Content-Disposition"]
            assert schema.faults(etree.fromstring(await answer.read())) == []
    for kind in ("605", "999", "x"):
        path = f"/v1/declarations/{declared}/messages/{kind}"
        assert (await got(client, path, "owner"))[0] == 404


async def test_only_who_may_declare_corrects_and_resends(
    client: TestClient[Any, Any], db: Database
) -> None:
    async with db.begin() as tx:
        short = consignment(charged=Money(100, "EUR"))
        draft = await actions.open_declaration(tx, short, desk=DESK, rates=Rates(), now=NOW)
    path = f"/v1/declarations/{draft.id}/resend"
    statuses = {
        name: (await got(client, path, name, "POST"))[0]
        for name in ("guest", "stranger", "host", "finance")
    }
    assert statuses == {"guest": 401, "stranger": 404, "host": 403, "finance": 403}
    status, still = await got(client, path, "owner", "POST")
    assert (status, still["state"], still["attempt"]) == (200, "draft", 2)
    facts = consignment().model_dump(mode="json")
    status, sound = await got(client, path, "operator", "POST", facts=facts)
    assert (status, sound["state"], sound["differences"]) == (200, "matched", [])
    assert (await got(client, path, "operator", "POST"))[0] == 409
    theirs = consignment(consignment="cns_other").model_dump(mode="json")
    assert (await got(client, path, "operator", "POST", facts=theirs))[0] == 409
    assert (await got(client, f"{path}x", "operator", "POST"))[0] == 404


async def test_what_customs_does_not_have_cannot_be_withdrawn(
    client: TestClient[Any, Any], declared: str
) -> None:
    path = f"/v1/declarations/{declared}/withdraw"
    assert (await got(client, path, "owner", "POST", reason="买家取消"))[0] == 409
    assert (await got(client, path, "owner", "POST", reason=""))[0] == 422


async def test_destinations_say_where_duties_can_be_paid(client: TestClient[Any, Any]) -> None:
    status, found = await got(client, "/v1/destinations", "guest")
    terms = {one["country"]: one["terms"] for one in found}
    assert status == 200
    assert {c for c, t in terms.items() if t == "DDP"} == {
        *("AU", "DE", "FR", "GB"),
        *("JP", "SG", "US"),
    }
    assert not {"CN", "KP"} & set(terms)
    assert all(one["name"]["zh"] and one["name"]["en"] for one in found)


async def test_the_carriers_are_listed_for_those_who_ship(client: TestClient[Any, Any]) -> None:
    async with client.get("/v1/carriers", headers={"X-Who": "owner"}) as answer:
        assert await answer.json() == [
            {"code": each.code, "name": each.name, "label": each.label.model_dump()}
            for each in DESK.carriers
        ]
    async with client.get("/v1/carriers") as answer:
        assert answer.status == 401


async def test_staff_see_which_rates_are_used_and_fetch_newer_ones(
    client: TestClient[Any, Any], aiohttp_server: AiohttpServer
) -> None:
    assert (await got(client, "/v1/rates", "owner"))[0] == 403
    status, told = await got(client, "/v1/rates", "finance")
    assert (status, told["on"], told["may_refresh"]) == (200, "2026-10-30", False)
    status, told = await got(client, "/v1/rates/refresh", "finance", "POST")
    assert (status, told["type"].rsplit("/", 1)[-1]) == (409, "no-rates-address")
    bank = Bank()
    server = await aiohttp_server(bank.app())
    bank.body = xml(utcnow().date())
    address = str(server.make_url("/stats/eurofxref/eurofxref-daily.xml"))
    assert client.app is not None
    held = client.app[RESOURCES]
    held.settings = held.settings.model_copy(update={"rates_url": address})
    assert (await got(client, "/v1/rates/refresh", "owner", "POST"))[0] == 403
    status, told = await got(client, "/v1/rates/refresh", "finance", "POST")
    assert (status, told["on"]) == (200, utcnow().date().isoformat())
    assert told["fetched_at"] is not None
    bank.body = "<html>"
    status, told = await got(client, "/v1/rates/refresh", "operator", "POST")
    assert (status, told["type"].rsplit("/", 1)[-1]) == (503, "not-rates")
    assert (await got(client, "/v1/rates", "operator"))[1]["fetched_at"] is not None
