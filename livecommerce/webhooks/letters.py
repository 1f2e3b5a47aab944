"""What the keepers of endpoints are written: pure texts, in Chinese and English."""

from dataclasses import dataclass

from livecommerce.webhooks.events import EndpointSwitchedOff
from livecommerce.webhooks.rules import OffBecause

_WHY = {
    OffBecause.FAILING: (
        "三天来没有一次投递成功。",
        "For three days not one delivery has got through.",
    ),
    OffBecause.GONE: (
        "接收方回答 410，即不再存在。",
        "The receiver answered 410: it is gone.",
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be sent."""

    subject: str
    text: str


def switched_off(event: EndpointSwitchedOff, url: str, *, home: str) -> Letter:
    """That an endpoint was switched off, why, and what to do."""
    zh, en = _WHY[OffBecause(event.because)]
    where = f"{home}/webhooks?merchant={event.merchant or ''}"
    text = "\n".join(
        [
            f"Webhook 接收地址已停用 / A webhook endpoint was switched off: {url}",
            "",
            zh,
            "修复后请重新启用，并重放停用期间的事件。",
            en,
            "Once it is mended, switch it on again and replay what it has missed.",
            "",
            where,
        ]
    )
    return Letter(f"Webhook 已停用 / Webhook switched off: {event.endpoint}", text + "\n")
