"""Why a cell is refused, in both languages, and in which column it stands."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from livecommerce.catalogue.sheets.wire import TroubleOut
from livecommerce.web.wire import Both

_BY_KIND: Mapping[str, tuple[str, str]] = {
    "missing": ("必填。", "Needed."),
    "string_too_short": ("必填。", "Needed."),
    "string_too_long": ("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_pattern_mismatch": ("写法不对。", "Not spelt as it should be."),
    "too_long": ("最多 {max_length} 个。", "At most {max_length}."),
    "enum": ("只能是：{expected}。", "One of: {expected}."),
    "greater_than": ("必须大于 {gt}。", "More than {gt}."),
    "greater_than_equal": ("不能小于 {ge}。", "At least {ge}."),
    "less_than_equal": ("不能大于 {le}。", "At most {le}."),
}
_BY_SENTENCE: Mapping[str, tuple[str, str]] = {
    "the fibres add up to 100 percent": ("fibre", "各纤维之和必须是 100%。"),
    "each fibre is named once": ("fibre", "同一种纤维只写一次。"),
    "each picture is shown once": ("pictures", "同一张图片只写一次。"),
    "a text describes a picture of the product": ("pictures", "有文字说明的图片不能去掉。"),
    "a variant has one price per currency": ("price", "每个币种只有一个价格。"),
    "a was-price stands beside a price in its currency": (
        "was_price",
        "划线价须有同币种价格。",
    ),
    "a was-price is higher than the price": ("was_price", "划线价必须高于价格。"),
    "a size has a width and a length": ("width_cm", "尺寸要有宽和长。"),
    "a price is not negative": ("price", "价格不能为负。"),
    "there is no country with this code": ("origin", "没有这个国家或地区代码。"),
}
_SPELT: Mapping[str, tuple[str, str]] = {
    "hs_code": ("海关编码是 10 位数字。", "An HS code has ten digits."),
    "customs_unit": ("计量单位代码是 3 位数字。", "A unit code has three digits."),
    "origin": ("原产国是两个字母，如 CN。", "A country is two letters, as in CN."),
    "sku": (
        "货号为 1–20 位字母、数字、点、横线。",
        "A SKU is 1 to 20 letters, digits, dots, dashes.",
    ),
    "pictures": ("图片地址须是 /media/ 下的。", "A picture's address is below /media/."),
}


def troubles(invalid: ValidationError) -> list[TroubleOut]:
    """Each failure with its column."""
    shown = invalid.errors(include_url=False, include_input=False)
    return [_trouble(error["type"], error["loc"], error["msg"], error) for error in shown]


def trouble(field: str, zh: str, en: str) -> TroubleOut:
    """One thing to say of a cell."""
    return TroubleOut(field=field, text=Both(zh=zh, en=en))


def _trouble(
    kind: str, loc: tuple[Any, ...], said: str, error: Mapping[str, Any]
) -> TroubleOut:
    column = _column(loc)
    if kind == "value_error":
        sentence = said.removeprefix("Value error, ")
        place, zh = _BY_SENTENCE.get(sentence, (column, "内容不对。"))
        return trouble(place, zh, f"{sentence[:1].upper()}{sentence[1:]}.")
    if kind == "string_pattern_mismatch" and column in _SPELT:
        return trouble(column, *_SPELT[column])
    zh, en = _BY_KIND.get(kind, ("内容不对。", said or "Not right."))
    facts = error.get("ctx", {})
    return trouble(column, zh.format_map(facts), en.format_map(facts))


def _column(loc: tuple[Any, ...]) -> str:
    told = [str(part) for part in loc]
    if not told:
        return "sku"
    if told[0] in {"title", "description"} and len(told) > 1:
        return f"{told[0]}_{told[1]}"
    if told[0] in {"textile", "measures"} and len(told) > 1:
        return told[1]
    if told[0] == "was" and len(told) > 2:
        return {"basis": "was_basis", "since": "was_since"}.get(told[2], "was_price")
    return {"gmodel": "elements", "prices": "price"}.get(told[0], told[0])
