"""Between cells and what they say: a variant's row as it is written, and as it is read."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from livecommerce.catalogue.prices import payable
from livecommerce.catalogue.sheets.columns import packed, unpacked
from livecommerce.catalogue.wire import ProductOut, VariantOut
from livecommerce.kernel.money import MOST, Money, exponent
from livecommerce.web.wire import Both

_NUMBER = re.compile(r"-?(?:[0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5})(?:\.[0-9]{1,18})?")
TEXTS = ("title_zh", "title_en", "description_zh", "description_en")
NUMBERS = ("thread_count", "yarn_count", "gsm")
SIZES = ("width_cm", "length_cm", "height_cm", "fill_weight_g")
WAS = frozenset({"was_price", "was_basis", "was_since"})
TEXTILE = ("weave", *NUMBERS, "filling")


class Wrong(Exception):
    """A cell that does not say what its column is for."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.why = Both(zh=zh, en=en)


def cells_of(product: ProductOut, variant: VariantOut) -> dict[str, str]:
    """A variant's row: what is written, and what rows that come back are compared with."""
    row = {
        "product": product.id,
        "sku": variant.sku,
        "title_zh": product.title.zh,
        "title_en": product.title.en,
        "description_zh": product.description.zh,
        "description_en": product.description.en,
        "category": product.category,
        "hs_code": product.hs_code,
        "origin": product.origin,
        "fibre": packed([(f.fibre, str(f.percent)) for f in product.fibre], ":"),
        "customs_name": product.customs_name,
        "customs_unit": product.customs_unit,
        "elements": packed(list(product.gmodel.items())),
        "pictures": " ".join(product.pictures),
        "weight_g": str(variant.weight_g),
        "price": _amount(variant.price),
        "currency": variant.price.currency,
        "on_hand": str(variant.left),
    }
    row |= {name: _shown(getattr(product.textile, name)) for name in TEXTILE}
    row |= {name: _shown(getattr(variant.measures, name)) for name in SIZES}
    row |= {f"price_{price.currency}": _amount(price) for price in variant.prices}
    for was in variant.was:
        if was.price.currency == variant.price.currency:
            row["was_price"] = _amount(was.price)
            row["was_basis"] = was.basis
            row["was_since"] = was.since.isoformat()
    for n, dimension in enumerate(product.offered, 1):
        row[f"option{n}"] = dimension.key
        row[f"option{n}_zh"], row[f"option{n}_en"] = dimension.label.zh, dimension.label.en
        for value in dimension.values:
            if value.key == variant.options.get(dimension.key):
                row[f"value{n}"] = value.key
                row[f"value{n}_zh"], row[f"value{n}_en"] = value.label.zh, value.label.en
    return row


def words(row: dict[str, str], into: dict[str, Any]) -> dict[str, Wrong]:
    """Put a row's product columns into ``into``, shaped like ``ProductWords``; what is wrong
    with cells, by column. Empty cells say nothing."""
    wrong: dict[str, Wrong] = {}

    def put(column: str, parse: Callable[[str], Any], *place: str) -> None:
        text = row.get(column, "")
        if not text:
            return
        try:
            inner = into
            for step in place[:-1]:
                inner = inner.setdefault(step, {})
            inner[place[-1]] = parse(text)
        except Wrong as error:
            wrong[column] = error

    for column in TEXTS:
        put(column, str, *column.split("_"))
    for column in ("category", "hs_code", "customs_name", "customs_unit"):
        put(column, str, column)
    put("origin", str.upper, "origin")
    put("weave", str.lower, "textile", "weave")
    put("filling", str.lower, "textile", "filling")
    for column in NUMBERS:
        put(column, whole, "textile", column)
    put("fibre", _fibre, "fibre")
    put("elements", _elements, "gmodel")
    put("pictures", str.split, "pictures")
    return wrong


def variant_words(row: dict[str, str], into: dict[str, Any]) -> dict[str, Wrong]:
    """Put a row's variant columns into ``into``, shaped like ``VariantWords``. Prices and
    measures that are empty are taken away; columns that are missing leave theirs."""
    wrong: dict[str, Wrong] = {}

    def told(column: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(row[column]) if row.get(column) else None
        except Wrong as error:
            wrong[column] = error
            return None

    if (weight := told("weight_g", whole)) is not None:
        into["weight_g"] = weight
    before = into.get("price") or {}
    currency = (row.get("currency") or before.get("currency") or "CNY").upper()
    try:
        exponent(currency)
    except ValueError:
        wrong["currency"] = Wrong("不是可用的币种代码。", "Not a currency that can be used.")
        return wrong
    price = told("price", lambda text: money(text, currency))
    if price is not None:
        into["price"] = price
    elif before and before["currency"] != currency:
        wrong["price"] = Wrong("换币种时要写价格。", "Another currency needs its price.")
    for column in SIZES:
        if column in row:
            into.setdefault("measures", {})[column] = told(column, whole)
    listed = {one["currency"]: one for one in into.get("prices", [])}
    for column in row:
        if column.startswith("price_"):
            other = column.removeprefix("price_")
            listed.pop(other, None)
            amount = told(column, lambda text, c=other: money(text, c))  # type: ignore[misc]
            if amount is not None and other != currency:
                listed[other] = amount
    into["prices"] = [listed[key] for key in sorted(listed) if key != currency]
    if row.keys() & WAS:
        _was(row, into, currency, told, wrong)
    return wrong


def _was(
    row: dict[str, str],
    into: dict[str, Any],
    currency: str,
    told: Callable[[str, Callable[[str], Any]], Any],
    wrong: dict[str, Wrong],
) -> None:
    listed = {one["currency"] for one in into["prices"]}
    others = [w for w in into.get("was", []) if w["price"]["currency"] in listed]
    into["was"] = others
    before = told("was_price", lambda text: money(text, currency))
    basis, since = row.get("was_basis", ""), told("was_since", _day)
    if before is None:
        for column in ("was_basis", "was_since"):
            if row.get(column) and "was_price" not in wrong:
                alone = Wrong(
                    "没有划线价，不能写依据或日期。", "There is no was-price to go with."
                )
                wrong.setdefault(column, alone)
        return
    if not basis or since is None:
        missing = "was_since" if basis else "was_basis"
        needs = Wrong(
            "划线价必须写明依据和日期（《直播电商监督管理办法》第三十二条）。",
            "A was-price needs its basis and date (Order 117, Art. 32).",
        )
        wrong.setdefault(missing, needs)
        return
    into["was"] = [*others, {"price": before, "basis": basis.lower(), "since": since}]


def number(text: str) -> Decimal:
    """A number with a point before its decimals; commas only between thousands. ``129,00``
    might be a hundred times what was meant, and ``1e5`` is nothing that people write.

    Raises:
        ValueError: it is none.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text.replace(",", ""))


def whole(text: str) -> int:
    """A whole number, as spreadsheets write it."""
    try:
        found = number(text)
    except ValueError:
        raise Wrong("不是整数。", "Not a whole number.") from None
    if found != int(found) or abs(found) > 10**9:
        raise Wrong("不是整数。", "Not a whole number.")
    return int(found)


def money(text: str, currency: str) -> dict[str, Any]:
    """An amount in major units, exact to the currency's minor one, that can be a price."""
    try:
        digits = exponent(currency)
    except ValueError:
        raise Wrong("不是可用的币种代码。", "Not a currency that can be used.") from None
    try:
        scaled = number(text).scaleb(digits)
    except ValueError:
        raise Wrong(
            "不是金额：小数点用“.”，逗号只能分隔千位。",
            "Not an amount: a point before decimals, commas between thousands only.",
        ) from None
    if scaled != int(scaled) or abs(scaled) > MOST:
        raise Wrong("不是该币种的金额。", f"Not an amount of {currency}.")
    if scaled <= 0:
        raise Wrong("价格必须大于零。", "A price is more than zero.")
    price = Money(int(scaled), currency)
    if not payable(price):
        raise Wrong("支付机构无法收取这个金额。", "The payment provider cannot take this much.")
    return {"minor": price.minor, "currency": currency}


def understood(column: str, cell: str, currency: str) -> str:
    """A cell as it was read: an amount as it would be written. What is wrong with a cell is
    told elsewhere; it is shown as it stands."""
    if column.startswith("price_"):
        currency = column.removeprefix("price_")
    elif column not in {"price", "was_price"}:
        return cell
    try:
        found = money(cell, currency)
    except Wrong:
        return cell
    return _amount(Money(found["minor"], found["currency"]))


def _fibre(text: str) -> list[dict[str, Any]]:
    try:
        pairs = unpacked(text, ":")
    except ValueError:
        raise Wrong("请写成 cotton:60; linen:40。", "Write cotton:60; linen:40.") from None
    return [{"fibre": k.lower(), "percent": whole(v.rstrip("%"))} for k, v in pairs]


def _elements(text: str) -> dict[str, str]:
    try:
        return dict(unpacked(text))
    except ValueError:
        raise Wrong(
            "请写成 purpose=床上用; weave=机织。", "Write purpose=床上用; weave=机织."
        ) from None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.replace("/", "-")).isoformat()
    except ValueError:
        raise Wrong("不是日期（年-月-日）。", "Not a date (year-month-day).") from None


def _amount(price: Money) -> str:
    return f"{price.amount:.{exponent(price.currency)}f}"


def _shown(value: object) -> str:
    return "" if value is None else str(value)
