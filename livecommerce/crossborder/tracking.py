"""Tracking numbers: whether one can be the carrier's, and where it is followed."""

import re
from urllib.parse import quote

from livecommerce.crossborder.facts import Carrier
from livecommerce.crossborder.waybill import is_s10

S10 = "s10"


def fits(carrier: Carrier, number: str) -> bool:
    """Whether the number has the shape of the carrier's, and the right check digit if it is
    a postal one (UPU S10)."""
    if carrier.numbers is None:
        return True
    if carrier.numbers == S10:
        return is_s10(number)
    return re.fullmatch(carrier.numbers, number) is not None


def link(carrier: Carrier | None, number: str) -> str | None:
    """Where the carrier shows how the parcel goes, if it does."""
    if carrier is None or carrier.follow is None:
        return None
    return carrier.follow.replace("{number}", quote(number, safe=""))
