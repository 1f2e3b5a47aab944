"""Typed routes: the handler's signature is the contract, and the API description is read
from it.

A handler takes a :class:`Call` first. Parameters named in the path are path parameters, the
one whose type is a pydantic model is the JSON body, all others come from the query.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, get_type_hints

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, create_model

from livecommerce.kernel.clock import YEARS, utcnow
from livecommerce.kernel.db import Tx
from livecommerce.kernel.errors import Invalid, Problem
from livecommerce.resources import Resources
from livecommerce.web import idempotency
from livecommerce.web.body import NotText, read, reply
from livecommerce.web.guard import Guard
from livecommerce.web.keys import PRINCIPAL, RESOURCES
from livecommerce.web.principal import Principal

Handler = Callable[..., Awaitable[Any]]
Raw = tuple[str, Any]
"""A body that no model describes: its media type and an example (a text, or JSON)."""


class OutOfTime(Invalid):
    """The day is too far away to be meant."""


@dataclass(slots=True)
class Call:
    """One request as a handler sees it."""

    request: web.Request
    r: Resources
    who: Principal
    now: datetime
    key: str | None
    _tx: Tx | None = None

    @property
    def tx(self) -> Tx:
        """The transaction that the route opened; it commits when the handler returns."""
        if self._tx is None:
            raise RuntimeError("this route was declared without a transaction")
        return self._tx


@dataclass(frozen=True)
class Endpoint:
    """One method and path, with all that the API description needs to know."""

    method: str
    path: str
    handler: Handler
    may: Guard
    status: int
    errors: tuple[type[Problem], ...]
    tags: tuple[str, ...]
    key: bool
    tx: bool
    body: type[BaseModel] | None
    body_name: str
    query: type[BaseModel]
    path_names: tuple[str, ...]
    answer: Any
    takes: Raw | None = None
    gives: Raw | None = None

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What prints its answers; made when it first answers, since hundreds take seconds."""
        answer = self.answer
        raw = isinstance(answer, type) and issubclass(answer, web.StreamResponse)
        return TypeAdapter(Any if raw else answer)

    @property
    def summary(self) -> str:
        """The handler's first line."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0].rstrip(".")

    def as_route(self) -> web.RouteDef:
        """For ``app.add_routes``."""
        return web.route(self.method, self.path, self.serve)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Guard, parse, open the transaction, call, answer."""
        r = request.app[RESOURCES]
        who = request[PRINCIPAL]
        self.may.check(who)
        arguments: dict[str, Any] = {n: request.match_info[n] for n in self.path_names}
        arguments |= self._asked(request)
        if self.body is not None:
            arguments[self.body_name] = await read(request, self.body)
        key = idempotency.key_of(request, required=self.key)
        call = Call(request, r, who, utcnow(), key)
        if not self.tx:
            return self._answer(await self.handler(call, **arguments))
        async with r.db.begin() as tx:
            call._tx = tx
            if key is None or self.method == "GET":
                return self._answer(await self.handler(call, **arguments))
            return await idempotency.once(
                tx,
                request,
                who=who.id,
                key=key,
                now=call.now,
                work=lambda: self._run(call, arguments),
            )

    async def _run(self, call: Call, arguments: dict[str, Any]) -> web.StreamResponse:
        return self._answer(await self.handler(call, **arguments))

    def _asked(self, request: web.Request) -> dict[str, Any]:
        """What the query asks for, as far as the database and the calendar reach."""
        if not self.query.model_fields and not request.query_string:
            return {}
        if any("\0" in value for value in request.query.values()):
            raise NotText()
        asked = dict(self.query.model_validate(dict(request.query)))
        for name, value in asked.items():
            if isinstance(value, date) and value.year not in YEARS:
                raise OutOfTime(parameter=name)
        return asked

    def _answer(self, value: Any) -> web.StreamResponse:
        if isinstance(value, web.StreamResponse):
            return value
        return reply(value, self.adapter, self.status)


def route(
    method: str,
    path: str,
    *,
    may: Guard,
    status: int = 200,
    errors: tuple[type[Problem], ...] = (),
    tags: tuple[str, ...] = (),
    key: bool = False,
    tx: bool = True,
    takes: Raw | None = None,
    gives: Raw | None = None,
) -> Callable[[Handler], Endpoint]:
    """Make a handler an :class:`Endpoint`.

    Args:
        may: who may call it.
        errors: the problems a client should expect, for the API description.
        key: whether ``Idempotency-Key`` is required (it is honoured wherever ``tx`` is).
        tx: whether the handler runs in a transaction of ours.
        takes: the body, where the handler reads it itself (an upload).
        gives: the answer, where the handler makes it itself (a file).
    """

    def made(handler: Handler) -> Endpoint:
        hints = get_type_hints(handler, include_extras=True)  # what bounds a query, too
        path_names = tuple(
            part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")
        )
        body: type[BaseModel] | None = None
        body_name = ""
        query: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(handler).parameters.items())[1:]:
            hint = hints[name]
            if name in path_names:
                continue
            if isinstance(hint, type) and issubclass(hint, BaseModel):
                body, body_name = hint, name
            else:
                default = ... if parameter.default is parameter.empty else parameter.default
                query[name] = (hint, default)
        answer = hints.get("return", type(None))
        return Endpoint(
            method=method,
            path=path,
            handler=handler,
            may=may,
            status=status,
            errors=errors,
            tags=tags,
            key=key,
            tx=tx,
            body=body,
            body_name=body_name,
            query=create_model(f"{handler.__name__}_query", **query),
            path_names=path_names,
            answer=answer,
            takes=takes,
            gives=gives,
        )

    return made
