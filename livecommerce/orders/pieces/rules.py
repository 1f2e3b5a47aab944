"""What each piece of a line cost, to the smallest unit, and the state that pieces add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livecommerce.kernel.money import Money
from livecommerce.orders.rules import OrderState
from livecommerce.settlement.rules import Parts

PARTS = ("goods", "shipping", "duty", "tax", "fees")
_CALLED = {"fee": "fees"}  # a quote's charges are called in the singular


@dataclass(frozen=True, slots=True)
class Pieces:
    """How the pieces of one line stand."""

    count: int
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0
    refunded: int = 0

    @property
    def waiting(self) -> int:
        """Still to be sent, and so still to be cancelled."""
        return self.count - self.shipped - self.cancelled

    @property
    def returnable(self) -> int:
        """With the buyer, and not asked back yet."""
        return self.shipped - self.returned


def state_of(pieces: Iterable[Pieces], *, all_delivered: bool) -> OrderState:
    """The state of a paid order that follows from its pieces and parcels.

    Args:
        all_delivered: whether every parcel that was sent has arrived.
    """
    lines = list(pieces)
    sent = any(line.shipped for line in lines)
    if any(line.waiting for line in lines):
        return OrderState.PARTLY_SHIPPED if sent else OrderState.PAID
    if not sent:
        return OrderState.CANCELLED
    return OrderState.DELIVERED if all_delivered else OrderState.SHIPPED


def by_line(
    whole: Parts, references: Sequence[str], charges: Iterable[Mapping[str, Any]]
) -> dict[str, Parts]:
    """What each line's pieces cost delivered; together exactly ``whole``.

    Args:
        references: the lines, as the quote's shares name them.
        charges: of the merchant's parcel in the quote, each with its shares.
    """
    weights = {name: dict.fromkeys(references, 0) for name in PARTS}
    for charge in charges:
        part = weights.get(_CALLED.get(charge["kind"], charge["kind"]))
        for share in charge["shares"] if part is not None else []:
            if part is not None and share["reference"] in part:
                part[share["reference"]] += share["amount"]["minor"]
    goods = list(weights["goods"].values())
    found: dict[str, dict[str, Money]] = {reference: {} for reference in references}
    for name in PARTS:
        own = list(weights[name].values())
        fair = (
            own if sum(own) > 0 and min(own) >= 0 else goods if any(goods) else [1] * len(own)
        )
        for reference, amount in zip(references, getattr(whole, name).split(fair), strict=True):
            found[reference][name] = amount
    return {reference: Parts(**amounts) for reference, amounts in found.items()}


def slice_of(line: Parts, count: int, *, start: int, pieces: int) -> Parts:
    """What the pieces ``[start, start + pieces)`` of a line's ``count`` cost.

    Whatever the cuts, the slices of a line add up to the line.
    """
    if not 0 <= start <= start + pieces <= count:
        raise ValueError("no such pieces")

    def cut(amount: Money) -> Money:
        upto = amount.minor * (start + pieces) // count
        return Money(upto - amount.minor * start // count, amount.currency)

    return Parts(**{name: cut(getattr(line, name)) for name in PARTS})


def sum_of(parts: Iterable[Parts], currency: str) -> Parts:
    """All of them together."""
    every = list(parts)
    return Parts(
        **{name: Money.sum((getattr(p, name) for p in every), currency) for name in PARTS}
    )


def within(wanted: Parts, left: Parts) -> Parts:
    """As much of each part as is left of it: what went back before is not given twice."""
    least = {
        name: Money(
            max(0, min(getattr(wanted, name).minor, getattr(left, name).minor)),
            wanted.goods.currency,
        )
        for name in PARTS
    }
    return Parts(**least)
