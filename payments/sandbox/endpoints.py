"""Webhook endpoints and the events they are told."""

from typing import Any
from urllib.parse import urlsplit

from payments.sandbox import store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.settings import API_VERSION
from payments.sandbox.store import Thing
from payments.sandbox.work import Work, random_part


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    if urlsplit(want["url"]).scheme not in {"http", "https"}:
        raise StripeProblem("Invalid URL: not http or https", code="url_invalid", param="url")
    made = await keep(w, want["url"], f"whsec_{random_part(32)}", want["enabled_events"])
    made.hidden["connect"] = want.get("connect", False)
    await w.put(made)
    return {**made.body, "secret": made.hidden["secret"]}  # told once, as at Stripe


async def keep(w: Work, url: str, secret: str, events: list[str]) -> Thing:
    """An endpoint with a secret of one's choice."""
    body: dict[str, Any] = {
        "id": w.id("we"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": w.second,
        "description": None,
        "enabled_events": events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
    thing = Thing(body, {"secret": secret})
    await w.put(thing)
    return thing


async def retrieve(w: Work, _want: dict[str, Any], *, endpoint: str) -> dict[str, Any]:
    return (await w.get("webhook_endpoint", endpoint)).body


async def delete(w: Work, _want: dict[str, Any], *, endpoint: str) -> dict[str, Any]:
    found = await w.get("webhook_endpoint", endpoint, lock=True)
    found.body["status"] = "disabled"
    await w.put(found)
    return {"id": endpoint, "object": "webhook_endpoint", "deleted": True}


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    return await store.page(w.tx, "webhook_endpoint", want, "/v1/webhook_endpoints")


async def event(w: Work, _want: dict[str, Any], *, id: str) -> dict[str, Any]:
    return (await w.get("event", id)).body


async def events(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """The platform's own; or, asked on behalf of a connected account, that account's."""
    page = await store.page(w.tx, "event", want, "/v1/events", ("type",))
    page["data"] = [body for body in page["data"] if body.get("account") == w.account]
    return page
