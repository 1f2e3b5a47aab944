"""The columns of a sheet: one row per variant, under English or Chinese headings.

A column that is missing changes nothing. What belongs to the product stands in each of its
rows, or in its first row only. A text that a spreadsheet would take for a formula is written
behind an apostrophe (CSV injection), which is taken off again when it is read.
"""

import re
from collections.abc import Sequence

PRODUCT: dict[str, str] = {
    "title_zh": "中文标题",
    "title_en": "英文标题",
    "description_zh": "中文描述",
    "description_en": "英文描述",
    "category": "类目",
    "hs_code": "海关编码",
    "origin": "原产国",
    "fibre": "纤维成分",
    "weave": "织法",
    "thread_count": "密度（根/平方英寸）",
    "yarn_count": "纱支（英支）",
    "gsm": "克重（克/平方米）",
    "filling": "填充物",
    "customs_name": "报关品名",
    "customs_unit": "计量单位代码",
    "elements": "申报要素",
    "pictures": "图片",
}
VARIANT: dict[str, str] = {
    "weight_g": "重量（克）",
    "width_cm": "宽（厘米）",
    "length_cm": "长（厘米）",
    "height_cm": "高（厘米）",
    "fill_weight_g": "填充重量（克）",
    "price": "价格",
    "currency": "币种",
    "was_price": "划线价",
    "was_basis": "划线价依据",
    "was_since": "划线价日期",
    "on_hand": "库存",
}
_KEYS: dict[str, str] = {"product": "商品", "sku": "货号"}
DIMENSION = (
    *("option{n}", "option{n}_zh", "option{n}_en"),
    *("value{n}", "value{n}_zh", "value{n}_en"),
)
_DIMENSION_ZH = (
    *("规格{n}", "规格{n}中文", "规格{n}英文"),
    *("规格值{n}", "规格值{n}中文", "规格值{n}英文"),
)
_FIXED = {**_KEYS, **PRODUCT, **VARIANT}
_BY_HEADING = {zh: key for key, zh in _FIXED.items()}
_DIMENSION_ZH_HEADING = re.compile(r"(规格|规格值)([1-8])(中文|英文)?")
_DIMENSION_HEADING = re.compile(r"(option|value)[1-8](_zh|_en)?")
_PRICE_HEADING = re.compile(r"(?:price_|价格_)([A-Z]{3})")
_WIDE = {":": ":：", "=": "=＝"}


def all_of(dimensions: int, currencies: Sequence[str]) -> list[str]:
    """The columns of a whole sheet, in order."""
    options = [name.format(n=n) for n in range(1, dimensions + 1) for name in DIMENSION]
    prices = [f"price_{currency}" for currency in currencies]
    return [*_KEYS, *PRODUCT, *options, *VARIANT, *prices]


def heading(column: str, *, chinese: bool) -> str:
    """What stands above a column."""
    if not chinese:
        return column
    if column in _FIXED:
        return _FIXED[column]
    if found := _PRICE_HEADING.fullmatch(column):
        return f"价格_{found[1]}"
    for n in range(1, 9):
        for key, zh in zip(DIMENSION, _DIMENSION_ZH, strict=True):
            if column == key.format(n=n):
                return zh.format(n=n)
    return column


def column_of(text: str) -> str | None:
    """The column that a heading names; none if it names none of ours."""
    told = text.strip()
    lower = told.lower()
    if lower in _FIXED or _DIMENSION_HEADING.fullmatch(lower):
        return lower
    if told in _BY_HEADING:
        return _BY_HEADING[told]
    if found := _DIMENSION_ZH_HEADING.fullmatch(told):
        name = "option" if found[1] == "规格" else "value"
        end = {"中文": "_zh", "英文": "_en"}.get(found[3] or "", "")
        return f"{name}{found[2]}{end}"
    if found := _PRICE_HEADING.fullmatch(re.sub("^PRICE_", "price_", told.upper())):
        return f"price_{found[1]}"
    return None


def packed(pairs: Sequence[tuple[str, str]], between: str = "=") -> str:
    """``purpose=bedding; weave=woven``: backslashes keep what would be read as structure."""
    return "; ".join(
        _kept(key, between) + between + _kept(told, between) for key, told in pairs
    )


def unpacked(text: str, between: str = "=") -> list[tuple[str, str]]:
    """What :func:`packed` was given; full-width signs are as good.

    Raises:
        ValueError: a part has no middle.
    """
    pairs = []
    for part in _split(text, ";；"):
        if not part.strip():
            continue
        halves = _split(part, _WIDE.get(between, between))
        if len(halves) != 2:
            raise ValueError(part)
        pairs.append((_plain(halves[0]), _plain(halves[1])))
    return pairs


def _kept(text: str, between: str) -> str:
    signs = re.escape("\\;；" + _WIDE.get(between, between))
    return re.sub(f"([{signs}])", r"\\\1", text)


def _split(text: str, at: str) -> list[str]:
    parts, part, escaped = [], "", False
    for sign in text:
        if sign in at and not escaped:
            parts.append(part)
            part = ""
            continue
        part += sign
        escaped = sign == "\\" and not escaped
    return [*parts, part]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.strip())
