"""HTML shells: the manifest's assets, the first data as escaped JSON, and a strict policy."""

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from livecommerce.pages.words import NO_ASSETS, NO_SCRIPT, Lang, title_of

STATIC: Final = Path(__file__).parent / "static"


def _policy(*, scripts: str = "", calls: str = "", frames: str = "") -> str:
    rules = (
        "default-src 'self'",
        f"script-src 'self'{scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        f"connect-src 'self' ws: wss:{calls}",
        "worker-src blob:",
        f"frame-src 'self'{frames}",
        "frame-ancestors 'none'",
    )
    return "; ".join(rules)


POLICY: Final = _policy()

_SCRIPTS: Final = " https://js.stripe.com https://*.js.stripe.com"

PAYING: Final = _policy(
    scripts=_SCRIPTS,
    calls=" https://api.stripe.com",
    frames=f"{_SCRIPTS} https://hooks.stripe.com",
)
"""What Stripe's security guide asks for its payment element, and nothing beyond it."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class NoAssetsError(Exception):
    """The front end has not been built."""


@dataclass(frozen=True, slots=True)
class Assets:
    """What a page loads, in order."""

    script: str
    modules: tuple[str, ...]
    styles: tuple[str, ...]
    later: tuple[str, ...]


def assets_of(page: str, static: Path = STATIC) -> Assets:
    """What the page's entry needs, imports and all.

    Raises:
        NoAssetsError: there is no manifest, or it does not know the page.
    """
    path = static / ".vite" / "manifest.json"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise NoAssetsError from error
    chunks = _manifest(path, changed)
    entry = f"src/pages/{page}.tsx"
    if entry not in chunks:
        raise NoAssetsError(page)
    needed = list(dict.fromkeys(_closure(chunks, entry)))
    styles = [style for name in needed for style in chunks[name].get("css", ())]
    later = [name for chunk in needed for name in chunks[chunk].get("dynamicImports", ())]
    return Assets(
        script=_url(chunks[entry]["file"]),
        modules=tuple(_url(chunks[name]["file"]) for name in needed[1:]),
        styles=tuple(_url(style) for style in dict.fromkeys(styles)),
        later=tuple(_url(chunks[name]["file"]) for name in dict.fromkeys(later)),
    )


@lru_cache(maxsize=4)
def _manifest(path: Path, _changed: int) -> dict[str, dict[str, Any]]:
    chunks: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return chunks


def _closure(chunks: Mapping[str, Mapping[str, Any]], name: str) -> Iterator[str]:
    seen: set[str] = set()
    stack = [name]
    while stack:
        here = stack.pop()
        if here not in seen:
            seen.add(here)
            yield here
            stack.extend(reversed(chunks[here].get("imports", ())))


def _url(file: str) -> str:
    return f"/static/{file}"


def as_script(boot: Mapping[str, object]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(boot, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def page(
    name: str,
    *,
    lang: Lang,
    boot: Mapping[str, object],
    title: str | None = None,
    poster: str | None = None,
    status: int = 200,
    policy: str = POLICY,
    static: Path = STATIC,
) -> web.Response:
    """The shell of a page, or the page that says how to build the assets (503).

    A poster is preloaded and drawn at once, so that something is seen before scripts run.
    """
    try:
        assets = assets_of(name, static)
    except NoAssetsError:
        return _without_assets(lang)
    head = [f'<link rel="stylesheet" href="{html.escape(style)}">' for style in assets.styles]
    # The player weighs more than all else in a room, so its fetch starts with the page.
    soon = (*assets.modules, *(assets.later if name == "room" else ()))
    head += [f'<link rel="modulepreload" href="{html.escape(url)}">' for url in soon]
    first = ""
    if poster:
        href = html.escape(poster)
        head.append(f'<link rel="preload" as="image" fetchpriority="high" href="{href}">')
        first = f'<img class="first-poster" src="{href}" alt="">'
    told = {**boot, "page": name, "lang": lang}
    text = f"""<!doctype html>
<html lang="{lang}" data-theme="linen">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#f7f2ea">
<title>{html.escape(title or title_of(name, lang))}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
{"".join(head)}
<script type="application/json" id="boot">{as_script(told)}</script>
<script type="module" src="{html.escape(assets.script)}"></script>
</head>
<body class="page-{name}">
<div id="app">{first}</div>
<noscript>{NO_SCRIPT[lang]}</noscript>
</body>
</html>
"""
    headers = {**HEADERS, "Content-Security-Policy": policy}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def _without_assets(lang: Lang) -> web.Response:
    title, advice = NO_ASSETS[lang]
    text = f"""<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.6 system-ui;max-width:36rem;margin:15vh auto;padding:0 1.5rem;
background:#f7f2ea;color:#2b2522}}</style></head>
<body><h1>{title}</h1><p>{advice}</p></body></html>
"""
    headers = {**HEADERS, "Retry-After": "60"}
    return web.Response(text=text, status=503, content_type="text/html", headers=headers)
