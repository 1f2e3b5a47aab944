"""What the catalogue decides without a database: dimensions, locations, textiles, words."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from livecommerce.catalogue import rules
from livecommerce.catalogue.bulk.preview import repriced
from livecommerce.catalogue.bulk.wire import ByAmount, ByPercent
from livecommerce.catalogue.editing import checks
from livecommerce.catalogue.editing.rules import change, merged
from livecommerce.catalogue.errors import (
    DimensionInUse,
    ExistingValueMissing,
    TooManyVariants,
)
from livecommerce.catalogue.search.rules import asked, han_words, lexemes, query
from livecommerce.catalogue.textiles import PRODUCT, Measures, Textile
from livecommerce.catalogue.wire import Dimension, NewProduct, VariantWords
from livecommerce.kernel.money import Money


def dimension(key: str, *values: str) -> Dimension:
    named = [{"key": v, "label": {"zh": v, "en": v}} for v in values]
    told = {"key": key, "label": {"zh": key, "en": key}, "values": named}
    return Dimension.model_validate(told)


SIZE = dimension("size", "s", "l")
COLOUR = dimension("colour", "red", "blue")
SOLD = {"a": {"size": "s"}, "b": {"size": "l"}}


def test_variants_are_the_product_of_the_values() -> None:
    three = [SIZE, COLOUR, dimension("fill", "down", "silk", "wool")]
    made = rules.combinations(three)
    assert len(made) == 12
    assert made[0] == {"size": "s", "colour": "red", "fill": "down"}
    assert rules.combinations([]) == [{}]


def test_a_new_value_brings_variants_and_breaks_none() -> None:
    what = change([SIZE], [dimension("size", "s", "l", "xl")], SOLD, {}, {})
    assert what.kept == SOLD
    assert what.fresh == [{"size": "xl"}]
    assert not what.retired


def test_a_value_taken_away_retires_its_variants_until_it_comes_back() -> None:
    only = dimension("size", "s")
    what = change([SIZE], [only], SOLD, {}, {})
    assert (what.retired, what.kept) == (["b"], {"a": {"size": "s"}})
    stored = merged([SIZE], [only])
    assert [v.retired for v in stored[0].values] == [False, True], "old orders need its words"
    back = change(stored, [SIZE], {"a": {"size": "s"}}, {"b": {"size": "l"}}, {})
    assert (back.revived, back.fresh) == (["b"], [])


def test_a_new_dimension_says_what_existing_variants_are() -> None:
    with pytest.raises(ExistingValueMissing):
        change([SIZE], [SIZE, COLOUR], SOLD, {}, {})
    what = change([SIZE], [SIZE, COLOUR], SOLD, {}, {"colour": "blue"})
    assert what.kept["a"] == {"size": "s", "colour": "blue"}
    assert {"size": "l", "colour": "red"} in what.fresh
    assert len(what.fresh) == 2


def test_a_dimension_goes_only_when_no_two_variants_differ_in_it() -> None:
    with pytest.raises(DimensionInUse):
        change([SIZE], [], SOLD, {}, {})
    assert change([SIZE], [], {"a": {"size": "s"}}, {}, {}).kept == {"a": {}}


def test_variants_have_a_limit() -> None:
    many = [dimension(f"d{n}", *(f"v{v}" for v in range(9))) for n in range(3)]
    with pytest.raises(TooManyVariants):
        change([], many, {}, {}, {})


@given(st.lists(st.integers(0, 50), max_size=5), st.integers(0, 120), st.integers(0, 60))
def test_what_is_drawn_is_what_is_wanted_and_no_place_gives_more_than_it_has(
    lying: list[int], count: int, held: int
) -> None:
    there = [(f"loc{n}", on_hand) for n, on_hand in enumerate(lying)]
    taken = rules.drawn(there, count)
    assert sum(n for _, n in taken) == min(count, sum(lying))
    assert all(0 < n <= dict(there)[place] for place, n in taken)
    for (place, n), _ in pairwise(taken):
        assert n == dict(there)[place], "the next is asked when the first is empty"
    if taken:
        parts = [-n for _, n in taken]
        assert sum(rules.shared(-held, parts)) == -held


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        ({"fibre": [{"fibre": "cotton", "percent": 60}]}, "add up to 100"),
        ({"fibre": [{"fibre": "cotton", "percent": 50}] * 2}, "named once"),
        ({"hs_code": "63023199"}, "pattern"),
        ({"textile": {"weave": "magic"}}, "plain"),
        ({"textile": {"thread_count": 5}}, "40"),
        ({"pictures": ["https://elsewhere.example/a.webp"]}, "pattern"),
        ({"pictures": ["/media/../secret.webp"]}, "pattern"),
        ({"alts": {"/media/a.webp": {"zh": "a", "en": "a"}}}, "of the product"),
    ],
)
def test_products_that_say_wrong_things_are_refused(
    spoilt: dict[str, Any], sentence: str
) -> None:
    NewProduct.model_validate(PRODUCT)
    with pytest.raises(ValidationError, match=sentence):
        NewProduct.model_validate({**PRODUCT, **spoilt})


def test_a_was_price_needs_its_basis_and_is_higher() -> None:
    """Order 117, Art. 32: the basis of comparison is stated."""
    said = {"sku": "A", "weight_g": 1, "price": {"minor": 900, "currency": "CNY"}}
    was = {"price": {"minor": 1000, "currency": "CNY"}, "basis": "suggested"}
    with pytest.raises(ValidationError, match="since"):
        VariantWords.model_validate({**said, "was": [was]})
    with pytest.raises(ValidationError, match="basis"):
        VariantWords.model_validate({**said, "was": [{**was, "basis": "higher"}]})
    was["since"] = "2026-11-01"
    VariantWords.model_validate({**said, "was": [was]})
    for minor, currency in ((900, "CNY"), (1000, "EUR")):
        wrong = {**was, "price": {"minor": minor, "currency": currency}}
        with pytest.raises(ValidationError, match="was-price"):
            VariantWords.model_validate({**said, "was": [wrong]})


def test_a_size_has_two_sides() -> None:
    with pytest.raises(ValidationError):
        Measures.model_validate({"width_cm": 200})
    assert Measures(width_cm=200, length_cm=230).height_cm is None
    assert Textile().model_dump(exclude_none=True) == {}


def test_unknown_codes_are_told_not_refused() -> None:
    words = NewProduct.model_validate(PRODUCT)
    known = checks.KnownCodes({"6302319900"})
    assert "hs-code-unknown" not in {n.code for n in checks.notes(words, known)}
    other = words.model_copy(update={"hs_code": "9999999999"})
    assert "hs-code-unknown" in {n.code for n in checks.notes(other, known)}


def test_prices_change_by_percent_or_amount_in_their_currency() -> None:
    yuan = Money(19900, "CNY")
    down = ByPercent(kind="price_percent", percent=-15)
    assert repriced(yuan, down) == Money(16915, "CNY")
    assert repriced(Money(5, "JPY"), down) == Money(4, "JPY")
    only = ByPercent(kind="price_percent", percent=10, currency="EUR")
    assert repriced(yuan, only) == yuan
    off = ByAmount(kind="price_amount", amount=Money(-500, "CNY"))
    assert repriced(yuan, off) == Money(19400, "CNY")


def test_chinese_is_found_by_pairs_and_english_by_beginnings() -> None:
    assert han_words("四件套") == ["四", "件", "套", "四件", "件套"]
    assert asked("四件套 Duvet-cover, 被") == (["四件", "件套", "被"], ["duvet", "cover"])
    wanted = query(["四件"], ["duvets", "the"], ["duvet", None])
    assert wanted == "'四件' & ('duvets':* | 'duvet':*)"


WORDS = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=8)


@given(st.lists(WORDS, max_size=5))
def test_no_word_leaves_its_quotes(words: list[str]) -> None:
    quoted = r"'(?:[^'\\]|''|\\\\)*':\d+"
    assert re.fullmatch(f"(?:{quoted}(?: {quoted})*)?", lexemes(words), re.DOTALL)
