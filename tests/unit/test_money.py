"""Money adds up, refuses to mix, and speaks one shape on the wire."""

from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from livecommerce.kernel.money import Money, exponent


class Priced(BaseModel):
    price: Money


@pytest.mark.parametrize(("code", "digits"), [("JPY", 0), ("CNY", 2), ("KWD", 3), ("IQD", 3)])
def test_exponents_come_from_iso_4217(code: str, digits: int) -> None:
    assert exponent(code) == digits


@pytest.mark.parametrize("code", ["XAU", "eur", "EURO", "ZZZ", ""])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"ISO 4217|minor unit"):
        Money(1, code)


def test_money_is_counted_in_whole_units() -> None:
    with pytest.raises(TypeError):
        Money(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(True, "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot mix"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="cannot mix"):
        _ = Money(1, "EUR") < Money(1, "USD")


def test_major_units_round_half_up() -> None:
    assert Money.of("12.345", "EUR") == Money(1235, "EUR")
    assert Money.of("12.5", "JPY") == Money(13, "JPY")
    assert Money(-1999, "EUR").amount == Decimal("-19.99")
    assert str(Money(5, "EUR")) == "0.05 EUR"


def test_an_empty_sum_has_a_currency() -> None:
    assert Money.sum([], "SGD") == Money(0, "SGD")
    assert not Money.zero("SGD")


def test_splitting_refuses_senseless_weights() -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(10, "EUR").split([0, 0])
    with pytest.raises(ValueError, match="weights"):
        Money(10, "EUR").split([2, -1])


def test_one_shape_on_the_wire() -> None:
    priced = Priced(price=Money(1999, "EUR"))
    assert priced.model_dump_json() == '{"price":{"minor":1999,"currency":"EUR"}}'
    assert Priced.model_validate_json(priced.model_dump_json()) == priced


@pytest.mark.parametrize(
    "body",
    [
        '{"price":{"minor":"1999","currency":"EUR"}}',
        '{"price":{"minor":19.99,"currency":"EUR"}}',
        '{"price":{"minor":1,"currency":"EUR","extra":1}}',
        '{"price":{"minor":1}}',
        '{"price":19.99}',
        '{"price":{"minor":1,"currency":"ZZZ"}}',
    ],
)
def test_anything_else_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        Priced.model_validate_json(body)
