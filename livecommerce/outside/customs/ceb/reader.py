"""A second opinion on a document, told per field in people's words.

The schema says whether customs' format check would refuse a document. This reader judges by
the same tables without the schema (tests hold the two against each other), and when strict
also asks for what only the text of the specification calls mandatory.
"""

import re
from dataclasses import dataclass

from lxml import etree

from livecommerce.outside.customs.ceb.names import CEB
from livecommerce.outside.customs.ceb.vocabulary import Element, Particle, vocabulary

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_INT = re.compile(r"[+-]?\d+")
_IN_CHINESE = {
    "is empty": "未填写",
    "must be": "须为 {} 个字符",
    "needs": "至少 {} 个字符",
    "is longer than": "最多 {} 个字符",
    "is not a number": "不是数字",
    "is too large a number": "数字过大",
    "has more than": "的位数或小数位数超过 {} 位",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: ``OrderHead/goodsValue``."""

    path: str
    reason: str
    zh: str = "不符合规范"

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def faults(root: etree._Element, *, strict: bool = False) -> list[Fault]:
    """Everything wrong with the document; nothing if it may be sent.

    Args:
        strict: ask for fields that either the schema or the text calls mandatory, and
            refuse them empty. For what we send; answers are read leniently.
    """
    name = etree.QName(root).localname
    children = vocabulary().roots.get(name)
    if children is None or etree.QName(root).namespace != CEB:
        return [Fault(name, "is not a message of the e-commerce system")]
    found = []
    if len(root.get("guid", "")) != 36:
        found.append(Fault(f"{name}@guid", "must be 36 characters", "须为 36 个字符"))
    if not 1 <= len(root.get("version", "")) <= 10:
        found.append(Fault(f"{name}@version", "must be 1 to 10 characters"))
    return found + _content(root, name, children, strict=strict)


def _content(
    node: etree._Element, path: str, children: tuple[Particle, ...], *, strict: bool
) -> list[Fault]:
    found: list[Fault] = []
    rest = [child for child in node if isinstance(child.tag, str)]
    for particle in children:
        count = 0
        while rest and _is(rest[0], particle.name):
            child = rest.pop(0)
            count += 1
            if particle.most is None or count <= particle.most:
                found += _child(child, particle.name, strict=strict)
        if count < particle.least:
            found.append(Fault(f"{path}/{particle.name}", f"must stand {particle.least} times"))
        if particle.most is not None and count > particle.most:
            found.append(
                Fault(f"{path}/{particle.name}", f"may stand {particle.most} times at most")
            )
    found += [Fault(f"{path}/{etree.QName(c).localname}", "is out of place") for c in rest]
    return found


def _child(node: etree._Element, name: str, *, strict: bool) -> list[Fault]:
    words = vocabulary()
    if name in words.wrappers:
        return _content(node, name, words.wrappers[name], strict=strict)
    if name in words.blocks:
        return _block(node, name, words.blocks[name], strict=strict)
    return []


def _block(
    node: etree._Element, name: str, fields: tuple[Element, ...], *, strict: bool
) -> list[Fault]:
    found: list[Fault] = []
    rest = [child for child in node if isinstance(child.tag, str)]
    for field in fields:
        path = f"{name}/{field.name}"
        mandatory = field.required if strict else field.in_schema
        if not rest or not _is(rest[0], field.name):
            if mandatory:
                found.append(
                    Fault(path, f"is missing ({field.name_zh})", f"“{field.name_zh}”未填写")
                )
            continue
        child = rest.pop(0)
        if field.base not in {"string", "decimal", "int"}:
            continue
        if len(child):
            found.append(Fault(path, "holds elements"))
        elif reason := wrong(field, child.text or "", strict=strict and mandatory):
            found.append(Fault(path, reason, _zh(field, reason)))
    found += [Fault(f"{name}/{etree.QName(c).localname}", "is out of place") for c in rest]
    return found


def _zh(field: Element, reason: str) -> str:
    """The reason of :func:`wrong` as a Chinese sentence with the field's Chinese name."""
    number = "".join(filter(str.isdigit, reason))
    says = next(zh for start, zh in _IN_CHINESE.items() if reason.startswith(start))
    return f"“{field.name_zh}”{says.format(number)}"


def wrong(field: Element, text: str, *, strict: bool = False) -> str | None:
    """Why the field may not say this, or nothing."""
    if not text and field.default:
        return None
    if field.base != "string":
        return _wrong_number(field, text.strip(" \t\r\n"))
    if strict and not text.strip():
        return "is empty"
    if field.exact is not None:
        return None if len(text) == field.exact else f"must be {field.exact} characters"
    if field.shortest is not None and len(text) < field.shortest:
        return f"needs {field.shortest} characters"
    if field.longest is not None and len(text) > field.longest:
        return f"is longer than {field.longest} characters"
    return None


def _wrong_number(field: Element, text: str) -> str | None:
    shape = _INT if field.base == "int" else _DECIMAL
    if not shape.fullmatch(text):
        return "is not a number"
    if field.base == "int" and not -(2**31) <= int(text) < 2**31:
        return "is too large a number"
    whole, _, fraction = text.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if field.fraction_digits is not None and len(fraction) > field.fraction_digits:
        return f"has more than {field.fraction_digits} decimals"
    if field.total_digits is not None and len(whole + fraction) > field.total_digits:
        return f"has more than {field.total_digits} digits"
    return None


def _is(node: etree._Element, name: str) -> bool:
    place = etree.QName(node)
    if name == "Signature":
        return place.namespace == "http://www.w3.org/2000/09/xmldsig#"
    return place.localname == name and place.namespace == CEB
