"""The chart of accounts: which accounts there may be, and on which side each one grows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from payments.errors import NoSuchAccount


class Kind(StrEnum):
    """What an account tells."""

    ASSET = "A"
    LIABILITY = "L"
    REVENUE = "R"
    EXPENSE = "E"
    CLEARING = "X"


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the chart.

    ``owned`` accounts are kept per owner (a merchant); ``per_place`` ones per jurisdiction,
    and are written with it: ``tax_payable:DE``.
    """

    kind: Kind
    owned: bool = False
    per_place: bool = False

    @property
    def normal_side(self) -> int:
        """1 where debits make it grow, -1 where credits do."""
        return 1 if self.kind in {Kind.ASSET, Kind.EXPENSE, Kind.CLEARING} else -1


_A, _L, _R, _E, _X = Kind.ASSET, Kind.LIABILITY, Kind.REVENUE, Kind.EXPENSE, Kind.CLEARING

CHART: Mapping[str, Account] = {
    "stripe_pending": Account(_A),
    "stripe_available": Account(_A),
    "bank": Account(_A),
    "merchant_receivable": Account(_A, owned=True),
    "dispute_held": Account(_A),
    "customer_payable": Account(_L),
    "merchant_pending": Account(_L, owned=True),
    "merchant_available": Account(_L, owned=True),
    "merchant_reserve": Account(_L, owned=True),
    "merchant_transit": Account(_L, owned=True),
    "freight_payable": Account(_L),
    "duty_payable": Account(_L, per_place=True),
    "tax_payable": Account(_L, per_place=True),
    "gift_card_liability": Account(_L),
    "platform_fee": Account(_R),
    "fx_gain": Account(_R),
    "stripe_fee": Account(_E),
    "dispute_fee": Account(_E),
    "fx_loss": Account(_E),
    "refund_cost": Account(_E),
    "promo_funding": Account(_E),
    "commission_subsidy": Account(_E),
    "fx_clearing": Account(_X),
    "rounding": Account(_X),
    "suspense": Account(_X),
}

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def account(code: str, *, owner: str | None) -> Account:
    """The chart's line for an account as entries write it.

    Raises:
        NoSuchAccount: not in the chart, or it wants (or refuses) an owner or a place.
    """
    name, _, place = code.partition(":")
    line = CHART.get(name)
    if line is None or line.owned is not (owner is not None):
        raise NoSuchAccount(account=code, owner=owner)
    if (
        bool(_PLACE.fullmatch(place)) is not line.per_place
        or (":" in code) is not line.per_place
    ):
        raise NoSuchAccount(account=code, owner=owner)
    return line
