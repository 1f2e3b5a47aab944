"""Connected accounts: opened by the platform, onboarded by a page, paid out by themselves."""

from typing import Any

from payments.sandbox import store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work

_WANTED = ("business_profile.name", "external_account", "representative.first_name")


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    asked = want.get("capabilities") or {}
    body = {
        "id": w.id("acct"),
        "object": "account",
        "business_type": want.get("business_type"),
        "capabilities": dict.fromkeys(asked or {"transfers": {}}, "inactive"),
        "charges_enabled": False,
        "controller": want.get("controller") or {},
        "country": want.get("country", w.settings.country),
        "created": w.second,
        "default_currency": want.get("default_currency", "usd"),
        "details_submitted": False,
        "email": want.get("email"),
        "metadata": want.get("metadata") or {},
        "payouts_enabled": False,
        "requirements": {
            "currently_due": list(_WANTED),
            "disabled_reason": "requirements.past_due",
            "past_due": [],
        },
        "type": want.get("type", "none"),
    }
    return await w.put(Thing(body, {"balance": {}}))


async def retrieve(w: Work, _want: dict[str, Any], *, account: str) -> dict[str, Any]:
    return (await w.get("account", account, param="account")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    return await store.page(w.tx, "account", want, "/v1/accounts")


async def link(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """A page on which the account's owner answers what is still due."""
    account = await w.get("account", want["account"], param="account")
    if want["type"] != "account_onboarding":
        raise StripeProblem("The sandbox only onboards.", param="type")
    for name in ("return_url", "refresh_url"):
        if name not in want:
            raise StripeProblem(f"Missing required param: {name}.", param=name)
    account.hidden["return_url"] = want["return_url"]
    await w.put(account)
    origin = w.settings.page_origin
    return {
        "object": "account_link",
        "created": w.second,
        "expires_at": w.second + 300,
        "url": f"{origin}/sandbox/onboarding/{account.id}",
    }


async def onboarded(w: Work, account_id: str, *, complete: bool = True) -> Thing:
    """Its owner has answered everything, or has left something out."""
    account = await w.get("account", account_id, lock=True, param="account")
    due = [] if complete else ["external_account"]
    state = "active" if complete else "inactive"
    account.body |= {
        "capabilities": dict.fromkeys(account.body["capabilities"], state),
        "charges_enabled": complete,
        "details_submitted": True,
        "payouts_enabled": complete,
        "requirements": {
            "currently_due": due,
            "disabled_reason": None if complete else "requirements.past_due",
            "past_due": due,
        },
    }
    await w.put(account)
    await w.tell_account(account.id, "account.updated", account.body)
    return account


async def receive(w: Work, account: Thing, currency: str, amount: int) -> None:
    """Money reaches (or leaves) its balance; it is paid out by itself a little later."""
    held = account.hidden["balance"]
    held[currency] = held.get(currency, 0) + amount
    await w.put(account)
    if held[currency] > 0:
        await w.later(w.settings.pay_out_after, "pay_out", account.id)
