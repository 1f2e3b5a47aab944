"""Shells: what a page loads, what it is told, and what it may do."""

import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from livecommerce.pages import routes, shell
from livecommerce.pages.words import NO_ASSETS, TITLES, lang_of

MANIFEST = {
    "_words.js": {"file": "assets/words-1.js", "css": ["assets/style-1.css"]},
    "_deep.js": {"file": "assets/deep-1.js", "imports": ["_words.js"]},
    "hls.js": {"file": "assets/hls-1.js"},
    "src/pages/room.tsx": {
        "file": "assets/room-1.js",
        "imports": ["_deep.js", "_words.js"],
        "dynamicImports": ["hls.js"],
        "css": ["assets/room-1.css"],
    },
    "src/pages/start.tsx": {"file": "assets/start-1.js", "imports": ["_words.js"]},
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A build with two pages."""
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "room-1.js").write_text("1")
    return tmp_path


def test_page_loads_its_entry_and_all_that_it_imports_once(static: Path) -> None:
    found = shell.assets_of("room", static)
    assert found.script == "/static/assets/room-1.js"
    assert found.modules == ("/static/assets/deep-1.js", "/static/assets/words-1.js")
    assert found.styles == ("/static/assets/room-1.css", "/static/assets/style-1.css")
    assert found.later == ("/static/assets/hls-1.js",)


def test_what_a_page_is_told_cannot_end_its_script(static: Path) -> None:
    hostile = {"name": "</script><script>alert(1)</script><!--"}
    text = shell.page("start", lang="en", boot=hostile, static=static).text
    assert text is not None
    block = text.partition('id="boot">')[2].partition("</script>")[0]
    assert json.loads(block) == {**hostile, "page": "start", "lang": "en"}
    assert "alert(1)" not in text.replace(block, "")


def test_title_is_escaped(static: Path) -> None:
    text = shell.page("start", lang="en", boot={}, title="<b>&", static=static).text
    assert "<title>&lt;b&gt;&amp;</title>" in str(text)


def test_pages_are_not_kept_and_may_run_only_our_scripts(static: Path) -> None:
    answer = shell.page("room", lang="zh-CN", boot={}, static=static)
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert '<html lang="zh-CN"' in str(answer.text)


def test_without_assets_a_page_says_what_to_do(tmp_path: Path) -> None:
    for lang in ("zh-CN", "en"):
        answer = shell.page("start", lang=lang, boot={}, static=tmp_path)
        assert answer.status == 503
        assert NO_ASSETS[lang][0] in str(answer.text)
        assert "npm ci" in str(answer.text)


def test_every_page_has_a_title_in_both_languages() -> None:
    for name in routes.PATHS.values():
        assert set(TITLES[name]) == {"zh-CN", "en"}


@pytest.mark.parametrize(
    ("query", "headers", "lang"),
    [
        ("?lang=en", {"Accept-Language": "zh-CN"}, "en"),
        ("?lang=zh-CN", {"Accept-Language": "en"}, "zh-CN"),
        ("", {"Cookie": "lc_lang=en", "Accept-Language": "zh-CN"}, "en"),
        ("", {"Accept-Language": "zh-TW,zh;q=0.9"}, "zh-CN"),
        ("", {"Accept-Language": "fr-FR,fr;q=0.9"}, "en"),
        ("", {}, "zh-CN"),
    ],
)
def test_language_is_what_was_asked_for(query: str, headers: dict[str, str], lang: str) -> None:
    assert lang_of(make_mocked_request("GET", "/" + query, headers=headers)) == lang


async def _asset(name: str) -> web.StreamResponse:
    return await routes.asset(make_mocked_request("GET", "/", match_info={"name": name}))


async def test_hashed_assets_are_kept_for_ever(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "STATIC", static)
    answer = await _asset("assets/room-1.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["../shell.py", "/etc/passwd", ".vite/manifest.json", "assets", "none.js"]
)
async def test_nothing_but_built_files_is_served(
    name: str, static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "STATIC", static)
    with pytest.raises(web.HTTPNotFound):
        await _asset(name)


async def _nothing_there(_request: web.Request) -> web.Response:
    return web.json_response({"status": 404}, status=404)


@pytest.mark.parametrize(
    ("method", "path", "accept", "page"),
    [
        ("GET", "/no/such/page", "text/html,*/*;q=0.8", True),
        ("GET", "/lives", "text/html", True),
        ("GET", "/no/such/page", "*/*", False),
        ("GET", "/no/such/page", "application/json", False),
        ("POST", "/no/such/page", "text/html", False),
        ("GET", "/v1/nothing", "text/html", False),
        ("GET", "/hooks/nothing", "text/html", False),
        ("GET", "/media/nothing.webp", "text/html", False),
    ],
)
async def test_people_get_a_page_where_there_is_nothing_and_programs_a_problem(
    method: str, path: str, accept: str, page: bool
) -> None:
    request = make_mocked_request(
        method, path, headers={"Accept": accept}, app=web.Application()
    )
    answer = await routes.lost(request, _nothing_there)
    assert (answer.content_type == "text/html") is page
    assert answer.status == 404 or page, "503 only where the pages have not been built"


def test_only_where_people_pay_may_the_providers_scripts_run(static: Path) -> None:
    answer = shell.page(
        "start", lang="en", boot={"stripe": {"key": "pk"}}, policy=shell.PAYING, static=static
    )
    policy = answer.headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == "'self' https://js.stripe.com https://*.js.stripe.com"
    assert rules["connect-src"] == "'self' ws: wss: https://api.stripe.com"
    assert rules["frame-src"].endswith("https://hooks.stripe.com")
    assert rules["frame-ancestors"] == "'none'"
    plain = shell.page("start", lang="en", boot={}, static=static)
    assert "stripe" not in plain.headers["Content-Security-Policy"]
