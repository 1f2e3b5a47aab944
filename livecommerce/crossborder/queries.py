"""Reading quotes and declarations."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from livecommerce.crossborder import codes, quotes, rulebook, tariff
from livecommerce.crossborder.errors import (
    NoSuchDeclaration,
    NoSuchQuote,
    QuoteAltered,
    QuoteExpired,
)
from livecommerce.crossborder.seal import seal_of
from livecommerce.crossborder.tables import DeclarationRow, MessageRow, QuoteRow
from livecommerce.crossborder.wire import (
    DeclarationOut,
    Destination,
    DestinationOut,
    DifferenceOut,
    MessageOut,
    QuoteOut,
    Terms,
)
from livecommerce.identity import queries as identity
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.web.wire import Both, PageOut

PREPARATION = Both(
    zh="申报准备工具，不替代海关认定；正式申报前请核对代码表与规范版本。",
    en="A tool for preparing declarations, no customs ruling; check code tables and the"
    " edition of the specification before filing.",
)


async def quote(tx: Tx, id_: str, *, buyer: str | None = None) -> QuoteOut:
    """The quote as it was promised. With ``buyer``, somebody else's is not found; what was
    promised to a guest is promised to the person they turned out to be.

    Raises:
        NoSuchQuote, QuoteAltered.
    """
    row = await tx.get(QuoteRow, id_)
    if row is None or not await _theirs(tx, row.buyer, buyer):
        raise NoSuchQuote(quote=id_)
    if seal_of(row.body) != row.seal:
        raise QuoteAltered(quote=id_)
    return QuoteOut.model_validate(row.body)


async def _theirs(tx: Tx, promised: str, buyer: str | None) -> bool:
    if buyer in {None, promised}:
        return True
    return await identity.person_of_guest(tx, promised) == buyer


async def valid_quote(tx: Tx, id_: str, *, buyer: str | None = None, now: datetime) -> QuoteOut:
    """Like :func:`quote`, for placing a checkout on it.

    Raises:
        NoSuchQuote, QuoteAltered, QuoteExpired.
    """
    found = await quote(tx, id_, buyer=buyer)
    if now >= found.expires_at:
        raise QuoteExpired(quote=id_, expired_at=found.expires_at.isoformat())
    return found


def holds_there(promised: Destination, place: Destination) -> bool:
    """Whether figures for one place of a country are those of the other: both lie where its
    rules hold, or both outside."""
    same = promised.country == place.country
    return same and quotes.outside_rules(promised) == quotes.outside_rules(place)


@cache
def destinations() -> list[DestinationOut]:
    """Every country we quote for, in the order of its English name."""
    ruled = set(rulebook.shipped().destinations())
    prices = tariff.shipped()
    found = [
        DestinationOut(
            country=country.alpha2,
            name=Both(zh=country.name_zh, en=country.name_en),
            terms=Terms.DDP if country.alpha2 in ruled else Terms.DAP,
            shipping_from=prices.price(country.alpha2, 1),
        )
        for country in codes.countries().values()
        if country.alpha2 != "CN"
    ]
    return sorted(found, key=lambda each: each.name.en)


async def declaration(tx: Tx, id_: str) -> DeclarationOut:
    """One declaration. Raises NoSuchDeclaration."""
    row = await tx.get(DeclarationRow, id_)
    if row is None:
        raise NoSuchDeclaration(declaration=id_)
    return (await _told(tx, [row]))[0]


async def of_orders(tx: Tx, orders: Sequence[str]) -> list[DeclarationOut]:
    """The declarations of these orders, oldest first."""
    rows = await tx.execute(
        select(DeclarationRow)
        .where(col(DeclarationRow.order_id).in_(orders))
        .order_by(col(DeclarationRow.opened_at), col(DeclarationRow.id))
    )
    return await _told(tx, list(rows.scalars()))


async def declarations(
    tx: Tx, *, merchants: Sequence[str] | None, cursor: str | None, limit: int
) -> PageOut[DeclarationOut]:
    """Newest first; only of these merchants, unless ``merchants`` is None."""
    wanted = select(DeclarationRow)
    if merchants is not None:
        wanted = wanted.where(col(DeclarationRow.merchant_id).in_(merchants))
    if cursor is not None:
        after = Cursor.decode(cursor)
        place = sa.tuple_(col(DeclarationRow.opened_at), col(DeclarationRow.id))
        wanted = wanted.where(place < sa.tuple_(after.at, after.id))
    wanted = wanted.order_by(
        col(DeclarationRow.opened_at).desc(), col(DeclarationRow.id).desc()
    ).limit(limit + 1)
    rows = list((await tx.execute(wanted)).scalars())
    shown = rows[:limit]
    more = len(rows) > limit
    last = Cursor(shown[-1].opened_at, shown[-1].id).encode() if more else None
    return PageOut[DeclarationOut](items=await _told(tx, shown), next_cursor=last)


async def document(tx: Tx, id_: str, kind: MessageKind) -> str:
    """The newest XML of that kind. Raises NoSuchDeclaration."""
    newest = (
        select(MessageRow.xml)
        .where(col(MessageRow.declaration_id) == id_, col(MessageRow.kind) == kind)
        .order_by(col(MessageRow.attempt).desc())
        .limit(1)
    )
    xml = (await tx.execute(newest)).scalar_one_or_none()
    if xml is None:
        raise NoSuchDeclaration(declaration=id_, kind=kind)
    return xml


async def newest_messages(tx: Tx, ids: Sequence[str]) -> dict[str, list[MessageRow]]:
    """Of each declaration its newest message of each kind, in the order of the kinds."""
    rows = await tx.execute(
        select(MessageRow)
        .where(col(MessageRow.declaration_id).in_(ids))
        .ext(distinct_on(col(MessageRow.declaration_id), col(MessageRow.kind)))
        .order_by(
            col(MessageRow.declaration_id),
            col(MessageRow.kind),
            col(MessageRow.attempt).desc(),
        )
        .execution_options(populate_existing=True)
    )
    found: dict[str, list[MessageRow]] = {id_: [] for id_ in ids}
    for row in rows.scalars():
        found[row.declaration_id].append(row)
    return found


async def _told(tx: Tx, rows: list[DeclarationRow]) -> list[DeclarationOut]:
    messages = await newest_messages(tx, [row.id for row in rows])
    return [_declaration(row, messages[row.id]) for row in rows]


def _declaration(row: DeclarationRow, messages: list[MessageRow]) -> DeclarationOut:
    return DeclarationOut(
        id=row.id,
        consignment=row.consignment,
        order=row.order_id,
        merchant=row.merchant_id,
        mode=row.mode,
        state=row.state,
        attempt=row.attempt,
        inventory_number=row.inventory_number,
        differences=[DifferenceOut.model_validate(each) for each in row.differences],
        messages=[
            MessageOut(
                kind=m.kind,
                state=m.state,
                guid=m.guid,
                status=m.status,
                info=m.info,
                sent_at=m.sent_at,
                answered_at=m.answered_at,
                href=f"/v1/declarations/{row.id}/messages/{m.kind.value}",
            )
            for m in messages
        ],
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        preparation_only=PREPARATION,
    )
