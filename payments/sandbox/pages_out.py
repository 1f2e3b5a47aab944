"""The sandbox's pages for money that leaves: a merchant's onboarding, and tables of it all."""

from html import escape
from typing import Any

from aiohttp import web

from payments.sandbox import accounts, markup, store
from payments.sandbox.keys import SANDBOX
from payments.sandbox.problems import StripeProblem
from payments.sandbox.words import WORDS, Words
from payments.sandbox.work import Work


def add_to(app: web.Application) -> None:
    """Put the onboarding page where account links lead to."""
    app.router.add_get("/sandbox/onboarding/{account}", _onboarding)
    app.router.add_post("/sandbox/onboarding/{account}", _onboarded)


async def tables(w: Work, words: Words) -> list[str]:
    """Accounts, transfers, payouts and disputes, newest first."""
    found = {
        kind: [thing.body for thing in await store.kept(w.tx, kind, limit=10)]
        for kind in ("account", "transfer", "payout", "dispute")
    }
    money = [words["status"], words["amount"], words["to"], words["when"], words["id"]]
    return [
        markup.table(
            words["accounts"],
            [words["status"], words["due"], words["when"], words["id"]],
            [_account(body) for body in found["account"]],
            words,
        ),
        markup.table(
            words["transfers"], money, [_transfer(b) for b in found["transfer"]], words
        ),
        markup.table(words["payouts"], money, [_payout(b) for b in found["payout"]], words),
        markup.table(words["disputes"], money, [_dispute(b) for b in found["dispute"]], words),
    ]


async def _onboarding(request: web.Request) -> web.Response:
    sandbox, lang = request.app[SANDBOX], markup.language_of(request)
    words, id_ = WORDS[lang], request.match_info["account"]
    async with sandbox.work() as work:
        found = await store.find(work.tx, "account", id_)
    if found is None:
        body = f"<main class=pay><h1>{words['no_intent']}</h1></main>"
        return markup.html(lang, words["onboarding"], body, status=404)
    buttons = "".join(
        f"<button name=outcome value={name}>{words[name]}</button>"
        for name in ("complete", "incomplete")
    )
    body = (
        f"<main class=pay><h1>{words['onboarding']}</h1><p class=note>{escape(id_)}</p>"
        f"<p class=note>{words['onboarding_note']}</p>"
        f"<form class=board method=post>{buttons}</form></main>"
    )
    return markup.html(lang, words["onboarding"], body)


async def _onboarded(request: web.Request) -> web.Response:
    sandbox, id_ = request.app[SANDBOX], request.match_info["account"]
    outcome = str((await request.post()).get("outcome", ""))
    if outcome not in {"complete", "incomplete"}:
        raise StripeProblem("complete or incomplete?", param="outcome")
    async with sandbox.work() as work:
        account = await accounts.onboarded(work, id_, complete=outcome == "complete")
    back = str(account.hidden.get("return_url", "/"))
    return web.Response(status=303, headers={"Location": back})


def _account(body: dict[str, Any]) -> list[str]:
    state = "succeeded" if body["payouts_enabled"] else "requires_action"
    due = ", ".join(body["requirements"]["currently_due"])
    return [markup.state_mark(state), escape(due), markup.when(body["created"]), _id(body)]


def _transfer(body: dict[str, Any]) -> list[str]:
    state = "canceled" if body["reversed"] else "succeeded"
    return _row(body, state, body["destination"])


def _payout(body: dict[str, Any]) -> list[str]:
    return _row(body, body["status"], body["metadata"].get("account", ""))


def _dispute(body: dict[str, Any]) -> list[str]:
    return _row(body, body["status"], body["charge"])


def _row(body: dict[str, Any], state: str, whom: str) -> list[str]:
    return [
        markup.state_mark(state),
        markup.amount(body["amount"], body["currency"]),
        f"<code>{escape(whom)}</code>",
        markup.when(body["created"]),
        _id(body),
    ]


def _id(body: dict[str, Any]) -> str:
    return f"<code>{body['id']}</code>"
