"""What people write, without what is written only to be unseen or to run over the page."""

import re
import unicodedata

MARKS = 4
"""On one letter: Thai, Arabic and Hindi need two or three, Vietnamese and Hebrew no more."""

# Default_Ignorable_Code_Point of Unicode 14 that is no format character (those are a matter of
# their own), less U+FE0E and U+FE0F, which make a sign an emoji; and the empty Braille cell.
_BLANK = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u2800\u3164\ufe00-\ufe0d\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e001f\U000e0080-\U000e0fff"
)
_BLANKS = re.compile(f"[{_BLANK}]")


def legible(text: str) -> str:
    """The text without characters that show as nothing though they count as letters or marks,
    and with at most so many marks piled on one letter."""
    kept, piled = [], 0
    for c in _BLANKS.sub("", text):
        kind = unicodedata.category(c)
        piled = piled + 1 if kind in {"Mn", "Me"} else piled if kind == "Mc" else 0
        if piled <= MARKS:
            kept.append(c)
    return "".join(kept)
