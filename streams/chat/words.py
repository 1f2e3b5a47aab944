"""Words that are not said: found however they are written, the longest first.

Pure. A text is compared in its plain form: compatibility forms resolved (NFKC), case and
marks that separate letters put away, so that ``Ｆａｋｅ`` and ``假 货`` are found. A word in
Latin letters counts only as a word of its own; one in other scripts counts anywhere.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from streams.chat.errors import BadWordFile

MASK = "*"
LONGEST = 60
_SPACED = re.compile(r"[a-z0-9\u00df-\u024f\u0370-\u052f]")


class Action(Enum):
    """What becomes of a message with the word; the mildest first."""

    MASK = "mask"
    HOLD = "hold"
    REJECT = "reject"


_SEVERITY = list(Action)
_ACTIONS = {action.value for action in Action}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was entered, and what it leads to."""

    word: str
    action: Action


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a filter makes of a text: the severest action (none: let it pass), the words that
    were found, and the text with what is to be masked masked."""

    action: Action | None
    words: tuple[str, ...]
    text: str


def folded(word: str) -> str:
    """The plain form in which a word is compared; empty if nothing is left of it."""
    plain = "".join(c for c, _ in _letters(word)).strip()
    return plain if _SPACED.search(plain) else plain.replace(" ", "")


class WordList:
    """Words ready to be looked for."""

    def __init__(self, words: Iterable[Word]) -> None:
        entries: dict[str, Word] = {}
        for word in words:
            plain = folded(word.word)
            known = entries.get(plain)
            if plain and (known is None or _severer(word.action, known.action)):
                entries[plain] = word
        self._entries = entries
        longest_first = sorted(entries, key=len, reverse=True)
        spaced = [word for word in longest_first if _SPACED.search(word)]
        self._spaced = _pattern(spaced, r"(?<!\w)", r"(?!\w)")
        self._anywhere = _pattern([w for w in longest_first if not _SPACED.search(w)])

    def __len__(self) -> int:
        return len(self._entries)

    def judge(self, text: str) -> Verdict:
        """What these words make of the text."""
        letters = _letters(text)
        found: list[tuple[str, list[int]]] = []
        for pattern, kept in (
            (self._spaced, letters),
            (self._anywhere, [pair for pair in letters if pair[0] != " "]),
        ):
            if pattern is None:
                continue
            plain = "".join(c for c, _ in kept)
            found += [
                (match[0], [kept[i][1] for i in range(*match.span())])
                for match in pattern.finditer(plain)
            ]
        if not found:
            return Verdict(None, (), text)
        hits = [self._entries[plain] for plain, _ in found]
        action = max((hit.action for hit in hits), key=_SEVERITY.index)
        masked = list(text)
        for (_, places), hit in zip(found, hits, strict=True):
            if hit.action is Action.MASK:
                for place in range(places[0], places[-1] + 1):
                    masked[place] = MASK
        return Verdict(action, tuple(dict.fromkeys(h.word for h in hits)), "".join(masked))


def read_csv(path: Path) -> list[Word]:
    """Words from a file with the columns ``word`` and ``action``; others are passed by, and
    an action left out is ``hold``.

    Raises:
        BadWordFile: it cannot be read, has no column ``word`` or an action there is not.
    """
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "word" not in (reader.fieldnames or ()):
                raise BadWordFile(f"{path} has no column 'word'")
            for row in reader:
                said = (row.get("action") or "hold").strip() or "hold"
                if said not in _ACTIONS:
                    raise BadWordFile(f"{path}, line {reader.line_num}: no action {said!r}")
                if word := (row["word"] or "").strip():
                    found.append(Word(word, Action(said)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadWordFile(f"{path}: {error}") from error
    return found


def _letters(text: str) -> list[tuple[str, int]]:
    """The plain form letter by letter, each with the place in ``text`` it comes from; what is
    neither letter nor digit is one space."""
    letters: list[tuple[str, int]] = []
    for place, original in enumerate(text):
        for c in unicodedata.normalize("NFKC", original).casefold():
            if unicodedata.category(c)[0] in "LN":
                letters.append((c, place))
            elif unicodedata.category(c)[0] == "M":
                continue
            elif letters and letters[-1][0] != " ":
                letters.append((" ", place))
    return letters


def _severer(one: Action, other: Action) -> bool:
    return _SEVERITY.index(one) > _SEVERITY.index(other)


def _pattern(words: Sequence[str], before: str = "", after: str = "") -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(before + "(?:" + "|".join(map(re.escape, words)) + ")" + after)
