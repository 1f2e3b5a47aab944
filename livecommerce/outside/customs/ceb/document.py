"""Reading and writing CEB documents: safely in, in the table's order out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from livecommerce.outside.customs.ceb.names import CEB
from livecommerce.outside.customs.ceb.vocabulary import vocabulary

Value = str | int | Decimal
Block = tuple[str, Mapping[str, Value | None]]

MOST_BYTES = 2_000_000


class Unreadable(ValueError):
    """The bytes are no XML that we read: broken, too large, or with a document type."""


@dataclass(frozen=True, slots=True)
class Business:
    """One business node of a root: its blocks in order, under ``wrapper`` if it has one."""

    wrapper: str | None
    blocks: Sequence[Block]


def parse(raw: bytes) -> etree._Element:
    """The root element of ``raw``, with nothing expanded and nothing fetched.

    Raises:
        Unreadable: it is broken, too large, or declares entities.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable("the document is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(raw.removeprefix(b"\xef\xbb\xbf"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"not well-formed: {error}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable("a document type is not accepted")
    return root


def write(
    root: str, guid: str, nodes: Sequence[Business], transfer: Mapping[str, str]
) -> bytes:
    """A document of ours; its fields stand in the order of the table, empty ones left out.

    Raises:
        KeyError: a field that its block does not have.
    """
    top = etree.Element(_ceb(root), nsmap={"ceb": CEB})
    top.set("guid", guid)
    top.set("version", "1.0")
    for node in nodes:
        under = top if node.wrapper is None else etree.SubElement(top, _ceb(node.wrapper))
        for name, fields in node.blocks:
            _write_block(under, name, fields)
    _write_block(top, "BaseTransfer", transfer)
    return etree.tostring(top, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def fields_of(block: etree._Element) -> dict[str, str]:
    """The block's own fields by local name, as text."""
    return {
        etree.QName(child).localname: child.text or ""
        for child in block
        if isinstance(child.tag, str)
    }


def blocks_of(root: etree._Element, name: str) -> list[dict[str, str]]:
    """Every block of that name in the document, in order."""
    return [fields_of(block) for block in root.iter(_ceb(name))]


def local_name(root: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(root).localname


def plain(number: Decimal) -> str:
    """A number as customs reads it: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_block(parent: etree._Element, name: str, fields: Mapping[str, Value | None]) -> None:
    table = vocabulary().blocks[name]
    unknown = set(fields) - {field.name for field in table}
    if unknown:
        raise KeyError(f"{name} has no {', '.join(sorted(unknown))}")
    block = etree.SubElement(parent, _ceb(name))
    for field in table:
        value = fields.get(field.name)
        if value is None or value == "":
            continue
        place = etree.SubElement(block, _ceb(field.name))
        place.text = plain(value) if isinstance(value, Decimal) else str(value)


def _ceb(name: str) -> str:
    return f"{{{CEB}}}{name}"
