"""Where a row stands among a product's dimensions, by keys or by what they are called."""

import re

from livecommerce.catalogue.sheets.cells import Wrong
from livecommerce.catalogue.wire import Dimension, Value
from livecommerce.office.sheets import normal
from livecommerce.web.wire import Both

MOST = 8


def placed(row: dict[str, str], dimensions: list[Dimension], *, fixed: bool) -> dict[str, str]:
    """The value that the row has in each dimension; ``dimensions`` grow by what is new.

    Args:
        fixed: whether the product is there already, so that only values may be new.

    Raises:
        Wrong: it names a dimension that there is not, or not every one.
    """
    options: dict[str, str] = {}
    for n in range(1, MOST + 1):
        called = _called(row, "option", n)
        if called is None:
            continue
        place = _found([(d.key, d.label) for d in dimensions], called)
        valued = _called(row, "value", n)
        if valued is None:
            raise Wrong(f"规格{n}没有值。", f"Dimension {n} has no value.")
        if place is None:
            if fixed:
                raise Wrong(
                    "新的规格请在商品页添加。", "Add a dimension on the product's page."
                )
            key = _key(called, {d.key for d in dimensions})
            first = Value(key=_key(valued, set()), label=_label(valued))
            dimensions.append(Dimension(key=key, label=_label(called), values=[first]))
            place = len(dimensions) - 1
        dimension = dimensions[place]
        at = _found([(v.key, v.label) for v in dimension.values], valued)
        if at is None:
            key = _key(valued, {v.key for v in dimension.values})
            values = [*dimension.values, Value(key=key, label=_label(valued))]
            dimensions[place] = dimension.model_copy(update={"values": values})
            at = len(values) - 1
        options[dimension.key] = dimensions[place].values[at].key
    if options.keys() != {d.key for d in dimensions}:
        raise Wrong("每个规格都要有值。", "Every dimension needs a value.")
    return options


def relabelled(
    row: dict[str, str], dimensions: list[Dimension], options: dict[str, str]
) -> None:
    """What a row of an existing variant calls its dimensions and values is how they are
    called from now on.

    Raises:
        Wrong: it names another value than the variant has.
    """
    for n in range(1, MOST + 1):
        key = row.get(f"option{n}", "")
        place = next((i for i, d in enumerate(dimensions) if d.key == key), None)
        if place is None:
            continue
        one = dimensions[place]
        value = row.get(f"value{n}", "")
        if value and value != options.get(key):
            raise Wrong("已有货号的规格值不能改。", "A variant's value does not change here.")
        values = [
            v.model_copy(update={"label": _renamed(v.label, row, f"value{n}")})
            if v.key == options.get(key)
            else v
            for v in one.values
        ]
        label = _renamed(one.label, row, f"option{n}")
        dimensions[place] = one.model_copy(update={"label": label, "values": values})


def _renamed(label: Both, row: dict[str, str], name: str) -> Both:
    zh, en = row.get(f"{name}_zh", ""), row.get(f"{name}_en", "")
    return Both(
        zh=label.zh if zh in {"", normal(label.zh)} else zh,
        en=label.en if en in {"", normal(label.en)} else en,
    )


def _called(row: dict[str, str], name: str, n: int) -> tuple[str, str, str] | None:
    told = (
        row.get(f"{name}{n}", ""),
        row.get(f"{name}{n}_zh", ""),
        row.get(f"{name}{n}_en", ""),
    )
    return told if any(told) else None


def _found(known: list[tuple[str, Both]], called: tuple[str, str, str]) -> int | None:
    """By key, if it is told; else by what it is called in the languages that are told."""
    key, zh, en = called
    for place, (other, label) in enumerate(known):
        if key and other == key:
            return place
        if not key and (not zh or label.zh == zh) and (not en or label.en == en):
            return place
    return None


def _label(called: tuple[str, str, str]) -> Both:
    key, zh, en = called
    return Both(zh=zh or en or key, en=en or zh or key)


def _key(called: tuple[str, str, str], taken: set[str]) -> str:
    """The key that is told, or one made of what it is called."""
    key, _, en = called
    made = (
        key.lower() or re.sub(r"[^a-z0-9]+", "-", en.lower().replace("×", "x")).strip("-")[:36]
    )
    made = made or f"v{len(taken) + 1}"
    if not key:
        first, n = made, 2
        while made in taken:
            made, n = f"{first}-{n}", n + 1
    return made
