"""What the pages offer to pay in is what the product is set to sell in, and can be paid."""

import re
from datetime import UTC, datetime
from pathlib import Path

from livecommerce.crossborder.rates import Rates
from livecommerce.settings import SELLS_IN
from payments.stripe_words import largest

PAGE = Path(__file__).parents[2] / "livecommerce/pages/frontend/src/room/destination.ts"


def test_the_pages_offer_what_is_sold_in() -> None:
    (table,) = re.findall(r"const CURRENCIES[^{]*{(.*?)\n};", PAGE.read_text(), re.DOTALL)
    offered = set(re.findall(r": '([A-Z]{3})'", table))
    assert offered | {"CNY"} == set(SELLS_IN)


def test_all_of_it_has_a_rate_and_can_be_carried() -> None:
    newest = Rates().newest(datetime.now(UTC))
    assert newest is not None
    for currency in SELLS_IN:
        newest.must_have(currency)
        assert largest(currency).minor >= 99_999_990
