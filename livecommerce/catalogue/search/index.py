"""Keeping the words by which products are found; whoever writes a product calls it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from livecommerce.catalogue.search.rules import han_words, latin_text, lexemes, sku_words
from livecommerce.kernel.db import Tx

_READ = sa.text(
    "SELECT p.id, p.title, p.description, p.category, p.fibre, p.textile, p.options,"
    " p.hs_code, p.customs_name, array(SELECT v.sku FROM commerce.variant v"
    " WHERE v.product_id = p.id AND v.archived_at IS NULL ORDER BY v.position) AS skus"
    " FROM commerce.product p WHERE p.id = ANY(:products)"
)
_KEEP = sa.text(
    "INSERT INTO commerce.product_search (product_id, words) SELECT w.id,"
    " setweight(cast(w.a AS tsvector), 'A')"
    " || setweight(to_tsvector('english', w.a_latin), 'A')"
    " || setweight(cast(w.b AS tsvector), 'B')"
    " || setweight(to_tsvector('english', w.b_latin), 'B')"
    " || setweight(cast(w.c AS tsvector), 'D')"
    " || setweight(to_tsvector('english', w.c_latin), 'D')"
    " FROM unnest(cast(:ids AS text[]), cast(:a AS text[]), cast(:a_latin AS text[]),"
    " cast(:b AS text[]), cast(:b_latin AS text[]), cast(:c AS text[]),"
    " cast(:c_latin AS text[])) AS w(id, a, a_latin, b, b_latin, c, c_latin)"
    " ON CONFLICT (product_id) DO UPDATE SET words = excluded.words"
)


async def index(tx: Tx, products: Iterable[str]) -> None:
    """The products are found by what they say now: titles and SKUs before categories and
    attributes, those before descriptions."""
    rows = (await tx.execute(_READ, {"products": list(products)})).all()
    found = [_texts(row) for row in rows]
    values: dict[str, Any] = {"ids": [row.id for row in rows]}
    for place, name in enumerate(("a", "b", "c")):
        values[name] = [lexemes(words[place][0]) for words in found]
        values[f"{name}_latin"] = [words[place][1] for words in found]
    await tx.execute(_KEEP, values)


def _texts(row: Any) -> Sequence[tuple[list[str], str]]:
    """Title and SKUs; category, attributes and dimensions; description: each as words to
    take as they are, and a text to be stemmed."""
    title = _both(row.title)
    skus = [word for sku in row.skus for word in sku_words(sku)]
    labels = [_both(d["label"]) for d in row.options]
    labels += [_both(v["label"]) for d in row.options for v in d["values"]]
    attributes = [str(value) for value in row.textile.values()]
    attributes += [str(part["fibre"]) for part in row.fibre]
    named = " ".join([row.category, row.customs_name, row.hs_code, *labels, *attributes])
    named = named.replace("_", " ").replace("-", " ")
    told = _both(row.description)
    return [
        (han_words(title) + skus, latin_text(title)),
        (han_words(named), latin_text(named)),
        (han_words(told)[:4000], latin_text(told)),
    ]


def _both(text: Mapping[str, str]) -> str:
    return f"{text.get('zh', '')} {text.get('en', '')}"
