"""How a purchase is charged: by default the money is ours first and sent on after the hold; a
merchant with whom that is agreed gets it with the charge itself.

The rule, in this order, and written down with every payment and share:

1. ``several_merchants``: a payment can be sent to one account only, so all of it goes the
   usual way, whatever is agreed with any of them.
2. ``separate``: nothing else is agreed.
3. ``account_not_ready``: the provider does not know the merchant well enough (yet, or now).
4. ``settled_in_another_currency``: the merchant is paid in another one than it is sold in, so
   it is exchanged first.
5. ``nothing_to_send``: the merchant's share is nothing.
6. ``merchant_owes``: they owe us in this currency, and more than is on its way back to us:
   money that went out at once could not be set off.
7. ``direct``: it is sent with the charge.

A provider that will not open such a payment is asked for a usual one: ``destination_refused``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import ChargeMode, Charging, Terms, divide
from payments import ledger, payees, reversals
from payments.intents import Direct
from payments.rules import PayeeState


@dataclass(frozen=True, slots=True)
class Part:
    """One merchant's part of a purchase."""

    merchant: str
    terms: Terms
    goods: Money


async def charging_of(
    tx: Tx, parts: Sequence[Part], total: Money
) -> tuple[Charging, Direct | None]:
    """How this purchase is charged, and to whom the money goes with the charge, if it does."""
    if len(parts) != 1:
        return Charging.SEVERAL_MERCHANTS, None
    (part,) = parts
    if part.terms.charge_mode != ChargeMode.DESTINATION:
        return Charging.SEPARATE, None
    payee = (await payees.find(tx, [part.merchant])).get(part.merchant)
    if payee is None or payee.state is not PayeeState.READY or payee.provider_id is None:
        return Charging.ACCOUNT_NOT_READY, None
    if part.terms.settles_in not in {None, total.currency}:
        return Charging.SETTLED_ELSEWHERE, None
    share = divide(part.goods, part.terms).share
    if not share:
        return Charging.NOTHING_TO_SEND, None
    if await _owes(tx, part.merchant, total.currency):
        return Charging.OWES, None
    return Charging.DIRECT, Direct(part.merchant, payee.provider_id, total - share)


async def _owes(tx: Tx, merchant: str, currency: str) -> bool:
    owed = await ledger.balance(tx, "merchant_receivable", currency, merchant)
    if owed.minor <= 0:
        return False
    return (owed - await reversals.coming_back(tx, merchant, currency)).minor > 0
