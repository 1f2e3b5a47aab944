"""The facts payments tell. None carries a client secret or anything personal."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money


class PaymentWanted(Event):
    """An amount was recorded for collection; the provider has not been asked yet."""

    payment: str
    reference: str


class PaymentOpened(Event):
    """The provider is ready: the buyer can pay from now on."""

    payment: str
    reference: str
    at: Instant


class PaymentProcessing(Event):
    """The buyer has done their part; the wallet or bank has not confirmed yet."""

    payment: str
    reference: str


class PaymentFailed(Event):
    """An attempt to pay did not succeed. Unless ``final``, the buyer may try again."""

    payment: str
    reference: str
    code: str
    final: bool = False


class PaymentCaptured(Event):
    """The money was collected. ``amount`` is what the provider says it received."""

    payment: str
    reference: str
    amount: Money
    charge: str
    at: Instant


class PaymentCancelled(Event):
    """Nobody can pay it any more, by the provider's own word."""

    payment: str
    reference: str


class RefundWanted(Event):
    """Money is to be given back; the amount is already set aside from the payment."""

    refund: str
    payment: str
    reference: str
    amount: Money


class RefundSettled(Event):
    """The provider has given the money back."""

    refund: str
    payment: str
    reference: str
    amount: Money
    at: Instant


class RefundFailed(Event):
    """The money did not reach the buyer and is with us again.

    ``settled`` tells whether :class:`RefundSettled` had been told before.
    """

    refund: str
    payment: str
    reference: str
    amount: Money
    code: str
    settled: bool


class RefundBooked(Event):
    """The provider has booked a refund on our balance, in another currency than the buyer's:
    at what rate can be learnt. A refund that came back is booked once more."""

    refund: str
    payment: str
    balance_transaction: str


class ChargeBooked(Event):
    """The provider has booked a charge on our balance, so its fee can be learnt."""

    payment: str
    charge: str
    balance_transaction: str


class FundsDue(Event):
    """A timer: the provider makes this charge's net available at about this time."""

    payment: str
    balance_transaction: str
    net: Money


class MethodUnwanted(Event):
    """A way to pay is not to be kept any longer; nobody can use it already."""

    method: str


class StripeSaid(Event):
    """A verified webhook was stored; ``inbox`` is its row."""

    inbox: str
    kind: str


class PayeeWanted(Event):
    """Somebody is to be paid: the provider is to be asked for an account."""

    owner: str


class PayeeChanged(Event):
    """The provider says that something about an owner's account has changed: what, is to be
    looked at there."""

    owner: str


class PayeeReady(Event):
    """Money can be sent to this owner from now on."""

    owner: str
    at: Instant


class TransferWanted(Event):
    """Money is to be sent to an owner's account; it is set aside in the books."""

    transfer: str
    owner: str
    reference: str
    amount: Money


class TransferSent(Event):
    """The provider has sent it."""

    transfer: str
    owner: str
    reference: str
    amount: Money
    at: Instant


class TransferRefused(Event):
    """The provider will not send it; the money is still with us."""

    transfer: str
    owner: str
    reference: str
    amount: Money
    code: str


class ReversalWanted(Event):
    """Some of a transfer is to come back."""

    reversal: str
    transfer: str


class ReversalSettled(Event):
    """Some of a transfer has come back.

    ``unasked`` is what of it we had not asked for: somebody took it back at the provider's own
    desk.
    """

    reversal: str
    transfer: str
    owner: str
    reference: str
    amount: Money
    unasked: Money | None = None
    at: Instant


class ReversalRefused(Event):
    """The provider will not take it back: the owner still has the ``amount``."""

    reversal: str
    transfer: str
    owner: str
    reference: str
    amount: Money
    code: str
    at: Instant


class PayoutOnItsWay(Event):
    """Money has left a balance for a bank; of an ``owner``'s account, or of ours if none."""

    payout: str
    owner: str | None
    amount: Money
    at: Instant


class PayoutFailed(Event):
    """The bank sent it back."""

    payout: str
    owner: str | None
    amount: Money
    code: str
    at: Instant


class DisputeOpened(Event):
    """A buyer's bank has taken money back; ``fee`` is what the provider keeps for it.

    ``booked`` is what our balance lost of it, if that was in another currency.
    """

    dispute: str
    payment: str
    reference: str
    amount: Money
    fee: Money
    booked: Money | None = None
    at: Instant


class DisputeClosed(Event):
    """The bank has decided. ``won``: the money and the fee are ours again.

    ``exchanged`` is by how much more came back to our balance than it had lost, if that is in
    another currency than the buyer's and the rate had moved.
    """

    dispute: str
    payment: str
    reference: str
    amount: Money
    fee: Money
    won: bool
    exchanged: Money | None = None
    at: Instant


class EvidenceWanted(Event):
    """What speaks for us in a dispute is to be put before the bank."""

    dispute: str
    payment: str
    reference: str
    submit: bool
