"""A buyer with an account keeps a card, pays with it in one tap, and lets it go again."""

import secrets
from typing import Any

from livecommerce.demo.client import Browser
from tests import people
from tests.people import Centre, Show


async def keep(buyer: Browser, checkout: dict[str, Any], *, keep: bool = True) -> int:
    path = f"/v1/checkouts/{checkout['id']}/keeping"
    return await people.status(buyer, "PUT", path, json={"keep": keep})


async def tap(
    buyer: Browser, checkout: dict[str, Any], method: str, key: str = ""
) -> tuple[int, Any]:
    path = f"/v1/checkouts/{checkout['id']}/tap"
    headers = {"Idempotency-Key": key or secrets.token_hex(8)}
    return await people.ask(buyer, "POST", path, json={"method": method}, headers=headers)


async def kept(buyer: Browser, count: int) -> list[dict[str, Any]]:
    """The cards, once there are so many."""

    async def look() -> list[Any]:
        found: list[Any] = await buyer.get("/v1/payment-methods")
        return [found] if len(found) == count else []

    (found,) = await people.eventually(look, what=f"{count} kept cards")
    cards: list[dict[str, Any]] = found
    return cards


async def test_one_tap(centre: Centre, show: Show) -> None:
    async with centre.person("buyer") as buyer:
        # Given a first purchase whose card the buyer has kept
        first = await people.payable(buyer, show)
        assert first["payment"]["keeps"] is False
        assert await keep(buyer, first) == 204
        assert (await buyer.get(f"/v1/checkouts/{first['id']}"))["payment"]["keeps"] is True
        await people.pay(buyer, first)
        (card,) = await kept(buyer, 1)
        assert {card[n] for n in ("brand", "last4", "expired")} == {"visa", "4242", False}
        assert set(card) == {
            *("id", "kind", "brand", "last4", "exp_month", "exp_year", "expired")
        }, "nothing else is told"

        # When they tap, twice for being impatient, then it is paid, once.
        second, key = await people.payable(buyer, show), secrets.token_hex(8)
        status, told = await tap(buyer, second, card["id"], key)
        assert (status, told) == (200, {"state": "captured", "asks": False})
        assert await tap(buyer, second, card["id"]) == (status, told)
        paid = await people.checkout_in(buyer, second["id"], "paid")
        assert paid["payment"]["state"] == "captured"

        # And when they let it go, it pays nothing any more.
        third = await people.payable(buyer, show)
        await buyer.delete(f"/v1/payment-methods/{card['id']}", expect=204)
        assert await kept(buyer, 0) == []
        assert (await tap(buyer, third, card["id"]))[0] == 404
        await buyer.delete(f"/v1/checkouts/{third['id']}", expect=200)


async def test_the_bank_asks_in_the_element(centre: Centre, show: Show) -> None:
    async with centre.person("buyer") as buyer:
        first = await people.payable(buyer, show)
        assert await keep(buyer, first) == 204
        await buyer.pay_by_card(first["payment"], "pm_card_authenticationRequired")
        await answer(buyer, first, "approve")
        await people.checkout_in(buyer, first["id"], "paid")
        (card,) = await kept(buyer, 1)

        second = await people.payable(buyer, show)
        status, told = await tap(buyer, second, card["id"])
        assert (status, told) == (200, {"state": "open", "asks": True})
        await answer(buyer, second, "approve")
        await people.checkout_in(buyer, second["id"], "paid")
        await buyer.delete(f"/v1/payment-methods/{card['id']}", expect=204)


async def answer(buyer: Browser, checkout: dict[str, Any], outcome: str) -> None:
    secret = checkout["payment"]["client_secret"]
    path = f"{checkout['payment']['page']}/answer"
    form = {"client_secret": secret, "outcome": outcome}
    assert await people.status(buyer, "POST", path, data=form) == 200


async def test_guests_keep_nothing(centre: Centre, show: Show) -> None:
    async with centre.guest() as guest:
        checkout = await people.payable(guest, show)
        assert await people.status(guest, "GET", "/v1/payment-methods") == 401
        assert await keep(guest, checkout) == 401
        assert (await tap(guest, checkout, "mth_x"))[0] == 401
        await guest.delete(f"/v1/checkouts/{checkout['id']}", expect=200)
