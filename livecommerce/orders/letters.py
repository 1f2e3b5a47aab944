"""What buyers and merchants are written of orders: pure texts, in Chinese and English."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecommerce.kernel.money import Money
from livecommerce.orders.events import LateRefundFailed, OrderDisputed, OrderRefundFailed
from livecommerce.orders.rules import DisputeState
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


_DISPUTED = {
    DisputeState.OPEN: (
        "订单被提出争议 / Order disputed",
        "买家的银行对订单 {order} 提出争议，扣回 {amount}。裁定前请勿发货；"
        "银行扣回的款项不能再退，贵司在其中的货款暂予保留。中心会以订单资料答复银行；如有签收证明等材料，请交给中心财务。",
        "The buyer's bank contests order {order} and has taken {amount}. Until it decides, do"
        " not ship; what it took cannot be refunded as well, and what you have of it is kept"
        " back. The centre answers the bank out of the order's records; whatever else speaks"
        " for you, such as a proof of delivery, please give to the centre's finance desk.",
    ),
    DisputeState.WON: (
        "争议胜诉 / Dispute won",
        "银行裁定订单 {order} 的争议不成立，{amount} 已退还，不再为此保留货款。",
        "The bank has decided about order {order} for you: {amount} came back, and nothing is"
        " kept back for it any more.",
    ),
    DisputeState.LOST: (
        "争议败诉 / Dispute lost",
        "银行裁定订单 {order} 的争议成立，{amount} 归买家，由贵司承担。",
        "The bank has decided about order {order} for the buyer, who keeps {amount}; it is"
        " borne by you.",
    ),
}


def disputed(event: OrderDisputed, *, home: str) -> Letter:
    """A buyer's bank has taken money of a merchant's order, or has decided; what follows, and
    where to look."""
    subject, *texts = _DISPUTED[DisputeState(event.state)]
    written = [text.format(order=event.order, amount=event.amount) for text in texts]
    pages = f"{home}/orders/{event.order}\n{home}/money/{event.merchant}\n"
    return Letter(f"{subject}: {event.order}", "\n\n".join([*written, pages]))


def late_refund_failed(event: LateRefundFailed, *, home: str, link: str) -> Letter:
    """A payment came too late and its refund did not arrive: that the money is still the
    buyer's, and what happens next. Nothing in it tells which card or account it was."""
    lines = [
        f"您的付款到达时商品已售出，退款 {event.amount} 没有到账。这笔钱仍然属于您，"
        "平台将重新退款或改用其他方式退还给您。请在订单页面留言，告诉我们如何与您联系；"
        "请勿在留言中发送银行卡号。",
        "",
        f"Your payment came when the goods were gone, and its refund of {event.amount} did"
        " not arrive. The money is still yours and will be sent again or another way. Please"
        " leave a message on the order's page and say how to reach you; never write a card"
        " number there.",
        "",
        f"{home}/checkout/{event.checkout}",
        f"查看订单 / See your orders: {link}",
        PRIVATE,
    ]
    subject = f"退款未到账 / Your refund did not arrive: {event.checkout}"
    return Letter(subject, "\n".join(lines) + "\n")


def _or_later(amount: Money | None) -> str:
    return ON_ARRIVAL if amount is None else str(amount)
