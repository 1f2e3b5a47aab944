"""Searching products in Chinese and English, ranked, by the index, page by page."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from livecommerce.catalogue import actions, jobs
from livecommerce.catalogue.search.queries import Found, Wanted, categories, find, statement
from livecommerce.kernel.db import Database
from livecommerce.kernel.page import BadCursor
from tests import catalogue, shop

GOODS = [
    ("QUILT", "鹅绒冬被", "Goose down winter duvet", "duvets"),
    ("SET", "长绒棉缎纹四件套", "Long-staple cotton sateen bedding set", "bedding-sets"),
    ("TOWEL", "纯棉毛巾三条装", "Cotton towels, three pieces", "towels"),
    ("PILLOW", "荞麦枕", "Buckwheat pillow", "pillows"),
]


class Shelf:
    """Four products of a merchant, found by whoever asks."""

    def __init__(self, db: Database, merchant: str, ids: dict[str, str]) -> None:
        self.db, self.merchant, self.ids = db, merchant, ids

    async def found(self, words: str, **more: object) -> list[str]:
        page = await self.page(words, **more)
        names = {id_: sku for sku, id_ in self.ids.items()}
        return [names[one.id] for one in page.items]

    async def page(
        self, words: str, *, cursor: str | None = None, limit: int = 50, **more: object
    ) -> Found:
        want = Wanted(words=words, **more)  # type: ignore[arg-type]
        async with self.db.begin() as tx:
            return await find(tx, want, cursor=cursor, limit=limit)


@pytest.fixture
async def shelf(db: Database, now: datetime) -> Shelf:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    ids = {}
    for n, (sku, zh, en, category) in enumerate(GOODS):
        want = catalogue.told(
            merchant,
            sku,
            title={"zh": zh, "en": en},
            description={"zh": f"{zh}，柔软舒适", "en": f"{en}, soft"},
            category=category,
            customs_name="纺织品",
            fibre=[],
            textile={"weave": "terry"} if sku == "TOWEL" else {},
        )
        ids[sku] = (await catalogue.add(db, want, now + timedelta(seconds=n))).id
    return Shelf(db, merchant, ids)


@pytest.mark.parametrize(
    ("words", "skus"),
    [
        ("四件套", ["SET"]),
        ("冬被", ["QUILT"]),
        ("枕", ["PILLOW"]),
        ("缎纹 sateen", ["SET"]),
        ("duvets", ["QUILT"]),
        ("pillows", ["PILLOW"]),
        ("buckw", ["PILLOW"]),
        ("towel-1", ["TOWEL"]),
        ("towel1", ["TOWEL"]),
        ("terry", ["TOWEL"]),
        ("bedding-sets", ["SET"]),
        ("被套", []),
        ("cotton 冬被", []),
        ("'; DROP TABLE commerce.product --", []),
        ("& | ! <-> :*", ["PILLOW", "TOWEL", "SET", "QUILT"]),
    ],
)
async def test_what_is_asked_for_is_found(shelf: Shelf, words: str, skus: list[str]) -> None:
    assert await shelf.found(words) == skus


async def test_titles_come_before_descriptions(shelf: Shelf, now: datetime) -> None:
    told = {"zh": "装毛巾的篮子，不是毛巾", "en": "A basket for a towel"}
    want = catalogue.told(shelf.merchant, "BASKET", description=told, fibre=[])
    shelf.ids["BASKET"] = (await catalogue.add(shelf.db, want, now)).id
    assert await shelf.found("毛巾") == ["TOWEL", "BASKET"]
    assert await shelf.found("towels") == ["TOWEL", "BASKET"]


async def test_pages_go_on_where_they_ended(shelf: Shelf) -> None:
    for words in ("", "soft"):
        seen: list[str] = []
        cursor = None
        while True:
            page = await shelf.page(words, cursor=cursor, limit=3)
            seen += [one.id for one in page.items]
            cursor = page.following
            if cursor is None:
                break
        assert sorted(seen) == sorted(shelf.ids.values()), "each once"
    with pytest.raises(BadCursor):
        await shelf.page("soft", cursor="bm9uc2Vuc2U")


async def test_filters_and_what_is_archived(shelf: Shelf, now: datetime) -> None:
    async with shelf.db.begin() as tx:
        by = shop.owner(shelf.merchant)
        await actions.archive_product(tx, shelf.ids["SET"], by=by, now=now)
        assert await categories(tx, shelf.merchant) == ["duvets", "pillows", "towels"]
    assert await shelf.found("四件套") == []
    assert await shelf.found("四件套", archived=True, merchant=shelf.merchant) == ["SET"]
    assert await shelf.found("soft", category="duvets") == ["QUILT"]
    assert await shelf.found("soft", merchant="mer_other") == []


async def test_products_brought_by_others_are_indexed(shelf: Shelf, now: datetime) -> None:
    async with shelf.db.begin() as tx:
        await tx.execute(sa.text("DELETE FROM commerce.product_search"))
    assert await shelf.found("冬被") == []

    class Held:
        db = shelf.db

    assert await jobs.index_missing(Held(), now=now) == 4  # type: ignore[arg-type]
    assert await shelf.found("冬被") == ["QUILT"]


async def test_the_index_is_used_among_many(shelf: Shelf, now: datetime) -> None:
    """Five thousand others: the plan goes by the words, not through the table."""
    many = sa.text(
        "WITH others AS (INSERT INTO commerce.product SELECT 'prd_' || n, merchant_id, title,"
        " description, category, hs_code, origin, fibre, customs_name, customs_unit, gmodel,"
        " pictures, options, created_at, archived_at, alts, textile, version"
        " FROM commerce.product, generate_series(1, 5000) n WHERE id = :like RETURNING id)"
        " INSERT INTO commerce.product_search SELECT id, to_tsvector('simple',"
        " 'word' || id) FROM others"
    )
    query = statement(Wanted(), "'冬被'").compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    async with shelf.db.begin() as tx:
        await tx.execute(many, {"like": shelf.ids["TOWEL"]})
        await tx.execute(sa.text("ANALYZE commerce.product, commerce.product_search"))
        told = sa.text(f"EXPLAIN {query}".replace(":", "\\:"))
        plan = "\n".join((await tx.execute(told)).scalars())
    assert "ix_product_search_words" in plan, plan
    assert "Seq Scan on product_search" not in plan, plan
    assert await shelf.found("冬被") == ["QUILT"]
