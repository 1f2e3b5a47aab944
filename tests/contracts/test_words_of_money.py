"""What the books and the provider call things has words in both languages."""

import re
from pathlib import Path

import pytest

from livecommerce.crossborder.rates import SOURCE
from livecommerce.settlement import printing

WORDS = Path(__file__).parents[2] / "livecommerce/pages/frontend/src/words/provider.ts"
PROVIDERS = {
    "reasons": {"fraudulent", "product_not_received", "duplicate", "unrecognized", "general"},
    "kinds": {"charge", "refund", "transfer", "payout", "stripe_fee", "adjustment", "balance"},
    "failures": {
        "cannot-carry",
        "amount_too_large",
        "amount_too_small",
        "insufficient_funds",
        "account_closed",
        "lost_or_stolen_card",
        "never sent",
    },
}


def told(table: str) -> list[dict[str, str]]:
    """The words of one table, in Chinese and in English."""
    tables = re.findall(rf"\n  {table}: {{(.*?)\n  }}", WORDS.read_text(), re.DOTALL)
    word = re.compile(r"'?(\w[\w -]*?)'?: '([^']*)'")
    return [dict(word.findall(text)) for text in tables]


@pytest.mark.parametrize("table", PROVIDERS)
def test_both_languages_know_the_same_words(table: str) -> None:
    chinese, english = told(table)
    assert chinese.keys() == english.keys() >= PROVIDERS[table]
    assert [code for code, text in chinese.items() if text.isascii()] == []
    assert [code for code, text in english.items() if not text or not text[0].isascii()] == []


def test_every_kind_of_posting_is_called_something_on_the_page() -> None:
    for words in told("kinds"):
        unnamed = {k for k in printing.KINDS if not k.endswith(".reversed")} - words.keys()
        assert unnamed == set()


def test_who_tells_the_rates_has_a_name_in_chinese() -> None:
    words = (WORDS.parent / "quote.ts").read_text()
    (named,) = re.findall(rf"'{re.escape(SOURCE)}': '([^']+)'", words)
    assert not named.isascii()
