"""Placing: where the quote was made for, in the words of the first time, or not at all."""

from datetime import datetime
from typing import Any

import pytest

from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.db import Database
from livecommerce.orders import actions
from livecommerce.orders.errors import AddressNotQuoted, PlacedAndCancelled, PlacedOtherwise
from livecommerce.orders.rules import Policy
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from tests import shop
from tests.customs import DESK
from tests.purchases import BERLIN, RATES, Counter

TOKYO = {
    "country": "JP",
    "region": "東京都",
    "city": "千代田区",
    "line1": "千代田1-1",
    "postcode": "100-0001",
    "phone": "+81 3 1234 5678",
}
NEW_YORK = {
    "country": "US",
    "region": "NY",
    "city": "New York",
    "line1": "1 Main Street",
    "postcode": "10001",
    "phone": "+1 212 555 0100",
}


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_a_quote_is_placed_in_the_same_words_or_not_again(
    counter: Counter, now: datetime
) -> None:
    """Nobody believes that their corrected address was taken when the first one stands."""
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    hold = await counter.claim(product, who)
    ask = AskQuote(holds=[hold.id], destination=Destination(country="DE"), currency="EUR")
    async with counter.db.begin() as tx:
        quote = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
    want = PlaceCheckout(quote=quote.id, address=BERLIN, email="anna@example.com")

    async def place(**other: Any) -> str:
        again = want.model_copy(update=other)
        async with counter.db.begin() as tx:
            return await actions.place(tx, again, by=who, policy=Policy(), now=now)

    checkout = await place()
    assert await place(email="Anna@example.com") == checkout
    assert await place(address=BERLIN.model_copy(update={"phone": "030 000000"})) == checkout
    for other in (
        {"address": BERLIN.model_copy(update={"line1": "Lindenstr. 2"})},
        {"email": "bert@example.com"},
    ):
        with pytest.raises(PlacedOtherwise) as refused:
            await place(**other)
        assert refused.value.facts == {"checkout": checkout}
    async with counter.db.begin() as tx:
        await actions.cancel(tx, checkout, by=who, now=now)
    with pytest.raises(PlacedAndCancelled):
        await place()
    await counter.drain()
    with pytest.raises(PlacedAndCancelled):
        await place()


@pytest.mark.parametrize(
    ("quoted", "placed", "fits"),
    [
        ({"country": "DE"}, {}, True),
        ({"country": "DE"}, {"postcode": "27498", "city": "Helgoland"}, False),
        ({"country": "DE", "postcode": "27498"}, {"postcode": "27498"}, True),
        ({"country": "DE", "postcode": "27498"}, {}, False),
        ({"country": "DE", "postcode": "27498"}, {"postcode": "27499"}, False),
        ({"country": "JP", "postcode": "1000001"}, TOKYO, True),
        ({"country": "JP", "postcode": "１００－０００１"}, TOKYO, True),
        ({"country": "JP", "postcode": "100-0002"}, TOKYO, False),
        ({"country": "US", "region": "New York", "postcode": "10001"}, NEW_YORK, True),
        ({"country": "US", "region": "NY", "postcode": "10001-1234"}, NEW_YORK, True),
        ({"country": "US", "region": "NJ", "postcode": "10001"}, NEW_YORK, False),
    ],
)
async def test_figures_hold_for_the_place_however_it_is_written(
    counter: Counter, now: datetime, quoted: Any, placed: Any, fits: bool
) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    hold = await counter.claim(product, who)
    ask = AskQuote(holds=[hold.id], destination=Destination(**quoted), currency="EUR")
    address = BERLIN.model_copy(update=placed)
    async with counter.db.begin() as tx:
        quote = await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
        want = PlaceCheckout(quote=quote.id, address=address, email="anna@example.com")
        if fits:
            await actions.place(tx, want, by=who, policy=Policy(), now=now)
            return
        with pytest.raises(AddressNotQuoted):
            await actions.place(tx, want, by=who, policy=Policy(), now=now)
