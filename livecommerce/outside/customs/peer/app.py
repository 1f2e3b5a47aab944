"""The stand-in as a web application: an exchange, mailboxes, switches, and a page to look at.

``build_customs_peer(url)`` gives an ``aiohttp`` application; its state lives in the database at
``url``; it may be killed and started again at any time.
"""

import base64
import html
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
from aiohttp import web
from pydantic import ValidationError

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database, Tx, one_at_a_time, open_database
from livecommerce.outside.customs.ceb import schema
from livecommerce.outside.customs.ceb.document import (
    Unreadable,
    blocks_of,
    local_name,
    parse,
)
from livecommerce.outside.customs.ceb.envelope import Envelope
from livecommerce.outside.customs.ceb.names import FORMAT_RECEIPT, MessageKind, kind_of_root
from livecommerce.outside.customs.peer import answering, judging, store
from livecommerce.outside.customs.peer.switches import Switches

Clock = Callable[[], datetime]
DB = web.AppKey("DB", Database)
CLOCK = web.AppKey("CLOCK", object)

_HEADS = {
    MessageKind.ORDER: "OrderHead",
    MessageKind.RECEIPTS: "Receipts",
    MessageKind.WAYBILL: "Logistics",
    MessageKind.INVENTORY: "InventoryHead",
    MessageKind.CANCELLATION: "InvtCancel",
}
_TICK = timedelta(milliseconds=1)


def build_customs_peer(database_url: str, *, now: Clock = clock.utcnow) -> web.Application:
    """The peer; ``now`` is its clock, which tests may hold."""
    app = web.Application(client_max_size=4 * 2**20)
    app[CLOCK] = now

    async def database(app: web.Application) -> AsyncIterator[None]:
        app[DB] = open_database(database_url, pool=3)
        await store.prepare(app[DB])
        yield
        await app[DB].close()

    app.cleanup_ctx.append(database)
    app.add_routes(
        [
            web.post("/exchange", _exchange),
            web.get("/mailbox/{owner}", _mailbox),
            web.delete("/mailbox/{owner}/{number:[0-9]+}", _taken),
            web.get("/switches", _switches),
            web.put("/switches", _set_switches),
            web.get("/state", _state),
            web.get("/", _page),
            web.get("/livez", _alive),
        ]
    )
    return app


async def _exchange(request: web.Request) -> web.Response:
    """Take an envelope; the same one again is answered alike and does nothing."""
    try:
        envelope = Envelope.decode(await request.read())
    except Unreadable as error:
        raise web.HTTPBadRequest(text=f"0001 报文格式错误: {error}") from None
    async with request.app[DB].begin() as tx:
        await one_at_a_time(tx, f"customs-peer:{envelope.message_id}")
        before = await store.known(tx, envelope.message_id)
        if before is None:
            await _take_in(tx, envelope, now=_now(request))
        elif before != envelope.document:
            raise web.HTTPConflict(text="another document came under this CopMsgId")
    return web.Response(status=202)


async def _take_in(tx: Tx, envelope: Envelope, *, now: datetime) -> None:
    """Judge the document and put the answers into its sender's mailbox."""
    switches = await store.switches(tx, lock=True)
    kind, fields, faults = _read(envelope.document)
    first = await _first_moment(tx, now)
    step = max(timedelta(seconds=switches.step_s), _TICK)
    document: dict[str, Any] = {
        "message_id": envelope.message_id,
        "sender": envelope.sender,
        "kind": envelope.kind if kind is None else kind.value,
        "business_key": "" if kind is None else kind.business_key(fields),
        "fields": fields,
        "xml": envelope.document,
        "received_at": now,
    }
    if kind is None or faults:
        await store.keep(tx, **document)
        answer = answering.format_receipt(
            envelope.message_id, envelope.kind, "; ".join(faults), at=first
        )
        said = [(FORMAT_RECEIPT, answering.SCHEMA_FAILED, first, answer)]
    else:
        verdict = await judging.judge(tx, kind, fields, now=now)
        if kind in switches.refuse:
            verdict = judging.Verdict(("2", "3", switches.refuse[kind]), "refused by switch")
            left = {k: v for k, v in switches.refuse.items() if k != kind}
            await store.set_switches(tx, switches.model_copy(update={"refuse": left}))
        statuses = list(enumerate(verdict.statuses))
        due = {
            s: now + timedelta(seconds=_delay(switches, i, len(statuses))) for i, s in statuses
        }
        accepted = next((due[s] for _, s in statuses if judging.is_content(kind, s)), None)
        serial = await store.keep(tx, **document, accepted_at=accepted, over_at=due.get("899"))
        said = [
            (
                kind.receipt_root,
                status,
                first + i * step,
                answering.receipt(
                    kind,
                    fields,
                    serial=serial,
                    status=status,
                    info=verdict.said(status),
                    at=first + i * step,
                ),
            )
            for i, status in statuses
        ]
    await store.post(tx, _letters(envelope, said, switches, now=now))


def _letters(
    envelope: Envelope,
    said: list[tuple[str, str, datetime, bytes]],
    switches: Switches,
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    letters = [
        {
            "owner": envelope.sender,
            "message_id": envelope.message_id,
            "root": root,
            "status": status,
            "said_at": at,
            "due_at": now + timedelta(seconds=_delay(switches, i, len(said))),
            "document": document,
        }
        for i, (root, status, at, document) in enumerate(said)
    ]
    ordered = letters[::-1] if switches.backwards else letters
    return [copy for one in ordered for copy in ([one, one] if switches.twice else [one])]


def _delay(switches: Switches, i: int, count: int) -> float:
    place = count - 1 - i if switches.backwards else i
    return switches.delay_s + place * switches.step_s


async def _first_moment(tx: Tx, now: datetime) -> datetime:
    """Customs never says two things at the same time: later than everything before."""
    await one_at_a_time(tx, "customs-peer-time")
    last = await store.last_said(tx)
    return now if last is None else max(now, last + _TICK)


def _read(raw: bytes) -> tuple[MessageKind | None, dict[str, str], list[str]]:
    try:
        root = parse(raw)
    except Unreadable as error:
        return None, {}, [str(error)]
    faults = schema.faults(root)
    kind = kind_of_root(local_name(root))
    if kind is None:
        return None, {}, [*faults, f"{local_name(root)} is not taken here"]
    if faults:
        return kind, {}, faults
    heads = blocks_of(root, _HEADS[kind])
    if len(heads) != 1:
        return kind, {}, ["this peer takes one document per message"]
    return kind, heads[0], []


async def _mailbox(request: web.Request) -> web.Response:
    owner = request.match_info["owner"]
    async with request.app[DB].begin() as tx:
        letters = await store.mailbox(tx, owner, now=_now(request))
    return _json(
        [
            {"number": one.number, "document": base64.b64encode(one.document).decode()}
            for one in letters
        ]
    )


async def _taken(request: web.Request) -> web.Response:
    owner, number = request.match_info["owner"], int(request.match_info["number"])
    async with request.app[DB].begin() as tx:
        await store.take(tx, owner, number, now=_now(request))
    return web.Response(status=204)


async def _switches(request: web.Request) -> web.Response:
    async with request.app[DB].begin() as tx:
        return _json((await store.switches(tx)).model_dump(mode="json"))


async def _set_switches(request: web.Request) -> web.Response:
    try:
        new = Switches.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from None
    async with request.app[DB].begin() as tx:
        await store.set_switches(tx, new)
    return _json(new.model_dump(mode="json"))


async def _state(request: web.Request) -> web.Response:
    async with request.app[DB].begin() as tx:
        return _json(await store.overview(tx))


async def _page(request: web.Request) -> web.Response:
    """A plain table in both languages; everything shown is escaped."""
    async with request.app[DB].begin() as tx:
        documents = await store.overview(tx)
    rows = "".join(
        f"<tr><td>{one['number']}</td><td>CEB{html.escape(one['kind'])}</td>"
        f"<td>{html.escape(one['business_key'])}</td>"
        f"<td>{' → '.join(html.escape(a['status']) for a in one['answers'])}</td></tr>"
        for one in documents
    )
    text = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>海关模拟端 Customs stand-in</title>"
        "<h1>海关模拟端 · Customs stand-in</h1>"
        "<p>本地演示，不与海关相连。 A local stand-in; nothing here reaches customs.</p>"
        "<table border><thead><tr><th>#<th>报文 Message<th>业务编号 Business key"
        f"<th>回执 Answers<tbody>{rows}</table></html>"
    )
    return web.Response(text=text, content_type="text/html")


async def _alive(_: web.Request) -> web.Response:
    return _json({"alive": True})


def _json(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _now(request: web.Request) -> datetime:
    read = request.app[CLOCK]
    assert callable(read)
    moment = read()
    assert isinstance(moment, datetime)
    return moment
