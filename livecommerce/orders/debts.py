"""What is owed of refunds that failed, paid another way: out of the centre's bank account, to
wherever the buyer can be paid.

The provider is not asked and keeps what came back to it; the order ends as if it had refunded.
"""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.orders import refunding
from livecommerce.orders.errors import MoreThanOwed, NothingOwed
from livecommerce.orders.pieces import actions as counted
from livecommerce.orders.rules import RefundState
from livecommerce.orders.tables import Checkout
from livecommerce.orders.wire import PayOwed
from livecommerce.web.principal import Principal, StaffRole
from payments import refunds


async def paid(
    tx: Tx, order_id: str, want: PayOwed, *, key: str, by: Principal, now: datetime
) -> str:
    """Write down that a bank has sent the buyer some of what is owed, or all; the refund's id.

    It is settled at once, under the order's lock, and nobody can send the same money again.

    Args:
        key: the caller's own; saying it again with it gives the same refund.

    Raises:
        NotAllowed: the caller does not keep the centre's books.
        NoSuchOrder: there is none with that id.
        NothingOwed: it owes nothing (any more), or a refund is on its way again.
        RefundCurrencyDiffers, RefundNotPositive: that is no amount to give back of it.
        MoreThanOwed: less than that is owed.
        RefundTooLarge: the provider gave it back meanwhile, as its own word will tell.
    """
    by.must_be_staff(StaffRole.FINANCE)
    order = await counted.locked(tx, order_id)
    # The caller's own, and out of the way of the keys of other refunds.
    key = f"outside/{by.id}/{key}"
    again = await refunding.asked_before(tx, order_id, key)
    if again is not None:
        return again
    owed = order.money(order.owed_minor)
    if not owed:
        raise NothingOwed(order=order_id)
    amount = owed if want.amount is None else want.amount
    if want.amount is not None:
        refunding.must_be_of(order, want.amount)
    if amount > owed:
        raise MoreThanOwed(
            order=order_id, wanted=amount.minor, owed=owed.minor, currency=owed.currency
        )
    checkout = await tx.get_one(Checkout, order.checkout_id)
    assert checkout.payment_id is not None
    written = await refunds.paid_outside(
        tx,
        payment=checkout.payment_id,
        reference=order_id,
        amount=amount,
        by=want.reference,
        reason=want.reason,
        key=f"{order_id}:{key}",
        now=now,
    )
    row = refunding.row_of(
        order, amount, refund=written.id, reason=want.reason, by=by.id, now=now
    )
    row.state, row.settled_at = RefundState.SETTLED, now
    await refunding.set_aside(tx, order, row, key=key)
    await refunding.after_settled(tx, row, outside=want.reference, now=now)
    return row.id
