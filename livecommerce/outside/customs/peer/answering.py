"""What the stand-in writes back: receipts by the field tables, and format refusals."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from livecommerce.kernel.clock import BEIJING
from livecommerce.outside.customs.ceb.names import (
    CEB,
    FORMAT_RECEIPT,
    MessageKind,
    fine_stamp,
)
from livecommerce.outside.customs.ceb.vocabulary import vocabulary

SCHEMA_FAILED = "0002"


def receipt(
    kind: MessageKind,
    document: Mapping[str, str],
    *,
    serial: int,
    status: str,
    info: str,
    at: datetime,
) -> bytes:
    """One answer about one document, with every field its table asks for."""
    block = vocabulary().roots[kind.receipt_root][0].name
    said = {
        **document,
        "guid": str(uuid.uuid4()).upper(),
        "preNo": pre_number(serial, at),
        "invtNo": document.get("invtNo") or inventory_number(serial, document, at),
        "returnStatus": status,
        "returnTime": fine_stamp(at),
        "returnInfo": info,
    }
    root = etree.Element(f"{{{CEB}}}{kind.receipt_root}", nsmap={"ceb": CEB})
    root.set("guid", str(uuid.uuid4()).upper())
    root.set("version", "1.0")
    node = etree.SubElement(root, f"{{{CEB}}}{block}")
    for field in vocabulary().blocks[block]:
        if field.name in said:
            etree.SubElement(node, f"{{{CEB}}}{field.name}").text = said[field.name]
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def format_receipt(message_id: str, kind: str, faults: str, *, at: datetime) -> bytes:
    """CEB900: the document does not fit its schema."""
    root = etree.Element(f"{{{CEB}}}{FORMAT_RECEIPT}", nsmap={"ceb": CEB})
    root.set("guid", str(uuid.uuid4()).upper())
    root.set("version", "1.0")
    said = {
        "guid": str(uuid.uuid4()).upper(),
        "returnStatus": SCHEMA_FAILED,
        "returnInfo": f"数据包不能通过schema验证: {faults}"[:5000],
        "returnTime": fine_stamp(at),
        "oriCopMsgId": message_id,
        "oriMessageType": kind,
    }
    for name, text in said.items():
        etree.SubElement(root, f"{{{CEB}}}{name}").text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def pre_number(serial: int, at: datetime) -> str:
    """The e-port's number: B, the day, nine digits."""
    return f"B{at.astimezone(BEIJING):%Y%m%d}{serial:09d}"


def inventory_number(serial: int, document: Mapping[str, str], at: datetime) -> str:
    """Customs' number: office, year, E for export, nine digits."""
    office = document.get("customsCode", "0000")
    return f"{office}{at.astimezone(BEIJING):%Y}E{serial:09d}"
