"""A cart from two merchants' rooms on two devices is bought once; a guest follows the link."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from livecommerce.demo.client import Browser
from livecommerce.kernel.clock import utcnow
from tests import people
from tests.people import Centre, Show
from tests.product import Product


@dataclass
class Row:
    """Two merchants' rooms, each with a product of which there are five."""

    shows: list[Show]
    merchants: list[str]

    def item(self, room: int, count: int) -> dict[str, Any]:
        show = self.shows[room]
        card = show.cards[0]
        variant = card["variants"][0]["id"]
        return {"live": show.live, "card": card["id"], "variant": variant, "count": count}

    async def left(self, guest: Browser, room: int) -> int:
        found = await guest.get(f"/v1/live/{self.shows[room].live}/room")
        return int(found["stock"][self.item(room, 1)["variant"]])


@pytest.fixture
async def rooms(centre: Centre) -> Row:
    known = centre.seeded
    names = {**known.merchants, "luxi": known.merchants["yunmian"]}
    rival = Centre(centre.url, replace(known, merchants=names))
    shows: list[Show] = []
    for who, whose in (("owner", centre), ("rival-owner", rival)):
        async with centre.person(who) as owner:
            product = await people.new_product(owner, whose, on_hand=5)
            starts = utcnow() + timedelta(days=6, minutes=secrets.randbelow(10_000))
            show = await people.prepare(
                owner, whose, products=[product["id"]], ready=False, at=starts, minutes=30
            )
            shows.append(show)
    return Row(shows, [known.merchant, known.rival])


@pytest.fixture
async def devices(centre: Centre) -> AsyncIterator[list[Browser]]:
    """Two browsers that nobody has signed in with yet."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(centre.guest()) for _ in range(2)]


async def put(browser: Browser, item: dict[str, Any]) -> dict[str, Any]:
    status, cart = await people.ask(browser, "PUT", "/v1/cart/items?currency=EUR", json=item)
    assert status == 200, cart
    found: dict[str, Any] = cart
    return found


def lines(cart: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for group in cart["groups"] for line in group["lines"]]


async def purchase(browser: Browser, cart: dict[str, Any]) -> tuple[int, Any]:
    asked = ("live", "card", "variant", "count", "price")
    body = {"lines": [{name: line[name] for name in asked} for line in lines(cart)]}
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    return await people.ask(browser, "POST", "/v1/cart/purchase", json=body, headers=headers)


async def test_a_cart_from_two_rooms_on_two_devices_is_bought_once(
    centre: Centre, rooms: Row, devices: list[Browser]
) -> None:
    phone, desk = devices
    # Given somebody who puts something in as a guest, and then signs in on both devices
    await put(phone, rooms.item(0, 2))
    login = centre.seeded.login("buyer")
    await phone.sign_in(*login)
    await desk.sign_in(*login)

    async def merged() -> bool:
        return len(lines(await desk.get("/v1/cart"))) == 1

    await people.eventually(merged, what="the guest's cart is theirs")
    async with people.watching(phone, rooms.shows[0].live) as screen:
        cart = await put(desk, rooms.item(1, 3))
        heard = await screen.told("cart", version=cart["version"])
        assert [item["count"] for item in heard["items"]] == [2, 3]
    assert [group["merchant"] for group in cart["groups"]] == rooms.merchants
    assert all(line["shown"]["currency"] == "EUR" for line in lines(cart))
    assert [await rooms.left(desk, room) for room in (0, 1)] == [5, 5], "a cart holds nothing"

    # When both devices buy it in the same moment
    clicks = [purchase(device, cart) for device in devices * 2]
    told = await asyncio.gather(*clicks)

    # Then one of them has it all, and there is one payment, an order and a parcel per merchant.
    assert sorted(status for status, _ in told) == [201, 409, 409, 409]
    refused = {body["type"] for status, body in told if status == 409}
    assert refused <= {"/problems/being-bought", "/problems/not-in-cart"}
    (holds,) = [body["holds"] for status, body in told if status == 201]
    assert [await rooms.left(desk, room) for room in (0, 1)] == [3, 2]
    assert lines(await phone.get("/v1/cart")) == []
    quoted = await people.quote(desk, holds)
    assert {parcel["merchant"] for parcel in quoted["parcels"]} == set(rooms.merchants)
    placed = await people.place(desk, quoted["id"])
    ready = await people.checkout_in(desk, placed["id"], "awaiting_payment")
    paid = await people.pay(desk, ready)
    orders = [await phone.get(f"/v1/orders/{order}") for order in paid["orders"]]
    assert {order["merchant"] for order in orders} == set(rooms.merchants)
    for order in orders:
        who = "owner" if order["merchant"] == rooms.merchants[0] else "rival-owner"
        async with centre.person(who) as owner:
            await people.ship(owner, order)
        shipped = await phone.get(f"/v1/orders/{order['id']}")
        assert len(shipped["consignments"]) == 1
    listed = (await phone.get("/v1/orders?mine=true&limit=2"))["items"]
    assert {order["id"] for order in listed} == {order["id"] for order in orders}
    assert all(order["picture"] for order in listed)


async def test_all_or_nothing_over_both_merchants(
    centre: Centre, rooms: Row, devices: list[Browser]
) -> None:
    guest, other = devices
    await put(guest, rooms.item(0, 1))
    cart = await put(guest, rooms.item(1, 4))
    await people.claim(other, rooms.shows[1], count=3)
    status, refused = await purchase(guest, cart)
    assert (status, refused["type"]) == (409, "/problems/not-all-to-be-had")
    (line,) = refused["lines"]
    assert (line["card"], line["why"], line["left"]) == (rooms.item(1, 1)["card"], "short", 2)
    assert await rooms.left(guest, 0) == 5
    assert len(lines(await guest.get("/v1/cart"))) == 2


async def test_a_guest_follows_the_link_in_the_mail(
    centre: Centre, show: Show, shared: Product
) -> None:
    mailbox = f"guest-{secrets.token_hex(4)}@example.org"
    async with (
        centre.guest() as guest,
        centre.guest() as reader,
        centre.person("operator") as staff,
        centre.person("owner") as owner,
    ):
        # Given a guest's order, about which they write, and the merchant answers
        quoted = await people.quote(guest, await people.claim(guest, show))
        want = {"quote": quoted["id"], "address": people.COLOGNE, "email": mailbox}
        placed = await guest.post("/v1/checkouts", want, expect=201)
        ready = await people.checkout_in(guest, placed["id"], "awaiting_payment")
        paid = await people.pay(guest, ready)
        (order,) = paid["orders"]
        path = f"/v1/orders/{order}/messages"
        await guest.post(path, {"text": "Could you pack it as a gift?"}, expect=201)
        inbox = await owner.get("/v1/messages?unread=true")
        assert [t["unread"] for t in inbox["items"] if t["order"] == order] == [1]
        await owner.post(path, {"text": "With pleasure."}, expect=201)

        async def mailed(subject: str, times: int = 1) -> list[str]:
            async def look() -> list[str]:
                caught = (await staff.get("/peers/mail/messages"))["items"]
                texts = [
                    mail["text"]
                    for mail in caught
                    if mailbox in mail["recipients"] and subject in mail["subject"]
                ]
                return texts if len(texts) >= times else []

            found: list[str] = await people.eventually(look, what=f"a mail: {subject}")
            return found

        # When somebody with another browser opens the link in the mail
        token = re.search(r"/receipt#(\S+)", (await mailed("Paid"))[0])
        assert token is not None
        shown = await reader.post("/v1/receipts", {"token": token[1]})
        # Then they read the order and what was written, and can do nothing else.
        assert [one["id"] for one in shown["orders"]] == [order]
        texts = [message["text"] for message in shown["threads"][0]["messages"]]
        assert texts == ["Could you pack it as a gift?", "With pleasure."]
        await reader.get(f"/v1/orders/{order}", expect=404)
        await reader.post(path, {"text": "It is me"}, expect=404)
        await reader.post("/v1/receipts", {"token": token[1] + "x"}, expect=404)
        assert "/receipt#" in (await mailed("New message"))[0]
        # And a new link goes to the mailbox, whoever asks.
        want = {"order": order, "email": mailbox}
        await reader.post("/v1/receipts/mail", want, expect=204)
        again = re.search(r"/receipt#(\S+)", (await mailed("Your orders"))[0])
        assert again is not None
        await reader.post("/v1/receipts", {"token": again[1]})
    assert token[1].rpartition(".")[2] not in shared.said(), "no token in any log"
    assert mailbox not in shared.said()


async def test_addresses_follow_the_form_of_their_country(
    centre: Centre, devices: list[Browser]
) -> None:
    phone, desk = devices
    form = await phone.get("/v1/address-forms/US")
    needed = {field["name"] for field in form["fields"] if field["required"]}
    assert needed >= {"name", "line1", "city", "region", "postcode", "phone"}
    await phone.get("/v1/address-forms/XX", expect=404)
    wrong = {**people.COLOGNE, "postcode": "1", "phone": "+49 1"}
    refused = await phone.post("/v1/addresses", {"address": wrong}, expect=422)
    assert refused["fields"] == {"postcode": "malformed", "phone": "malformed"}
    kept = await phone.post("/v1/addresses", {"address": people.COLOGNE}, expect=201)
    await desk.delete(f"/v1/addresses/{kept['id']}", expect=404)
    assert await desk.get("/v1/addresses") == []
    # Signing in takes it along.
    login = centre.seeded.login("buyer")
    await phone.sign_in(*login)
    await desk.sign_in(*login)

    async def mine() -> bool:
        return kept["id"] in {one["id"] for one in await desk.get("/v1/addresses")}

    await people.eventually(mine, what="the address on the other device")
    await desk.delete(f"/v1/addresses/{kept['id']}")
