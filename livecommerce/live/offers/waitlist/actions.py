"""What is done with places in line: taken, left, served one after the other."""

from datetime import datetime

from livecommerce.catalogue import aside
from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.claims import Claim
from livecommerce.catalogue.errors import TooMany
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live import queries as live_reads
from livecommerce.live.errors import NotSoldHere
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.team import must_be_audience
from livecommerce.live.offers.waitlist import queries, rules
from livecommerce.live.offers.waitlist.errors import StillThere
from livecommerce.live.offers.waitlist.events import TurnCame
from livecommerce.live.offers.waitlist.rules import PlaceState
from livecommerce.live.offers.waitlist.tables import WaitlistPlace
from livecommerce.web.principal import Principal


async def join(
    tx: Tx,
    live: str,
    card: str,
    variant: str,
    *,
    by: Principal,
    most: int | None,
    now: datetime,
) -> int:
    """Wait for one piece; how many wait before. Joining twice is joining once.

    Args:
        most: pieces of a variant on one card that a buyer may have.

    Raises:
        NoSuchCard, NotSoldHere: the shelf does not offer it.
        NotForTheTeam: they sell it themselves.
        TooMany: they have as many as they may.
        StillThere: it is not sold out.
    """
    row = await shelves.card_on(tx, live, card)
    must_be_audience(by, row.merchant_id)
    if variant not in row.prices:
        raise NotSoldHere(card=card, variant=variant)
    await one_at_a_time(tx, _line(variant))
    place = await queries.place_of(tx, variant, by.id)
    if place is None:
        if most is not None and await catalogue.had(tx, by.id, variant, card) >= most:
            raise TooMany(variant=variant, most=most)
        _, left = await live_reads.stock_left(tx, live)
        if left.get(variant, 0) > 0:
            raise StillThere(variant=variant, left=left[variant])
        place = WaitlistPlace(
            id=ids.new("wtp"),
            live_id=live,
            card_id=card,
            variant_id=variant,
            merchant_id=row.merchant_id,
            buyer=by.id,
            state=PlaceState.WAITING,
            joined_at=now,
        )
        tx.add(place)
        await tx.flush()
        await emit(tx, OffersChanged(live=live, at=now))
    return await queries.ahead(tx, place)


async def leave(tx: Tx, live: str, variant: str, *, buyer: str, now: datetime) -> None:
    """Wait no longer. Leaving twice is leaving once."""
    await one_at_a_time(tx, _line(variant))
    place = await queries.place_of(tx, variant, buyer)
    if place is not None and place.live_id == live:
        place.state = PlaceState.LEFT
        await tx.flush()
        await emit(tx, OffersChanged(live=live, at=now))


async def serve(tx: Tx, variant: str, *, most: int, now: datetime) -> None:
    """Pieces came back: those who wait have them, in order, each for a while. Who has as many
    as they may (``most``, as for claims) by now leaves the line."""
    if await queries.next_of(tx, variant) is None:
        return
    await one_at_a_time(tx, _line(variant))
    while (place := await queries.next_of(tx, variant)) is not None:
        card = await live_reads.card(tx, place.card_id)
        if card.removed_at is not None or variant not in card.prices:
            place.state = PlaceState.LEFT  # it is offered no more
            await tx.flush()
            continue
        piece = Claim(
            buyer=place.buyer,
            key=place.id,
            variant=variant,
            merchant=place.merchant_id,
            count=1,
            price=Money(card.prices[variant], card.currency),
            live=place.live_id,
            card=place.card_id,
            ours=True,
            limit_per_buyer=most,
        )
        until = now + rules.TO_ACT
        try:
            hold = await aside.set_aside(tx, piece, until=until, now=now)
        except TooMany:
            place.state = PlaceState.LEFT
            await tx.flush()
            await emit(tx, OffersChanged(live=place.live_id, at=now))
            continue
        if hold is None:
            return
        place.state, place.served_at, place.hold_id = PlaceState.SERVED, now, hold
        await tx.flush()
        turn = TurnCame(
            place=place.id,
            live=place.live_id,
            card=place.card_id,
            variant=variant,
            buyer=place.buyer,
            hold=hold,
            hold_until=until,
            at=now,
        )
        await emit(tx, turn, OffersChanged(live=place.live_id, at=now))


def _line(variant: str) -> str:
    return f"waitlist:{variant}"
