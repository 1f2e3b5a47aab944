"""What a product is to customs: its code in the table, its declaration elements, its English
description. A code outside the table is refused, never replaced by a neighbour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

from livecommerce.crossborder.errors import BadElements, ElementsTooLong, NotClassified
from livecommerce.crossborder.facts import Elements
from livecommerce.crossborder.rulebook import table

LONGEST_ELEMENTS = 250
FIBRES = {
    "cotton": ("棉", "cotton"),
    "polyester": ("聚酯纤维", "polyester"),
    "nylon": ("锦纶", "polyamide"),
    "polyamide": ("锦纶", "polyamide"),
    "acrylic": ("腈纶", "acrylic"),
    "viscose": ("粘胶纤维", "viscose"),
    "lyocell": ("莱赛尔纤维", "lyocell"),
    "modal": ("莫代尔纤维", "modal"),
    "bamboo": ("竹浆粘胶纤维", "bamboo viscose"),
    "linen": ("亚麻", "linen"),
    "flax": ("亚麻", "linen"),
    "silk": ("桑蚕丝", "silk"),
    "wool": ("羊毛", "wool"),
    "down": ("羽绒", "down"),
    "feather": ("羽毛", "feather"),
    "elastane": ("氨纶", "elastane"),
}


@dataclass(frozen=True, slots=True)
class Code:
    """One line of the tariff we know, with its statutory units and how sure we are of it."""

    hs_code: str
    zh: str
    en: str
    unit1: str
    unit2: str
    confidence: str


@cache
def known() -> Mapping[str, Code]:
    """Every ten-digit code of the table; its four-digit headings are for a broker."""
    return {
        row["cn_hs10"]: Code(
            hs_code=row["cn_hs10"],
            zh=row["desc_zh"],
            en=row["desc_en"],
            unit1=row["cn_unit1"],
            unit2=row["cn_unit2"],
            confidence=row["cn_confidence"],
        )
        for row in table("hs_home_textiles.csv")
        if len(row["cn_hs10"]) == 10
    }


def look_up(hs_code: str) -> Code:
    """The line of that code.

    Raises:
        NotClassified: it has not ten digits, or is not in the table: ask a broker.
    """
    found = known().get(hs_code)
    if found is None:
        raise NotClassified(hs_code=hs_code)
    return found


def gmodel(hs_code: str, elements: Elements) -> str:
    """The declaration elements of that heading, joined in their order.

    Raises:
        NotClassified: no list of elements is known for the heading.
        ElementsTooLong: more than 250 characters.
    """
    text = joined(hs_code, elements)
    if len(text) > LONGEST_ELEMENTS:
        raise ElementsTooLong(length=len(text), longest=LONGEST_ELEMENTS)
    return text


def joined(hs_code: str, elements: Elements) -> str:
    """Like :func:`gmodel`, however long it gets; the match tells when customs would refuse."""
    row = _element_rows().get(hs_code[:4])
    if row is None:
        raise NotClassified(hs_code=hs_code)
    answers = [getattr(elements, name) for name in row["elements"].split("|")]
    return "|".join(" ".join(answer.replace("|", "/").split()) for answer in answers)


def missing_elements(hs_code: str, elements: Elements) -> list[str]:
    """The elements of that heading nobody may leave empty, and that are."""
    row = _element_rows().get(hs_code[:4])
    asked = row["elements"].split("|") if row else []
    needed = [name for name in asked if name in {"purpose", "weave", "composition", "filling"}]
    return [name for name in needed if not getattr(elements, name).strip()]


def elements_are_sourced(hs_code: str) -> bool:
    """Whether a public page told us the heading's list, or only we ourselves."""
    row = _element_rows().get(hs_code[:4])
    return row is not None and row["confidence"] == "sourced"


def elements_of(
    attributes: Mapping[str, str], fibre: Sequence[Mapping[str, object]], *, sku: str
) -> Elements:
    """A product's attributes as declaration elements; what has no place of its own is told
    under "other", so that nothing is lost in silence.

    Raises:
        BadElements: an answer is not one of those customs takes.
    """
    names = set(Elements.model_fields)
    given = {name: text for name, text in attributes.items() if name in names}
    rest = [f"{name}:{text}" for name, text in attributes.items() if name not in names]
    other = ";".join([*filter(None, [given.pop("other", "")]), *rest])
    given.setdefault("composition", composition_zh(fibre))
    given.setdefault("item_number", sku)
    try:
        return Elements.model_validate({**given, "other": other})
    except ValidationError as error:
        wrong = ", ".join(str(each["loc"][0]) for each in error.errors())
        raise BadElements(elements=wrong) from None


def composition_zh(fibre: Sequence[Mapping[str, object]]) -> str:
    """``棉60%聚酯纤维40%``, the largest share first."""
    return "".join(f"{_fibre(part)[0]}{part['percent']}%" for part in _by_share(fibre))


def composition_en(fibre: Sequence[Mapping[str, object]]) -> str:
    """``60% cotton, 40% polyester``, the largest share first."""
    return ", ".join(f"{part['percent']}% {_fibre(part)[1]}" for part in _by_share(fibre))


def describe(hs_code: str, fibre: Sequence[Mapping[str, object]]) -> str:
    """What the goods are, in English, from the table and the fibres: article, construction,
    fibre with percentage. Never typed freely.

    Raises:
        NotClassified: the code is not in the table.
    """
    article = look_up(hs_code).en.removeprefix("other ")
    text = f"{article[:1].upper()}{article[1:]}"
    made_of = composition_en(fibre)
    return f"{text}, {made_of}" if made_of else text


def _by_share(fibre: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return sorted(fibre, key=lambda part: -int(str(part["percent"])))


def _fibre(part: Mapping[str, object]) -> tuple[str, str]:
    name = str(part["fibre"])
    return FIBRES.get(name.casefold(), (name, name))


@cache
def _element_rows() -> Mapping[str, dict[str, str]]:
    return {row["heading"]: row for row in table("declaration_elements.csv")}
