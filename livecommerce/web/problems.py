"""Domain errors as RFC 9457 problem details. The only place that knows their status."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from livecommerce.kernel import errors
from livecommerce.web.body import TooLarge

log = logging.getLogger(__name__)

STATUS: dict[type[errors.Problem], HTTPStatus] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Denied: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_DATABASE_GONE = ("08", "57P")  # connection exceptions, server shutting down or starting up


class BodyInvalid(errors.Invalid):
    """The request is not valid."""


class Down(errors.Unavailable):
    """A part of the system is restarting; try again in a moment."""


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let handlers raise; answer with ``application/problem+json``."""
    try:
        return await handler(request)
    except errors.Problem as problem:
        return respond(request, problem)
    except ValidationError as invalid:
        shown = invalid.errors(include_url=False, include_context=False, include_input=False)
        found = [
            {"pointer": "/" + "/".join(map(str, e["loc"])), "detail": e["msg"]} for e in shown
        ]
        return _answer(request, BodyInvalid(), {"errors": found})
    except web.HTTPException as http:
        if http.status < 400:
            raise
        kept = {k: v for k, v in http.headers.items() if k in {"Allow", "Retry-After"}}
        return _plain(request, http.status, http.reason, kept)
    except (DBAPIError, OSError) as error:
        if not _gone(error):
            log.exception("unhandled error")
            return _plain(request, 500, "Internal Server Error", {})
        log.warning("the database is away", extra={"error": type(error).__name__})
        return respond(request, Down())
    except Exception:
        log.exception("unhandled error")
        return _plain(request, 500, "Internal Server Error", {})


def respond(request: web.Request, problem: errors.Problem) -> web.Response:
    """The problem as an answer."""
    return _answer(request, problem, problem.facts)


def told(problem: errors.Problem, *, instance: str = "") -> dict[str, Any]:
    """The problem as clients read it, in an answer over HTTP or to a call in a room."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": status_of(problem),
        **({"instance": instance} if instance else {}),
        **problem.facts,
    }
    if problem.detail not in {"", problem.title}:
        body["detail"] = problem.detail
    return body


def status_of(problem: errors.Problem | type[errors.Problem]) -> int:
    """The HTTP status of its kind."""
    kind = problem if isinstance(problem, type) else type(problem)
    return next(int(STATUS[k]) for k in kind.__mro__ if k in STATUS)


def _gone(error: Exception) -> bool:
    if isinstance(error, (ConnectionError, FileNotFoundError, TimeoutError, InterfaceError)):
        return True
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state.startswith(_DATABASE_GONE)
    return isinstance(error, OperationalError)


def _answer(
    request: web.Request, problem: errors.Problem, facts: Mapping[str, Any]
) -> web.Response:
    body = {**told(problem, instance=request.path), **facts}
    status = body["status"]
    headers = {"Retry-After": str(facts.get("retry_after", 1))} if status in {429, 503} else {}
    return _sent(body, headers)


def _plain(
    request: web.Request, status: int, title: str, headers: Mapping[str, str]
) -> web.Response:
    """What is no problem of ours: a path that leads nowhere, a fault."""
    body = {"type": "about:blank", "title": title, "status": status, "instance": request.path}
    return _sent(body, headers)


def _sent(body: Mapping[str, Any], headers: Mapping[str, str]) -> web.Response:
    return web.Response(
        status=body["status"],
        body=orjson.dumps(body, default=str),
        content_type="application/problem+json",
        headers=headers,
    )
