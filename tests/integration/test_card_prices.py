"""Prices on cards: something, that can be paid, in the one currency of the product."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue.errors import (
    CurrenciesDiffer,
    PriceNotPayable,
    PriceNotPositive,
)
from livecommerce.catalogue.tables import Variant
from livecommerce.crossborder.errors import NoRate
from livecommerce.kernel.db import Database
from livecommerce.live import actions
from livecommerce.live.errors import CardInOtherCurrency
from livecommerce.live.tables import Card
from livecommerce.live.wire import AddCard
from tests import shop
from tests.purchases import RATES
from tests.room_offers import first_card
from tests.room_screens import Stage, set_up


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def become(stage: Stage, **columns: object) -> None:
    """The first product's variant, whatever is allowed today."""
    mine = sa.update(Variant).where(Variant.id == stage.products[0].variants[0].id)
    async with stage.db.begin() as tx:
        await tx.execute(mine.values(**columns))


async def shelved_anew(stage: Stage, **columns: object) -> Card:
    """The first product put on the shelf again, with its variant as told."""
    card, _ = await first_card(stage)
    await become(stage, **columns)
    async with stage.db.begin() as tx:
        told = {"by": stage.host, "now": stage.tick()}
        await actions.remove_card(tx, stage.live, card, **told)
        want = AddCard(product=stage.products[0].id)
        rates = RATES.used(stage.now)
        assert rates is not None
        return await actions.add_card(tx, stage.live, want, **told, rates=rates)


async def test_a_card_is_at_prices_that_the_provider_takes(stage: Stage) -> None:
    card, variant = await first_card(stage)
    for minor in (100_000_000, 10**12):
        with pytest.raises(PriceNotPayable) as refused:
            await stage.shelf(actions.price_card, card, {variant: minor})
        assert refused.value.facts == {"variants": variant}
    row = await stage.shelf(actions.price_card, card, {variant: 99_999_999})
    assert row.prices == {variant: 99_999_999}


async def test_a_card_without_prices_gives_nothing_away_either(stage: Stage) -> None:
    with pytest.raises(PriceNotPositive):
        await shelved_anew(stage, price_minor=0)
    with pytest.raises(PriceNotPayable):
        await shelved_anew(stage, price_minor=10**12)
    assert list((await shelved_anew(stage, price_minor=1)).prices.values()) == [1]


async def test_a_card_is_in_the_one_currency_of_its_product(stage: Stage) -> None:
    merchant = stage.products[0].merchant
    async with stage.db.begin() as tx:
        want = shop.duvet(merchant, variants=2, sku="MIXED")
        by = shop.owner(merchant)
        mixed = await catalogue.create_product(tx, want, by=by, now=stage.tick())
        one = sa.update(Variant).where(Variant.id == mixed.variants[1].id)
        await tx.execute(one.values(currency="JPY"))
    with pytest.raises(CurrenciesDiffer) as refused:
        await stage.shelf(actions.add_card, AddCard(product=mixed.id))
    assert refused.value.facts == {"currencies": "CNY,JPY"}


async def test_a_card_stays_in_the_currency_in_which_it_was_promised(stage: Stage) -> None:
    card, variant = await first_card(stage)
    await become(stage, currency="JPY")
    with pytest.raises(CardInOtherCurrency):
        await stage.shelf(actions.price_card, card, {variant: 3000})
    async with stage.db.begin() as tx:
        kept = await actions.card_on(tx, stage.live, card)
    assert (kept.currency, kept.prices) == ("CNY", {variant: 19900})
    assert (await shelved_anew(stage, currency="JPY")).currency == "JPY"


async def test_what_no_rate_is_known_for_is_not_put_on_a_shelf(stage: Stage) -> None:
    with pytest.raises(NoRate):
        await shelved_anew(stage, currency="KWD", price_minor=19900)
