"""The sandbox over HTTP: Stripe's API, the switches beside it, and the pages."""

import asyncio
import base64
import binascii
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from payments.sandbox import forms, pages, pages_out
from payments.sandbox.engine import Answer, Asked, Sandbox, request_id
from payments.sandbox.keys import SANDBOX
from payments.sandbox.operations import operation
from payments.sandbox.problems import StripeProblem
from payments.sandbox.settings import API_VERSION, SandboxSettings
from payments.sandbox.switches import BEFORE, Switches, What

log = logging.getLogger(__name__)

REQUEST_ID = web.RequestKey("request_id", str)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_sandbox(settings: SandboxSettings) -> web.Application:
    """A Stripe stand-in; it opens its database when the application starts.

    ``app[SANDBOX]`` is the engine, for tests that drive the clock and the switches.
    """
    app = web.Application(middlewares=[_in_stripes_shape], client_max_size=1024**2)
    app[SANDBOX] = sandbox = Sandbox(settings)

    async def running(_app: web.Application) -> AsyncIterator[None]:
        async with sandbox.running():
            yield

    async def close(_app: web.Application) -> None:
        sandbox.closing.set()

    app.cleanup_ctx.append(running)
    app.on_shutdown.append(close)
    app.router.add_route("*", "/v1/{rest:.*}", _api)
    app.router.add_route("*", "/sandbox/v1/{rest:.*}", _api_for_pages)
    app.router.add_get("/admin/state", _state)
    app.router.add_post("/admin/switches", _switches)
    app.router.add_post("/admin/clock", _clock)
    app.router.add_post("/admin/settle", _settle)
    app.router.add_get("/livez", _livez)
    pages.add_to(app)
    pages_out.add_to(app)
    return app


@web.middleware
async def _in_stripes_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as Stripe would tell it; what we did not foresee as its 500."""
    id_ = request[REQUEST_ID] = request_id()
    try:
        answer = await handler(request)
    except StripeProblem as problem:
        answer = _json(Answer(problem.status, problem.body))
    except web.HTTPException as told:
        if told.status < 400 or told.content_type == "text/html":
            raise
        answer = _json(Answer(told.status, StripeProblem(told.reason).body))
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("the sandbox failed on %s %s", request.method, request.path)
        answer = _json(Answer(500, _SORRY.body))
    if not answer.prepared:
        answer.headers["Request-Id"] = id_
    return answer


_SORRY = StripeProblem("An unknown error occurred", type="api_error")
_BUSY = StripeProblem(
    "Request rate limit exceeded.", status=429, code="rate_limit", type="invalid_request_error"
)


async def _api(request: web.Request) -> web.StreamResponse:
    """A call with a key in its header, as the libraries make them."""
    return await _call(request, request.path, pages_only=False)


async def _api_for_pages(request: web.Request) -> web.StreamResponse:
    """The same for our own page, which shares an origin with the shop: no secret keys here."""
    return await _call(request, request.path.removeprefix("/sandbox"), pages_only=True)


async def _call(request: web.Request, path: str, *, pages_only: bool) -> web.StreamResponse:
    sandbox = request.app[SANDBOX]
    form = forms.decode(await _form(request))
    trusted = _trusted(request, form, sandbox.settings)
    form.pop("key", None)
    if request.headers.get("Stripe-Version", API_VERSION) != API_VERSION:
        raise StripeProblem(f"The sandbox speaks only version {API_VERSION}.")
    found = operation(request.method, path)
    if found is None:
        raise StripeProblem(f"Unrecognized request URL ({request.method}: {path}).", status=404)
    what, named = found
    if trusted and pages_only:
        raise StripeProblem("A secret key has no place on a page.", status=403)
    if not trusted and not what.for_pages:
        raise StripeProblem(
            "This API call cannot be made with a publishable API key. Please use a secret API"
            " key.",
            status=403,
            code="secret_key_required",
        )
    account = request.headers.get("Stripe-Account")
    if account is not None and not (trusted and what.for_accounts):
        raise StripeProblem("The sandbox makes this call on nobody else's behalf.", status=403)
    secret = {} if trusted else {"client_secret": form.pop("client_secret", "")}
    asked = Asked(
        operation=what,
        named=named,
        form=form,
        extra=secret,
        trusted=trusted,
        key=request.headers.get("Idempotency-Key"),
        request=request[REQUEST_ID],
        account=account,
    )
    fault = sandbox.switches.take(what.name) if trusted else None
    if fault is What.BUSY or (trusted and not sandbox.allow(what.name)):
        raise _BUSY
    if fault in BEFORE:
        return await _goes_wrong(request, sandbox, fault)
    answer = await sandbox.do(asked)
    if fault is not None:
        return await _goes_wrong(request, sandbox, fault)
    return _json(answer)


async def _goes_wrong(request: web.Request, sandbox: Sandbox, fault: What) -> web.Response:
    if fault in {What.FAIL_BEFORE, What.FAIL_AFTER}:
        return _json(Answer(500, _SORRY.body))
    if fault in {What.HANG_BEFORE, What.HANG_AFTER}:
        try:
            await asyncio.wait_for(sandbox.closing.wait(), sandbox.settings.hang_seconds)
        except TimeoutError:
            log.info("an unanswered request was let go")
    if request.transport is not None:
        request.transport.abort()
    return _json(Answer(500, _SORRY.body))  # nobody hears it


async def _form(request: web.Request) -> str:
    if request.method in {"GET", "DELETE"}:
        return request.query_string
    if request.content_type == "application/json":
        raise StripeProblem("Send the parameters as a form, not as JSON.")
    try:
        return (await request.read()).decode()
    except UnicodeDecodeError:
        raise StripeProblem("Invalid UTF-8.") from None


def _trusted(request: web.Request, form: dict[str, Any], settings: SandboxSettings) -> bool:
    """Whether the caller holds the secret key; with the publishable one they are a page.

    Raises:
        StripeProblem: they hold neither, or one that looks live.
    """
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            key = ""
    key = key or str(form.get("key", ""))
    if key[:8] in {"sk_live_", "pk_live_", "rk_live_"}:
        raise StripeProblem("This is a sandbox: it refuses live keys.", status=401)
    if not key:
        raise StripeProblem("You did not provide an API key.", status=401)
    if hmac.compare_digest(key.encode(), settings.secret_key.encode()):
        return True
    if hmac.compare_digest(key.encode(), settings.publishable_key.encode()):
        return False
    raise StripeProblem(f"Invalid API Key provided: {key[:8]}***{key[-4:]}", status=401)


def _json(answer: Answer) -> web.Response:
    headers = {"Stripe-Version": API_VERSION}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = orjson.dumps(answer.body)
    return web.Response(
        body=body, status=answer.status, headers=headers, content_type="application/json"
    )


class Advance(BaseModel):
    """How far to move the test clock."""

    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(ge=0, le=400 * 24 * 3600)


async def _read(request: web.Request, model: type[BaseModel]) -> Any:
    _only_trusted(request)
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise StripeProblem(str(error)) from None


def _only_trusted(request: web.Request) -> None:
    if not _trusted(request, {}, request.app[SANDBOX].settings):
        raise StripeProblem("The switches need the secret key.", status=403)


async def _switches(request: web.Request) -> web.Response:
    """Set all fault switches at once; those not named are off."""
    sandbox = request.app[SANDBOX]
    await sandbox.set_switches(await _read(request, Switches))
    return _json(Answer(200, sandbox.switches.model_dump(mode="json")))


async def _clock(request: web.Request) -> web.Response:
    """Move the test clock forward."""
    sandbox = request.app[SANDBOX]
    await sandbox.advance((await _read(request, Advance)).seconds)
    return _json(Answer(200, {"now": int(sandbox.now)}))


async def _settle(request: web.Request) -> web.Response:
    """Do at once all that is due."""
    _only_trusted(request)
    return _json(Answer(200, {"done": await request.app[SANDBOX].settle()}))


async def _state(request: web.Request) -> web.Response:
    _only_trusted(request)
    sandbox = request.app[SANDBOX]
    told = {"now": int(sandbox.now), "switches": sandbox.switches.model_dump(mode="json")}
    return _json(Answer(200, told))


async def _livez(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
