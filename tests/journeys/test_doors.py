"""The ways in beside the API: files, hooks, the sandbox's door, cookies and keys.

Whatever is tried there, nothing outside is served, nobody is taken for somebody else, and
nothing is ever a 500.
"""

import secrets
from typing import Any

import aiohttp
import pytest

from tests import people
from tests.people import Centre, Show

FORBIDDEN_FILES = [
    "/hls/..%2f..%2fsecret",
    "/hls/%2e%2e/%2e%2e/secret",
    "/hls/..%2fnginx.conf",
    "/replays/..%2f..%2fhook-secret",
    "/media/..%2fsecret",
    "/media/%2e%2e%2fproduct.log",
    "/media/.hidden",
    "/static/..%2fshell.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/hls/%00",
    "/replays/a%00b",
    "/media/%00.webp",
    "/static/%00",
    *(f"/{folder}/" + "k" * 3000 for folder in ("media", "hls", "replays", "static")),
    "/hls/liv_x/index.m3u8",
]


@pytest.mark.parametrize("path", FORBIDDEN_FILES)
async def test_only_what_is_meant_to_be_served_is_served(centre: Centre, path: str) -> None:
    async with centre.guest() as guest:
        status, body = await people.ask(guest, "GET", path)
        assert status == 404
        assert body["status"] == 404


PAGES = [
    "/live/%00",
    "/live/x/chain",
    "/console/%FF",
    "/orders/..%2f",
    "/checkout/'",
    "/?lang=%00",
    "/no/such/page",
    "/v1/no-such-thing",
    "/openapi.json?x=%00",
    "/readyz",
    "/peers/mail",
]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_survive_every_address(centre: Centre, path: str) -> None:
    async with centre.guest() as guest:
        status, _ = await people.ask(guest, "GET", path)
        assert status in {200, 404}


async def test_hooks_do_not_open_to_guesses(centre: Centre) -> None:
    async with centre.guest() as guest:
        for secret in ("x", "%00", "%FF", secrets.token_urlsafe(48), "k" * 3000):
            form = {"call": "publish", "name": "x", "app": "live"}
            answer = await people.ask(guest, "POST", f"/hooks/{secret}/nginx-rtmp", data=form)
            assert answer[0] == 404, secret
        told = await people.ask(guest, "PUT", "/v1/me")
        assert told[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/sandbox/%2e%2e/admin/state",
        "/sandbox/..%2fadmin/state",
        "/sandbox/../admin/state",
        "/sandbox/%2e%2e/v1/payment_intents?key=sk_test_sandbox",
        "/sandbox/../v1/payment_intents?key=sk_test_sandbox",
        "/sandbox/v1/payment_intents?key=sk_test_sandbox",
        "/sandbox//admin/state",
        "/sandbox/%00",
        "/sandbox/pay/x%00",
    ],
)
async def test_the_sandboxs_door_leads_to_its_pages_only(centre: Centre, path: str) -> None:
    async with centre.guest() as guest:
        status, _ = await people.ask(guest, "GET", path)
        assert 400 <= status < 500


async def test_nobody_is_taken_for_somebody_else(centre: Centre) -> None:
    """Forged cookies make a new guest, forged keys nobody at all."""
    garbage = ["x", "gst_1.x", "a" * 4000, "%00", "eyJhbGciOiJub25lIn0.e30."]
    for name in ("lc_session", "lc_guest", "lc_csrf", "lc_locale"):
        for value in garbage:
            told = await raw(centre, {"Cookie": f"{name}={value}"})
            assert told[0] == 200
            assert told[1]["kind"] == "guest"
    for value in ("x", "lck_x", "lck_" + "k" * 4000, "", "é"):
        told = await raw(centre, {"Authorization": f"Bearer {value}"})
        assert told[0] == 401, value
        assert told[1]["type"] == "/problems/bad-key"


async def raw(centre: Centre, headers: dict[str, str]) -> tuple[int, Any]:
    """What ``/v1/me`` says to exactly these headers."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.get(f"{centre.url}/v1/me", headers=headers) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


async def test_other_sites_cannot_act_for_us(centre: Centre, show: Show) -> None:
    async with centre.person("host") as host, centre.guest() as guest:
        path = f"/v1/live/{show.live}/ingest"
        for sent in ({"X-CSRF-Token": ""}, {"X-CSRF-Token": "x"}):
            told = await people.ask(host, "POST", path, headers=sent)
            assert told[0] == 403
            assert told[1]["type"] == "/problems/csrf-missing"
        cross = {"Sec-Fetch-Site": "cross-site"}
        told = await people.ask(host, "POST", path, headers=cross)
        assert told[0] == 403
        body = {"items": [{"card": "x", "variant": "x", "count": 1}]}
        told = await people.ask(
            guest, "POST", f"/v1/live/{show.live}/claims", json=body, headers=cross
        )
        assert told[0] == 403


async def test_a_key_does_what_it_was_made_for_and_no_longer_than_that(
    centre: Centre, show: Show
) -> None:
    async with centre.person("owner") as owner, centre.guest() as script:
        want = {"name": "shelf", "merchant": centre.seeded.merchant, "scopes": ["assistant"]}
        key = await owner.post("/v1/api-keys", want, expect=201)
        mine = {"Authorization": f"Bearer {key['secret']}"}
        told = await people.ask(script, "GET", f"/v1/live/{show.live}/checklist", headers=mine)
        assert told[0] == 200
        told = await people.ask(script, "POST", f"/v1/live/{show.live}/ingest", headers=mine)
        assert told[0] == 403
        await owner.delete(f"/v1/api-keys/{key['id']}")
        told = await people.ask(script, "GET", f"/v1/live/{show.live}/checklist", headers=mine)
        assert told[0] == 401


@pytest.mark.parametrize("key", ["", '""', "k" * 201, "钥匙", "a b"])
async def test_an_idempotency_key_has_a_shape(centre: Centre, show: Show, key: str) -> None:
    async with centre.guest() as guest:
        item = {"card": show.cards[0]["id"], "variant": show.variant()["id"], "count": 1}
        told = await people.ask(
            guest,
            "POST",
            f"/v1/live/{show.live}/claims",
            json={"items": [item]},
            headers={"Idempotency-Key": key},
        )
        assert told[0] == 422


@pytest.mark.parametrize(
    ("path", "says"),
    [("/no/such/page", "No such page"), ("/live/liv_0", "Live room"), ("/live/x", "Live room")],
)
async def test_an_address_that_leads_nowhere_is_a_page_that_says_so(
    centre: Centre, path: str, says: str
) -> None:
    wanted = {"Accept": "text/html", "Accept-Language": "en"}
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(centre.url + path, headers=wanted) as answer,
    ):
        assert (answer.status, answer.content_type) == (404, "text/html")
        assert f"<title>{says}" in await answer.text()
