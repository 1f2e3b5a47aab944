"""The names customs uses: namespaces, message kinds, their roots and their receipts."""

from enum import StrEnum
from zoneinfo import ZoneInfo

CEB = "http://www.chinaport.gov.cn/ceb"
DXP = "http://www.chinaport.gov.cn/dxp"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"

BEIJING = ZoneInfo("Asia/Shanghai")
"""Times in messages carry no zone; they are told in this one."""


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


FORMAT_RECEIPT = "CEB900Message"
"""The answer to a document that does not fit its schema."""
