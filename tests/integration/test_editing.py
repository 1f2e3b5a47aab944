"""Products edited: dimensions, prices, archiving; and what buyers notice of it."""

from datetime import datetime

import pytest

from livecommerce.catalogue import actions, queries
from livecommerce.catalogue.bulk.actions import edit_many
from livecommerce.catalogue.bulk.wire import BulkEdit, BulkOut
from livecommerce.catalogue.editing.actions import edit_options, edit_product, edit_variants
from livecommerce.catalogue.editing.wire import EditOptions, EditProduct, EditVariants
from livecommerce.catalogue.errors import (
    CurrenciesDiffer,
    EditedMeanwhile,
    NoSuchPicture,
    NoSuchProduct,
    OptionsWrong,
    PlanChanged,
    PriceNotPayable,
    PriceNotPositive,
    SkuTaken,
)
from livecommerce.catalogue.textiles import PRODUCT
from livecommerce.catalogue.wire import NewProduct, ProductOut, ProductWords
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import Money
from tests import catalogue, shop

WHITE = {"key": "white", "label": {"zh": "白", "en": "White"}}
SAGE = {"key": "sage", "label": {"zh": "豆绿", "en": "Sage"}}
COLOUR = {"key": "colour", "label": {"zh": "颜色", "en": "Colour"}, "values": [WHITE, SAGE]}
SIZE = PRODUCT["options"][0]
EDITED = {"id", "sku", "weight_g", "price", "prices", "was"}
FILL = {"sku": "SET", "weight_g": 900, "price": {"minor": 29900, "currency": "CNY"}}


@pytest.fixture
async def product(db: Database, now: datetime) -> ProductOut:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    return await catalogue.add(db, catalogue.told(merchant), now)


async def with_options(
    db: Database, product: ProductOut, options: list[object], now: datetime
) -> ProductOut:
    told = {"version": product.version, "options": options, "fill": FILL}
    want = EditOptions.model_validate(told)
    async with db.begin() as tx:
        by = shop.owner(product.merchant)
        return await edit_options(tx, product.id, want, by=by, now=now)


def sold(product: ProductOut) -> dict[str, dict[str, str]]:
    return {v.sku: v.options for v in product.variants if not v.archived}


async def test_a_dimension_is_added_and_existing_variants_are_what_they_were(
    db: Database, product: ProductOut, now: datetime
) -> None:
    more = await with_options(db, product, [SIZE, {**COLOUR, "existing": "white"}], now)
    assert more.variants[0].id == product.variants[0].id
    assert sold(more) == {
        "SET-1": {"size": "200x230", "colour": "white"},
        "SET-001": {"size": "200x230", "colour": "sage"},
    }
    fewer = await with_options(db, more, [SIZE, {**COLOUR, "values": [SAGE]}], now)
    assert sold(fewer) == {"SET-001": {"size": "200x230", "colour": "sage"}}
    gone = next(v for v in fewer.variants if v.sku == "SET-1")
    assert (gone.archived, gone.left) == (True, 0), "it is not sold, its goods are still there"
    assert [v.key for v in fewer.offered[1].values] == ["sage"]
    assert {v.key for v in fewer.options[1].values} == {"white", "sage"}, "its words are kept"
    back = await with_options(db, fewer, [SIZE, COLOUR], now)
    assert sold(back).keys() == {"SET-1", "SET-001"}
    assert next(v for v in back.variants if v.sku == "SET-1").left == 40


async def test_nobody_overwrites_what_they_have_not_seen(
    db: Database, product: ProductOut, now: datetime
) -> None:
    words = product.model_dump(include=set(ProductWords.model_fields))
    want = EditProduct.model_validate({**words, "category": "sets", "version": 1})
    by = shop.owner(product.merchant)
    async with db.begin() as tx:
        saved = await edit_product(tx, product.id, want, by=by)
    assert (saved.category, saved.version) == ("sets", 2)
    with pytest.raises(EditedMeanwhile):
        async with db.begin() as tx:
            await edit_product(tx, product.id, want, by=by)
    missing = {"pictures": [f"/media/goods/{'0' * 40}-800.webp"], "version": 2}
    another = EditProduct.model_validate({**words, **missing})
    with pytest.raises(NoSuchPicture):
        async with db.begin() as tx:
            await edit_product(tx, product.id, another, by=by)


NOT_PRICES = [
    ({"price": {"minor": 0, "currency": "CNY"}, "was": []}, PriceNotPositive),
    ({"prices": [{"minor": 0, "currency": "EUR"}]}, PriceNotPositive),
    ({"price": {"minor": 10**12, "currency": "CNY"}, "was": []}, PriceNotPayable),
    ({"prices": [{"minor": 100_000_000, "currency": "EUR"}]}, PriceNotPayable),
    ({"prices": [{"minor": 1234, "currency": "KWD"}]}, PriceNotPayable),
]


@pytest.mark.parametrize(("spoilt", "refusal"), NOT_PRICES)
async def test_a_price_is_more_than_nothing_and_can_be_paid(
    db: Database, product: ProductOut, now: datetime, spoilt: object, refusal: type[Problem]
) -> None:
    with pytest.raises(refusal):
        await catalogue.add(db, catalogue.told(product.merchant, "B", variant=spoilt), now)
    told = product.variants[0].model_dump(mode="json", include=EDITED) | spoilt
    want = EditVariants.model_validate({"version": 1, "variants": [told]})
    by = shop.owner(product.merchant)
    async with db.begin() as tx:
        with pytest.raises(refusal):
            await edit_variants(tx, product.id, want, by=by, now=now)
    fill = {**FILL, **{k: v for k, v in spoilt.items() if k != "was"}}
    options = [SIZE, {**COLOUR, "existing": "white"}]
    more = EditOptions.model_validate({"version": 1, "options": options, "fill": fill})
    with pytest.raises(refusal):
        async with db.begin() as tx:
            await edit_options(tx, product.id, more, by=by, now=now)


async def test_a_product_has_one_currency(
    db: Database, product: ProductOut, now: datetime
) -> None:
    yen = {"minor": 8000, "currency": "JPY"}
    options = [SIZE, {**COLOUR, "existing": "white"}]
    by = shop.owner(product.merchant)
    told = {"version": 1, "options": options, "fill": {**FILL, "price": yen}}
    want = EditOptions.model_validate(told)
    with pytest.raises(CurrenciesDiffer) as refused:
        async with db.begin() as tx:
            await edit_options(tx, product.id, want, by=by, now=now)
    assert refused.value.facts == {"currencies": "CNY,JPY"}
    more = await with_options(db, product, options, now)
    rows = [v.model_dump(mode="json", include=EDITED) for v in more.variants]
    rows = [{**row, "price": yen, "was": []} for row in rows]

    async def edit(variants: list[dict[str, object]]) -> ProductOut:
        want = EditVariants.model_validate({"version": more.version, "variants": variants})
        async with db.begin() as tx:
            return await edit_variants(tx, product.id, want, by=by, now=now)

    with pytest.raises(CurrenciesDiffer):
        await edit(rows[:1])
    assert {v.price for v in (await edit(rows)).variants} == {Money(8000, "JPY")}
    mixed = catalogue.told(product.merchant, "B").model_dump(mode="json")
    other = {**mixed["variants"][0], "sku": "B-2", "price": yen, "was": []}
    other["options"] = {"size": "s2"}
    mixed["options"][0]["values"].append({"key": "s2", "label": {"zh": "二", "en": "Two"}})
    mixed["variants"].append(other)
    with pytest.raises(CurrenciesDiffer):
        await catalogue.add(db, NewProduct.model_validate(mixed), now)


async def test_price_lists_and_was_prices_are_those_that_are_sent(
    db: Database, product: ProductOut, now: datetime
) -> None:
    first = product.variants[0]
    assert first.was[0].basis == "lowest_7_days"
    assert first.prices == [Money(5900, "EUR")]
    told = first.model_dump(include={"id", "sku", "weight_g", "measures"})
    told |= {"price": {"minor": 36900, "currency": "CNY"}}
    told |= {"prices": [{"minor": 6200, "currency": "USD"}]}
    by = shop.owner(product.merchant)
    async with db.begin() as tx:
        want = EditVariants.model_validate({"version": 1, "variants": [told]})
        saved = (await edit_variants(tx, product.id, want, by=by, now=now)).variants[0]
    assert (saved.price, saved.prices, saved.was) == (
        Money(36900, "CNY"),
        [Money(6200, "USD")],
        [],
    )


async def test_two_variants_may_change_their_skus_and_none_takes_a_third(
    db: Database, product: ProductOut, now: datetime
) -> None:
    more = await with_options(db, product, [SIZE, {**COLOUR, "existing": "white"}], now)
    fields = {"id", "sku", "weight_g", "price"}
    one, two = (v.model_dump(include=fields) for v in more.variants)
    by = shop.owner(product.merchant)
    swapped = [{**one, "sku": two["sku"]}, {**two, "sku": one["sku"]}]
    async with db.begin() as tx:
        want = EditVariants.model_validate({"version": more.version, "variants": swapped})
        saved = await edit_variants(tx, product.id, want, by=by, now=now)
    assert [v.sku for v in saved.variants] == ["SET-001", "SET-1"]
    await catalogue.add(db, catalogue.told(product.merchant, "OTHER"), now)
    taken = {"version": saved.version, "variants": [{**one, "sku": "OTHER-1"}]}
    want = EditVariants.model_validate(taken)
    with pytest.raises(SkuTaken):
        async with db.begin() as tx:
            await edit_variants(tx, product.id, want, by=by, now=now)


async def test_a_variant_whose_value_is_gone_does_not_come_back_by_itself(
    db: Database, product: ProductOut, now: datetime
) -> None:
    more = await with_options(db, product, [SIZE, {**COLOUR, "existing": "white"}], now)
    fewer = await with_options(db, more, [SIZE, {**COLOUR, "values": [SAGE]}], now)
    gone = next(v for v in fewer.variants if v.archived)
    told = gone.model_dump(include={"id", "sku", "weight_g", "price"})
    want = EditVariants.model_validate({"version": fewer.version, "variants": [told]})
    by = shop.owner(product.merchant)
    with pytest.raises(OptionsWrong):
        async with db.begin() as tx:
            await edit_variants(tx, product.id, want, by=by, now=now)


async def test_archived_is_not_for_sale_and_comes_back_whole(
    db: Database, product: ProductOut, now: datetime
) -> None:
    by = shop.owner(product.merchant)
    variant = product.variants[0].id
    async with db.begin() as tx:
        await actions.archive_product(tx, product.id, by=by, now=now)
        assert await queries.archived(tx, [variant]) == {variant}
        shown = await queries.product(tx, product.id)
    assert (shown.archived, shown.variants[0].left) == (True, 0)
    async with db.begin() as tx:
        back = await actions.unarchive_product(tx, product.id, by=by, now=now)
    assert (back.archived, back.variants[0].left) == (False, 40)
    told = "SELECT count(*) FROM kernel.outbox WHERE topic = 'catalogue.StockChanged'"
    assert await catalogue.scalar(db, told) == 3, "received, archived, back"


async def bulk(
    db: Database, product: ProductOut, edit: object, now: datetime, seen: str | None = None
) -> BulkOut:
    want = BulkEdit.model_validate({"products": [product.id], "edit": edit, "seen": seen})
    async with db.begin() as tx:
        by = shop.owner(product.merchant)
        return await edit_many(tx, product.merchant, want, by=by, now=now)


async def test_bulk_edits_are_done_as_they_were_seen(
    db: Database, product: ProductOut, now: datetime
) -> None:
    down = {"kind": "price_percent", "percent": -10}
    looked = await bulk(db, product, down, now)
    assert [(x.before, x.after) for x in looked.lines] == [
        ("399.00 CNY", "359.10 CNY"),
        ("59.00 EUR", "53.10 EUR"),
    ]
    async with db.begin() as tx:
        assert (await queries.product(tx, product.id)).variants[0].price.minor == 39900
    assert (await bulk(db, product, down, now, looked.seen)).applied
    with pytest.raises(PlanChanged):
        await bulk(db, product, down, now, looked.seen)
    async with db.begin() as tx:
        shown = await queries.product(tx, product.id)
    assert shown.variants[0].price == Money(35910, "CNY")
    assert shown.version == product.version + 1


async def test_a_bulk_edit_with_a_problem_does_nothing(
    db: Database, product: ProductOut, now: datetime
) -> None:
    for edit in (
        {"kind": "price_percent", "percent": 40},  # not below the was-price any more
        {"kind": "price_amount", "amount": {"minor": -39900, "currency": "CNY"}},
        {"kind": "stock", "change": -41, "reason": "damaged"},
    ):
        looked = await bulk(db, product, edit, now)
        assert looked.problems == 1
        with pytest.raises(PlanChanged):
            await bulk(db, product, edit, now, looked.seen)


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        ({"kind": "category", "category": "summer"}, ("bedding-sets", "summer")),
        ({"kind": "archive"}, ("on_sale", "archived")),
        ({"kind": "stock", "change": 2, "reason": "received"}, ("40", "42")),
    ],
)
async def test_every_kind_of_bulk_edit(
    db: Database,
    product: ProductOut,
    now: datetime,
    edit: dict[str, object],
    change: tuple[str, str],
) -> None:
    looked = await bulk(db, product, edit, now)
    assert [(line.before, line.after) for line in looked.lines] == [change]
    assert (await bulk(db, product, edit, now, looked.seen)).applied
    if edit["kind"] != "stock":
        assert not (await bulk(db, product, edit, now)).lines, "it is done"
    await shop.books_agree(db)


async def test_others_products_are_not_edited_along(
    db: Database, product: ProductOut, now: datetime
) -> None:
    other = await shop.open_shop(db, now=now, number=2)
    want = {"products": [product.id, other.id], "edit": {"kind": "archive"}}
    told = BulkEdit.model_validate(want)
    by = shop.owner(product.merchant)
    with pytest.raises(NoSuchProduct):
        async with db.begin() as tx:
            await edit_many(tx, product.merchant, told, by=by, now=now)
