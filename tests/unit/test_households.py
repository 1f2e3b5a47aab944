"""A household is known by its address, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.orders.rules import household

HOME = household("DE", "10969", "Berlin", "Lindenstraße 1", "Wohnung 2")


@pytest.mark.parametrize(
    ("country", "postcode", "city", "lines"),
    [
        ("DE", " 10969 ", "BERLIN", ("LINDENSTRASSE 1", "wohnung 2")),
        ("DE", "10969", "Berlin-Kreuzberg", ("Lindenstraße, 1", "Wohnung-2")),
        ("DE", "１０９６９", "Berlin", ("Lindenstraße １", "Wohnung 2")),
        ("DE", "10969", "Berlin", ("Lindenstraße 1 Wohnung 2", None)),
    ],
)
def test_the_same_house(country: str, postcode: str, city: str, lines: tuple[str, ...]) -> None:
    assert household(country, postcode, city, *lines) == HOME


@pytest.mark.parametrize(
    ("country", "postcode", "city", "lines"),
    [
        ("AT", "10969", "Berlin", ("Lindenstraße 1", "Wohnung 2")),
        ("DE", "10968", "Berlin", ("Lindenstraße 1", "Wohnung 2")),
        ("DE", "10969", "Berlin", ("Lindenstraße 1", "Wohnung 3")),
        ("DE", "10969", "Berlin", ("Lindenstraße 11", "Wohnung 2")),
    ],
)
def test_another_house(country: str, postcode: str, city: str, lines: tuple[str, ...]) -> None:
    assert household(country, postcode, city, *lines) != HOME


def test_without_postcodes_the_city_counts() -> None:
    one = household("HK", "", "Kowloon", "1 Nathan Road")
    assert one == household("HK", "", "KOWLOON", "1, Nathan Road")
    assert one != household("HK", "", "Central", "1 Nathan Road")


@given(st.text(max_size=40), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_spaces_never_matter(street: str, written) -> None:  # type: ignore[no-untyped-def]
    spaced = " ".join(written(street.casefold()).casefold()) + "."
    assert household("FR", "75001", "Paris", street.casefold()) == household(
        "fr", "75 001", "", spaced
    )
