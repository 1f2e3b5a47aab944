"""The XSD, generated from the field tables: what customs' own format check would refuse.

Written from the names, orders and lengths of the specification; no official file is shipped.
"""

from functools import cache

from lxml import etree

from livecommerce.outside.customs.ceb.names import CEB, XMLDSIG
from livecommerce.outside.customs.ceb.vocabulary import (
    Element,
    Particle,
    Vocabulary,
    vocabulary,
)

XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = {"string": "xs:string", "decimal": "xs:decimal", "int": "xs:int"}


@cache
def schema() -> etree.XMLSchema:
    """The compiled schema; compiling takes a moment, so it is kept."""
    return etree.XMLSchema(etree.fromstring(generate()))


def faults(document: etree._Element) -> list[str]:
    """What is wrong with the document, in the validator's words; nothing if it fits."""
    judge = schema()
    if judge.validate(document):
        return []
    return [f"{e.line}: {e.message}" for e in judge.error_log]  # type: ignore[attr-defined]


@cache
def generate() -> bytes:
    """The schema as a document, the same text every time."""
    words = vocabulary()
    root = etree.Element(_xs("schema"), nsmap={"xs": XS, "ceb": CEB})
    root.set("targetNamespace", CEB)
    root.set("elementFormDefault", "qualified")
    for name, fields in words.blocks.items():
        _block(root, name, fields)
    for name, children in words.wrappers.items():
        _sequence(_complex(root, name), children)
    for name, children in words.roots.items():
        _root(root, name, children, words)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _root(
    parent: etree._Element, name: str, children: tuple[Particle, ...], words: Vocabulary
) -> None:
    known = [c for c in children if c.name in words.blocks or c.name in words.wrappers]
    unknown = {c.name for c in children} - {c.name for c in known} - {"Signature"}
    if unknown:
        raise LookupError(
            f"{name} holds {', '.join(sorted(unknown))}, which no table describes"
        )
    kind = _complex(parent, name)
    _sequence(kind, children)
    _attribute(kind, "guid", 36, 36)
    _attribute(kind, "version", 1, 10)


def _sequence(kind: etree._Element, children: tuple[Particle, ...]) -> None:
    sequence = etree.SubElement(kind, _xs("sequence"))
    for child in children:
        if child.name == "Signature":
            place = etree.SubElement(sequence, _xs("any"))
            place.set("namespace", XMLDSIG)
            place.set("processContents", "lax")
        else:
            place = etree.SubElement(sequence, _xs("element"), ref=f"ceb:{child.name}")
        place.set("minOccurs", str(child.least))
        place.set("maxOccurs", "unbounded" if child.most is None else str(child.most))


def _block(parent: etree._Element, name: str, fields: tuple[Element, ...]) -> None:
    sequence = etree.SubElement(_complex(parent, name), _xs("sequence"))
    for field in fields:
        place = etree.SubElement(sequence, _xs("element"), name=field.name)
        if not field.in_schema:
            place.set("minOccurs", "0")
        if field.default:
            place.set("default", field.default)
        if field.base in _TYPES:
            _simple(place, field)
        else:
            _anything(place)


def _simple(place: etree._Element, field: Element) -> None:
    limits = etree.SubElement(
        etree.SubElement(place, _xs("simpleType")), _xs("restriction"), base=_TYPES[field.base]
    )
    for facet, value in facets(field):
        etree.SubElement(limits, _xs(facet), value=str(value))


def facets(field: Element) -> list[tuple[str, int]]:
    """The limits of a field, by their XSD names; an exact length wins over a range."""
    if field.exact is not None:
        return [("length", field.exact)]
    named = (
        ("minLength", field.shortest),
        ("maxLength", field.longest),
        ("totalDigits", field.total_digits),
        ("fractionDigits", field.fraction_digits),
    )
    return [(name, value) for name, value in named if value is not None]


def _anything(place: etree._Element) -> None:
    kind = etree.SubElement(place, _xs("complexType"))
    sequence = etree.SubElement(kind, _xs("sequence"))
    rest = etree.SubElement(sequence, _xs("any"))
    rest.set("processContents", "skip")
    rest.set("minOccurs", "0")
    rest.set("maxOccurs", "unbounded")


def _attribute(kind: etree._Element, name: str, shortest: int, longest: int) -> None:
    attribute = etree.SubElement(kind, _xs("attribute"), name=name, use="required")
    limits = etree.SubElement(
        etree.SubElement(attribute, _xs("simpleType")), _xs("restriction"), base="xs:string"
    )
    etree.SubElement(limits, _xs("minLength"), value=str(shortest))
    etree.SubElement(limits, _xs("maxLength"), value=str(longest))


def _complex(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(
        etree.SubElement(parent, _xs("element"), name=name), _xs("complexType")
    )


def _xs(name: str) -> str:
    return f"{{{XS}}}{name}"
