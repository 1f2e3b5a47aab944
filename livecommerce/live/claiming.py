"""Goods set aside at live prices: the same whether asked over HTTP or called in the room."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from livecommerce.catalogue.claims import Claim
from livecommerce.catalogue.wire import HoldOut
from livecommerce.live.counter import Counter, Wares
from livecommerce.live.wire import ClaimItem, ClaimsOut, HeldOut


class Wanted(Protocol):
    """So many of a variant of a card."""

    @property
    def card(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def count(self) -> int: ...


class Settles(Protocol):
    """Whoever makes claims into holds: the coalescer, and in benches what it is measured
    against."""

    async def claim_all(self, wants: Sequence[Claim], now: datetime) -> list[HoldOut]: ...


LetIn = Callable[[str, str, str, datetime], None]
"""Raises if the buyer may not be in that live session of that merchant at that moment."""


def everybody(_live: str, _merchant: str, _buyer: str, _now: datetime) -> None:
    """Where nobody is banned."""


def claim_of(
    wares: Wares,
    item: Wanted,
    *,
    buyer: str,
    key: str,
    most: int,
    now: datetime,
    shown: str | None = None,
    let_in: LetIn = everybody,
) -> Claim:
    """A claim on what the room sells, at the price that it has now; ``shown`` is the flash
    price that the buyer was shown, which is met or refused.

    Raises:
        NotSoldHere, OverAlready: the room does not sell it, or nothing any more.
        Banned: the room is closed to the buyer.
    """
    offer, price = wares.price(item.card, item.variant)
    let_in(wares.live, offer.merchant, buyer, now)
    return Claim(
        buyer=buyer,
        key=key,
        variant=item.variant,
        merchant=offer.merchant,
        count=item.count,
        price=price,
        live=wares.live,
        card=item.card,
        segment=wares.segment if wares.explained == item.card else None,
        limit_per_buyer=most,
        special=wares.special(item.card, item.variant, shown=shown, now=now),
    )


@dataclass(frozen=True, slots=True)
class Claiming:
    """Prices by the counter, holds by the claims. ``most``: pieces of a variant on one card
    that a buyer may have; ``let_in`` refuses whoever is banned from the room."""

    counter: Counter
    claims: Settles
    most: int
    let_in: LetIn = everybody

    async def claim(
        self, live: str, items: Sequence[ClaimItem], *, buyer: str, key: str, now: datetime
    ) -> ClaimsOut:
        """Set goods aside at the prices on their cards, all or none.

        Raises:
            NoSuchLive, NotSoldHere, OverAlready: by the counter.
            Banned: the room is closed to the buyer.
            SoldOut, SpecialGone, TooMany, KeyTaken, QueueFull, ClaimsDown: by the
                catalogue's claims.
        """
        wares = await self.counter.wares(live)
        wants = [
            claim_of(
                wares,
                item,
                buyer=buyer,
                key=key,
                most=self.most,
                now=now,
                shown=item.offer,
                let_in=self.let_in,
            )
            for item in items
        ]
        held = await self.claims.claim_all(wants, now)
        return ClaimsOut(holds=[_held_out(hold) for hold in held])


def _held_out(hold: HoldOut) -> HeldOut:
    return HeldOut(
        id=hold.id,
        variant=hold.variant,
        count=hold.count,
        price=hold.price,
        hold_until=hold.hold_until,
        offer=hold.offer,
        normal=hold.normal,
    )
