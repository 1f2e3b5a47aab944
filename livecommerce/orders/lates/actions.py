"""Giving late money back: by the provider, again if it failed, or by the centre's bank.

The purchase's row is locked by whoever spends what is owed of it, so that two of them never
spend the same; the payment itself never gives back more than was captured.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders.errors import (
    MoreThanOwed,
    NoSuchCheckout,
    NothingOwed,
    RefundCurrencyDiffers,
    RefundNotPositive,
)
from livecommerce.orders.events import LateRefundFailed
from livecommerce.orders.lates import queries
from livecommerce.orders.tables import Checkout
from livecommerce.orders.wire import AskRefund, PayOwed
from livecommerce.settlement import actions as settlement
from livecommerce.web.principal import Principal, StaffRole
from payments import queries as payments
from payments import refunds
from payments.events import DisputeClosed, RefundFailed, RefundSettled
from payments.rules import CHARGED_BACK, RefundState


async def settled(tx: Tx, event: RefundSettled, *, now: datetime) -> bool:
    """The buyer has late money back, whoever sent it; whether it was late money."""
    late = await queries.is_late(tx, event.reference)
    if late:
        await settlement.record_late_refund(tx, event.refund, event.amount, now=now)
    return late


async def failed(tx: Tx, event: RefundFailed, *, now: datetime) -> None:
    """A refund of no order came back, or never went: the books say so, and if the money is a
    buyer's who paid too late, it is owed from now on and they are told.

    Raises:
        NoSuchPosting: that it had settled has not been told yet; told again, it will be.
    """
    if event.settled:
        await settlement.undo_unsold_refund(tx, event.refund, reason=event.code, now=now)
    if event.code == CHARGED_BACK or not await queries.is_late(tx, event.reference):
        return  # the buyer has it from their bank, or was never to have it from us
    row = await tx.get_one(Checkout, event.reference)
    await _tell(tx, row, event.refund, event.amount, now=now)


async def freed(tx: Tx, event: DisputeClosed, *, now: datetime) -> None:
    """A bank has returned what it had of late money: what of it had failed to go back by us is
    owed again, and its buyer told as if it had just failed."""
    if not await queries.is_late(tx, event.reference):
        return
    row = await tx.get_one(Checkout, event.reference)
    refunds_made = await payments.refunds_of(tx, await _payment_of(tx, row))
    failures = [each for each in refunds_made if each.state is RefundState.FAILED]
    if failures:
        last = max(failures, key=lambda each: each.id)
        await _tell(tx, row, last.id, event.amount, dispute=event.dispute, now=now)


async def _tell(
    tx: Tx,
    row: Checkout,
    refund: str,
    most: Money,
    *,
    dispute: str | None = None,
    now: datetime,
) -> None:
    owed = await queries.owed(tx, row)
    if not owed or not most:
        return
    fact = LateRefundFailed(
        checkout=row.id,
        buyer=row.buyer,
        refund=refund,
        amount=min(most, owed),
        owed=owed,
        dispute=dispute,
        at=now,
    )
    await emit(tx, fact)


async def send_again(
    tx: Tx, checkout_id: str, want: AskRefund, *, key: str, by: Principal, now: datetime
) -> str:
    """Have the provider send what is owed, or some of it, once more; the refund's id.

    Args:
        key: the caller's own; asking again with it gives the same refund.

    Raises:
        NotAllowed: the caller does not keep the centre's books.
        NoSuchCheckout: there is none with that id.
        NothingOwed: it was not paid too late, or a refund is on its way or has arrived.
        RefundCurrencyDiffers, RefundNotPositive, MoreThanOwed: that is not what is owed.
        RefundTooLarge: the provider gave it back meanwhile, as its own word will tell.
    """
    row, key = await _locked(tx, checkout_id, f"again/{by.id}/{key}", by)
    again = await payments.refund_with_key(tx, key)
    if again is not None:
        return again.id
    amount = await _of_what_is_owed(tx, row, want.amount)
    asked = await refunds.request(
        tx,
        payment=await _payment_of(tx, row),
        reference=row.id,
        amount=amount,
        reason=want.reason,
        key=key,
        now=now,
    )
    return asked.id


async def paid(
    tx: Tx, checkout_id: str, want: PayOwed, *, key: str, by: Principal, now: datetime
) -> str:
    """Write down that the centre's bank has sent the buyer what is owed, or some of it; the
    refund's id.

    Args:
        key: the caller's own; saying it again with it gives the same refund.

    Raises:
        NotAllowed, NoSuchCheckout, NothingOwed, RefundCurrencyDiffers, RefundNotPositive,
        MoreThanOwed, RefundTooLarge: as for :func:`send_again`.
    """
    row, key = await _locked(tx, checkout_id, f"outside/{by.id}/{key}", by)
    again = await payments.refund_with_key(tx, key)
    if again is not None:
        return again.id
    amount = await _of_what_is_owed(tx, row, want.amount)
    written = await refunds.paid_outside(
        tx,
        payment=await _payment_of(tx, row),
        reference=row.id,
        amount=amount,
        by=want.reference,
        reason=want.reason,
        key=key,
        now=now,
    )
    await settlement.record_late_refund(tx, written.id, amount, outside=want.reference, now=now)
    return written.id


async def _locked(tx: Tx, checkout_id: str, key: str, by: Principal) -> tuple[Checkout, str]:
    """The purchase, locked, and the caller's key among its refunds'."""
    by.must_be_staff(StaffRole.FINANCE)
    mine = sa.select(Checkout).where(col(Checkout.id) == checkout_id).with_for_update()
    fresh = mine.execution_options(populate_existing=True)
    row = (await tx.execute(fresh)).scalar_one_or_none()
    if row is None:
        raise NoSuchCheckout(checkout=checkout_id)
    return row, f"{checkout_id}:{key}"


async def _of_what_is_owed(tx: Tx, row: Checkout, wanted: Money | None) -> Money:
    owed = await queries.owed(tx, row)
    if not owed:
        raise NothingOwed(checkout=row.id)
    if wanted is None:
        return owed
    if wanted.currency != owed.currency:
        raise RefundCurrencyDiffers(
            checkout=row.id, wanted=wanted.currency, currency=owed.currency
        )
    if wanted.minor <= 0:
        raise RefundNotPositive(checkout=row.id, wanted=wanted.minor, currency=wanted.currency)
    if wanted > owed:
        raise MoreThanOwed(
            checkout=row.id, wanted=wanted.minor, owed=owed.minor, currency=owed.currency
        )
    return wanted


async def _payment_of(tx: Tx, row: Checkout) -> str:
    payment = await payments.payment_for(tx, row.id)
    assert payment is not None, f"{row.id} was never paid"
    return payment.id
