"""What merchants and staff see of money that could not be sent or taken back, and of what banks
ask for and take."""

from typing import Annotated

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Wire
from payments.rules import DisputeState


class UnsentOut(Wire):
    """What is a merchant's and was not sent; asked again then, or when somebody says so."""

    merchant: str
    order: str | None
    amount: Money
    why: str
    refusals: int
    since: Instant
    again_at: Instant | None


class NotBackOut(Wire):
    """What a merchant keeps because the provider would not take it back."""

    id: str
    merchant: str
    order: str | None
    amount: Money
    why: str
    wanted_at: Instant


class InquiryOut(Wire):
    """The buyer's bank asks about the payment; nothing is taken or held. What speaks for the
    merchant reaches it through the centre until ``answer_by``."""

    opened_at: Instant
    answer_by: Instant | None


class DisputeOut(Wire):
    """A payment that a buyer's bank contests, and what of it the buyer has from us already by
    bank transfer; the bank knows nothing of that."""

    id: str
    payment: str
    checkout: str
    state: DisputeState
    amount: Money
    fee: Money
    reason: str
    evidence: dict[str, str]
    answer_by: Instant | None
    opened_at: Instant
    answered_at: Instant | None
    closed_at: Instant | None
    paid_outside: Money


class AnswerDispute(Wire):
    """What somebody adds to the evidence. Submitted, it cannot be changed any more."""

    note: Annotated[str, Field(max_length=2000)] = ""
    submit: bool = False
