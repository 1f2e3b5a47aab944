"""Paying when something goes wrong: forged and repeated messages, double clicks, late money.

Only what the provider says, and signs, makes a purchase paid; and it does so once.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from livecommerce.demo.client import Unexpected
from tests import people, reckoning
from tests.people import Centre, Show
from tests.product import Product
from tests.provider import Provider
from tests.scarce import cancelled_by_word_of_the_provider, rare


@pytest.fixture
def provider(shared: Product) -> Provider:
    return Provider(shared)


@pytest.fixture
async def silent(provider: Provider) -> AsyncIterator[Provider]:
    """The provider, whose own messages all get lost: only the test delivers any."""
    await provider.switch(drop=1000)
    yield provider
    await provider.switch()


@pytest.fixture(autouse=True)
def nothing_lost_or_doubled(shared: Product) -> Any:
    """After each of these, whatever happened, the reckoning comes out right."""
    yield
    assert reckoning.discrepancies(shared) == {}


async def test_only_the_providers_own_word_counts(
    centre: Centre, show: Show, provider: Provider
) -> None:
    async with centre.guest() as guest:
        checkout = await people.payable(guest, show)
        intent = await provider.intent(checkout["payment"])
        paid = {**intent, "status": "succeeded", "amount_received": intent["amount"]}
        lie = provider.event("payment_intent.succeeded", {**paid, "latest_charge": "ch_1"})

        assert await provider.say(lie, secret="whsec_guessed") == 401
        assert await provider.say(lie, secret="") == 401
        assert await provider.say(lie, change=b" ") == 401
        assert await provider.say(lie, at=time.time() - 600) == 401
        assert await provider.say(lie, at=time.time() + 600) == 401
        assert await provider.say({**lie, "livemode": True}) == 401
        assert await provider.say({**lie, "account": "acct_1"}) == 401
        for header in ("", "t=,v1=", "v1=0", "t=x,v1=y", "é", "t=1," * 5000):
            assert await provider.say(lie, signature=header) in {400, 401}, header[:20]

        # Nor does the browser's return say anything, whatever its address claims.
        page = f"/checkout/{checkout['id']}?redirect_status=succeeded&payment_intent=x"
        assert await guest.status(page) == 200
        await asyncio.sleep(0.5)
        told = await guest.get(f"/v1/checkouts/{checkout['id']}")
        assert told["state"] == "awaiting_payment"
        order = await guest.get(f"/v1/orders/{told['orders'][0]}")
        assert order["state"] == "placed"
        await guest.delete(f"/v1/checkouts/{checkout['id']}", expect=200)
        await people.checkout_in(guest, checkout["id"], "cancelled")


async def test_lost_repeated_and_reordered_messages_pay_once(
    centre: Centre, show: Show, silent: Provider
) -> None:
    async with centre.guest() as guest, centre.person("finance") as finance:
        # Given a payment that the provider took, but all that it said is lost
        checkout = await people.payable(guest, show)
        first = await people.status(guest, "GET", f"/v1/checkouts/{checkout['id']}")
        assert first == 200
        with pytest.raises(Unexpected, match="402"):
            await guest.pay_by_card(checkout["payment"], "pm_card_chargeDeclined")
        await guest.pay_by_card(checkout["payment"], "pm_card_visa")
        intent = await silent.intent(checkout["payment"])
        assert intent["status"] == "succeeded"
        told = await guest.get(f"/v1/checkouts/{checkout['id']}")
        assert told["state"] == "awaiting_payment"

        # When it all arrives at last, backwards, twice over and at the same time
        events = await silent.said_about(intent["id"])
        kinds = [event["type"] for event in events]
        assert {"payment_intent.succeeded", "payment_intent.payment_failed"} <= set(kinds)
        for event in reversed(events):
            assert await silent.say(event) == 200
        assert set(await asyncio.gather(*(silent.say(e) for e in events * 2))) == {200}

        # Then it is paid, once.
        paid = await people.checkout_in(guest, checkout["id"], "paid")
        postings = await finance.get(f"/v1/postings?source={paid['orders'][0]}")
        assert [posting["kind"] for posting in postings].count("sale") == 1


async def test_a_declined_card_is_told_and_another_is_taken(centre: Centre, show: Show) -> None:
    async with centre.guest() as guest, people.watching(guest, show.live) as viewer:
        checkout = await people.payable(guest, show)
        with pytest.raises(Unexpected, match="card_declined"):
            await guest.pay_by_card(checkout["payment"], "pm_card_chargeDeclined")
        told = await viewer.told("payment", checkout=checkout["id"], state="refused")
        assert told["code"]
        await people.pay(guest, checkout)


async def test_double_clicks_do_once_what_they_do(centre: Centre, provider: Provider) -> None:
    own = await rare(centre, on_hand=5)  # of other things some hold may lapse meanwhile
    async with centre.guest() as guest:
        await guest.get("/v1/me")
        key = secrets.token_hex(8)

        # Ten clicks on "claim" are one hold.
        clicks = [people.claim(guest, own.show, key=key) for _ in range(10)]
        holds = await asyncio.gather(*clicks)
        assert {hold["id"] for made in holds for hold in made} == {holds[0][0]["id"]}
        assert await own.left(guest) == 4

        # Ten clicks on "buy", with and without a key, are one checkout.
        quoted = await people.quote(guest, holds[0])
        clicks = [people.place(guest, quoted["id"], key) for _ in range(5)]
        clicks += [people.place(guest, quoted["id"]) for _ in range(5)]
        placed = await asyncio.gather(*clicks)
        assert len({made["id"] for made in placed}) == 1
        ready = await people.checkout_in(guest, placed[0]["id"], "awaiting_payment")

        # Ten clicks on "pay" are one charge.
        clicks = [guest.pay_by_card(ready["payment"], "pm_card_visa") for _ in range(10)]
        told = await asyncio.gather(*clicks, return_exceptions=True)
        assert any(not isinstance(answer, BaseException) for answer in told)
        paid = await people.checkout_in(guest, ready["id"], "paid")
        intent = await provider.intent(ready["payment"])
        assert intent["amount_received"] == paid["total"]["minor"]
        said = [event["type"] for event in await provider.said_about(intent["id"])]
        assert said.count("charge.succeeded") == 1

        # And a click on "give up" comes too late.
        await guest.delete(f"/v1/checkouts/{paid['id']}", expect=409)


async def test_a_key_used_for_something_else_is_refused(centre: Centre, show: Show) -> None:
    async with centre.guest() as guest:
        await guest.get("/v1/me")
        key = secrets.token_hex(8)
        one = await people.quote(guest, await people.claim(guest, show))
        other = await people.quote(guest, await people.claim(guest, show, card=1))
        placed = await people.place(guest, one["id"], key)
        want = {"quote": other["id"], "address": people.COLOGNE, "email": people.MAIL}
        await guest.post("/v1/checkouts", want, expect=422, key=key)
        await guest.delete(f"/v1/checkouts/{placed['id']}", expect=200)


async def test_the_last_one_is_sold_once(centre: Centre) -> None:
    scarce = await rare(centre, on_hand=3)
    guests = [centre.guest() for _ in range(8)]
    try:
        for guest in guests:
            await guest.get("/v1/me")
        item = {"card": scarce.show.cards[0]["id"], "variant": scarce.variant, "count": 1}
        path = f"/v1/live/{scarce.show.live}/claims"
        told = await asyncio.gather(
            *(
                people.ask(
                    guest,
                    "POST",
                    path,
                    json={"items": [item]},
                    headers={"Idempotency-Key": secrets.token_hex(8)},
                )
                for guest in guests
            )
        )
        assert sorted(status for status, _ in told) == [201] * 3 + [409] * 5
        refused = next(body for status, body in told if status == 409)
        assert refused["type"] == "/problems/sold-out"
        assert await scarce.left(guests[0]) == 0
    finally:
        for guest in guests:
            await guest._http.close()


async def test_late_money_buys_the_goods_if_they_are_still_there(
    centre: Centre, provider: Provider
) -> None:
    scarce = await rare(centre, on_hand=1)
    async with centre.guest() as guest, people.watching(guest, scarce.show.live) as viewer:
        checkout = await cancelled_by_word_of_the_provider(guest, scarce, provider)
        assert await scarce.left(guest) == 1
        # When the money comes all the same, then the goods are claimed again.
        await people.pay(guest, checkout)
        await viewer.told("order", state="paid")
        assert await scarce.left(guest) == 0
        assert (await guest.get(f"/v1/orders/{checkout['orders'][0]}"))["state"] == "paid"


async def test_late_money_goes_back_if_the_goods_are_gone(
    centre: Centre, provider: Provider
) -> None:
    scarce = await rare(centre, on_hand=1)
    async with (
        centre.guest() as guest,
        centre.guest() as other,
        people.watching(guest, scarce.show.live) as viewer,
    ):
        checkout = await cancelled_by_word_of_the_provider(guest, scarce, provider)
        await people.buy(other, scarce.show)
        # When the money comes after somebody else has bought it, then it is given back.
        await guest.pay_by_card(checkout["payment"], "pm_card_visa")
        await people.checkout_in(guest, checkout["id"], "late_refunded")
        await viewer.told("payment", checkout=checkout["id"], state="late_refunded")
        intent = await provider.intent(checkout["payment"])

        async def given_back() -> bool:
            refunds = await provider.refunds_of(intent["id"])
            done = [r["amount"] for r in refunds if r["status"] in {"succeeded", "pending"}]
            return done == [checkout["total"]["minor"]]

        await people.eventually(given_back, what="the refund, once and whole")
        order = await guest.get(f"/v1/orders/{checkout['orders'][0]}")
        assert order["state"] == "cancelled"
