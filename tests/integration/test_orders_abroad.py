"""Where orders go: what is left to the buyer on arrival."""

from datetime import datetime

import pytest

from livecommerce.crossborder.wire import Destination, Terms
from livecommerce.kernel.db import Database
from livecommerce.orders import actions, letters
from livecommerce.orders.rules import Policy
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from tests import shop
from tests.customs import DESK
from tests.purchases import BERLIN, RATES, Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_what_the_buyer_owes_on_arrival_is_not_nothing(
    counter: Counter, now: datetime
) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    hold = await counter.claim(product, who)
    oslo = BERLIN.model_copy(update={"country": "NO", "postcode": "0150"})
    ask = AskQuote(holds=[hold.id], destination=Destination(country="NO"), currency="EUR")
    async with counter.db.begin() as tx:
        quote = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
        want = PlaceCheckout(quote=quote.id, address=oslo, email="anna@example.com")
        checkout = await actions.place(tx, want, by=who, policy=Policy(), now=now)
    (order,) = await counter.orders(checkout)
    assert (order.terms, order.duty, order.tax) == (Terms.DAP, None, None)
    letter = letters.receipt(await counter.checkout(checkout), [order], home="http://home")
    assert letter.text.count("due on arrival") == 2
