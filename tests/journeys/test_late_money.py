"""Money that came too late and cannot be given back: the buyer is told, and finance staff send
it again or have the bank pay it."""

import secrets
from typing import Any

import pytest

from livecommerce.demo.client import Browser
from tests import people, reckoning, scarce
from tests.people import Centre
from tests.product import Product
from tests.provider import Provider

BANK = {"reference": "MT103 20261130-0042", "reason": "the card was closed"}


@pytest.fixture
def provider(shared: Product) -> Provider:
    return Provider(shared)


@pytest.fixture(autouse=True)
def nothing_lost_or_doubled(shared: Product) -> Any:
    """After each of these, whatever happened, the reckoning comes out right."""
    yield
    assert reckoning.discrepancies(shared) == {}
    assert reckoning.parked(shared) == []


async def owing(finance: Browser) -> dict[str, int]:
    """What the finance desk's list says, by checkout."""
    listed = await finance.get("/v1/late-payments/owed")
    return {each["checkout"]: each["owed"]["minor"] for each in listed}


async def test_a_refund_that_bounces_is_sent_again_and_then_paid_by_the_bank(
    centre: Centre, provider: Provider
) -> None:
    async with centre.guest() as guest, centre.person("finance") as finance:
        # Given late money whose refund the buyer's bank sends back
        bought = await scarce.paid_too_late(guest, centre, provider, "pm_card_refundFail")
        total = bought["total"]["minor"]
        await scarce.owed_of(guest, bought["id"], total)
        assert (await owing(finance))[bought["id"]] == total
        paths = [f"/v1/checkouts/{bought['id']}/owed/{way}" for way in ("refunds", "paid")]
        for path in paths:  # a guest has no business there
            assert await people.status(guest, "POST", path, json=BANK) == 401

        # Then it is written to the buyer in both languages.
        async def written() -> list[str]:
            caught = (await finance.get("/peers/mail/messages"))["items"]
            asked = f"Your refund did not arrive: {bought['id']}"
            return [mail["text"] for mail in caught if asked in mail["subject"]]

        (text,) = await people.eventually(written, what="a mail about the refund")
        assert "没有到账" in text
        assert "did not arrive" in text

        # When it is sent again, then it bounces again, for the account is closed;
        again = await finance.post(
            paths[0], {"reason": "once more"}, key=secrets.token_hex(8), expect=201
        )
        assert again["owed"]["minor"] == 0
        await scarce.owed_of(guest, bought["id"], total)

        # and when the bank has paid it, then nothing is owed and nothing can be sent again.
        part = {"amount": {"minor": 100, "currency": bought["total"]["currency"]}}
        paid = await finance.post(paths[1], {**BANK, **part}, key="late-part-1", expect=201)
        assert paid["owed"]["minor"] == total - 100
        paid = await finance.post(paths[1], BANK, key="late-rest-1", expect=201)
        assert paid["owed"]["minor"] == 0
        assert bought["id"] not in await owing(finance)
        status, problem = await people.ask(
            finance,
            "POST",
            paths[0],
            json={"reason": "once more"},
            headers={"Idempotency-Key": "late-again-2"},
        )
        assert (status, problem["type"]) == (409, "/problems/nothing-owed")
        assert (await guest.get(f"/v1/checkouts/{bought['id']}"))["owed"]["minor"] == 0


async def test_a_refund_that_is_refused_is_owed_until_the_providers_desk_is_heard(
    centre: Centre, provider: Provider
) -> None:
    async with centre.guest() as guest, centre.person("finance") as finance:
        # Given late money that the provider's own desk gives back before we hear of it
        checkout = await scarce.sold_to_another(guest, centre, provider)
        intent = await provider.intent(checkout["payment"])
        await provider.switch(drop=1000)
        try:
            await guest.pay_by_card(checkout["payment"], "pm_card_visa")
            await provider.give_back(intent["id"])
            told = await provider.said_about(intent["id"])
            (paid,) = [e for e in told if e["type"] == "payment_intent.succeeded"]

            # When we hear that it was paid, then our refund of it is refused, and it is owed.
            assert await provider.say(paid) == 200
            ended = await people.checkout_in(guest, checkout["id"], "late_refunded")
            total = ended["total"]["minor"]
            await scarce.owed_of(guest, checkout["id"], total)
            rows = await finance.get("/v1/refunds")
            (refused,) = [row for row in rows if row["order"] == checkout["id"]]
            assert (refused["state"], refused["settled_at"]) == ("failed", None)
            assert (await owing(finance))[checkout["id"]] == total

            # When we hear of the desk's, then nothing is owed any more.
            for event in told:
                if event["type"].startswith(("refund.", "charge.refund")):
                    assert await provider.say(event) == 200
            await scarce.owed_of(guest, checkout["id"], 0)
            assert checkout["id"] not in await owing(finance)
        finally:
            await provider.switch()
