"""What buyers are written: pure texts, in Chinese and English."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecommerce.kernel.money import Money
from livecommerce.orders.events import OrderRefundFailed
from livecommerce.orders.wire import CheckoutOut, OrderOut, SellerSnapshot

ON_ARRIVAL = "收货时由收件人缴纳 / due on arrival"


PRIVATE = "请勿转发此链接。 / Whoever has this link can read your orders; keep it to yourself."


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be sent."""

    subject: str
    text: str


def receipt(
    checkout: CheckoutOut, orders: Sequence[OrderOut], *, home: str, link: str = ""
) -> Letter:
    """Thanks, with what was bought from whom, what it cost, and where to look it up: ``link``
    opens the orders without an account."""
    lines = [
        "感谢您的订购，款项已收到。 / Thank you: your payment has arrived.",
        "",
        *((f"查看订单 / See your orders: {link}", PRIVATE, "") if link else ()),
    ]
    for order in orders:
        seller = order.seller
        lines += [
            f"{seller.legal_name.zh} / {seller.legal_name.en}",
            f"{home}/orders/{order.id}",
        ]
        for line in order.lines:
            chosen = ", ".join(value.en for value in line.snapshot.values.values())
            title = line.snapshot.title
            lines.append(f"  {line.count} × {title.zh} / {title.en} ({chosen})  {line.goods}")
        lines += [
            f"  运费 / Shipping: {order.shipping}",
            f"  关税 / Duty: {_or_later(order.duty)}",
            f"  税费 / Tax: {_or_later(order.tax)}",
            f"  其他费用 / Fees: {order.fees}",
            f"  合计 / Total: {order.total}",
            "",
        ]
    terms = checkout.quote.terms_text
    lines += [f"总计 / In all: {checkout.total}", "", terms.zh, terms.en]
    return Letter(f"订单已付款 / Paid: {checkout.id}", "\n".join(lines) + "\n")


def link(checkout: str, address: str) -> Letter:
    """The way to one's orders, once more."""
    lines = ["查看您的订单： / Your orders are here:", address, "", PRIVATE]
    return Letter(f"订单链接 / Your orders: {checkout}", "\n".join(lines) + "\n")


def message(order: str, address: str) -> Letter:
    """Somebody wrote about an order: that they did, and where to read it."""
    lines = [
        f"订单 {order} 有新消息。 / There is a new message about order {order}.",
        address,
    ]
    return Letter(f"新消息 / New message: {order}", "\n".join(lines) + "\n")


def refund_failed(
    event: OrderRefundFailed, seller: SellerSnapshot, *, home: str, link: str
) -> Letter:
    """A refund did not arrive: that the money is still the buyer's, and what happens next.
    Nothing in it tells which card or account it was."""
    page = f"{home}/orders/{event.order}"
    lines = [
        f"订单 {event.order} 的退款 {event.amount} 没有到账。这笔钱仍然属于您，"
        f"{seller.legal_name.zh}将改用其他方式退还给您。请在订单页面留言，告诉我们如何与您联系；"
        "请勿在留言中发送银行卡号。",
        "",
        f"Your refund of {event.amount} for order {event.order} did not arrive. The"
        f" money is still yours, and {seller.legal_name.en} is going to send it"
        " another way. Please leave a message on the order's page and say how to reach you;"
        " never write a card number there.",
        "",
        page,
        f"查看订单 / See your orders: {link}",
        PRIVATE,
    ]
    subject = f"退款未到账 / Your refund did not arrive: {event.order}"
    return Letter(subject, "\n".join(lines) + "\n")


def _or_later(amount: Money | None) -> str:
    return ON_ARRIVAL if amount is None else str(amount)
