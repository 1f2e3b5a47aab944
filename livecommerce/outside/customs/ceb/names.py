"""The names customs uses: namespaces, message kinds, their roots, keys and receipts."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from livecommerce.kernel.clock import BEIJING

CEB = "http://www.chinaport.gov.cn/ceb"
DXP = "http://www.chinaport.gov.cn/dxp"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"


class MessageKind(StrEnum):
    """A message we send, by its number."""

    ORDER = "303"
    RECEIPTS = "403"
    WAYBILL = "505"
    INVENTORY = "603"
    CANCELLATION = "605"

    @property
    def root(self) -> str:
        """The name of the document's root element."""
        return f"CEB{self.value}Message"

    @property
    def receipt_root(self) -> str:
        """The name of the root element of its answers."""
        return f"CEB{int(self.value) + 1}Message"

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that name the same document in the message and in its answers."""
        return _KEYS[self]

    def business_key(self, fields: Mapping[str, str]) -> str:
        """How customs finds the document again, whatever its guid."""
        return "|".join(fields.get(name, "") for name in self.key_fields)


_KEYS = {
    MessageKind.ORDER: ("ebpCode", "ebcCode", "orderNo"),
    MessageKind.RECEIPTS: ("ebcCode", "orderNo"),
    MessageKind.WAYBILL: ("logisticsCode", "logisticsNo"),
    MessageKind.INVENTORY: ("agentCode", "copNo"),
    MessageKind.CANCELLATION: ("copNo", "invtNo"),
}

FORMAT_RECEIPT = "CEB900Message"
"""The answer to a document that does not fit its schema."""


def kind_of_root(root: str) -> MessageKind | None:
    """The kind whose document has this root, if it is one that we send."""
    return next((kind for kind in MessageKind if kind.root == root), None)


def kind_of_receipt(root: str) -> MessageKind | None:
    """The kind whose answers have this root, if it is one that we send."""
    return next((kind for kind in MessageKind if kind.receipt_root == root), None)


def stamp(moment: datetime) -> str:
    """``YYYYMMDDhhmmss``, as messages tell time: Beijing's, without saying so."""
    return moment.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def fine_stamp(moment: datetime) -> str:
    """``yyyyMMddHHmmssfff``, as answers tell time."""
    local = moment.astimezone(BEIJING)
    return local.strftime("%Y%m%d%H%M%S") + f"{local.microsecond // 1000:03d}"
