"""How the stand-in judges a document, as far as customs' published rules go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livecommerce.kernel.db import Tx
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.outside.customs.ceb.vocabulary import error_texts
from livecommerce.outside.customs.peer import store

Fields = Mapping[str, str]

_CONTENT = {
    MessageKind.ORDER: "120",
    MessageKind.RECEIPTS: "120",
    MessageKind.WAYBILL: "399",
    MessageKind.INVENTORY: "120",
    MessageKind.CANCELLATION: "399",
}
_EXISTS = {
    MessageKind.ORDER: "-301010",
    MessageKind.RECEIPTS: "-401007",
    MessageKind.WAYBILL: "-504015",
    MessageKind.INVENTORY: "-621004",
    MessageKind.CANCELLATION: "-623009",
}
_UNKNOWN = {
    MessageKind.ORDER: "-301009",
    MessageKind.RECEIPTS: "-401006",
    MessageKind.WAYBILL: "-504014",
    MessageKind.INVENTORY: "-621011",
    MessageKind.CANCELLATION: "-623004",
}
_TEXTS = {
    "2": "电子口岸申报中",
    "3": "发送海关成功",
    "100": "海关退单",
    "120": "海关入库",
    "300": "人工审核",
    "399": "海关审结",
    "500": "海关查验",
    "600": "挂起",
    "800": "放行",
    "899": "结关",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The statuses a document gets, in order, with the words of the last one."""

    statuses: tuple[str, ...]
    about: str = ""

    def said(self, status: str) -> str:
        """The text that goes with a status."""
        text = _TEXTS.get(status) or error_texts().get(status, ("处理异常",))[0]
        return text.replace("[*]", f"[{self.about}]") if self.about else text


async def judge(tx: Tx, kind: MessageKind, fields: Fields, *, now: datetime) -> Verdict:
    """Refuse what exists already or is nowhere to be found; else the usual way."""
    key = {name: fields.get(name, "") for name in kind.key_fields}
    there = await store.accepted(tx, kind, key, now=now)
    about = "|".join(key.values())
    if fields.get("appType") == "1" and there is not None:
        return Verdict(("2", _EXISTS[kind]), about)
    if fields.get("appType") == "2" and there is None:
        return Verdict(("2", _UNKNOWN[kind]), about)
    if kind is MessageKind.INVENTORY:
        return await _inventory(tx, fields, now=now)
    if kind is MessageKind.CANCELLATION:
        return await _cancellation(tx, fields, now=now)
    return Verdict(("2", "3", _CONTENT[kind]))


async def _inventory(tx: Tx, fields: Fields, *, now: datetime) -> Verdict:
    """An inventory needs its order, its money and its waybill, each accepted before it."""
    papers: tuple[tuple[MessageKind, tuple[str, ...], str], ...] = (
        (MessageKind.ORDER, ("ebpCode", "ebcCode", "orderNo"), "-301004"),
        (MessageKind.RECEIPTS, ("ebcCode", "orderNo"), "-401004"),
        (MessageKind.WAYBILL, ("logisticsCode", "logisticsNo"), "-504014"),
    )
    for kind, names, code in papers:
        wanted = {name: fields.get(name, "") for name in names}
        if await store.accepted(tx, kind, wanted, now=now) is None:
            return Verdict(("2", "3", code), "|".join(wanted.values()))
    switches = await store.switches(tx)
    if switches.hold:
        return Verdict(("2", "3", "120", *switches.look))
    return Verdict(("2", "3", "120", *switches.look, "800", "899"))


async def _cancellation(tx: Tx, fields: Fields, *, now: datetime) -> Verdict:
    wanted = {"copNo": fields.get("copNo", "")}
    there: dict[str, Any] | None = await store.accepted(
        tx, MessageKind.INVENTORY, wanted, now=now
    )
    about = fields.get("invtNo", "")
    if there is None:
        return Verdict(("2", "-623003"), about)
    if there["over_at"] is not None and there["over_at"] <= now:
        return Verdict(("2", "-623005"), about)
    return Verdict(("2", "3", "399"))


def is_content(kind: MessageKind, status: str) -> bool:
    """Whether the status means that customs has taken the document in."""
    return status == _CONTENT[kind]
