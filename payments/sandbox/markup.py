"""Pieces of the sandbox's pages: frame, tables, amounts and moments."""

from html import escape

from aiohttp import web

from livecommerce.kernel.money import exponent
from payments.sandbox.words import WORDS, Words, language
from payments.stripe_words import from_stripe, moment

SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def language_of(request: web.Request) -> str:
    """The language in which the visitor is answered."""
    return language(request.query.get("lang"), request.headers.get("Accept-Language", ""))


def path_of_ours(url: str) -> str | None:
    """A way back on this origin, or none: the page sends nobody to a stranger."""
    plain = url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if plain and url.isprintable() else None


def amount(minor: int, currency: str) -> str:
    """With its currency and digits."""
    money = from_stripe(minor, currency)
    return f"{money.currency} {money.amount:,.{exponent(money.currency)}f}"


def when(second: int) -> str:
    """A second, for people."""
    return moment(second).strftime("%Y-%m-%d %H:%M:%S UTC")


def state_mark(status: str) -> str:
    """A status with its colour."""
    return f"<span class='mark {escape(status)}'>{escape(status)}</span>"


def table(title: str, heads: list[str], rows: list[list[str]], words: Words) -> str:
    """A section with a table, or with a word that there is nothing."""
    if not rows:
        return f"<section><h2>{title}</h2><p class=note>{words['nothing']}</p></section>"
    head = "".join(f"<th scope=col>{name}</th>" for name in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    label = f"role=region aria-label='{escape(title)}' tabindex=0"
    return f"<section><h2>{title}</h2><div class=wide {label}>{table}</div></section>"


def html(
    lang: str,
    title: str,
    body: str,
    *,
    script: str = "",
    css: str = "../assets/",
    status: int = 200,
    theme: str = "",
) -> web.Response:
    """A whole page under the sandbox's ribbon."""
    run = f'<script src="{script}" defer></script>' if script else ""
    look = f' data-theme="{theme}"' if theme in {"light", "dark"} else ""
    page = (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"{look}><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,'
        f' initial-scale=1"><title>{escape(title)} · SANDBOX</title>'
        f'<link rel="icon" href="{css}icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{css}sandbox.css">{run}</head><body>'
        f'<div class="ribbon" role="note">{WORDS[lang]["ribbon"]}</div>{body}</body></html>'
    )
    return web.Response(
        text=page, content_type="text/html", charset="utf-8", status=status, headers=SAFE
    )
