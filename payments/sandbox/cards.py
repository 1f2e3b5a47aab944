"""Test cards and test payment methods, by Stripe's numbers and names."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Challenge(StrEnum):
    """What the bank asks of the buyer."""

    NONE = "none"
    REQUIRED = "required"
    THEN_DECLINED = "then_declined"


class Returns(StrEnum):
    """How refunds to the card go."""

    AT_ONCE = "at_once"
    LATER = "later"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Card:
    """A test card and what it is there to show."""

    number: str
    name: str
    brand: str = "visa"
    country: str = "US"
    code: str | None = None
    decline: str | None = None
    challenge: Challenge = Challenge.NONE
    returns: Returns = Returns.AT_ONCE
    available_at_once: bool = False
    disputed: bool = False
    asked_about: bool = False
    """The bank asks first, and takes nothing yet."""
    only_at_first: bool = False
    """Once kept for a customer, the bank asks no more."""

    @property
    def last4(self) -> str:
        return self.number[-4:]


_DECLINED = "card_declined"
_CARDS = (
    Card("4242424242424242", "visa"),
    Card("4000056655665556", "visa_debit"),
    Card("5555555555554444", "mastercard", "mastercard"),
    Card("378282246310005", "amex", "amex"),
    Card("6200000000000005", "unionpay", "unionpay", "CN"),
    Card("3566002020360505", "jcb", "jcb", "JP"),
    Card("4000002760000016", "de", country="DE"),
    Card("4000002500000003", "fr", country="FR"),
    Card("4000008260000000", "gb", country="GB"),
    Card("4000003920000003", "jp", country="JP"),
    Card("4000000360000006", "au", country="AU"),
    Card("4000007020000003", "sg", country="SG"),
    Card("4000003440000004", "hk", country="HK"),
    Card("4000001560000002", "cn", country="CN"),
    Card("4000000000000002", "visa_chargeDeclined", code=_DECLINED, decline="generic_decline"),
    Card(
        "4000000000009995",
        "visa_chargeDeclinedInsufficientFunds",
        code=_DECLINED,
        decline="insufficient_funds",
    ),
    Card(
        "4000000000009987",
        "visa_chargeDeclinedLostCard",
        code=_DECLINED,
        decline="lost_card",
    ),
    Card(
        "4000000000009979",
        "visa_chargeDeclinedStolenCard",
        code=_DECLINED,
        decline="stolen_card",
    ),
    Card("4000000000000069", "chargeDeclinedExpiredCard", code="expired_card"),
    Card("4000000000000127", "chargeDeclinedIncorrectCvc", code="incorrect_cvc"),
    Card("4000000000000119", "chargeDeclinedProcessingError", code="processing_error"),
    Card(
        "4000000000006975",
        "visa_chargeDeclinedVelocityLimitExceeded",
        code=_DECLINED,
        decline="card_velocity_exceeded",
    ),
    Card(
        "4000002500003155",
        "authenticationRequiredOnSetup",
        challenge=Challenge.REQUIRED,
        only_at_first=True,
    ),
    Card("4000002760003184", "authenticationRequired", challenge=Challenge.REQUIRED),
    Card("4000000000003220", "threeDSecure2Required", challenge=Challenge.REQUIRED),
    Card(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        challenge=Challenge.THEN_DECLINED,
    ),
    Card("4000000000000077", "bypassPending", available_at_once=True),
    Card("4000000000000259", "createDispute", disputed=True),
    Card("4000000000001976", "createDisputeInquiry", asked_about=True),
    Card("4000000000007726", "pendingRefund", returns=Returns.LATER),
    Card("4000000000005126", "refundFail", returns=Returns.BOUNCE),
)

BY_NUMBER: Mapping[str, Card] = {card.number: card for card in _CARDS}
BY_NAME: Mapping[str, Card] = {f"pm_card_{card.name}": card for card in _CARDS} | {
    # Stripe's short names for the commonest two.
    "pm_card_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
}

MESSAGES: Mapping[str, str] = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card."
    " Try again in a little bit.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too"
    " frequently or exceeding its amount limit.",
    "payment_intent_authentication_failure": "We are unable to authenticate your payment"
    " method. Please choose a different payment method and try again.",
    "payment_method_provider_decline": "The customer declined the payment in their wallet.",
}

WALLETS: Mapping[str, frozenset[str]] = {
    "alipay": frozenset(
        {"aud", "cad", "cny", "eur", "gbp", "hkd", "jpy", "nzd", "sgd", "usd", "myr"}
    ),
    "wechat_pay": frozenset(
        {"aud", "cad", "chf", "cny", "dkk", "eur", "gbp"}
        | {"hkd", "jpy", "nok", "sek", "sgd", "usd"}
    ),
}
"""Wallets and the currencies that each can be charged in."""


def looks_right(number: str) -> bool:
    """Whether the digits could be a card's: their number and their check digit."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    odd = [int(digit) for digit in number[-1::-2]]
    even = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return (sum(odd) + sum(even)) % 10 == 0
