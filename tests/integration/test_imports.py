"""Sheets in: every row is told, then all of it is done, or nothing."""

from datetime import datetime
from typing import Any

import pytest

from livecommerce.catalogue import queries
from livecommerce.catalogue.errors import AppliedAlready, ImportHasErrors, PlanChanged
from livecommerce.catalogue.sheets import actions, writing
from livecommerce.catalogue.sheets import queries as sheets
from livecommerce.catalogue.sheets.wire import ImportOut
from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.web.upload import Upload
from tests import catalogue, shop

Rows = list[dict[str, str]]


class Office:
    """Somebody who sends sheets for a merchant with one product."""

    def __init__(self, db: Database, product: ProductOut, now: datetime) -> None:
        self.db, self.product, self.now = db, product, now
        self.by = shop.owner(product.merchant)

    async def exported(self) -> tuple[list[str], Rows]:
        async with self.db.begin() as tx:
            return await sheets.rows(tx, self.product.merchant)

    async def send(self, columns: list[str], rows: Rows) -> ImportOut:
        sent = Upload("sheet.csv", writing.as_csv(columns, rows, chinese=True))
        merchant = self.product.merchant
        return await actions.check(self.db, merchant, sent, by=self.by, now=self.now)

    async def apply(self, sheet: ImportOut) -> ImportOut:
        async with self.db.begin() as tx:
            return await actions.apply(tx, sheet.id, by=self.by, now=self.now)

    async def shown(self) -> list[ProductOut]:
        async with self.db.begin() as tx:
            merchants = [self.product.merchant]
            page = await queries.listed(tx, merchants=merchants, after=None, limit=50)
        return list(page.items)


@pytest.fixture
async def office(db: Database, now: datetime) -> Office:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    return Office(db, await catalogue.add(db, catalogue.told(merchant), now), now)


def states(sheet: ImportOut) -> list[str]:
    return [row.state for row in sheet.rows]


async def test_an_untouched_sheet_changes_nothing(office: Office) -> None:
    before = await office.shown()
    sheet = await office.send(*await office.exported())
    assert states(sheet) == ["unchanged"]
    await office.apply(sheet)
    assert await office.shown() == before, "not even a version"
    with pytest.raises(AppliedAlready):
        await office.apply(sheet)


async def test_what_differs_is_told_and_done(office: Office) -> None:
    columns, rows = await office.exported()
    rows[0] |= {"title_zh": "新名字", "price": "369", "price_EUR": "", "on_hand": "7"}
    rows[0] |= {"was_price": "420.5", "gsm": "130"}
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["changed"]
    changed = {c.field: (c.before, c.after) for c in sheet.rows[0].changes}
    assert changed["price"] == ("399.00", "369.00")
    assert changed["was_price"] == ("499.00", "420.50")
    assert changed["price_EUR"] == ("59.00", "")
    assert changed["gsm"] == ("125", "130")
    assert [n.field for n in sheet.rows[0].notes] == ["on_hand"], "stock is counted elsewhere"
    assert (await office.shown())[0].title.zh != "新名字", "a dry run changes nothing"
    await office.apply(sheet)
    (shown,) = await office.shown()
    variant = shown.variants[0]
    assert (shown.title.zh, shown.textile.gsm, variant.left) == ("新名字", 130, 40)
    assert (variant.price, variant.prices) == (Money(36900, "CNY"), [])
    assert (variant.was[0].price, variant.was[0].basis) == (
        Money(42050, "CNY"),
        "lowest_7_days",
    )
    assert shown.textile.weave == "sateen"
    assert shown.version == office.product.version + 1


async def test_amounts_are_told_as_they_were_understood(office: Office) -> None:
    columns, rows = await office.exported()
    rows[0] |= {"price": "1,369", "was_price": "1,420.5", "price_EUR": "1,059.00"}
    rows.append(like(rows, product="毛毯", sku="BLANKET-1", price="1,290", price_EUR="7"))
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["changed", "created"]
    told = [{c.field: c.after for c in row.changes} for row in sheet.rows]
    assert told[0] == {"price": "1369.00", "was_price": "1420.50", "price_EUR": "1059.00"}
    assert told[1] == {"price": "1290.00", "price_EUR": "7.00"}
    await office.apply(sheet)
    prices = {v.sku: v.price for p in await office.shown() for v in p.variants}
    assert prices == {"SET-1": Money(136900, "CNY"), "BLANKET-1": Money(129000, "CNY")}


async def test_a_date_without_a_was_price_is_a_mistake_also_of_something_new(
    office: Office,
) -> None:
    columns, rows = await office.exported()
    rows.append(like(rows, product="毛毯", sku="BLANKET-1", was_since="2026-11-01"))
    rows.append(like(rows, product="毛巾", sku="TOWEL-1", was_since="2026-11-31"))
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["unchanged", "error", "error"]
    assert [e.field for row in sheet.rows[1:] for e in row.errors] == ["was_since"] * 2


async def test_a_was_price_that_goes_takes_its_basis_along(office: Office) -> None:
    columns, rows = await office.exported()
    sheet = await office.send(columns, [{**rows[0], "was_price": ""}])
    assert states(sheet) == ["changed"]
    await office.apply(sheet)
    assert (await office.shown())[0].variants[0].was == []


async def test_a_product_stays_in_one_currency(office: Office) -> None:
    columns, rows = await office.exported()
    size = {"value1": "s2", "value1_zh": "二", "value1_en": "Two"}
    yen = {"currency": "JPY", "price": "8000"}
    rows.append(like(rows, sku="SET-2", **size, **yen))
    rows.append(like(rows, product="毛毯", sku="BLANKET-1"))
    rows.append(like(rows, product="毛毯", sku="BLANKET-2", **size, **yen))
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["unchanged", "error", "created", "error"]
    assert [e.field for e in sheet.rows[1].errors] == ["currency"]
    rows = [like(rows, was_price="", **yen, price_EUR="59.00")]
    both = [rows[0], {**rows[0], "sku": "SET-2", **size}]
    sheet = await office.send(columns, both)
    assert states(sheet) == ["changed", "created"], "all of it may change together"
    await office.apply(sheet)
    assert {v.price.currency for v in (await office.shown())[0].variants} == {"JPY"}


def like(rows: Rows, **more: str) -> dict[str, str]:
    return {**rows[0], "was_price": "", "was_basis": "", "was_since": "", **more}


async def test_new_rows_are_new_variants_and_new_names_new_products(office: Office) -> None:
    columns, rows = await office.exported()
    value = {"value1": "", "value1_zh": "大号", "value1_en": "220 × 240 cm"}
    rows.append(like(rows, sku="SET-2", on_hand="5", **value))
    rows.append(like(rows, product="毛毯", sku="BLANKET-1", on_hand="3"))
    rows.append(like(rows, product="毛毯", sku="BLANKET-2", on_hand="", **value))
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["unchanged", "created", "created", "created"]
    await office.apply(sheet)
    blanket, old = sorted(await office.shown(), key=lambda p: p.id == office.product.id)
    assert [(v.sku, v.left, v.options) for v in old.variants] == [
        ("SET-1", 40, {"size": "200x230"}),
        ("SET-2", 5, {"size": "220-x-240-cm"}),
    ]
    assert old.options[0].values[1].label.zh == "大号"
    assert [(v.sku, v.left) for v in blanket.variants] == [("BLANKET-1", 3), ("BLANKET-2", 0)]
    await shop.books_agree(office.db)
    again = await office.send(*await office.exported())
    assert set(states(again)) == {"unchanged"}


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"price": "12.345"}, "price"),
        ({"price": "cheap"}, "price"),
        ({"price": "0"}, "price"),
        ({"price": "0.00", "was_price": ""}, "price"),
        ({"price": "-1"}, "price"),
        ({"price": "129,00"}, "price"),
        ({"price": "1,29,000"}, "price"),
        ({"price": "1e5"}, "price"),
        ({"price": "1000000"}, "price"),
        ({"price": "inf"}, "price"),
        ({"price_EUR": "0"}, "price_EUR"),
        ({"price_EUR": "59,0"}, "price_EUR"),
        ({"weight_g": "2e3"}, "weight_g"),
        ({"weight_g": "21,00"}, "weight_g"),
        ({"origin": "XX"}, "origin"),
        ({"origin": "China"}, "origin"),
        ({"was_price": "", "was_since": "2026-10-01"}, "was_since"),
        ({"was_price": "", "was_basis": "lowest_30_days"}, "was_basis"),
        ({"was_since": "2026-02-30"}, "was_since"),
        ({"was_price": "", "was_since": "2026-02-30"}, "was_since"),
        ({"currency": "XYZ"}, "currency"),
        ({"weight_g": "0"}, "weight_g"),
        ({"weight_g": "1.5"}, "weight_g"),
        ({"was_basis": ""}, "was_basis"),
        ({"was_since": "soon"}, "was_since"),
        ({"was_price": "1"}, "was_price"),
        ({"fibre": "cotton:60; linen:30"}, "fibre"),
        ({"fibre": "cotton"}, "fibre"),
        ({"hs_code": "630231"}, "hs_code"),
        ({"weave": "magic"}, "weave"),
        ({"thread_count": "7"}, "thread_count"),
        ({"width_cm": ""}, "width_cm"),
        ({"pictures": "https://x.example/a.png"}, "pictures"),
        ({"value1": "other"}, "value1"),
        ({"sku": ""}, "sku"),
        ({"sku": "不行"}, "sku"),
        ({"product": "prd_other"}, "product"),
    ],
)
async def test_a_wrong_cell_is_told_with_its_reason_in_both_languages(
    office: Office, spoilt: dict[str, str], field: str
) -> None:
    columns, rows = await office.exported()
    sheet = await office.send(columns, [{**rows[0], **spoilt}])
    assert states(sheet) == ["error"]
    assert field in {error.field for error in sheet.rows[0].errors}
    for error in sheet.rows[0].errors:
        assert not error.text.zh.isascii()
        assert error.text.en.isascii() or "床" in error.text.en
    before = await office.shown()
    with pytest.raises(ImportHasErrors):
        await office.apply(sheet)
    assert await office.shown() == before


async def test_one_wrong_row_keeps_all_of_them_out(office: Office) -> None:
    columns, rows = await office.exported()
    rows.append(like(rows, product="A", sku="A-1"))
    rows.append(like(rows, product="A", sku="A-1"))
    rows.append(like(rows, product="B", sku="B-1", title_zh=""))
    rows.append(like(rows, product="", sku="C-1"))
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["unchanged", "created", "error", "error", "error"]
    assert [row.line for row in sheet.rows] == [2, 3, 4, 5, 6]
    with pytest.raises(ImportHasErrors):
        await office.apply(sheet)
    assert len(await office.shown()) == 1


async def test_rows_of_one_product_agree(office: Office) -> None:
    columns, rows = await office.exported()
    size = {"value1": "s2", "value1_zh": "二", "value1_en": "Two"}
    rows.append(like(rows, sku="SET-2", title_zh="另一个", **size))
    rows[0]["title_zh"] = "一个"
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["changed", "error"]
    assert "2" in sheet.rows[1].errors[0].text.zh


async def test_what_was_seen_is_what_is_done(office: Office, now: datetime) -> None:
    columns, rows = await office.exported()
    rows[0]["price"] = "300"
    sheet = await office.send(columns, rows)
    other = await office.send(columns, [{**rows[0], "price": "310"}])
    await office.apply(other)
    with pytest.raises(PlanChanged):
        await office.apply(sheet)
    assert (await office.shown())[0].variants[0].price == Money(31000, "CNY")


async def test_others_skus_are_not_touched(office: Office, now: datetime) -> None:
    async with office.db.begin() as tx:
        rival = await shop.add_merchant(tx, now=now, number=2)
    theirs = await catalogue.add(office.db, catalogue.told(rival), now)
    columns, rows = await office.exported()
    rows[0] |= {"product": theirs.id, "price": "1", "was_price": ""}
    sheet = await office.send(columns, rows)
    assert states(sheet) == ["error"], "their product is not there, their SKU is another"


async def test_a_sheet_may_have_only_what_it_changes(office: Office) -> None:
    told: list[Any] = await office.exported()
    assert told[1][0]["sku"] == "SET-1"
    sheet = await office.send(["sku", "price"], [{"sku": "SET-1", "price": "388.00"}])
    assert [(c.field, c.after) for c in sheet.rows[0].changes] == [("price", "388.00")]
    await office.apply(sheet)
    (shown,) = await office.shown()
    assert shown.variants[0].price == Money(38800, "CNY")
    assert shown.variants[0].prices == [Money(5900, "EUR")]
    assert shown.variants[0].was
