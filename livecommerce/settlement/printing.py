"""The statement as a PDF in Chinese and English, typeset by typst."""

import asyncio
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from livecommerce.kernel.money import Money
from livecommerce.settlement import shares
from livecommerce.settlement.errors import NoChineseFont
from livecommerce.settlement.wire import StatementOut

FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN")
"""Fonts that have Chinese and Latin letters, the one we like best first."""

ACCOUNTS = {
    "pending": "待结算 Pending",
    "available": "可用 Available",
    "reserve": "保证金 In reserve",
    "transit": "转账中 On its way",
    "receivable": "应还 Owed to the centre",
}
KINDS = {
    "sale": "销售 Sale",
    "refund": "退款 Refund",
    "refund.reversed": "退款退回 Refund returned",
    "release": "解冻 Released",
    "reserve-release": "保证金解冻 Reserve released",
    "recovery": "抵扣欠款 Set off",
    "transfer-wanted": "转账 Transfer",
    "transfer": "已转账 Transferred",
    "transfer-refused": "转账被拒 Transfer refused",
    "transfer-reversed": "转账撤回 Transfer taken back",
    "dispute-hold": "争议冻结 Held in a dispute",
    "dispute-hold.reversed": "争议解冻 Dispute won",
    "dispute-lost": "争议败诉 Dispute lost",
    "conversion": "换汇 Exchanged",
    "correction": "更正 Correction",
}


async def pdf(told: StatementOut, *, now: datetime) -> bytes:
    """The statement, typeset in a thread of its own.

    Raises:
        NoChineseFont: the machine could not set Chinese.
    """
    return await asyncio.to_thread(_typeset, told, now)


@cache
def _fonts() -> list[str]:
    import typst  # tens of megabytes, for processes that print

    found = [name for name in FONTS if name in typst.Fonts().families()]
    if not found:
        raise NoChineseFont(fonts=list(FONTS))
    return found


def _typeset(told: StatementOut, now: datetime) -> bytes:
    source = files(__package__).joinpath("statement.typ").read_bytes()
    facts = orjson.dumps(_facts(told, now)).decode()
    import typst

    made = typst.compile(
        source, format="pdf", sys_inputs={"facts": facts}, timestamp=int(now.timestamp())
    )
    assert isinstance(made, bytes)
    return made


def _facts(told: StatementOut, now: datetime) -> dict[str, Any]:
    return {
        "fonts": _fonts(),
        "name": {"zh": told.name.zh, "en": told.name.en},
        "month": f"{told.month:%Y-%m}",
        "made": f"{now:%Y-%m-%d %H:%M} UTC",
        "parts": [
            {
                "title": ACCOUNTS[part.account],
                "opening": _figure(part.opening),
                "closing": _figure(part.closing),
                "lines": [
                    {
                        "at": f"{line.at:%m-%d %H:%M}",
                        "kind": KINDS.get(line.kind, line.kind),
                        "source": line.source,
                        "note": line.memo if line.kind == shares.CONVERSION else "",
                        "amount": _figure(line.amount),
                        "balance": _figure(line.balance),
                    }
                    for line in part.lines
                ],
            }
            for part in told.parts
        ],
    }


def _figure(money: Money) -> str:
    number, _, currency = str(money).partition(" ")
    whole, point, rest = number.lstrip("-").partition(".")
    sign = "−" if money.minor < 0 else ""
    return f"{sign}{int(whole):,}{point}{rest} {currency}"
