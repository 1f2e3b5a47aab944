"""Keeping a catalogue through HTTP: pictures, sheets, search, and an archived product."""

import io
from typing import Any

import pytest
from PIL import Image

from livecommerce.demo.client import Browser
from tests import people, sending
from tests.people import Centre


def png(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "PNG")
    return out.getvalue()


async def raw(who: Browser, path: str) -> tuple[dict[str, str], bytes]:
    async with who._http.get(f"{who.url}{path}") as answer:
        assert answer.status == 200, path
        return dict(answer.headers), await answer.read()


async def test_a_picture_is_sent_served_and_shown(centre: Centre) -> None:
    merchant = centre.seeded.merchant
    path = f"/v1/merchants/{merchant}/pictures"
    async with centre.person("owner") as owner, centre.person("rival-owner") as rival:
        status, made = await sending.send_file(owner, path, png((10, 80, 200)), "../../x.exe")
        assert (status, made["width"], made["height"]) == (201, 1200, 900)
        assert await sending.send_file(owner, path, png((10, 80, 200))) == (201, made)
        for width, wide in ((320, 320), (800, 800), (1600, 1200)):
            address = made["picture"].replace("-800.", f"-{width}.")
            headers, content = await raw(owner, address)
            assert headers["Content-Type"] == "image/webp"
            assert Image.open(io.BytesIO(content)).size[0] == wide
        wrong = {
            "not-a-picture": (422, b"<svg onload='alert(1)'/>"),
            "too-large": (413, b"\0" * (16 << 20)),
        }
        for code, (refused, content) in wrong.items():
            status, told = await sending.send_file(owner, path, content)
            assert (status, told["type"]) == (refused, f"/problems/{code}")
        status, _ = await sending.send_file(rival, path, png((1, 2, 3)))
        assert status == 404
        product = await people.new_product(owner, centre, on_hand=1)
        words = {k: v for k, v in product.items() if k not in NOT_WORDS}
        alts = {made["picture"]: {"zh": "蓝色", "en": "Blue"}}
        shown = {**words, "pictures": [made["picture"]], "alts": alts}
        answer = await people.ask(owner, "PUT", f"/v1/products/{product['id']}", json=shown)
        assert answer[0] == 200, answer
        assert answer[1]["alts"] == alts
        theirs = f"/v1/merchants/{rival_of(centre)}/pictures"
        assert (await sending.send_file(owner, theirs, png((1, 2, 3))))[0] == 404


NOT_WORDS = {"id", "merchant", "options", "variants", "archived"}


def rival_of(centre: Centre) -> str:
    return "mer_00000000000000000000000000"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_is_exported_comes_back_unchanged(centre: Centre, kind: str) -> None:
    """The whole range of the demo, in Chinese headings."""
    merchant = centre.seeded.merchant
    async with centre.person("assistant") as assistant:
        headers, content = await raw(
            assistant, f"/v1/merchants/{merchant}/products.{kind}?zh=true"
        )
        assert "attachment" in headers["Content-Disposition"]
        sheet = await sending.send_sheet(assistant, merchant, content)
        assert sheet["counts"]["unchanged"] == len(sheet["rows"]) > 20
        assert sheet["unknown_columns"] == []
        applied = await assistant.post(f"/v1/imports/{sheet['id']}/apply")
        assert applied["state"] == "applied"
        status, told = await people.ask(
            assistant, "POST", f"/v1/imports/{sheet['id']}/apply", json={}
        )
        assert (status, told["type"]) == (409, "/problems/applied-already")


async def test_archived_is_out_of_the_room_and_in_old_orders(centre: Centre) -> None:
    async with centre.person("owner") as owner, centre.guest() as buyer:
        product = await people.new_product(owner, centre, on_hand=5)
        show = await people.prepare(owner, centre, products=[product["id"]], ready=False)
        paid = await people.buy(buyer, show)
        await owner.delete(f"/v1/products/{product['id']}")
        await refused(buyer, show, product)
        listed = await buyer.get(f"/v1/products?merchant={centre.seeded.merchant}&limit=100")
        assert product["id"] not in {one["id"] for one in listed["items"]}
        order = await buyer.get(f"/v1/orders/{paid['orders'][0]}")
        assert order["lines"][0]["sku"] == product["variants"][0]["sku"]
        asked = f"/v1/products?merchant={centre.seeded.merchant}&archived=true"
        assert (await people.ask(buyer, "GET", asked))[0] == 404
        gone = await owner.get(asked)
        assert product["id"] in {one["id"] for one in gone["items"]}
        back = await owner.post(f"/v1/products/{product['id']}/unarchive")
        assert back["variants"][0]["left"] == 4


async def refused(buyer: Browser, show: people.Show, product: dict[str, Any]) -> None:
    """The counter looks at most a fifth of a second back."""
    item = {"card": show.cards[0]["id"], "variant": product["variants"][0]["id"], "count": 1}
    for n in range(50):
        status, told = await people.ask(
            buyer,
            "POST",
            f"/v1/live/{show.live}/claims",
            json={"items": [item]},
            headers={"Idempotency-Key": f"{product['id']}-{n}"},
        )
        if status != 201:
            break
        await buyer.delete(f"/v1/holds/{told['holds'][0]['id']}")
    assert (status, told["type"]) == (422, "/problems/not-sold-here")
