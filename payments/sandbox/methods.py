"""PaymentMethods: cards by test number or name, and wallets."""

import hashlib
from collections.abc import Mapping
from typing import Any

from payments.sandbox import store
from payments.sandbox.cards import BY_NAME, BY_NUMBER, WALLETS, Card, looks_right
from payments.sandbox.problems import StripeProblem, no_such
from payments.sandbox.store import Thing
from payments.sandbox.work import Work


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    kind = want.get("type")
    billing = want.get("billing_details")
    if kind in WALLETS:
        return (await _keep(w, str(kind), {}, billing=billing)).body
    if kind != "card":
        raise StripeProblem(f"The sandbox has no payment method {kind!r}.", param="type")
    given = want.get("card") or {}
    if "number" not in given:
        raise StripeProblem(
            "Missing required param: card[number].",
            code="parameter_missing",
            param="card[number]",
        )
    return (await _keep_card(w, _test_card(given, w.second), given, billing)).body


async def retrieve(w: Work, _want: dict[str, Any], *, payment_method: str) -> dict[str, Any]:
    return (await w.get("payment_method", payment_method, param="payment_method")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """A customer's; without one, none: the sandbox lists nobody else's."""
    if "customer" not in want:
        raise StripeProblem("Missing required param: customer.", param="customer")
    await w.get("customer", want["customer"], param="customer")
    filters = ("customer", "type")
    return await store.page(w.tx, "payment_method", want, "/v1/payment_methods", filters)


async def attach(w: Work, want: dict[str, Any], *, payment_method: str) -> dict[str, Any]:
    """A customer keeps it."""
    if "customer" not in want:
        raise StripeProblem("Missing required param: customer.", param="customer")
    await w.get("customer", want["customer"], param="customer")
    found = await _locked(w, payment_method)
    if found.body["customer"] is not None:
        raise StripeProblem(
            "The payment method you provided has already been attached to a customer.",
            began=True,
        )
    await keep(w, found, want["customer"])
    return found.body


async def keep(w: Work, method: Thing, customer: str) -> None:
    """It belongs to the customer from now on, and it is told."""
    _may_be_used(method)
    method.body["customer"] = customer
    await w.put(method)
    await w.tell("payment_method.attached", method.body)


async def detach(w: Work, _want: dict[str, Any], *, payment_method: str) -> dict[str, Any]:
    """Nobody keeps it any longer; it can never be used again."""
    found = await _locked(w, payment_method)
    customer = found.body["customer"]
    if customer is None:
        raise StripeProblem(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible.",
            began=True,
        )
    found.body["customer"] = None
    found.hidden["detached"] = True
    await w.put(found)
    await w.tell("payment_method.detached", found.body, customer=customer)
    return found.body


async def _locked(w: Work, id_: str) -> Thing:
    return await w.get("payment_method", id_, lock=True, param="payment_method")


def must_be_theirs(method: Thing, customer: str | None) -> None:
    """A kept method pays for its customer only, and a detached one for nobody."""
    _may_be_used(method)
    whose = method.body["customer"]
    if whose is not None and whose != customer:
        raise StripeProblem(
            f"The PaymentMethod {method.id} belongs to a Customer. Please include the Customer"
            " in the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )


def _may_be_used(method: Thing) -> None:
    if method.hidden.get("detached"):
        raise StripeProblem(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again.",
            param="payment_method",
        )


async def named(w: Work, name: str) -> Thing:
    """A payment method by its id, or by the name of a test card."""
    if name in BY_NAME:
        return await _keep_card(w, BY_NAME[name], {}, None)
    found = await store.find(w.tx, "payment_method", name)
    if found is None:
        raise no_such("PaymentMethod", name, param="payment_method")
    return found


async def wanted(w: Work, want: Mapping[str, Any], attached: str | None) -> Thing | None:
    """What a confirm is to be paid with, if that can be told."""
    if "confirmation_token" in want:
        raise StripeProblem(
            "The sandbox has no confirmation tokens.", param="confirmation_token"
        )
    if "payment_method" in want:
        return await named(w, want["payment_method"])
    given = want.get("payment_method_data")
    if given:
        made = await create(w, given)
        return await w.get("payment_method", made["id"])
    return None if attached is None else await named(w, attached)


def _test_card(given: Mapping[str, Any], now: int) -> Card:
    number = given["number"].replace(" ", "").replace("-", "")
    card = BY_NUMBER.get(number)
    if card is None and looks_right(number):
        raise StripeProblem(
            "Your card was declined. Your request was in test mode, but used a non test card.",
            status=402,
            type="card_error",
            code="card_declined",
            decline_code="test_mode_live_card",
            param="number",
        )
    if card is None:
        raise _wrong("Your card number is incorrect.", "incorrect_number", "number")
    month, year = given.get("exp_month", 0), given.get("exp_year", 0)
    year += 2000 if 0 < year < 100 else 0
    if not 1 <= month <= 12:
        message = "Your card's expiration month is invalid."
        raise _wrong(message, "invalid_expiry_month", "exp_month")
    this_year = 1970 + now // 31_556_952
    if not this_year <= year <= this_year + 50:
        message = "Your card's expiration year is invalid."
        raise _wrong(message, "invalid_expiry_year", "exp_year")
    cvc = given.get("cvc")
    if cvc is not None and not (cvc.isascii() and cvc.isdigit() and len(cvc) in {3, 4}):
        raise _wrong("Your card's security code is invalid.", "invalid_cvc", "cvc")
    return card


def _wrong(message: str, code: str, param: str) -> StripeProblem:
    return StripeProblem(message, status=402, type="card_error", code=code, param=param)


async def _keep_card(
    w: Work, card: Card, given: Mapping[str, Any], billing: Mapping[str, Any] | None
) -> Thing:
    year = given.get("exp_year", 2034)
    details = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": given.get("exp_month", 12),
        "exp_year": year + 2000 if year < 100 else year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": "credit",
        "last4": card.last4,
        "three_d_secure_usage": {"supported": True},
    }
    return await _keep(w, "card", details, billing=billing, hidden={"number": card.number})


async def _keep(
    w: Work,
    kind: str,
    details: dict[str, Any],
    *,
    billing: Mapping[str, Any] | None,
    hidden: dict[str, Any] | None = None,
) -> Thing:
    blank = {"address": None, "email": None, "name": None, "phone": None}
    body = {
        "id": w.id("pm"),
        "object": "payment_method",
        "billing_details": {**blank, **(billing or {})},
        "created": w.second,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
    body |= {"card": details} if kind == "card" else {kind: details}
    thing = Thing(body, hidden or {})
    await w.put(thing)
    return thing
