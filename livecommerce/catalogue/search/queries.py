"""Finding products: by words ranked, or all of them newest first; page by page."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.search import rules
from livecommerce.catalogue.tables import Product, ProductSearch
from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import BadCursor, Cursor

RANKED = 5000
"""Of more finds than these, the newest are ranked: who finds so many asks on."""

_STEMS = sa.text(
    "SELECT coalesce((ts_lexize('english_stem', w.word))[1], CASE WHEN"
    " cardinality(ts_lexize('english_stem', w.word)) = 0 THEN NULL ELSE w.word END) AS stem"
    " FROM unnest(cast(:words AS text[])) WITH ORDINALITY AS w(word, place) ORDER BY w.place"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products: of whom, in which category, on sale or archived, by which words."""

    merchant: str | None = None
    category: str | None = None
    archived: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Some products, and the cursor to the next."""

    items: list[ProductOut]
    following: str | None


async def find(tx: Tx, want: Wanted, *, cursor: str | None, limit: int) -> Found:
    """Products that are wanted: with words by rank, without them newest first.

    Raises:
        BadCursor: it is not one of this list.
    """
    asked = await _query(tx, want.words)
    if asked is None:
        return await _newest(tx, want, cursor, limit)
    return await _ranked(tx, want, asked, cursor, limit)


def statement(want: Wanted, query: str) -> sa.Select[Any]:
    """The finds with their rank in millionths, best first."""
    words = col(ProductSearch.words)
    asked = sa.cast(sa.literal(query, sa.Text), sa.dialects.postgresql.TSQUERY)
    finds = (
        _filtered(sa.select(col(Product.id), words.label("words")), want)
        .join(ProductSearch, col(ProductSearch.product_id) == col(Product.id))
        .where(words.bool_op("@@")(asked))
        .order_by(col(Product.created_at).desc(), col(Product.id).desc())
        .limit(RANKED)
        .subquery("finds")
    )
    rank = sa.func.ts_rank(finds.c.words, asked, 1)  # 1: long texts do not win by length
    millionths = sa.cast(rank * 1_000_000, sa.Integer).label("rank")
    ranked = sa.select(finds.c.id, millionths).subquery("ranked")
    return sa.select(ranked.c.id, ranked.c.rank).order_by(
        ranked.c.rank.desc(), ranked.c.id.desc()
    )


async def _ranked(tx: Tx, want: Wanted, query: str, cursor: str | None, limit: int) -> Found:
    finds = statement(want, query)
    if cursor is not None:
        ranked = finds.get_final_froms()[0]
        rank, last = _place(cursor)
        finds = finds.where(sa.tuple_(ranked.c.rank, ranked.c.id) < (rank, last))
    rows = (await tx.execute(finds.limit(limit + 1))).all()
    shown = rows[:limit]
    products = await catalogue.products(tx, [row.id for row in shown])
    more = _cursor(shown[-1].rank, shown[-1].id) if len(rows) > limit else None
    return Found([products[row.id] for row in shown], more)


async def _newest(tx: Tx, want: Wanted, cursor: str | None, limit: int) -> Found:
    wanted = _filtered(sa.select(Product), want)
    if cursor is not None:
        after = Cursor.decode(cursor)
        place = sa.tuple_(col(Product.created_at), col(Product.id))
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(Product.created_at).desc(), col(Product.id).desc())
    rows = list((await tx.execute(wanted.order_by(*newest).limit(limit + 1))).scalars())
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    more = Cursor(last.created_at, last.id).encode() if last is not None else None
    return Found(await catalogue.with_variants(tx, shown), more)


def _filtered(finds: Any, want: Wanted) -> Any:
    gone = col(Product.archived_at)
    finds = finds.where(gone.is_not(None) if want.archived else gone.is_(None))
    if want.merchant is not None:
        finds = finds.where(col(Product.merchant_id) == want.merchant)
    if want.category is not None:
        finds = finds.where(col(Product.category) == want.category)
    return finds


async def _query(tx: Tx, words: str) -> str | None:
    """The question as a ``tsquery``; none if it asks for nothing."""
    han, latin = rules.asked(words)
    stems: Sequence[str | None] = []
    if latin:
        stems = (await tx.execute(_STEMS, {"words": latin})).scalars().all()
    return rules.query(han, latin, list(stems)) or None


async def categories(tx: Tx, merchant: str) -> list[str]:
    """The categories of the merchant's products, archived ones left out."""
    theirs = (
        sa.select(col(Product.category))
        .where(col(Product.merchant_id) == merchant, col(Product.archived_at).is_(None))
        .distinct()
        .order_by(col(Product.category))
    )
    return list((await tx.execute(theirs)).scalars())


def _cursor(rank: int, last: str) -> str:
    packed = orjson.dumps([rank, last])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, str]:
    try:
        rank, last = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise BadCursor() from None
    sound = type(rank) is int and abs(rank) < 1 << 31 and isinstance(last, str)
    if not sound or "\0" in last:
        raise BadCursor()
    return rank, last
