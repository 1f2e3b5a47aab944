"""Reading what customs answers, leniently: with a prefix or a default namespace, with
missing optional fields, several nodes in one document."""

from dataclasses import dataclass, field

from lxml import etree

from livecommerce.outside.customs.ceb.document import Unreadable, fields_of, local_name, parse
from livecommerce.outside.customs.ceb.names import (
    CEB,
    FORMAT_RECEIPT,
    MessageKind,
    kind_of_receipt,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer about one document.

    ``key`` is the document's business key; for the format-check answer (CEB900) it is the id
    of the envelope that was refused, since its content could not be read. The guid is the
    e-port's own and may repeat, so answers are told apart by :attr:`identity`.
    """

    root: str
    kind: MessageKind | None
    key: str
    guid: str
    status: str
    time: str
    info: str
    raw: str
    fields: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes two copies the same answer."""
        return (self.root, self.key, self.status, self.time)


def read(raw: bytes) -> list[Receipt]:
    """Every answer in the document.

    Raises:
        Unreadable: it is no customs answer, or an answer without status or time.
    """
    root = parse(raw)
    name = local_name(root)
    if etree.QName(root).namespace != CEB:
        raise Unreadable(f"{name} is not in the customs namespace")
    if name == FORMAT_RECEIPT:
        return [_format_receipt(root)]
    kind = kind_of_receipt(name)
    if kind is None:
        raise Unreadable(f"{name} is not an answer to anything we send")
    nodes = [node for node in root if isinstance(node.tag, str) and len(node)]
    if not nodes:
        raise Unreadable(f"{name} holds no answer")
    return [_receipt(name, kind, node) for node in nodes]


def _receipt(root: str, kind: MessageKind, node: etree._Element) -> Receipt:
    fields = fields_of(node)
    if not all(fields.get(name) for name in kind.key_fields if name != "invtNo"):
        raise Unreadable(f"an answer in {root} does not say what it is about")
    return _told(root, kind, kind.business_key(fields), fields, node)


def _format_receipt(root: etree._Element) -> Receipt:
    nested = root[0] if len(root) == 1 and len(root[0]) else root
    fields = fields_of(nested)
    return _told(FORMAT_RECEIPT, None, fields.get("oriCopMsgId", ""), fields, nested)


def _told(
    root: str, kind: MessageKind | None, key: str, fields: dict[str, str], node: etree._Element
) -> Receipt:
    status, time = fields.get("returnStatus", ""), fields.get("returnTime", "")
    if not status or not time or not key:
        raise Unreadable(f"an answer in {root} has no status, time or subject")
    return Receipt(
        root=root,
        kind=kind,
        key=key,
        guid=fields.get("guid", ""),
        status=status,
        time=time,
        info=fields.get("returnInfo", ""),
        raw=etree.tostring(node, encoding="unicode", with_tail=False),
        fields=fields,
    )
