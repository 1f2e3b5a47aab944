"""The counter: what a room sells at which price, remembered for a moment.

Thousands claim the same card in the same second; reading its price once for each of them
would cost more than the claim. The first who asks reads, everybody else waits for the same
answer, and after a fifth of a second it is read anew.
"""

import asyncio
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.claims import Special
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live import queries
from livecommerce.live.errors import NotSoldHere, OverAlready
from livecommerce.live.offers.flash import queries as flashes
from livecommerce.live.offers.flash.rules import Window
from livecommerce.live.tables import Card
from streams.sessions import queries as sessions
from streams.sessions.rules import State

FRESH = 0.2


@dataclass(frozen=True, slots=True)
class Offer:
    """One card on the counter."""

    merchant: str
    currency: str
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Flash:
    """A flash price of one card."""

    id: str
    window: Window
    prices: Mapping[str, int]
    total: int
    per_buyer: int


@dataclass(frozen=True, slots=True)
class Wares:
    """What one room sells now. ``segment`` is the explain that runs, of ``explained``."""

    live: str
    state: State
    offers: Mapping[str, Offer]
    explained: str | None
    segment: str | None
    flashes: Mapping[str, Flash] = field(default_factory=dict)

    def price(self, card: str, variant: str) -> tuple[Offer, Money]:
        """The offer, and what the variant costs.

        Raises:
            OverAlready: the session was cancelled; an ended one still sells.
            NotSoldHere: no such card, or the card does not offer the variant.
        """
        if self.state is State.CANCELLED:
            raise OverAlready(live=self.live)
        offer = self.offers.get(card)
        if offer is None or variant not in offer.prices:
            raise NotSoldHere(card=card, variant=variant)
        return offer, Money(offer.prices[variant], offer.currency)

    def special(
        self, card: str, variant: str, *, shown: str | None, now: datetime
    ) -> Special | None:
        """The flash price that holds for the variant now, if one does and it is a cut: once
        the normal price is as low or lower, that one is charged, whatever was shown.

        ``shown`` is the flash price that the buyer was shown: it or less. If it holds no
        more, what is returned can only be met by a claim that was made already.
        """
        offer, price = self.price(card, variant)
        flash = self.flashes.get(card)
        open_ = flash is not None and now in flash.window and variant in flash.prices
        if flash is None or not open_ or shown not in {None, flash.id}:
            return Special(shown, price, 0, 0, only=True) if shown else None
        cut = Money(flash.prices[variant], offer.currency)
        if price <= cut:
            return None
        return Special(flash.id, cut, flash.total, flash.per_buyer, only=shown is not None)


class Counter:
    """The wares of every room that is being bought from; one per process.

    Args:
        fresh: seconds for which what was read is good.
    """

    def __init__(self, db: Database, *, fresh: float = FRESH) -> None:
        self._db = db
        self._fresh = fresh
        self._known: dict[str, tuple[float, asyncio.Future[Wares]]] = {}

    async def wares(self, live: str) -> Wares:
        """What the room sells, at most a fifth of a second old.

        Raises:
            NoSuchLive: there is no such session.
        """
        now = time.monotonic()
        until, reading = self._known.get(live, (0.0, None))
        if reading is None or until <= now or (reading.done() and reading.exception()):
            self._forget_old(now)
            reading = asyncio.ensure_future(self._read(live))
            reading.add_done_callback(lambda told: told.cancelled() or told.exception())
            self._known[live] = (now + self._fresh, reading)
        return await asyncio.shield(reading)

    def _forget_old(self, now: float) -> None:
        for live, (until, _) in list(self._known.items()):
            if until <= now:
                del self._known[live]

    async def _read(self, live: str) -> Wares:
        async with self._db.begin() as tx:
            session = await sessions.get(tx, live)
            cards = await queries.cards(tx, live)
            priced = {variant for card in cards for variant in card.prices}
            gone = await catalogue.archived(tx, sorted(priced))
            showing = await queries.explaining(tx, live)
            flashing = await flashes.set_in(tx, live)
        return Wares(
            live=live,
            state=session.state,
            offers={c.id: _offer(c, gone) for c in cards},
            explained=showing.card if showing else None,
            segment=showing.segment if showing else None,
            flashes={
                row.card_id: Flash(
                    id=row.id,
                    window=Window(row.opens_at, row.closes_at),
                    prices=row.prices,
                    total=row.total,
                    per_buyer=row.per_buyer,
                )
                for row in flashing
            },
        )


def _offer(card: Card, gone: Set[str]) -> Offer:
    """What the card sells: what has been archived since is not sold any more."""
    prices = {variant: minor for variant, minor in card.prices.items() if variant not in gone}
    return Offer(card.merchant_id, card.currency, prices)
