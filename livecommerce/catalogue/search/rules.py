"""Words of a text and of a question: pairs of Chinese characters, and English words.

Chinese has no spaces, and a dictionary would not know "莱赛尔". So every two neighbouring
characters are a word, and every single one, too: a question of one character asks for that,
a longer one for all its pairs. English is left to PostgreSQL's stemmer.
"""

import re
from collections.abc import Iterator

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[^\W_]+", re.UNICODE)
MOST_WORDS = 12


def han_words(text: str) -> list[str]:
    """Each Han character and each two neighbours, in order, for the index."""
    words = []
    for run in _HAN.findall(text):
        words += list(run)
        words += [run[i : i + 2] for i in range(len(run) - 1)]
    return words


def latin_text(text: str) -> str:
    """The text without Han characters and punctuation, lower case."""
    return " ".join(_LATIN.findall(_HAN.sub(" ", text.lower())))


def sku_words(sku: str) -> list[str]:
    """A SKU whole, and its parts: ``JM-200-W`` is found by ``jm``, ``200`` and ``jm200w``."""
    parts = _LATIN.findall(sku.lower())
    return list(dict.fromkeys([*parts, "".join(parts)]))


def asked(question: str) -> tuple[list[str], list[str]]:
    """The Han words and the other words that a question asks for, at most twelve in all."""
    han: list[str] = []
    for run in _HAN.findall(question):
        han += _pairs(run)
    latin = latin_text(question).split()
    kept = list(dict.fromkeys(han))[:MOST_WORDS]
    return kept, list(dict.fromkeys(latin))[: MOST_WORDS - len(kept)]


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for i in range(len(run) - 1):
        yield run[i : i + 2]


def lexemes(words: list[str]) -> str:
    """Words as a ``tsvector`` literal with their places, which none of them can leave."""
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in words)
    return " ".join(f"'{word}':{min(place, 16383)}" for place, word in enumerate(quoted, 1))


def query(han: list[str], latin: list[str], stems: list[str | None]) -> str:
    """All of the words as a ``tsquery`` literal: Han words as they are, others by what they
    begin with, in full or by their stem (none is asked of a stop word)."""
    wanted = [f"'{word}'" for word in han]
    for word, stem in zip(latin, stems, strict=True):
        if stem is None:
            continue
        either = dict.fromkeys([word, stem])
        wanted.append("(" + " | ".join(f"'{each}':*" for each in either) + ")")
    return " & ".join(wanted)
