"""The envelope documents travel in: ``DxpMsg``, with the document as Base64."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from livecommerce.kernel.clock import BEIJING
from livecommerce.outside.customs.ceb.document import Unreadable, parse
from livecommerce.outside.customs.ceb.names import DXP


@dataclass(frozen=True, slots=True)
class Envelope:
    """One document on its way. ``message_id`` is the sender's; answers to a document that
    could not be read name it."""

    message_id: str
    sender: str
    receivers: tuple[str, ...]
    made_at: datetime
    kind: str
    document: bytes

    def encode(self) -> bytes:
        """As bytes for the exchange platform."""
        top = etree.Element(_dxp("DxpMsg"), nsmap={None: DXP})  # type: ignore[dict-item]
        top.set("ver", "1.0")
        info = etree.SubElement(top, _dxp("TransInfo"))
        _text(info, "CopMsgId", self.message_id)
        _text(info, "SenderId", self.sender)
        receivers = etree.SubElement(info, _dxp("ReceiverIds"))
        for receiver in self.receivers:
            _text(receivers, "ReceiverId", receiver)
        _text(info, "CreatTime", self.made_at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S"))
        _text(info, "MsgType", self.kind)
        _text(top, "Data", base64.b64encode(self.document).decode())
        return etree.tostring(top, encoding="UTF-8", xml_declaration=True)

    @classmethod
    def decode(cls, raw: bytes) -> "Envelope":
        """Read back what :meth:`encode` (or the platform) wrote.

        Raises:
            Unreadable: something the exchange would refuse.
        """
        top = parse(raw)
        if top.tag != _dxp("DxpMsg"):
            raise Unreadable("not a DxpMsg")
        receivers = tuple(_found(node) for node in top.iter(_dxp("ReceiverId")))
        if not 1 <= len(receivers) <= 5:
            raise Unreadable("an envelope has one to five receivers")
        try:
            made = datetime.strptime(_one(top, "CreatTime", 40), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007
            document = base64.b64decode("".join(_one(top, "Data").split()), validate=True)
        except (ValueError, binascii.Error) as error:
            raise Unreadable(f"the envelope is damaged: {error}") from None
        return cls(
            message_id=_one(top, "CopMsgId", 255),
            sender=_one(top, "SenderId", 16),
            receivers=receivers,
            made_at=made.replace(tzinfo=BEIJING),
            kind=_one(top, "MsgType", 30),
            document=document,
        )


def _one(top: etree._Element, name: str, longest: int | None = None) -> str:
    nodes = list(top.iter(_dxp(name)))
    if len(nodes) != 1:
        raise Unreadable(f"an envelope has one {name}")
    text = _found(nodes[0])
    if longest is not None and len(text) > longest:
        raise Unreadable(f"{name} is longer than {longest} characters")
    return text


def _found(node: etree._Element) -> str:
    if not node.text:
        raise Unreadable(f"{etree.QName(node).localname} is empty")
    return node.text.strip()


def _text(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, _dxp(name)).text = value


def _dxp(name: str) -> str:
    return f"{{{DXP}}}{name}"
