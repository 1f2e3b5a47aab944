"""Codes, declaration elements, descriptions, stop words, waybill numbers, code tables."""

import pytest

from livecommerce.crossborder import classification, codes, rulebook, waybill, words
from livecommerce.crossborder.errors import BadElements, ElementsTooLong, NotClassified
from livecommerce.crossborder.facts import Elements
from livecommerce.crossborder.messages import statutory_units
from livecommerce.demo.wares import GOODS

COTTON = [{"fibre": "cotton", "percent": 60}, {"fibre": "polyester", "percent": 40}]


@pytest.mark.parametrize("code", ["6302", "5208", "63023199", "6302319901", "", "63023199000"])
def test_a_code_outside_the_table_is_refused_never_replaced(code: str) -> None:
    with pytest.raises(NotClassified):
        classification.look_up(code)


def test_every_known_code_has_ten_digits_and_known_units() -> None:
    assert len(classification.known()) == 43
    for code in classification.known():
        assert len(code) == 10
        units = [u for u in statutory_units(code) if u]
        assert units, code
        assert set(units) <= set(codes.units())


def test_elements_stand_in_the_order_of_the_heading() -> None:
    answers = Elements(
        brand_type="1",
        export_preference="3",
        purpose="床上用",
        weave="机织",
        composition="棉100%",
        brand="LUXI",
        item_number="LXSAT",
    )
    assert classification.gmodel("6302319900", answers) == (
        "1|3|床上用|机织|棉100%|LUXI|LXSAT|||"
    )
    assert classification.gmodel("6301400000", answers) == "1|3|棉100%|LUXI|LXSAT|||"


def test_an_answer_cannot_break_out_of_its_place() -> None:
    text = classification.gmodel("6301400000", Elements(brand="A|B\nC"))
    assert text.count("|") == 7
    assert "A/B C" in text


def test_elements_end_at_250_characters() -> None:
    fits = Elements(other="x" * (250 - len(classification.joined("6302319900", Elements()))))
    assert len(classification.gmodel("6302319900", fits)) == 250
    with pytest.raises(ElementsTooLong):
        classification.gmodel("6302319900", fits.model_copy(update={"other": "x" * 250}))


def test_attributes_without_a_place_are_told_under_other() -> None:
    made = classification.elements_of({"weave": "机织", "threads": "300"}, COTTON, sku="S1")
    assert made.weave == "机织"
    assert made.other == "threads:300"
    assert made.composition == "棉60%聚酯纤维40%"
    assert made.item_number == "S1"


def test_an_answer_customs_does_not_take_is_a_problem() -> None:
    with pytest.raises(BadElements) as problem:
        classification.elements_of({"brand_type": "9"}, COTTON, sku="S1")
    assert problem.value.facts == {"elements": "brand_type"}


def test_a_description_is_built_from_table_and_fibres() -> None:
    text = classification.describe("6302219000", COTTON)
    assert text.endswith("60% cotton, 40% polyester")
    assert text.startswith("Printed cotton bed linen")
    assert [w for w in words.check(text) if w.level == "block"] == []


def test_the_demo_sells_only_what_can_be_declared() -> None:
    for good in GOODS:
        classification.look_up(good.hs_code)
        assert good.unit in codes.units()
        fibre = [{"fibre": name, "percent": share} for name, share in good.fibre.items()]
        described = classification.describe(good.hs_code, fibre)
        for text in (described, good.title["en"]):
            assert [w for w in words.check(text) if w.level == "block"] == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Textiles", "block"),
        ("textile", "block"),
        ("  TEXTILES. ", "block"),
        ("Cotton textiles, woven", "warn"),
        ("Home textiles", "warn"),
        ("Bags", "block"),
        ("Duvet cover set, woven, 100% cotton, printed", None),
        ("Microfibre handbagging", None),
    ],
)
def test_stop_words_block_alone_and_warn_inside(text: str, level: str | None) -> None:
    levels = {found.level for found in words.check(text)}
    assert levels == ({level} if level else set())


def test_party_names_have_words_of_their_own() -> None:
    assert [w.level for w in words.check("unknown", what=words.PARTY)] == ["block"]
    assert [w.level for w in words.check("N/A", what=words.PARTY)] == ["block"]
    assert words.check("Textiles", what=words.PARTY) == []


def test_the_check_digit_of_a_postal_number() -> None:
    assert waybill.check_digit("47312482") == 9
    assert waybill.s10("LZ", 47312482) == "LZ473124829CN"
    assert waybill.is_s10("LZ473124829CN")
    assert not waybill.is_s10("LZ473124820CN")
    assert not waybill.is_s10("LZ47312482CN")


def test_a_check_digit_of_ten_is_nought_and_of_eleven_is_five() -> None:
    found = {waybill.check_digit(f"{serial:08d}") for serial in range(200)}
    assert found == set(range(10))
    rests = {
        serial: 11
        - sum(
            int(d) * w for d, w in zip(f"{serial:08d}", (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
        )
        % 11
        for serial in range(200)
    }
    ten = next(s for s, rest in rests.items() if rest == 10)
    eleven = next(s for s, rest in rests.items() if rest == 11)
    assert waybill.check_digit(f"{ten:08d}") == 0
    assert waybill.check_digit(f"{eleven:08d}") == 5


def test_code_tables_keep_their_zeros_and_their_pitfalls() -> None:
    assert codes.units()["015"] == "条"
    assert codes.unit_codes()["盒"] == "140"
    assert {c: codes.countries()[c].customs for c in ("GB", "FR", "CA", "US", "DE")} == {
        "GB": "303",
        "FR": "305",
        "CA": "501",
        "US": "502",
        "DE": "304",
    }
    assert codes.currencies()["CNY"] == "142"
    assert len(codes.currencies()) == 22
    assert {"2302", "2319", "0100"} <= codes.offices()


def test_every_american_code_has_eight_digits_and_belongs_to_ours() -> None:
    for (table, code), rates in rulebook.shipped().rates.items():
        assert code in classification.known()
        for rate in rates:
            assert 0 <= rate.rate < 1
            assert (len(rate.destination_code) == 8) == (table == "US")
