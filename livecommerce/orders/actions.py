"""What buyers do with purchases: quote, place, cancel; and the sweeper that ends them."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.errors import HoldGone, HoldInCheckout
from livecommerce.catalogue.households import Household
from livecommerce.catalogue.queries import HoldFacts
from livecommerce.catalogue.rules import HoldState
from livecommerce.crossborder import actions as crossborder
from livecommerce.crossborder import queries as quotes
from livecommerce.crossborder.errors import NotSoldIn
from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Destination, QuoteOut, QuoteRequest
from livecommerce.identity import queries as people
from livecommerce.identity import tokens
from livecommerce.identity.addresses import forms
from livecommerce.identity.addresses.rules import household
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.outbox import emit
from livecommerce.live.offers import actions as offers
from livecommerce.orders import freeze, rules
from livecommerce.orders.errors import (
    AddressNotQuoted,
    NoSuchCheckout,
    NotCancellable,
    PlacedAndCancelled,
    PlacedOtherwise,
    TooDearAtOnce,
)
from livecommerce.orders.events import CheckoutCancelling, CheckoutPlaced
from livecommerce.orders.outcomes import parts_of
from livecommerce.orders.rules import CheckoutState, Policy
from livecommerce.orders.tables import Checkout
from livecommerce.orders.wire import AskQuote, PlaceCheckout
from livecommerce.settings import SELLS_IN
from livecommerce.settlement import plans
from livecommerce.settlement.charging import Part, charging_of
from livecommerce.web.principal import Principal
from payments import intents
from payments.stripe_words import largest

_ENDED_UNPAID = frozenset(
    {CheckoutState.CANCELLING, CheckoutState.CANCELLED, CheckoutState.LATE_REFUNDED}
)
_CANCELLING = sa.text(
    "UPDATE commerce.checkout c SET state = 'cancelling', look_at = :again FROM ("
    " SELECT id FROM commerce.checkout WHERE look_at <= :now"
    " AND state IN ('placed', 'awaiting_payment', 'cancelling')"
    " ORDER BY look_at LIMIT :most FOR UPDATE SKIP LOCKED) due"
    " WHERE c.id = due.id RETURNING c.id"
)


async def quote(
    tx: Tx,
    want: AskQuote,
    *,
    by: Principal,
    rates: Rates,
    desk: Desk,
    sells_in: Collection[str] = SELLS_IN,
    now: datetime,
) -> QuoteOut:
    """The landed cost of the caller's own holds, promised for a while.

    Args:
        sells_in: the currencies that buyers may pay in.

    Raises:
        NotSoldIn: the currency is none of those.
        NoSuchHold: one does not exist, or is somebody else's.
        HoldGone: one has ended.
        HoldInCheckout: one is in a purchase of the caller's that is still open.
        NoRate, NotShippedThere: it cannot be figured.
        TooDearAtOnce: no payment can carry so much.
        DestinationRefused: nothing is shipped there.
        CouponNotYours, CouponUsed: a coupon cannot be used.
    """
    if want.currency not in sells_in:
        raise NotSoldIn(currency=want.currency, sells_in=",".join(sorted(sells_in)))
    wanted = list(dict.fromkeys(want.holds))
    holds = await catalogue.holds(tx, wanted, buyer=by.id)
    for hold in holds:
        _must_be_free(hold, now)
    variants = await catalogue.goods(tx, [hold.variant for hold in holds])
    products = {name: product.id for name, (product, _) in variants.items()}
    offered = await offers.apply(
        tx, holds, products, buyer=by.id, coupons=want.coupons, now=now
    )
    request = QuoteRequest(
        destination=want.destination,
        currency=want.currency,
        parcels=freeze.parcels(holds, variants, offered),
    )
    told = await crossborder.quote(tx, request, buyer=by.id, rates=rates, desk=desk, now=now)
    most = largest(told.currency)
    if told.total > most:
        raise TooDearAtOnce(total=told.total.minor, most=most.minor, currency=told.currency)
    return told


async def place(
    tx: Tx, want: PlaceCheckout, *, by: Principal, policy: Policy, now: datetime
) -> str:
    """Turn the quoted holds into one order per merchant under one payment; the checkout's id.

    A quote is placed once: placing it again in the same words gives the same checkout.

    Raises:
        NoSuchQuote, QuoteExpired: it is not the caller's, or too old.
        PlacedOtherwise: it was placed to another address or e-mail address.
        PlacedAndCancelled: it was placed, and that purchase ended unpaid.
        AddressNotQuoted: the address lies elsewhere than was quoted.
        AddressWrong: it does not fit its country.
        HoldGone: a hold has lapsed.
        HoldInCheckout: a hold is in another purchase that is still open.
        TooManyThere: with earlier purchases, it is more than one household may have.
        CouponUsed: a coupon is in another purchase, or no longer valid.
    """
    await one_at_a_time(tx, f"checkout:{want.quote}")
    mine = sa.select(Checkout).where(
        col(Checkout.quote_id) == want.quote, col(Checkout.buyer) == by.id
    )
    before = (await tx.execute(mine)).scalar_one_or_none()
    if before is not None:
        _must_be_the_same(before, want)
        return before.id
    promised = await quotes.valid_quote(tx, want.quote, buyer=by.id, now=now)
    _must_be_quoted(want, promised)
    address = forms.checked(want.address)
    hold_ids = [line.reference for line in promised.lines]
    holds = await catalogue.holds(tx, hold_ids, buyer=by.id)
    goods = freeze.Goods(
        holds=holds,
        variants=await catalogue.goods(tx, [hold.variant for hold in holds]),
        sellers=await people.sellers(tx, {hold.merchant for hold in holds}),
        agreed=await plans.terms_for(
            tx,
            {hold.merchant for hold in holds},
            promised.currency,
            default_bps=policy.commission_bps,
            now=now,
        ),
    )
    checkout = Checkout(
        id=ids.new("chk"),
        buyer=by.id,
        quote_id=promised.id,
        live_id=freeze.live_of(holds),
        state=CheckoutState.PLACED,
        quote=promised.model_dump(mode="json"),
        total_minor=promised.total.minor,
        currency=promised.currency,
        address=address.model_dump(),
        email=want.email,
        pay_within_s=int(policy.pay_within.total_seconds()),
        placed_at=now,
        look_at=now + rules.OPEN_WITHIN,
    )
    mark = tokens.bucket(policy.secret, household(want.address))
    try:
        await stock.attach(
            tx,
            hold_ids,
            checkout=checkout.id,
            buyer=by.id,
            now=now,
            household=Household(mark, policy.most_per_household),
        )
    except HoldGone:
        for hold in await catalogue.holds(tx, hold_ids, buyer=by.id):
            _must_be_free(hold, now)
        raise
    used = [each for line in promised.lines for each in line.offers]
    await offers.use(tx, used, checkout=checkout.id, buyer=by.id, now=now)
    made = freeze.orders_of(checkout, promised, goods, now=now)
    charging, direct = await charging_of(
        tx,
        [
            Part(order.merchant_id, goods.agreed[order.merchant_id], parts_of(order).goods)
            for order, _ in made
        ],
        promised.total,
    )
    payment = await intents.record(
        tx,
        reference=checkout.id,
        amount=promised.total,
        description=f"Livecommerce {checkout.id}",
        metadata={"checkout": checkout.id, intents.CHARGING: charging},
        direct=direct,
        now=now,
    )
    checkout.payment_id = payment.id
    for rows in ([checkout], [order for order, _ in made], [x for _, ls in made for x in ls]):
        tx.add_all(rows)
        await tx.flush()
    await emit(
        tx,
        CheckoutPlaced(
            checkout=checkout.id,
            buyer=by.id,
            live=checkout.live_id,
            orders=[order.id for order, _ in made],
            total=promised.total,
            at=now,
        ),
    )
    return checkout.id


async def cancel(tx: Tx, checkout_id: str, *, by: Principal, now: datetime) -> None:
    """Give up a purchase that is not paid. The goods go back once nobody can pay any more.

    Raises:
        NoSuchCheckout: there is none with that id, or it is somebody else's.
        NotCancellable: it is paid.
    """
    mine = sa.select(Checkout).where(
        col(Checkout.id) == checkout_id, col(Checkout.buyer) == by.id
    )
    checkout = (await tx.execute(mine.with_for_update())).scalar_one_or_none()
    if checkout is None:
        raise NoSuchCheckout(checkout=checkout_id)
    if checkout.state in {CheckoutState.CANCELLING, CheckoutState.CANCELLED}:
        return
    if CheckoutState.CANCELLING not in rules.NEXT[checkout.state]:
        raise NotCancellable(checkout=checkout_id, state=checkout.state)
    checkout.state = CheckoutState.CANCELLING
    checkout.look_at = now + rules.ASK_AGAIN
    await tx.flush()
    await emit(tx, CheckoutCancelling(checkout=checkout_id, at=now))


async def end_overdue(tx: Tx, *, now: datetime, limit: int = 500) -> int:
    """Start to end the purchases whose time has come; how many.

    The provider is asked to make paying impossible, and asked again while its answer is
    outstanding; stock is given back only on its word.
    """
    values = {"now": now, "again": now + rules.ASK_AGAIN, "most": limit}
    due = list((await tx.execute(_CANCELLING, values)).scalars())
    await emit(tx, *(CheckoutCancelling(checkout=checkout, at=now) for checkout in due))
    return len(due)


def _must_be_free(hold: HoldFacts, now: datetime) -> None:
    """A hold that a checkout has lasts as long as that checkout, whatever its own time."""
    if hold.state is HoldState.HELD and hold.checkout is not None:
        raise HoldInCheckout(hold=hold.id, checkout=hold.checkout)
    if hold.state is not HoldState.HELD or hold.hold_until <= now:
        raise HoldGone(hold=hold.id, checkout=hold.checkout)


def _must_be_the_same(before: Checkout, want: PlaceCheckout) -> None:
    """What was placed on the quote stands; nobody shall believe that something else does."""
    if before.state in _ENDED_UNPAID:
        raise PlacedAndCancelled(checkout=before.id, state=before.state)
    address = forms.checked(want.address).model_dump()
    if address != before.address or want.email.casefold() != before.email.casefold():
        raise PlacedOtherwise(checkout=before.id)


def _must_be_quoted(want: PlaceCheckout, promised: QuoteOut) -> None:
    """The figures hold for a place: the address must lie in it, and where its rules do."""
    place, address = promised.destination, want.address
    there = Destination(
        country=address.country, region=address.region, postcode=address.postcode or None
    )
    elsewhere = (
        not quotes.holds_there(place, there)
        or (
            place.region
            and not forms.same_region(place.country, place.region, address.region or "")
        )
        or (
            place.postcode
            and not forms.same_postcode(place.country, place.postcode, address.postcode)
        )
    )
    if elsewhere:
        raise AddressNotQuoted(quote=promised.id, country=place.country)
