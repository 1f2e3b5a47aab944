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

log = logging.getLogger(__name__)

STATUS: dict[type[errors.Problem], HTTPStatus] = {
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
        return _print(request, http.status, "about:blank", http.reason, "", {}, kept)
    except (DBAPIError, OSError) as error:
        if not _gone(error):
            log.exception("unhandled error")
            return _print(request, 500, "about:blank", "Internal Server Error", "", {}, {})
        log.warning("the database is away", extra={"error": type(error).__name__})
        return respond(request, Down())
    except Exception:
        log.exception("unhandled error")
        return _print(request, 500, "about:blank", "Internal Server Error", "", {}, {})


def respond(request: web.Request, problem: errors.Problem) -> web.Response:
    """The problem as an answer."""
    return _answer(request, problem, problem.facts)


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
    status = status_of(problem)
    headers = {"Retry-After": str(facts.get("retry_after", 1))} if status in {429, 503} else {}
    detail = problem.detail if problem.detail != problem.title else ""
    kind = f"/problems/{problem.code}"
    return _print(request, status, kind, problem.title, detail, facts, headers)


def _print(
    request: web.Request,
    status: int,
    kind: str,
    title: str,
    detail: str,
    facts: Mapping[str, Any],
    headers: Mapping[str, str],
) -> web.Response:
    body = {"type": kind, "title": title, "status": status, "instance": request.path, **facts}
    if detail:
        body["detail"] = detail
    return web.Response(
        status=status,
        body=orjson.dumps(body, default=str),
        content_type="application/problem+json",
        headers=headers,
    )
