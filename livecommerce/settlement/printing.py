"""The statement as a PDF in Chinese and English, typeset by typst."""

from datetime import datetime
from importlib.resources import files
from typing import Any

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.money import Money
from livecommerce.office import printing
from livecommerce.settlement import shares
from livecommerce.settlement.actions import REFUND_OUTSIDE
from livecommerce.settlement.wire import StatementOut

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
    "refund-outside": "银行转账退款 Refund by bank transfer",
    "refund-outside.reversed": "银行转账退款冲销 Refund by bank transfer undone",
    "late-payment": "逾期付款 Paid too late",
    "late-payment-refund": "逾期付款退回 Late payment returned",
    "unmatched-refund": "无对应订单的退款 Refund of no order",
    "fee": "支付手续费 Payment fee",
    "available": "款项到账 Funds available",
    "exchange": "支付机构换汇 Exchanged by the provider",
    "fx-revaluation": "汇兑重估 Exchange revalued",
    "release": "解冻 Released",
    "reserve-release": "保证金解冻 Reserve released",
    "recovery": "抵扣欠款 Set off",
    "transfer-wanted": "转账 Transfer",
    "transfer": "已转账 Transferred",
    "transfer-refused": "转账被拒 Transfer refused",
    "transfer-reversed": "转账撤回 Transfer taken back",
    "payout": "中心提现 The centre's payout",
    "payout.reversed": "中心提现退回 The centre's payout sent back",
    "dispute": "争议扣款 Taken in a dispute",
    "dispute.reversed": "争议款返还 Dispute won, money back",
    "dispute-hold": "争议冻结 Held in a dispute",
    "dispute-hold.reversed": "争议解冻 Dispute won",
    "dispute-lost": "争议败诉 Dispute lost",
    "conversion": "换汇 Exchanged",
    "correction": "更正 Correction",
}
NOTED = {shares.CONVERSION, REFUND_OUTSIDE}
"""Whose memo tells a merchant something: the rate, or the bank's reference."""
MIRRORED = ".reversed"


def named(kind: str) -> str:
    """What a kind of posting is called; any can be reversed, and then says so."""
    if kind in KINDS or not kind.endswith(MIRRORED):
        return KINDS.get(kind, kind)
    return f"冲销 Reversed: {named(kind.removesuffix(MIRRORED))}"


async def pdf(told: StatementOut, *, now: datetime) -> bytes:
    """The statement.

    Raises:
        NoFontForChinese: the machine could not set Chinese.
    """
    template = files(__package__).joinpath("statement.typ").read_bytes()
    return await printing.pdf(template, _facts(told, now), now=now)


def _facts(told: StatementOut, now: datetime) -> dict[str, Any]:
    return {
        "name": {"zh": told.name.zh, "en": told.name.en},
        "month": f"{told.month:%Y-%m}",
        "made": f"{now.astimezone(BEIJING):%Y-%m-%d %H:%M} (UTC+8)",
        "parts": [
            {
                "title": ACCOUNTS[part.account],
                "opening": _figure(part.opening),
                "closing": _figure(part.closing),
                "lines": [
                    {
                        "at": f"{line.at.astimezone(BEIJING):%m-%d %H:%M}",
                        "kind": named(line.kind),
                        "source": line.source,
                        "note": line.memo if line.kind in NOTED else "",
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
