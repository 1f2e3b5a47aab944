"""Quotes, checkouts and orders over HTTP."""

from livecommerce.catalogue.errors import HoldGone, HoldInCheckout, NoSuchHold, TooManyThere
from livecommerce.crossborder.errors import (
    DestinationRefused,
    NoRate,
    NoSuchQuote,
    NotClassified,
    NotShippedThere,
    NotSoldIn,
    QuoteExpired,
)
from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import QuoteOut
from livecommerce.identity.addresses.errors import AddressWrong
from livecommerce.kernel.page import Cursor
from livecommerce.live.offers.coupons.errors import CouponNotYours, CouponUsed
from livecommerce.orders import actions, debts, queries, refunding, shipping
from livecommerce.orders.errors import (
    AddressNotQuoted,
    MoneyDisputed,
    MoreThanOwed,
    NoSuchCarrier,
    NoSuchCheckout,
    NoSuchConsignment,
    NoSuchOrder,
    NotCancellable,
    NothingOwed,
    NotRefundable,
    NotShippable,
    NotWhileDisputed,
    ParcelNotDeclarable,
    PlacedAndCancelled,
    PlacedOtherwise,
    RefundCurrencyDiffers,
    RefundNotPositive,
    RefundTooMuch,
    TooDearAtOnce,
    TrackingMalformed,
)
from livecommerce.orders.pieces.errors import NoSuchLine, PiecesGone
from livecommerce.orders.rules import OrderState, Policy
from livecommerce.orders.wire import (
    AskQuote,
    AskRefund,
    CheckoutOut,
    OrderListed,
    OrderOut,
    PayOwed,
    PlaceCheckout,
    ShipOrder,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from livecommerce.web.wire import PageOut
from payments.errors import RefundTooLarge

MOST = 100
_SHIPPERS = member(MerchantRole.OWNER, MerchantRole.ASSISTANT) | staff(StaffRole.OPERATOR)
_PAYERS = member(MerchantRole.OWNER, MerchantRole.FINANCE) | staff(
    StaffRole.FINANCE, StaffRole.OPERATOR
)


@route(
    "POST",
    "/v1/quotes",
    status=201,
    may=anyone,
    errors=(
        NoSuchHold,
        HoldGone,
        HoldInCheckout,
        NoRate,
        NotSoldIn,
        TooDearAtOnce,
        NotClassified,
        NotShippedThere,
        DestinationRefused,
        CouponNotYours,
        CouponUsed,
    ),
    tags=("orders",),
)
async def quote(call: Call, body: AskQuote) -> QuoteOut:
    """What your holds cost, delivered: goods, shipping, duty and tax."""
    return await actions.quote(
        call.tx,
        body,
        by=call.who,
        rates=call.r.part(Rates),
        desk=call.r.part(Desk),
        sells_in=call.r.settings.sells_in,
        now=call.now,
    )


@route(
    "POST",
    "/v1/checkouts",
    status=201,
    may=anyone,
    errors=(
        *(NoSuchQuote, QuoteExpired, AddressNotQuoted, AddressWrong),
        *(PlacedOtherwise, PlacedAndCancelled),
        *(HoldGone, HoldInCheckout, TooManyThere, CouponUsed),
    ),
    tags=("orders",),
)
async def place(call: Call, body: PlaceCheckout) -> CheckoutOut:
    """Buy what was quoted: one order per merchant, one payment."""
    settings = call.r.settings
    policy = Policy(
        settings.pay_within,
        settings.commission_bps,
        settings.household_limit,
        settings.secret_key(),
    )
    placed = await actions.place(call.tx, body, by=call.who, policy=policy, now=call.now)
    return await _checkout(call, placed)


@route(
    "GET", "/v1/checkouts/{checkout}", may=anyone, errors=(NoSuchCheckout,), tags=("orders",)
)
async def checkout(call: Call, checkout: str) -> CheckoutOut:
    """Your purchase and how it can be paid."""
    return await _checkout(call, checkout)


@route(
    "DELETE",
    "/v1/checkouts/{checkout}",
    may=anyone,
    errors=(NoSuchCheckout, NotCancellable),
    tags=("orders",),
)
async def cancel(call: Call, checkout: str) -> CheckoutOut:
    """Give up a purchase that is not paid."""
    await actions.cancel(call.tx, checkout, by=call.who, now=call.now)
    return await _checkout(call, checkout)


@route("GET", "/v1/orders", may=anyone, tags=("orders",))
async def orders(
    call: Call,
    merchant: str | None = None,
    live: str | None = None,
    state: OrderState | None = None,
    mine: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[OrderListed]:
    """Orders, newest first: your own, your merchants', or all for staff."""
    page = await queries.listed(
        call.tx,
        by=call.who,
        merchant=merchant,
        live=live,
        state=state,
        mine=mine,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, MOST)),
    )
    following = page.next.encode() if page.next else None
    return PageOut(items=list(page.items), next_cursor=following)


@route("GET", "/v1/orders/{order}", may=anyone, errors=(NoSuchOrder,), tags=("orders",))
async def order(call: Call, order: str) -> OrderOut:
    """One order, as it was placed and as it stands."""
    return await _order(call, order)


@route(
    "POST",
    "/v1/orders/{order}/consignments",
    status=201,
    may=_SHIPPERS,
    errors=(
        NoSuchOrder,
        NoSuchLine,
        NoSuchCarrier,
        TrackingMalformed,
        NotShippable,
        NotWhileDisputed,
        PiecesGone,
        ParcelNotDeclarable,
    ),
    tags=("orders",),
)
async def ship(call: Call, order: str, body: ShipOrder) -> OrderOut:
    """Ship an order, or some pieces of it, as one parcel, and declare that."""
    office = shipping.Office(call.r.part(Desk), call.r.part(Rates))
    await shipping.ship(call.tx, order, body, by=call.who, office=office, now=call.now)
    return await _order(call, order)


@route(
    "POST",
    "/v1/consignments/{consignment}/delivery",
    may=_SHIPPERS,
    errors=(NoSuchConsignment,),
    tags=("orders",),
)
async def deliver(call: Call, consignment: str) -> OrderOut:
    """Say that a parcel has arrived."""
    order = await shipping.deliver(call.tx, consignment, by=call.who, now=call.now)
    return await _order(call, order)


@route(
    "POST",
    "/v1/orders/{order}/refunds",
    status=201,
    may=_PAYERS,
    errors=(
        *(NoSuchOrder, NotRefundable, MoneyDisputed),
        *(RefundCurrencyDiffers, RefundNotPositive, RefundTooMuch),
    ),
    tags=("orders",),
    key=True,
)
async def refund(call: Call, order: str, body: AskRefund) -> OrderOut:
    """Give back some of what was paid for an order, or all that is left."""
    assert call.key is not None
    await refunding.refund(call.tx, order, body, key=call.key, by=call.who, now=call.now)
    return await _order(call, order)


@route(
    "POST",
    "/v1/orders/{order}/owed/paid",
    status=201,
    may=staff(StaffRole.FINANCE),
    errors=(
        *(NoSuchOrder, NothingOwed, MoreThanOwed),
        *(RefundCurrencyDiffers, RefundNotPositive, RefundTooLarge),
    ),
    tags=("orders",),
    key=True,
)
async def pay_owed(call: Call, order: str, body: PayOwed) -> OrderOut:
    """Say that the centre's bank has sent what a failed refund owes, or part of it."""
    assert call.key is not None
    await debts.paid(call.tx, order, body, key=call.key, by=call.who, now=call.now)
    return await _order(call, order)


async def _order(call: Call, order: str) -> OrderOut:
    return await queries.order(call.tx, order, by=call.who, desk=call.r.part(Desk))


async def _checkout(call: Call, checkout: str) -> CheckoutOut:
    sandbox = call.r.settings.stripe_base_url is not None
    return await queries.checkout(call.tx, checkout, by=call.who, sandbox=sandbox)


ROUTES = [quote, place, checkout, cancel, orders, order, ship, deliver, refund, pay_owed]
