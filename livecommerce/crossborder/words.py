"""Stop words of the EU's advance cargo filing (ICS2): descriptions that say nothing.

The list is partial and says so; a term standing alone is refused, one inside a longer text
is a warning, and what is only our own guess never refuses.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from livecommerce.crossborder.rulebook import table

GOODS = "goods description"
PARTY = "party name/address"


@dataclass(frozen=True, slots=True)
class StopWord:
    """A term of the list found in a text."""

    term: str
    level: Literal["block", "warn"]


def check(text: str, *, what: str = GOODS) -> list[StopWord]:
    """The stop words in a description, or in a party's name with ``what=PARTY``."""
    said = _plain(text)
    found = []
    for term, plain, listed in _terms(what):
        if said == plain:
            found.append(StopWord(term, "block" if listed else "warn"))
        elif re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", said):
            found.append(StopWord(term, "warn"))
    return found


@cache
def _terms(what: str) -> tuple[tuple[str, str, bool], ...]:
    listed: dict[str, tuple[str, bool]] = {}
    for row in table("ics2_stop_words.csv"):
        if row["field"] == what:
            term, sure = row["term"], row["status"].startswith("listed")
            listed[_plain(term)] = (term, sure or listed.get(_plain(term), ("", False))[1])
    return tuple((term, plain, sure) for plain, (term, sure) in listed.items())


def _plain(text: str) -> str:
    """Lower case, one space between words, each word in the singular."""
    words = re.sub(r"[^\w/&+-]+", " ", text.casefold()).split()
    return " ".join(_singular(word) for word in words)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
