"""Code 128: what is drawn can be read again, by a reader that knows only the standard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.orders.papers import barcode
from livecommerce.orders.papers.barcode import code128

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def read(widths: list[int]) -> str:
    """Bars and gaps back to text: groups of six widths, checked, sets followed."""
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]
    body = widths[:-7]
    assert len(body) % 6 == 0
    groups = ["".join(map(str, body[i : i + 6])) for i in range(0, len(body), 6)]
    values = [barcode._WIDTHS.index(group) for group in groups]
    *symbols, check = values
    assert check == (symbols[0] + sum(i * v for i, v in enumerate(symbols))) % 103
    in_c = {104: False, 105: True}[symbols[0]]
    found = ""
    for value in symbols[1:]:
        if value == 99 and not in_c:
            in_c = True
        elif value == 100 and in_c:
            in_c = False
        else:
            found += f"{value:02d}" if in_c else chr(value + 32)
    return found


def test_the_table_is_the_standards() -> None:
    """106 different symbols of 11 modules, whose bars have an even number of them."""
    widths = barcode._WIDTHS
    assert len(set(widths)) == 106
    assert {len(each) for each in widths} == {6}
    assert {sum(map(int, each)) for each in widths} == {11}
    assert {sum(map(int, each[::2])) % 2 for each in widths} == {0}


def test_a_known_text_has_the_known_check_symbol() -> None:
    """``PJJ123C`` has check symbol 54 in set A; set B begins with a symbol one higher."""
    assert barcode.symbols_of("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35]
    assert code128("PJJ123C")[-13:-7] == [int(w) for w in barcode._WIDTHS[55]]


@given(PRINTABLE)
def test_what_is_drawn_can_be_read(text: str) -> None:
    assert read(code128(text)) == text


def test_digits_take_half_the_room() -> None:
    assert len(code128("12345678")) < len(code128("abcdefgh"))


@pytest.mark.parametrize("text", ["", "棉", "a\n"])
def test_what_cannot_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        code128(text)
