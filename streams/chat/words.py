"""Words that are not said: found however they are written, the longest first.

Pure. A text is compared in its plain form: compatibility forms resolved (NFKC), case and
marks that separate letters put away, so that ``Ｆａｋｅ`` and ``假 货`` are found. A word in
other scripts counts anywhere. One in Latin letters (or Greek, or Cyrillic) counts where no
such letter goes on before or behind it: in ``加vx吧`` and ``vx1``, not in ``convxy``. What
separates its letters is put away so far as no innocent phrase becomes a word by that:

- from three letters on, what is no space: ``f-ake``;
- from three letters on, anything, if every letter stands alone: ``f a k e``;
- from six letters on, anything: ``count erfeit``, while ``as s`` are two words.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from livecommerce.kernel.text import legible
from streams.chat.errors import BadWordFile

MASK = "*"
LONGEST = 60
_SPACED = re.compile(r"[a-z0-9\u00df-\u024f\u0370-\u052f\u1e00-\u1fff]")
_SPACE, _MARK = " ", "."
_GAPS = frozenset({_SPACE, _MARK})
_SPELT_FROM = 3  # letters: of two, innocent ones stand beside each other all the time
_SPLIT_FROM = 6  # letters: hardly a word of so many falls into two innocent ones


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
    plain = "".join(_SPACE if c in _GAPS else c for c, _ in _letters(word)).strip()
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
        self._spaced: dict[str, list[str]] = {}
        for plain in filter(_SPACED.search, longest_first):
            self._spaced.setdefault(plain.replace(_SPACE, ""), []).append(plain)
        self._lengths: dict[str, list[int]] = {}
        for first, length in sorted({(word[0], len(word)) for word in self._spaced}):
            self._lengths.setdefault(first, []).insert(0, length)
        self._anywhere = _pattern([w for w in longest_first if not _SPACED.search(w)])

    def __len__(self) -> int:
        return len(self._entries)

    def judge(self, text: str) -> Verdict:
        """What these words make of the text."""
        line = _Line(_letters(text))
        found = self._find_spaced(line)
        if self._anywhere is not None:
            found += [(m[0], *m.span()) for m in self._anywhere.finditer(line.joined)]
        if not found:
            return Verdict(None, (), text)
        hits = [self._entries[plain] for plain, _, _ in found]
        action = max((hit.action for hit in hits), key=_SEVERITY.index)
        masked = list(text)
        for (_, start, end), hit in zip(found, hits, strict=True):
            if hit.action is Action.MASK:
                for place in range(line.places[start], line.places[end - 1] + 1):
                    masked[place] = MASK
        return Verdict(action, tuple(dict.fromkeys(h.word for h in hits)), "".join(masked))

    def _find_spaced(self, line: "_Line") -> list[tuple[str, int, int]]:
        """Words in Latin letters from left to right, each with its first letter and the one
        behind its last. The time it takes does not grow with the list."""
        found, start = [], 0
        while start < len(line.joined):
            hit = self._spaced_at(line, start)
            if hit is not None:
                found.append(hit)
            start = start + 1 if hit is None else hit[2]
        return found

    def _spaced_at(self, line: "_Line", start: int) -> tuple[str, int, int] | None:
        lengths = self._lengths.get(line.joined[start])
        if lengths is None or line.goes_on(start):
            return None
        for length in lengths:
            end = start + length
            if end > len(line.joined) or line.goes_on(end):
                continue
            for plain in self._spaced.get(line.joined[start:end], ()):
                if line.reads(plain, start):
                    return plain, start, end
        return None


class _Line:
    """A text's letters, without what separates them, and what separated each from the last."""

    def __init__(self, letters: Iterable[tuple[str, int]]) -> None:
        kept, self.places, self.gaps, gap = [], list[int](), list[str](), ""
        for c, place in letters:
            if c in _GAPS:
                gap = c
                continue
            kept.append(c)
            self.places.append(place)
            self.gaps.append(gap)
            gap = ""
        self.joined = "".join(kept)

    def goes_on(self, at: int) -> bool:
        """Whether the letter there carries on a word, or the digit a number, from before it."""
        if not 0 < at < len(self.joined) or self.gaps[at]:
            return False
        before, here = self.joined[at - 1], self.joined[at]
        spaced = _SPACED.match(before) and _SPACED.match(here)
        return bool(spaced) and before.isdigit() == here.isdigit()

    def reads(self, plain: str, start: int) -> bool:
        """Whether what separates these letters makes them no other words than ``plain``."""
        for number, part in enumerate(plain.split(_SPACE)):
            if number and not self.gaps[start]:
                return False
            inner = range(start + 1, start + len(part))
            alone = len(part) >= _SPELT_FROM and all(self.gaps[at] for at in inner)
            if not alone and not all(self._is_one(at, len(part)) for at in inner):
                return False
            start += len(part)
        return True

    def _is_one(self, at: int, length: int) -> bool:
        """Whether the letter there and the one before belong together in a word that long."""
        gap, pair = self.gaps[at], self.joined[at - 1 : at + 1]
        if not gap or not all(map(_SPACED.match, pair)):
            return True
        if pair.isdigit():  # 100.86 is not 10086
            return False
        return length >= (_SPELT_FROM if gap == _MARK else _SPLIT_FROM)


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
    neither letter nor digit is one space, or one mark if no space is among it. What cannot be
    seen parts nothing."""
    letters: list[tuple[str, int]] = []
    for place, original in enumerate(text):
        for c in legible(unicodedata.normalize("NFKC", original)).casefold():
            kind = unicodedata.category(c)
            if kind[0] in "LN":
                letters.append((c, place))
                continue
            if kind[0] == "M" or kind == "Cf":
                continue
            gap = _SPACE if c.isspace() else _MARK
            if not letters or letters[-1][0] not in _GAPS:
                letters.append((gap, place))
            elif gap == _SPACE:
                letters[-1] = (gap, place)
    return letters


def _severer(one: Action, other: Action) -> bool:
    return _SEVERITY.index(one) > _SEVERITY.index(other)


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, words))) if words else None
