"""Holds and checkouts whose time runs out, in a product whose clocks run fast."""

import asyncio

import pytest

from livecommerce.demo.client import Unexpected
from tests import people, reckoning
from tests.journeys.conftest import Started
from tests.provider import Provider


async def test_what_is_not_paid_in_time_is_for_sale_again(start: Started) -> None:
    own = await asyncio.to_thread(lambda: start(HOLD_LASTS="PT3S", PAY_WITHIN="PT3S"))
    provider = Provider(own.product)
    async with own.centre.person("host") as host:
        show = await people.prepare(host, own.centre, cards=2, minutes=30)
    async with own.centre.guest() as guest, people.watching(guest, show.live) as viewer:
        variant = show.variant()["id"]

        async def left() -> int:
            room = await guest.get(f"/v1/live/{show.live}/room")
            return int(room["stock"][variant])

        before = await left()
        # A hold that nobody buys lapses, and the room sees its goods return.
        held = await people.claim(guest, show, count=2)
        assert await left() == before - 2

        async def returned() -> bool:
            return await left() == before

        await people.eventually(returned, within=40, what="the hold's goods return")
        assert await guest.get("/v1/holds") == []
        want = {"holds": [held[0]["id"]], "destination": {"country": "DE"}, "currency": "EUR"}
        told = await guest.post("/v1/quotes", want, expect=409)
        assert told["type"] == "/problems/hold-gone"

        # A checkout that nobody pays ends: first the payment, then the goods return.
        checkout = await people.payable(guest, show, count=2)
        assert checkout["pay_by"]
        ended = await people.checkout_in(guest, checkout["id"], "cancelled")
        await viewer.told("payment", checkout=checkout["id"], state="cancelled")
        assert await left() == before
        assert (await provider.intent(checkout["payment"]))["status"] == "canceled"
        with pytest.raises(Unexpected, match="400"):
            await guest.pay_by_card(checkout["payment"], "pm_card_visa")
        order = await guest.get(f"/v1/orders/{ended['orders'][0]}")
        assert order["state"] == "cancelled"

        # One that is paid, and whose message is lost, is found paid when its time is up.
        await provider.switch(drop=1000)
        checkout = await people.payable(guest, show)
        await guest.pay_by_card(checkout["payment"], "pm_card_visa")
        paid = await people.checkout_in(guest, checkout["id"], "paid")
        assert await left() == before - 1
        assert paid["paid_at"]
    found = await asyncio.to_thread(reckoning.discrepancies, own.product)
    assert found == {}
