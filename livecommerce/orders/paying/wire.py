"""Kept cards as their owners see them."""

from pydantic import Field

from livecommerce.web.wire import Wire
from payments.rules import PaymentState


class MethodOut(Wire):
    """A card you keep with the payment provider: what it is called, never its number."""

    id: str
    kind: str = Field(examples=["card"])
    brand: str = Field(examples=["visa"])
    last4: str = Field(examples=["4242"])
    exp_month: int = Field(examples=[12])
    exp_year: int = Field(examples=[2034])
    expired: bool = Field(examples=[False])


class KeepMethod(Wire):
    """Whether the card that the purchase will be paid with is kept for the next time."""

    keep: bool = Field(examples=[True])


class Tap(Wire):
    """Pay with a card you keep."""

    method: str


class TapOut(Wire):
    """How far it has come. ``asks``: the bank wants a word with you; the payment's element asks
    for it."""

    state: PaymentState = Field(examples=["captured"])
    asks: bool = Field(examples=[False])
