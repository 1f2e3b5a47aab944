"""What hosts and assistants can do with a live session and its shelf.

Everything that changes a shelf first moves the version in its row, so changes of one shelf
follow one another and each publication says which is newer.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.prices import must_be_one_currency, must_be_sound
from livecommerce.catalogue.wire import ProductOut
from livecommerce.crossborder.rates import DayRates
from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.live import queries, rules
from livecommerce.live.errors import (
    BadOrder,
    CardInOtherCurrency,
    ForeignProduct,
    NoSuchCard,
    NotOnAir,
    NotPrepared,
    NotSoldHere,
    OnShelfAlready,
    OutsideSlot,
    OverAlready,
    ShelfFull,
)
from livecommerce.live.events import CardExplained, CardPriced, ExplainStopped, ShelfChanged
from livecommerce.live.rules import CardState
from livecommerce.live.tables import Card, CardPrice, ExplainSegment, Shelf
from livecommerce.live.wire import AddCard, MakeLive
from livecommerce.studios import queries as studios
from livecommerce.studios.rules import BookingState
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from streams.sessions import actions as sessions
from streams.sessions import queries as live_sessions
from streams.sessions.errors import WrongLiveState
from streams.sessions.rules import ON_AIR, OVER, TO_COME, State
from streams.sessions.tables import LiveSession

HOSTS = (MerchantRole.HOST,)
ON_DUTY = (StaffRole.OPERATOR, StaffRole.COMPLIANCE)
RUNS_SHELF = (MerchantRole.HOST, MerchantRole.ASSISTANT)
RUNS_OFFERS = (MerchantRole.ASSISTANT,)


async def make(tx: Tx, want: MakeLive, *, by: Principal, now: datetime) -> LiveSession:
    """A live session for a booked slot, with an empty shelf.

    Raises:
        NotYours: the booking is another merchant's.
        OutsideSlot: the booking is cancelled or over.
        LiveExists: the booking has one already.
    """
    booking = await studios.booking(tx, want.booking, held_still=True)
    by.must_act_for(booking.merchant, *HOSTS)
    if booking.state not in {BookingState.CONFIRMED, BookingState.CHECKED_IN}:
        raise OutsideSlot(booking=booking.id, state=booking.state)
    if booking.ends_at <= now:
        raise OutsideSlot("The slot is over.", booking=booking.id)
    live = await sessions.create(
        tx,
        reference=booking.id,
        host_reference=booking.merchant,
        title=want.title.model_dump(),
        period=Period(booking.starts_at, booking.ends_at),
        now=now,
    )
    tx.add(Shelf(live_id=live.id, merchant_id=booking.merchant, booking_id=booking.id))
    await tx.flush()
    return live


async def add_card(
    tx: Tx,
    live: str,
    want: AddCard,
    *,
    by: Principal,
    now: datetime,
    rates: DayRates | None = None,
) -> Card:
    """Put a product on the shelf, last, at live prices (list prices unless told).

    Args:
        rates: the day's, if there are any; without them no currency is turned away.

    Raises:
        NoRate: no quote could be made, since freight is in another currency.
        ForeignProduct: no product of this merchant.
        NotSoldHere: a price names a variant that the product does not have.
        PriceNotPositive, PriceNotPayable, CurrenciesDiffer: nobody could buy it as it is.
        OnShelfAlready, ShelfFull, OverAlready
    """
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    product = await catalogue.product(tx, want.product)
    sold = any(not variant.archived for variant in product.variants)
    if product.merchant != shelf.merchant_id or product.archived or not sold:
        raise ForeignProduct()
    cards = await queries.cards(tx, live)
    if any(c.product_id == product.id for c in cards):
        raise OnShelfAlready(product=product.id)
    if len(cards) >= rules.SHELF_HOLDS:
        raise ShelfFull(most=rules.SHELF_HOLDS)
    currencies = [v.price.currency for v in product.variants if not v.archived]
    must_be_one_currency(currencies)
    if rates is not None:
        rates.must_have(currencies[0])
    card = Card(
        id=ids.new("crd"),
        live_id=live,
        merchant_id=shelf.merchant_id,
        product_id=product.id,
        position=1 + max((c.position for c in cards), default=0),
        currency=currencies[0],
        prices=_prices(product, want.prices, currencies[0]),
        state=CardState.WAITING,
        added_at=now,
    )
    tx.add(card)
    await tx.flush()
    await _note_prices(tx, card, card.prices, now)
    await emit(tx, ShelfChanged(live=live, version=shelf.version, at=now))
    return card


async def price_card(
    tx: Tx, live: str, card: str, prices: dict[str, int], *, by: Principal, now: datetime
) -> Card:
    """Change live prices. Holds keep the price at which they were claimed, and a card keeps
    the currency in which it was promised.

    Raises:
        NoSuchCard, NotSoldHere, OverAlready
        CardInOtherCurrency: new numbers would be meant in another currency than the card's.
        PriceNotPositive, PriceNotPayable: nobody could buy it.
    """
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    row = await _card(tx, live, card)
    product = await catalogue.product(tx, row.product_id)
    if any(v.price.currency != row.currency for v in product.variants if not v.archived):
        raise CardInOtherCurrency(card=card, currency=row.currency)
    changed = _prices(product, prices, row.currency, only=True)
    row.prices = {**row.prices, **changed}
    await _note_prices(tx, row, changed, now)
    priced = CardPriced(
        live=live,
        card=row.id,
        currency=row.currency,
        prices=row.prices,
        version=shelf.version,
        at=now,
    )
    await emit(tx, priced, ShelfChanged(live=live, version=shelf.version, at=now))
    return row


async def remove_card(tx: Tx, live: str, card: str, *, by: Principal, now: datetime) -> None:
    """Take a card off the shelf; if it is being explained, that stops."""
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    row = await _card(tx, live, card)
    if row.state is CardState.EXPLAINING:
        await _close(tx, live, now)
        await emit(tx, ExplainStopped(live=live, version=shelf.version, at=now))
    gone = sa.update(Card).where(col(Card.id) == card).values(removed_at=now)
    await tx.execute(gone)
    await emit(tx, ShelfChanged(live=live, version=shelf.version, at=now))


async def order_cards(
    tx: Tx, live: str, cards: Sequence[str], *, by: Principal, now: datetime
) -> None:
    """Line the shelf up anew.

    Raises:
        BadOrder: ``cards`` is not exactly the cards of the shelf.
    """
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    there = await queries.cards(tx, live)
    if sorted(c.id for c in there) != sorted(cards):
        raise BadOrder(cards=len(there))
    place = {card: i for i, card in enumerate(cards, 1)}
    for card in there:
        card.position = place[card.id]
    await emit(tx, ShelfChanged(live=live, version=shelf.version, at=now))


async def explain(
    tx: Tx, live: str, card: str, *, by: Principal, now: datetime
) -> ExplainSegment:
    """Present a card: the one before it ends at the same moment. Presenting the card that is
    being presented changes nothing.

    Raises:
        NotOnAir: there is nobody to present it to.
    """
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    row = await _card(tx, live, card)
    session = await live_sessions.get(tx, live)
    if session.state not in ON_AIR:
        raise NotOnAir(live=live, state=session.state)
    if row.state is CardState.EXPLAINING:
        return await queries.open_segment(tx, live)
    await _close(tx, live, now)
    started = (
        sa.update(Card)
        .where(col(Card.id) == card)
        .values(state=CardState.EXPLAINING, explained_times=Card.explained_times + 1)
    )
    await tx.execute(started)
    segment = ExplainSegment(
        id=ids.new("xpl"),
        live_id=live,
        card_id=card,
        product_id=row.product_id,
        merchant_id=row.merchant_id,
        started_at=now,
        started_by=by.id,
    )
    tx.add(segment)
    await tx.flush()
    told = CardExplained(
        live=live,
        card=card,
        product=row.product_id,
        segment=segment.id,
        version=shelf.version,
        at=now,
    )
    await emit(tx, told)
    return segment


async def stop_explaining(tx: Tx, live: str, *, by: Principal, now: datetime) -> None:
    """Present nothing. Stopping when nothing is presented changes nothing."""
    shelf = await _change(tx, live, by, *RUNS_SHELF)
    if await _close(tx, live, now):
        await emit(tx, ExplainStopped(live=live, version=shelf.version, at=now))


async def make_ready(tx: Tx, live: str, *, by: Principal, now: datetime) -> LiveSession:
    """Clear the session to go on air, if every light is green. The first picture that its
    encoder sends starts it.

    Raises:
        WrongLiveState: it is on air already, or over.
        NotPrepared: with the lights that are not green.
    """
    shelf = await _mine(tx, live, by, *HOSTS)
    session = await live_sessions.get(tx, live)
    if session.state not in TO_COME:
        raise WrongLiveState(live=live, state=session.state, wanted=State.READY)
    lights = await queries.checklist(tx, shelf, now=now)
    red = [light.key for light in lights if not light.ok]
    if red:
        raise NotPrepared(lights=",".join(red))
    clearance = {"at": now.isoformat(), "by": by.id, "lights": [li.key for li in lights]}
    row = await sessions.clear(tx, live, clearance, now=now)
    await tx.execute(sa.update(Shelf).where(col(Shelf.live_id) == live).values(hosted_by=by.id))
    return row


async def change_state(
    tx: Tx, live: str, wanted: str, *, by: Principal, now: datetime
) -> LiveSession:
    """``pause``, ``resume``, ``end`` or ``cancel``. Staff on duty may all but cancel."""
    shelf = await queries.shelf(tx, live)
    if wanted == "cancel" or not by.is_staff(*ON_DUTY):
        by.must_act_for(shelf.merchant_id, *HOSTS)
    step = {
        "pause": sessions.pause,
        "resume": sessions.resume,
        "end": sessions.end,
        "cancel": sessions.cancel,
    }[wanted]
    return await step(tx, live, now=now)


async def close_explains(tx: Tx, live: str, *, now: datetime) -> None:
    """The broadcast is over, so is what was being presented in it."""
    moved = (
        sa.update(Shelf)
        .where(col(Shelf.live_id) == live)
        .values(version=Shelf.version + 1)
        .returning(col(Shelf.version))
    )
    version = (await tx.execute(moved)).scalar_one_or_none()
    if version is not None and await _close(tx, live, now):
        await emit(tx, ExplainStopped(live=live, version=version, at=now))


async def _close(tx: Tx, live: str, now: datetime) -> bool:
    """End the open segment, if there is one."""
    ended = (
        sa.update(ExplainSegment)
        .where(col(ExplainSegment.live_id) == live, col(ExplainSegment.ended_at).is_(None))
        .values(ended_at=sa.func.greatest(col(ExplainSegment.started_at), now))
        .returning(col(ExplainSegment.card_id))
    )
    card = (await tx.execute(ended)).scalar_one_or_none()
    if card is None:
        return False
    await tx.execute(
        sa.update(Card).where(col(Card.id) == card).values(state=CardState.EXPLAINED)
    )
    return True


async def may_offer(tx: Tx, live: str, *, by: Principal) -> Shelf:
    """The shelf, ours until the transaction ends, for those who may make offers from it.

    Raises:
        NotYours, NotAllowed: the caller runs no offers here.
        OverAlready: the session is over.
    """
    await _mine(tx, live, by, *RUNS_OFFERS)
    if (await live_sessions.get(tx, live)).state in OVER:
        raise OverAlready(live=live)
    locked = sa.select(Shelf).where(col(Shelf.live_id) == live).with_for_update()
    return (await tx.execute(locked)).scalar_one()


async def card_on(tx: Tx, live: str, card: str) -> Card:
    """The card, if it is on the shelf. Raises NoSuchCard."""
    return await _card(tx, live, card)


async def _note_prices(tx: Tx, card: Card, prices: dict[str, int], now: datetime) -> None:
    """What is asked from now on."""
    same = {"card_id": card.id, "merchant_id": card.merchant_id, "currency": card.currency}
    rows = [{**same, "variant_id": v, "minor": minor, "at": now} for v, minor in prices.items()]
    if rows:
        await tx.execute(sa.insert(CardPrice), rows)


async def _mine(tx: Tx, live: str, by: Principal, *roles: MerchantRole) -> Shelf:
    shelf = await queries.shelf(tx, live)
    by.must_act_for(shelf.merchant_id, *roles)
    return shelf


async def _change(tx: Tx, live: str, by: Principal, *roles: MerchantRole) -> Shelf:
    """The caller's shelf, locked, with its version moved on."""
    await _mine(tx, live, by, *roles)
    if (await live_sessions.get(tx, live)).state in OVER:
        raise OverAlready(live=live)
    moved = (
        sa.update(Shelf)
        .where(col(Shelf.live_id) == live)
        .values(version=Shelf.version + 1)
        .returning(Shelf)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return (await tx.execute(moved)).scalar_one()


async def _card(tx: Tx, live: str, card: str) -> Card:
    row = await tx.get(Card, card, populate_existing=True)
    if row is None or row.live_id != live or row.removed_at is not None:
        raise NoSuchCard(card=card)
    return row


def _prices(
    product: ProductOut, wanted: dict[str, int], currency: str, *, only: bool = False
) -> dict[str, int]:
    """Live prices by variant, in minor units.

    Raises:
        NotSoldHere: some are for variants of other products.
        PriceNotPositive: some would give the goods away, or money with them.
        PriceNotPayable: some are more than the payment provider takes.
    """
    listed = {v.id: v.price.minor for v in product.variants if not v.archived}
    if strange := wanted.keys() - listed.keys():
        raise NotSoldHere(variants=",".join(sorted(strange)))
    told = dict(wanted) if only else {**listed, **wanted}
    must_be_sound({variant: [Money(minor, currency)] for variant, minor in told.items()})
    return told
