"""The sandbox's pages: one to pay on, one that shows what it knows and can be made to do."""

import hmac
import logging
from html import escape
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from aiohttp import web

from payments.sandbox import charges, intents, markup, pages_out, store
from payments.sandbox.engine import Sandbox
from payments.sandbox.keys import SANDBOX
from payments.sandbox.problems import StripeProblem
from payments.sandbox.switches import Fault, Switches, Webhooks, What
from payments.sandbox.words import WORDS, Words

log = logging.getLogger(__name__)

_ASSETS = Path(__file__).with_name("assets")
_KINDS = {
    ".svg": "image/svg+xml",
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
}
_OUTCOMES = frozenset({"approve", "slowly", "never", "refuse"})
_PRESETS: dict[str, Switches] = {
    "off": Switches(),
    "f_fail_before": Switches(
        faults=[Fault(endpoint="payment_intents.create", what=What.FAIL_BEFORE, times=3)]
    ),
    "f_fail_after": Switches(
        faults=[Fault(endpoint="payment_intents.create", what=What.FAIL_AFTER)]
    ),
    "f_busy": Switches(faults=[Fault(what=What.BUSY, times=5)]),
    "w_copies": Switches(webhooks=Webhooks(copies=3)),
    "w_reorder": Switches(webhooks=Webhooks(reorder=True, delay=2)),
    "w_delay": Switches(webhooks=Webhooks(delay=10)),
    "w_drop": Switches(webhooks=Webhooks(drop=1)),
    "f_payout": Switches(fail_payouts=1),
    "w_bad_signature": Switches(webhooks=Webhooks(bad_signature=True)),
}


def add_to(app: web.Application) -> None:
    """Put the pages under ``/sandbox/``, where the web port's own path leads to them."""
    app.router.add_get("/sandbox", _to_state)
    app.router.add_get("/sandbox/", _state)
    app.router.add_post("/sandbox/switches", _switch)
    app.router.add_get("/sandbox/pay/{intent}", _pay_by_address)
    app.router.add_post("/sandbox/pay/{intent}", _pay_by_form)
    app.router.add_post("/sandbox/pay/{intent}/answer", _answer)
    app.router.add_get("/sandbox/assets/{name}", _asset)


async def _to_state(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox/")


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    path = _ASSETS / name
    if name not in {"open.js", "pay.js", "state.js", "sandbox.css", "icon.svg"}:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    kind = _KINDS[path.suffix]
    return web.Response(
        body=path.read_bytes(), content_type=kind, charset="utf-8", headers=headers
    )


async def _pay_by_address(request: web.Request) -> web.Response:
    """The element, for a secret in the query; without one, a page that looks for it in the
    fragment, which browsers keep to themselves, and sends it in a form."""
    if secret := request.query.get("client_secret", ""):
        return await _pay(request, secret)
    lang = markup.language_of(request)
    words = WORDS[lang]
    body = (
        "<main class=sheet><form id=open method=post><input type=hidden name=client_secret>"
        f"</form><p class=note id=none hidden>{escape(words['no_intent_note'])}</p>"
        "<noscript><p class=problem>JavaScript</p></noscript></main>"
    )
    theme = request.query.get("theme", "")
    return markup.html(lang, words["title"], body, script="../assets/open.js", theme=theme)


async def _pay_by_form(request: web.Request) -> web.Response:
    """The element, for a secret that no address and no log has seen."""
    form = await request.post()
    return await _pay(request, str(form.get("client_secret", "")))


async def _pay(request: web.Request, secret: str) -> web.Response:
    """The element: method, card, challenge and outcome of one payment intent."""
    sandbox, lang = request.app[SANDBOX], markup.language_of(request)
    words = WORDS[lang]
    try:
        async with sandbox.work(trusted=False) as work:
            told = await intents.retrieve(
                work, {"client_secret": secret}, intent=request.match_info["intent"]
            )
    except StripeProblem as problem:
        gone = {"title": words["no_intent"], "note": words["no_intent_note"]}
        body = "<h1>{title}</h1><p class=note>{note}</p>".format(**gone)
        body = f"<main class=sheet>{body}</main>"
        return markup.html(
            lang, words["title"], body, status=404 if problem.status == 404 else 403
        )
    theme = request.query.get("theme", "")
    facts = {
        "intent": told["id"],
        "secret": secret,
        "key": sandbox.settings.publishable_key,
        "back": markup.path_of_ours(request.query.get("return_url", "")),
        "words": words,
    }
    amount = markup.amount(told["amount"], told["currency"])
    # A data block, not a script: the policy lets no inline script run, and this one does not.
    block = orjson.dumps(facts).decode().replace("<", "\\u003c")
    body = (
        (_ASSETS / "pay.html")
        .read_text(encoding="utf-8")
        .replace("{{facts}}", block)
        .replace("{{amount}}", escape(amount))
        .replace("{{description}}", escape(told["description"] or ""))
        .replace("{{tabs}}", _methods(told["payment_method_types"], words))
    )
    for name, text in words.items():
        body = body.replace("{{" + name + "}}", escape(text))
    return markup.html(lang, words["title"], body, script="../assets/pay.js", theme=theme)


async def _answer(request: web.Request) -> web.Response:
    """What the buyer told their bank or wallet. Stripe has no such call; the page needs it."""
    form = await request.post()
    outcome, secret = str(form.get("outcome", "")), str(form.get("client_secret", ""))
    if outcome not in _OUTCOMES:
        raise StripeProblem("No such outcome.", param="outcome")
    id_ = request.match_info["intent"]
    async with request.app[SANDBOX].work(trusted=False) as work:
        await intents.retrieve(work, {"client_secret": secret}, intent=id_)
        found = await work.get("payment_intent", id_, lock=True)
        await intents.answered(work, found, outcome)
        told = intents.shown(work, found)
    return web.json_response(told, headers={"Cache-Control": "no-store"})


async def _state(request: web.Request) -> web.Response:
    """What the sandbox knows, newest first."""
    sandbox, lang = request.app[SANDBOX], markup.language_of(request)
    w = WORDS[lang]
    async with sandbox.work() as work:
        payments = await store.kept(work.tx, "payment_intent", limit=20)
        refunds = await store.kept(work.tx, "refund", limit=10)
        lines = await store.kept(work.tx, "balance_transaction", limit=10)
        events = (await work.tx.execute(_EVENTS)).all()
        balance = await charges.balance(work, {})
        money_out = await pages_out.tables(work, w)
    parts = [
        f"<header class=top><h1>{w['state']}</h1><p class=note>{w['clock']}"
        f" <time>{markup.when(int(sandbox.now))}</time>"
        + (f" · {w['ahead']} {sandbox.ahead:,.0f} s" if sandbox.ahead else "")
        + f"</p><a class=lang href='?lang={'en' if lang == 'zh' else 'zh'}'>{w['lang']}</a>"
        "</header>",
        _balance(balance, w),
        _switch_board(sandbox, lang) if sandbox.settings.page_switches else "",
        markup.table(
            w["payments"],
            [w["status"], w["amount"], w["what"], w["when"], w["id"]],
            [_payment_row(thing.body) for thing in payments],
            w,
        ),
        markup.table(
            w["refunds"],
            [w["status"], w["amount"], w["when"], w["id"]],
            [_refund_row(thing.body) for thing in refunds],
            w,
        ),
        *money_out,
        markup.table(
            w["bookings"],
            [w["status"], w["amount"], w["fee"], w["what"], w["id"]],
            [_line_row(charges.aged(work, thing.body)) for thing in lines],
            w,
        ),
        markup.table(
            w["events"],
            [w["what"], w["delivery"], w["when"], w["id"]],
            [_event_row(row) for row in events],
            w,
        ),
    ]
    body = f"<main class=state>{''.join(parts)}</main>"
    return markup.html(lang, w["state"], body, script="assets/state.js", css="assets/")


async def _switch(request: web.Request) -> web.Response:
    """Set the switches from the state page, and from nowhere else."""
    sandbox = request.app[SANDBOX]
    if not sandbox.settings.page_switches:
        raise web.HTTPNotFound
    form = await request.post()
    if not hmac.compare_digest(
        str(form.get("token", "")).encode(), sandbox.page_token.encode()
    ):
        raise StripeProblem("Only the sandbox's own page may do this.", status=403)
    preset = _PRESETS.get(str(form.get("preset", "")))
    if preset is None:
        raise StripeProblem("No such switch.", param="preset")
    await sandbox.set_switches(preset.model_copy(deep=True))
    return web.Response(
        status=303, headers={"Location": f"./?lang={markup.language_of(request)}"}
    )


_EVENTS = sa.text("""
SELECT t.id, t.body ->> 'type' AS kind, t.created, count(d.id) AS sent,
       count(d.id) FILTER (WHERE d.done AND d.status BETWEEN 200 AND 299) AS taken,
       max(d.status) AS status, max(d.note) AS note
FROM (SELECT * FROM stripe_sandbox.thing WHERE kind = 'event' ORDER BY seq DESC LIMIT 40) t
LEFT JOIN stripe_sandbox.delivery d ON d.event = t.id
GROUP BY t.seq, t.id, t.body, t.created ORDER BY t.seq DESC
""")


def _methods(types: list[str], words: Words) -> str:
    tabs = []
    for number, name in enumerate(name for name in types if name in words):
        checked = " checked" if number == 0 else ""
        tabs.append(
            f"<label class='tab {name}'><input type=radio name=method value={name}{checked}>"
            f"<span>{escape(words[name])}</span></label>"
        )
    return "".join(tabs)


def _payment_row(body: dict[str, Any]) -> list[str]:
    error = (body["last_payment_error"] or {}).get("code")
    return [
        markup.state_mark(body["status"])
        + (f" <small>{escape(error)}</small>" if error else ""),
        markup.amount(body["amount"], body["currency"]),
        escape(body["description"] or ""),
        markup.when(body["created"]),
        f"<code>{body['id']}</code>",
    ]


def _refund_row(body: dict[str, Any]) -> list[str]:
    return [
        markup.state_mark(body["status"]),
        markup.amount(body["amount"], body["currency"]),
        markup.when(body["created"]),
        f"<code>{body['id']}</code>",
    ]


def _line_row(body: dict[str, Any]) -> list[str]:
    return [
        markup.state_mark(body["status"]),
        markup.amount(body["amount"], body["currency"]),
        markup.amount(body["fee"], body["currency"]),
        body["type"],
        f"<code>{body['id']}</code>",
    ]


def _event_row(row: Any) -> list[str]:
    note = "–" if not row.sent else f"{row.taken}/{row.sent}"
    more = " ".join(str(part) for part in (row.status, row.note) if part)
    return [
        escape(row.kind),
        f"{note} <small>{escape(more)}</small>",
        markup.when(row.created),
        f"<code>{row.id}</code>",
    ]


def _balance(balance: dict[str, Any], words: Words) -> str:
    free = {line["currency"]: line["amount"] for line in balance["available"]}
    cards = "".join(
        f"<div class=sum><b>{markup.amount(free[line['currency']], line['currency'])}</b>"
        f"<span>{words['available']}</span>"
        f"<b>{markup.amount(line['amount'], line['currency'])}</b>"
        f"<span>{words['pending']}</span></div>"
        for line in balance["pending"]
    )
    inner = cards or f"<p class=note>{words['nothing']}</p>"
    return f"<section><h2>{words['balance']}</h2><div class=sums>{inner}</div></section>"


def _switch_board(sandbox: Sandbox, lang: str) -> str:
    words = WORDS[lang]
    told = sandbox.switches.model_dump(mode="json", exclude_defaults=True)
    on = escape(orjson.dumps(told).decode()) if told else words["none"]
    buttons = "".join(
        f"<button name=preset value={name}>{words[name]}</button>" for name in _PRESETS
    )
    return (
        f"<section><h2>{words['switches']}</h2><p class=note>{words['switches_note']}"
        f" {words['on_now']}: <code>{on}</code></p>"
        f"<form class=board method=post action='switches?lang={lang}'>"
        f"<input type=hidden name=token value={sandbox.page_token}>{buttons}</form></section>"
    )
