"""Pure decisions about addresses: how many one may keep, and which are the same home."""

import re
import unicodedata
from typing import Protocol

MOST = 20
"""How many addresses one person may keep."""

_WORD = re.compile(r"[^\W_]+")
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_GERMAN = re.compile(r"(?<=[^\W\d_])(?=(?:strasse|str|platz|weg|gasse)\b)")
# Ways of writing one and the same kind of street.
_SHORT = {
    "strasse": "str",
    "street": "st",
    "saint": "st",
    "road": "rd",
    "avenu": "ave",  # as rule 1 leaves it
    "boulevard": "blvd",
    "lane": "ln",
    "drive": "dr",
    "square": "sq",
    "place": "pl",
    "platz": "pl",
    "court": "ct",
}
# Words that only announce a number.
_UNITS = frozenset(
    {"apartment", "apt", "flat", "unit", "suite", "ste", "room", "rm", "floor", "fl", "no"}
    | {"number", "nr", "wohnung", "whg", "appartement", "interno", "int", "piso"}
)
_CJK_UNITS = str.maketrans(dict.fromkeys("号號室楼樓层層栋棟幢单單元", " "))


class Place(Protocol):
    """What is needed of an address to tell whose home it is."""

    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str | None: ...
    @property
    def city(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def line1(self) -> str: ...
    @property
    def line2(self) -> str | None: ...


def household(place: Place) -> str:
    """The home an address means, the same however it is written: for limits per household.

    Two people of one home have the same, whatever their names, telephones and e-mail: these
    are left out. The rule, in this order:

    1. Letters are compared without case, width and accents (NFKD, marks dropped, casefold),
       and ``ae``, ``oe``, ``ue`` as ``a``, ``o``, ``u``: ``Köln``, ``KOELN`` and ``koln``.
    2. Only letters and digits count; digits are parted from letters: ``12b`` is ``12 b``.
    3. A street's kind is a word of its own and shortened (``Heidestraße``, ``Heide-Str.``);
       words that only announce a number (``apt``, ``flat``, ``no``, ``号``, ``室``) are
       dropped, the number stays.
    4. The words of both lines are sorted: ``17 Rue X`` and ``Rue X 17``, and a flat told in
       the first line or in the second.
    5. Where there is a postcode it names the place, since a town has many spellings; where
       there is none, region and city do.

    Another street, number, flat or postcode is another home. Two homes are taken for one only
    where their house and flat numbers are each other's (3, flat 12; 12, flat 3), since people
    write them in either order. The text is personal data: keep a keyed hash of it.
    """
    lines = _words(f"{place.line1} {place.line2 or ''}")
    street = sorted(_SHORT.get(word, word) for word in lines if word not in _UNITS)
    where = "".join(_words(place.postcode))
    if not where:
        where = " ".join(_words(f"{place.region or ''} {place.city}"))
    return "|".join((place.country.upper(), where, " ".join(street)))


def plain_postcode(text: str) -> str:
    """A postcode's letters and digits alone, in capitals and of usual width."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if c.isalnum())


def _words(text: str) -> list[str]:
    """The words of a text, as rules 1 and 2 say."""
    folded = unicodedata.normalize("NFKD", text).translate(_CJK_UNITS).casefold()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        plain = plain.replace(pair, letter)
    return _WORD.findall(_GERMAN.sub(" ", _GLUED.sub(" ", plain)))
