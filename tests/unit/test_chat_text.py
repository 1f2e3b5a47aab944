"""What is written to be unseen, or to run over the page, is not said; every script still is."""

import unicodedata
from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from livecommerce.kernel.text import MARKS
from livecommerce.web.wire import Words
from streams.chat.errors import NothingSaid
from streams.chat.rules import Speaker, clean, worded
from streams.chat.words import Action, Word, WordList

UNSEEN = [
    *("\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u180b"),
    *("\ufe00", "\ufff0", "\U000e0001", "\U000e0061", "\U000e0100", "\u200b", "\u200c", "\xad"),
]
WORDS = WordList([Word("加微信", Action.REJECT), Word("fake", Action.REJECT)])


@pytest.mark.parametrize("hidden", UNSEEN)
def test_a_line_that_shows_nothing_says_nothing(hidden: str) -> None:
    with pytest.raises(NothingSaid):
        worded(f" {hidden} {hidden * 5}", Speaker("gst_1", "Lin"))


@pytest.mark.parametrize("hidden", UNSEEN)
@pytest.mark.parametrize("said", ["加{}微信", "f{}ake"])
def test_what_is_unseen_hides_no_word(said: str, hidden: str) -> None:
    assert clean(said.format(hidden)) == said.format("")
    assert WORDS.judge(said.format(hidden)).action is Action.REJECT
    entered = WordList([Word(said.format(hidden), Action.HOLD)])
    assert entered.judge(said.format("")).action is Action.HOLD


@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u0e49", "\u0670", "\u20dd"])
def test_marks_do_not_pile_up(mark: str) -> None:
    said = clean(f"a{mark * 170}b{mark}{mark * 169}")
    piles = unicodedata.normalize("NFD", said).split("b")
    assert [len(pile.lstrip("a")) for pile in piles] == [MARKS + (said[0] != "a"), MARKS]


@pytest.mark.parametrize(
    "said",
    [
        "ที่นี่มีสินค้าใหม่ น้ำเงิน",  # Thai: a vowel and a tone on one letter
        "क्षेत्र में नई चादरें, ज़िंदगी ख़ुशियाँ",  # Hindi: conjuncts, nukta, candrabindu
        "\u0915\u094d\u200d\u0937",  # the half form that a joiner asks for
        "می\u200cخواهم",  # Persian: a joiner parts the prefix
        "مُحَمَّدٌ رَسُولُ ٱللَّٰهِ",  # Arabic with all its marks
        "လျှော့ဈေး",  # Burmese
        "Tiếng Việt rất đẹp ễ",
        "שָׁלוֹם",
        "བཀྲ་ཤིས་བདེ་ལེགས།",
        "👩‍👩‍👧‍👦 👍🏽 ❤️ 1️⃣ 🇨🇳 🏳️‍🌈 👩🏽‍🚀",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "한국어 이불",
        "葛飾区",
    ],
)
def test_scripts_and_emoji_are_left_alone(said: str) -> None:
    assert clean(said) == unicodedata.normalize("NFC", said)


class Named(BaseModel):
    name: Annotated[str, Words(40)]


def test_names_that_people_give_are_legible_too() -> None:
    acute = "\u0301"
    named = {"name": f"A\u3164nna{acute * 30}"}
    assert Named.model_validate(named).name == f"Anna{acute * MARKS}"
    with pytest.raises(ValidationError):
        Named.model_validate({"name": "\u3164\u115f"})
