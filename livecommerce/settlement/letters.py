"""What merchants are written about their money: pure texts, in Chinese and English."""

from dataclasses import dataclass

from livecommerce.settlement.events import ReceiptsReached
from payments.events import PayoutFailed


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be sent."""

    subject: str
    text: str


def receipts_reached(event: ReceiptsReached, *, home: str) -> Letter:
    """The year's receipts have passed a threshold, and what follows from it."""
    zh = (
        f"贵司{event.year}年的收汇已达 {event.total}，超过 {event.threshold}。"
        "年收汇超过20万美元的小微跨境电商，应先办理贸易外汇收支企业名录登记。"
    )
    en = (
        f"Your receipts of {event.year} have come to {event.total} and passed"
        f" {event.threshold}. A small cross-border firm that receives more than 200,000 US"
        " dollars a year must first enter the directory of trading firms."
    )
    page = f"{home}/money/{event.merchant}"
    return Letter(f"收汇提醒 / Receipts: {event.threshold}", f"{zh}\n\n{en}\n\n{page}\n")


def payout_failed(event: PayoutFailed, *, home: str) -> Letter:
    """The bank has sent a payout back, and where to look."""
    zh = f"{event.amount} 的提现被银行退回（{event.code}），请核对收款银行账户。"
    en = (
        f"A payout of {event.amount} was sent back by the bank ({event.code}). Please check"
        " the bank account."
    )
    page = f"{home}/money/{event.owner}"
    return Letter(f"提现被退回 / Payout sent back: {event.amount}", f"{zh}\n\n{en}\n\n{page}\n")
