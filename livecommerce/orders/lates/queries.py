"""Reads: what of late payments is still the buyers'.

It is nowhere written down beside the payment: all that was captured too late is the buyer's,
and what of it is not set aside for a refund, nor taken by a bank, is owed.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.orders.lates.wire import LateOwed
from livecommerce.orders.rules import CheckoutState
from livecommerce.orders.tables import Checkout, Order
from livecommerce.web.principal import Principal, StaffRole
from payments import queries as payments
from payments.rules import PaymentState
from payments.tables import Payment


async def is_late(tx: Tx, reference: str) -> bool:
    """Whether this is a purchase that was paid when nothing was left to sell."""
    row = await tx.get(Checkout, reference, populate_existing=True)
    return row is not None and row.state is CheckoutState.LATE_REFUNDED


async def owed(tx: Tx, row: Checkout) -> Money:
    """What of a purchase's late payment still has to reach the buyer; of any other purchase,
    nothing."""
    if row.state is not CheckoutState.LATE_REFUNDED:
        return Money.zero(row.currency)
    payment = await payments.payment_for(tx, row.id)
    assert payment is not None, f"{row.id} was never paid"
    taken = await payments.with_banks(tx, [payment.id])
    return _left(payment, taken.get(payment.id, 0))


async def in_dispute(tx: Tx, reference: str, lost: Money) -> Money | None:
    """What of a bank's taking was late money that had not gone back yet: the buyer has it from
    their bank. Nothing, if the purchase was not paid too late."""
    if not await is_late(tx, reference):
        return None
    payment = await payments.payment_for(tx, reference)
    assert payment is not None, f"{reference} was never paid"
    others = (await payments.with_banks(tx, [payment.id])).get(payment.id, 0) - lost.minor
    return min(lost, _left(payment, others))


async def owing(tx: Tx, *, by: Principal, limit: int = 100) -> list[LateOwed]:
    """Late payments of which something is owed, the oldest first.

    Raises:
        NotAllowed: the caller does not keep the centre's books.
    """
    by.must_be_staff(StaffRole.FINANCE)
    late = (
        sa.select(Checkout, Payment)
        .join(Payment, col(Payment.reference) == col(Checkout.id))
        .where(
            col(Checkout.state) == CheckoutState.LATE_REFUNDED,
            col(Payment.state) == PaymentState.CAPTURED,
            col(Payment.refund_minor) < col(Payment.captured_minor),
        )
        .order_by(col(Checkout.ended_at), col(Checkout.id))
        .execution_options(populate_existing=True)
    )
    found = list(await tx.execute(late))
    taken = await payments.with_banks(tx, [payment.id for _, payment in found])
    left = [(row, p, _left(p, taken.get(p.id, 0))) for row, p in found]
    still = [each for each in left if each[2]][:limit]
    orders = await _orders_of(tx, [row.id for row, _, _ in still])
    return [
        LateOwed.model_validate(
            {
                "checkout": row.id,
                "orders": orders[row.id],
                "paid": payment.captured,
                "owed": minor,
                "ended_at": row.ended_at,
            }
        )
        for row, payment, minor in still
    ]


def _left(payment: Payment, taken: int) -> Money:
    return Money(max(0, payment.refundable.minor - taken), payment.currency)


async def _orders_of(tx: Tx, checkouts: Sequence[str]) -> dict[str, list[str]]:
    theirs = sa.select(col(Order.checkout_id), col(Order.id)).where(
        col(Order.checkout_id).in_(checkouts)
    )
    orders: dict[str, list[str]] = {id_: [] for id_ in checkouts}
    for checkout, order in await tx.execute(theirs.order_by(col(Order.id))):
        orders[checkout].append(order)
    return orders
