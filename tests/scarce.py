"""Goods of which there are only so many, and what is paid for them too late."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from livecommerce.demo.client import Browser
from livecommerce.kernel.clock import utcnow
from tests import people
from tests.people import Centre, Show
from tests.provider import Provider


@dataclass
class Rare:
    """A product of which there are only so many, on a shelf of its own."""

    show: Show
    variant: str

    async def left(self, guest: Browser) -> int:
        room = await guest.get(f"/v1/live/{self.show.live}/room")
        return int(room["stock"][self.variant])


async def rare(centre: Centre, on_hand: int) -> Rare:
    """So many pieces of something new."""
    async with centre.person("owner") as owner:
        product = await people.new_product(owner, centre, on_hand=on_hand, pictured=False)
        starts = utcnow() + timedelta(days=5, minutes=secrets.randbelow(10_000))
        show = await people.prepare(
            owner, centre, products=[product["id"]], ready=False, at=starts, minutes=30
        )
        return Rare(show, product["variants"][0]["id"])


async def cancelled_by_word_of_the_provider(
    guest: Browser, scarce: Rare, provider: Provider
) -> dict[str, Any]:
    """A checkout that was cancelled because the provider said that nobody can pay for it any
    more; which was wrong, as will turn out."""
    checkout: dict[str, Any] = await people.payable(guest, scarce.show)
    assert await scarce.left(guest) == 0
    intent = await provider.intent(checkout["payment"])
    gone = provider.event("payment_intent.canceled", {**intent, "status": "canceled"})
    assert await provider.say(gone) == 200
    await people.checkout_in(guest, checkout["id"], "cancelled")
    return checkout


async def sold_to_another(guest: Browser, centre: Centre, provider: Provider) -> dict[str, Any]:
    """A cancelled checkout that can still be paid, and whose goods somebody else has bought."""
    scarce = await rare(centre, on_hand=1)
    checkout = await cancelled_by_word_of_the_provider(guest, scarce, provider)
    async with centre.guest() as faster:
        await people.buy(faster, scarce.show)
    return checkout


async def paid_too_late(
    guest: Browser, centre: Centre, provider: Provider, card: str
) -> dict[str, Any]:
    """A checkout that is paid with this card after somebody else has bought its goods."""
    checkout = await sold_to_another(guest, centre, provider)
    await guest.pay_by_card(checkout["payment"], card)
    ended: dict[str, Any] = await people.checkout_in(guest, checkout["id"], "late_refunded")
    return ended


async def owed_of(guest: Browser, checkout: str, minor: int) -> dict[str, Any]:
    """The checkout, once so much of it is owed."""

    async def look() -> dict[str, Any] | None:
        told: dict[str, Any] = await guest.get(f"/v1/checkouts/{checkout}")
        return told if told["owed"]["minor"] == minor else None

    found: dict[str, Any] = await people.eventually(look, what=f"{minor} owed of {checkout}")
    return found
