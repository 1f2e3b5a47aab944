"""A merchant makes a product in Chinese, imports a sheet in English, and keeps the stock."""

import io
import secrets

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.browser.test_pages import serious
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre

DIMENSIONS = [
    ("尺寸", "Size", [("200×230", "200×230 cm"), ("220×240", "220×240 cm")]),
    ("颜色", "Colour", [("米白", "Ivory"), ("豆绿", "Sage")]),
    ("填充", "Filling", [("鹅绒", "Goose down")]),
]


def photograph() -> FilePayload:
    """A picture as a telephone takes it: on its side, with a note of it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (200, 180, 150)).save(out, "JPEG", exif=exif)
    return FilePayload(name="IMG_1.HEIC", mimeType="image/jpeg", buffer=out.getvalue())


@pytest.mark.timeout(150)
async def test_a_product_of_three_dimensions(window: Opened, centre: Centre) -> None:
    owner = await window(size=DESK, lang="zh-CN", touch=False)
    await owner.sign_in(centre, "owner")
    await owner.go("/products")
    await owner.at("new-product").click()
    sku = f"Z{secrets.token_hex(3)}"
    await it_is_written(owner)
    await its_dimensions_make_variants(owner, sku)
    await owner.at("picture-file").set_input_files(photograph())
    await expect(owner.at("picture").locator("img")).to_be_visible()
    assert await serious(owner) == []
    await owner.at("save").click()
    await owner.page.wait_for_url("**/products/prd_*")
    await expect(owner.at("variant-row")).to_have_count(4)
    await expect(owner.at("notes").locator('[data-code="hs-code-unknown"]')).to_be_visible()
    await a_value_is_added(owner)
    await a_was_price_states_its_basis(owner)
    await it_is_found_and_archived(owner, sku)


async def it_is_written(owner: Window) -> None:
    await owner.fill(
        "editor",
        zh="鹅绒三维冬被",
        en="Goose down duvet in three dimensions",
        aboutZh="温暖轻盈。",
        aboutEn="Warm and light.",
        category="duvets",
        weave="sateen",
        threadCount="300",
        hsCode="9404909999",
        customsName="鹅绒被",
        customsUnit="012",
    )


async def its_dimensions_make_variants(owner: Window, sku: str) -> None:
    for n, (zh, en, values) in enumerate(DIMENSIONS):
        await owner.at("add-dimension").click()
        one = owner.at("dimension").nth(n)
        await one.locator('[name="dimension-zh"]').fill(zh)
        await one.locator('[name="dimension-en"]').fill(en)
        for place, (value_zh, value_en) in enumerate(values):
            if place:
                await one.locator('[data-testid="add-value"]').click()
            value = one.locator('[data-testid="value"]').nth(place)
            await value.locator('[name="value-zh"]').fill(value_zh)
            await value.locator('[name="value-en"]').fill(value_en)
    await expect(owner.at("variant-row")).to_have_count(4)
    await expect(owner.at("combinations")).to_contain_text("4")
    await owner.fill("fill", stem=sku, price="899", weight="2600", stock="12")
    await owner.at("fill-all").click()
    first = owner.at("variant-row").first
    await expect(first.locator('[name="sku"]')).to_have_value(f"{sku}-001")
    await expect(first).to_contain_text("200×230 · 米白 · 鹅绒")


async def a_value_is_added(owner: Window) -> None:
    """What there is stays as it was; what is new begins like it."""
    before = await owner.at("variant-row").first.get_attribute("data-variant")
    await owner.at("add-value").nth(1).click()
    value = owner.at("dimension").nth(1).locator('[data-testid="value"]').nth(2)
    await value.locator('[name="value-zh"]').fill("雾蓝")
    await value.locator('[name="value-en"]').fill("Mist")
    await expect(owner.at("variant-row")).to_have_count(6)
    for n, row in enumerate(await owner.at("variant-row", variant="").all()):
        await row.locator('[name="sku"]').fill(f"N{secrets.token_hex(3)}-{n}")
    await owner.at("save").click()
    await expect(owner.at("variant-row", variant="")).to_have_count(0)
    await expect(owner.at("variant-row")).to_have_count(6)
    assert await owner.at("variant-row").first.get_attribute("data-variant") == before


async def a_was_price_states_its_basis(owner: Window) -> None:
    await owner.at("price-lists").first.click()
    form = owner.at("lists-form")
    await form.locator('[name="was"]').fill("999")
    await expect(owner.at("lists-all")).to_be_disabled()
    await form.locator('[name="since"]').fill("2026-11-01")
    await form.locator('[name="basis"]').select_option("lowest_7_days")
    await owner.at("lists-all").click()
    async with owner.page.expect_response(
        lambda answer: "/v1/products/" in answer.url and answer.request.method != "GET"
    ) as saved:
        await owner.at("save").click()
    assert (await saved.value).ok


async def it_is_found_and_archived(owner: Window, sku: str) -> None:
    await owner.go("/products")
    await owner.at("search").fill("三维冬被")
    row = owner.at("product-row")
    await expect(row).to_have_count(1)
    await expect(row.locator('[data-testid="was"]:visible')).to_contain_text("七日最低成交价")
    await row.locator("input[type=checkbox]").check()
    await owner.at("bulk-open").click()
    await owner.fill("bulk-form", kind="price_percent", percent="-10")
    await owner.at("bulk-preview").click()
    await expect(owner.at("bulk-lines").locator("li")).to_have_count(6)
    assert await serious(owner) == []
    await owner.at("bulk-apply").click()
    await expect(row).to_contain_text("809.10")
    await row.locator("input[type=checkbox]").check()
    await owner.at("bulk-open").click()
    await owner.fill("bulk-form", kind="archive")
    await owner.at("bulk-preview").click()
    await owner.at("bulk-apply").click()
    await expect(row).to_have_count(0)
    await owner.at("show-archived").click()
    await owner.at("search").fill(f"{sku}-001")
    await expect(row).to_have_count(1)


SHEET = """\
product,sku,title_zh,title_en,description_zh,description_en,category,hs_code,fibre,\
customs_name,customs_unit,option1_zh,option1_en,value1_zh,value1_en,weight_g,price,on_hand
毛巾,{sku}-1,纯棉毛巾,Cotton towel,柔软,Soft,towels,6302602900,cotton:100,\
棉毛巾,007,颜色,Colour,白,White,150,{price},30
毛巾,{sku}-2,,,,,,,,,,颜色,Colour,灰,Grey,150,39.00,8
"""


def sheet(**told: str) -> FilePayload:
    content = SHEET.format(**told).encode("gbk")
    return FilePayload(name="towels.csv", mimeType="text/csv", buffer=content)


@pytest.mark.timeout(150)
async def test_a_sheet_is_imported_and_its_stock_is_kept(
    window: Opened, centre: Centre
) -> None:
    owner = await window(size=PHONE, lang="en")
    await owner.sign_in(centre, "owner")
    sku = f"T{secrets.token_hex(3)}"
    await owner.go("/imports")
    await owner.at("sheet-file").set_input_files(sheet(sku=sku, price="cheap"))
    wrong = owner.at("import-row", state="error")
    await expect(wrong).to_have_count(1)
    await expect(wrong).to_contain_text("Not an amount: a point before decimals")
    await expect(owner.at("apply")).to_be_disabled()
    await owner.at("another").click()
    await owner.at("sheet-file").set_input_files(sheet(sku=sku, price="39.00"))
    await expect(owner.at("import-row", state="created")).to_have_count(2)
    assert await serious(owner) == []
    await owner.at("apply").click()
    await expect(owner.at("report", state="applied")).to_be_visible()
    await goods_are_carried_and_broken(owner, f"{sku}-1")


async def goods_are_carried_and_broken(owner: Window, sku: str) -> None:
    await owner.at("tab-stock").click()
    await owner.at("add-location").click()
    await owner.fill("location-form", zh="二号演播间", en="Studio 2", priority="20")
    await owner.at("location-add").click()
    await expect(owner.at("location-sheet")).to_have_count(0)
    await owner.at("find-sku").fill(sku)
    row = owner.at("stock-row", sku=sku)
    await expect(row).to_contain_text("Studio 2")
    await row.locator('[data-testid="adjust"]').click()
    await owner.at("do-transfer").click()
    await owner.fill("adjust-form", count="5", reference="tonight")
    await owner.at("book").click()
    await expect(owner.at("adjust-sheet")).to_have_count(0)
    await row.locator('[data-testid="adjust"]').click()
    await owner.fill("adjust-form", reason="damaged", count="2")
    await owner.at("book").click()
    await expect(row.locator('[data-testid="for-sale"]')).to_have_text("28")
    await row.locator('[data-testid="journal"]').click()
    reasons = owner.at("movement")
    await expect(reasons).to_have_count(4)
    for n, reason in enumerate(["damaged", "transferred", "transferred", "received"]):
        await expect(reasons.nth(n)).to_have_attribute("data-reason", reason)
    assert await serious(owner) == []
