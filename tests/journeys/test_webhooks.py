"""A merchant's own system hears of a sale as it happens, and trusts what it hears."""

from datetime import timedelta
from typing import Any

from livecommerce.kernel.clock import utcnow
from tests import people
from tests.people import Centre, Show
from tests.receiver import receiver

FAR = utcnow() + timedelta(days=25)


async def test_a_sale_is_told_to_the_merchant_s_own_system(centre: Centre, show: Show) -> None:
    async with (
        receiver() as erp,
        centre.person("owner") as owner,
        centre.guest() as buyer,
    ):
        want = {
            "merchant": centre.seeded.merchant,
            "url": erp.url,
            "events": ["orders.*", "declarations.filed", "bookings.made"],
        }
        endpoint = await owner.post("/v1/webhooks", want, expect=201)
        erp.secret = endpoint["secret"]
        async with centre.person("host") as host:
            await people.book(host, centre, at=FAR, minutes=40)
        paid = await people.buy(buyer, show)
        order = await buyer.get(f"/v1/orders/{paid['orders'][0]}")

        async def heard() -> dict[str, list[dict[str, Any]]] | None:
            told: dict[str, list[dict[str, Any]]] = {}
            for one in erp.heard:
                told.setdefault(one.told["type"], []).append(one.told["data"])
            wanted = {"orders.created", "orders.paid", "bookings.made"}
            return told if wanted <= told.keys() else None

        told = await people.eventually(heard, what="the sale is heard")
        assert all(one.verified for one in erp.heard)
        (made,) = [each for each in told["orders.paid"] if each["order"] == order["id"]]
        assert made["live_session"] == show.live
        assert made["total"] == order["total"]
        assert order["buyer"] not in str([one.body for one in erp.heard])
        placed = [each["order"] for each in told["orders.created"]]
        assert order["id"] in placed
        numbered = {
            (one.told["data"]["sequence"], one.id)
            for one in erp.heard
            if one.told["data"]["live_session"] == show.live
        }
        assert len({number for number, _ in numbered}) == len(numbered)
        log = await owner.get(f"/v1/webhooks/{endpoint['id']}/deliveries?state=delivered")
        assert {line["event"] for line in log["items"]} <= set(erp.ids)
        await owner.delete(f"/v1/webhooks/{endpoint['id']}", expect=204)


async def test_the_catalogue_is_there_for_everybody(centre: Centre) -> None:
    async with centre.guest() as guest:
        types = await guest.get("/v1/webhook-types")
        described = await guest.get("/asyncapi.json")
        assert {each["type"] for each in types} == set(described["components"]["messages"])
        status, schema = await people.ask(guest, "GET", types[0]["schema_at"])
        assert status == 200
        assert schema["title"] == types[0]["type"]
