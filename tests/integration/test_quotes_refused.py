"""What could never be paid is refused while it is quoted, and says why."""

from dataclasses import replace
from datetime import datetime

import pytest

from livecommerce.catalogue.claims import Claims
from livecommerce.crossborder.errors import NotSoldIn
from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders import actions
from livecommerce.orders.errors import TooDearAtOnce
from livecommerce.orders.wire import AskQuote
from livecommerce.settings import SELLS_IN, Settings
from tests import shop
from tests.customs import DESK
from tests.purchases import RATES, Counter

DEAREST = Money(99_999_999, "CNY")
BERLIN = Destination(country="DE", postcode="10969")


async def test_only_what_the_product_sells_in_is_quoted(db: Database, now: datetime) -> None:
    counter, who = Counter(db, now), shop.buyer()
    product = await shop.open_shop(db, now=now)
    hold = await counter.claim(product, who)

    async def quoted(currency: str, *sells_in: str) -> str:
        want = AskQuote(holds=[hold.id], destination=BERLIN, currency=currency)
        async with db.begin() as tx:
            told = await actions.quote(
                tx,
                want,
                by=who,
                rates=RATES,
                desk=DESK,
                sells_in=sells_in or SELLS_IN,
                now=now,
            )
        return told.currency

    RATES.day(now).must_have("ISK")  # there is a rate, and yet nothing is sold in it
    with pytest.raises(NotSoldIn) as refused:
        await quoted("ISK")
    assert refused.value.facts["currency"] == "ISK"
    assert refused.value.facts["sells_in"].split(",") == sorted(SELLS_IN)
    assert await quoted("EUR") == "EUR"
    assert await quoted("ISK", "ISK", "EUR") == "ISK"
    with pytest.raises(NotSoldIn):
        await quoted("USD", "ISK", "EUR")


async def test_what_no_payment_can_carry_is_not_promised(db: Database, now: datetime) -> None:
    who = shop.buyer()
    product = await shop.open_shop(db, now=now)
    async with Claims(db, latch=0).running() as claims:
        dear = replace(shop.claim_of(product, who.id, count=10), price=DEAREST)
        hold = await claims.claim(dear, now)
    ask = AskQuote(holds=[hold.id], destination=BERLIN, currency="EUR")
    with pytest.raises(TooDearAtOnce) as refused:
        async with db.begin() as tx:
            await actions.quote(tx, ask, by=who, rates=RATES, desk=DESK, now=now)
    facts = refused.value.facts
    assert facts["total"] > facts["most"] == 99_999_999
    assert facts["currency"] == "EUR"


def test_the_list_is_set_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().sells_in == SELLS_IN
    monkeypatch.setenv("LC_SELLS_IN", "EUR, CNY,USD")
    assert Settings().sells_in == ("EUR", "CNY", "USD")
    for wrong in ("euro", "EUR,xx", ","):
        monkeypatch.setenv("LC_SELLS_IN", wrong)
        with pytest.raises(ValueError, match="sells_in"):
            Settings()
