"""Code 128 (ISO/IEC 15417), drawn by ourselves: a text in, the widths of bars and gaps out."""

_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212"
    " 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131"
    " 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321"
    " 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121"
    " 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111"
    " 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114"
    " 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212"
    " 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113"
    " 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
_WIDTHS = _TABLE.split()
_STOP = "2331112"
_START_B, _START_C = 104, 105
_TO_B, _TO_C = 100, 99
_MODULO = 103


def code128(text: str) -> list[int]:
    """The widths of bars and gaps in turn, in modules, beginning and ending with a bar.

    Runs of at least four digits go two to a symbol (set C), all else one (set B). Leave ten
    modules free on either side.

    Raises:
        ValueError: the text is empty, or has characters outside printable ASCII.
    """
    if not text or not all(" " <= each <= "~" for each in text):
        raise ValueError("Code 128 is drawn of printable ASCII here")
    symbols = symbols_of(text)
    check = symbols[0] + sum(at * symbol for at, symbol in enumerate(symbols))
    drawn = "".join(_WIDTHS[symbol] for symbol in [*symbols, check % _MODULO]) + _STOP
    return [int(width) for width in drawn]


def symbols_of(text: str) -> list[int]:
    """The values of the symbols, from the start symbol on, without check and stop."""
    symbols: list[int] = []
    at = 0
    in_c = False
    while at < len(text):
        digits = _digits(text, at)
        if digits >= 4 and not in_c:
            symbols.append(_TO_C if symbols else _START_C)
            in_c = True
        elif digits < 2 and in_c:
            symbols.append(_TO_B)
            in_c = False
        if not symbols:
            symbols.append(_START_B)
        if in_c:
            symbols.append(int(text[at : at + 2]))
            at += 2
        else:
            symbols.append(ord(text[at]) - ord(" "))
            at += 1
    return symbols


def _digits(text: str, start: int) -> int:
    """How many digits follow each other from there on; an odd one is left to set B."""
    end = start
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return (end - start) // 2 * 2
