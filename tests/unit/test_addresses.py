"""Address forms per country, what fits them, and which addresses are one home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from livecommerce.identity.addresses import forms
from livecommerce.identity.addresses.errors import AddressWrong, NoSuchCountry
from livecommerce.identity.addresses.rules import household
from livecommerce.identity.addresses.wire import Address

COLOGNE = {
    "name": "Erika Mustermann",
    "line1": "Heidestraße 17",
    "city": "Köln",
    "postcode": "51147",
    "country": "DE",
    "phone": "0221 12345678",
}


def address(**changes: str) -> Address:
    return Address(**{**COLOGNE, **changes})  # type: ignore[arg-type]


def required(country: str) -> set[str]:
    return {field.name for field in forms.form(country).fields if field.required}


@pytest.mark.parametrize(
    ("country", "needs", "never"),
    [
        ("DE", {"line1", "city", "postcode"}, {"region"}),
        ("US", {"line1", "city", "postcode", "region"}, set()),
        ("SG", {"line1", "postcode"}, {"city", "region"}),
        ("JP", {"line1", "postcode", "region"}, set()),
        ("HK", {"line1", "region"}, {"postcode"}),
    ],
)
def test_a_country_asks_for_what_its_envelopes_carry(
    country: str, needs: set[str], never: set[str]
) -> None:
    assert required(country) >= needs | {"country", "name", "phone"}
    assert not {field.name for field in forms.form(country).fields} & never


def test_a_form_knows_the_words_the_postcodes_and_the_regions() -> None:
    form = forms.form("US")
    assert {f.name: f.kind for f in form.fields}["region"] == "state"
    assert {region.key for region in form.regions} >= {"NY", "CA", "PR"}
    assert form.postcode_examples[0] == "95014"
    tokyo = next(r for r in forms.form("JP").regions if "Tokyo" in r.names)
    assert tokyo.names == ["Tokyo", "東京都"]
    with pytest.raises(NoSuchCountry):
        forms.form("ZZ")


def test_what_fits_is_told_in_the_usual_spelling() -> None:
    fit = forms.checked(address())
    assert (fit.phone, fit.city, fit.line1) == ("+4922112345678", "Köln", "Heidestraße 17")
    states = {"country": "US", "region": "New York", "postcode": "10001", "phone": "2125550100"}
    fit = forms.checked(address(**states))
    assert (fit.region, fit.phone) == ("NY", "+12125550100")
    london = {"country": "GB", "postcode": "ec1y 8sy", "phone": "+442079460000"}
    assert forms.checked(address(**london)).postcode == "EC1Y 8SY"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"postcode": "5114"}, {"postcode": "malformed"}),
        ({"postcode": "", "city": ""}, {"postcode": "required", "city": "required"}),
        ({"country": "US", "postcode": "10001"}, {"region": "required"}),
        (
            {"country": "US", "region": "Bavaria", "postcode": "x"},
            {"region": "unknown", "postcode": "malformed"},
        ),
        ({"phone": "+49 1"}, {"phone": "malformed"}),
        ({"country": "ZZ"}, {"country": "unknown"}),
    ],
)
def test_what_does_not_fit_is_named_and_not_repeated(
    changes: dict[str, str], fields: dict[str, str]
) -> None:
    with pytest.raises(AddressWrong) as refused:
        forms.checked(address(**changes))
    assert refused.value.facts["fields"].items() >= fields.items()
    assert "Heide" not in str(refused.value) + str(refused.value.facts)


@pytest.mark.parametrize(
    "changes",
    [
        {"line1": "17 HEIDESTR.", "city": "Koeln"},
        {"line1": "heide-strasse 17", "name": "Max Mustermann"},
        {"line1": "Heidestrasse No. 17", "postcode": "51 147"},
        {"line1": "17", "line2": "Heidestr."},
        {"line1": "Ｈｅｉｄｅｓｔｒａｓｓｅ　17".replace("　", " "), "phone": "0172 1234567"},
    ],
)
def test_one_home_however_it_is_written(changes: dict[str, str]) -> None:
    assert household(address(**changes)) == household(address())


@pytest.mark.parametrize(
    "changes",
    [
        {"line1": "Heidestraße 18"},
        {"line1": "Heidestraße 1", "line2": "7"},
        {"line1": "Heideweg 17"},
        {"line2": "Apt 3"},
        {"postcode": "51149"},
        {"country": "AT"},
    ],
)
def test_another_number_street_flat_or_place_is_another_home(changes: dict[str, str]) -> None:
    assert household(address(**changes)) != household(address())


def test_where_there_are_no_postcodes_the_town_tells() -> None:
    kowloon = {"country": "HK", "postcode": "", "region": "Kowloon", "city": "Mong Kok"}
    island = {**kowloon, "region": "Hong Kong Island", "city": "Central"}
    assert household(address(**kowloon)) != household(address(**island))
    assert household(address(**kowloon, line2="3室")) == household(
        address(**kowloon, line2="Flat 3")
    )


words = st.lists(st.text("abcdeöüäß0123456789", min_size=1, max_size=6), min_size=1, max_size=5)


@given(words, st.randoms())
def test_case_marks_and_order_never_make_another_home(said: list[str], chance: object) -> None:
    shuffled = said.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = address(line1=" ".join(said))
    other = address(line1=", ".join(shuffled).upper() + ".", line2="", city="KÖLN")
    assert household(one) == household(other)


@pytest.mark.parametrize("field", ["name", "line1", "line2", "city", "region", "postcode"])
@pytest.mark.parametrize(
    "nothing", ["\u200b", "\u200b\u00a0\u2060", "\u3164", "\u202e", "\ufeff"]
)
def test_what_nobody_can_see_is_no_address(field: str, nothing: str) -> None:
    with pytest.raises(ValidationError, match="nothing of it can be seen"):
        address(**{field: nothing})


def test_nothing_turns_an_address_around() -> None:
    turned = address(name="\u202eErika\u202c Mustermann", line1="\u2067Heidestraße 17\u2069")
    assert (turned.name, turned.line1) == ("Erika Mustermann", "Heidestraße 17")
    for name in ("نرگس می\u200cخواهم", "王小明", "👩\u200d🌾 Ann", "Ann\u200eE"):
        assert address(name=name).name == name
