"""PaymentIntents: from nothing to paid, along Stripe's states."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from payments.sandbox import charges, destination, methods, store
from payments.sandbox.cards import BY_NUMBER, MESSAGES, WALLETS, Challenge
from payments.sandbox.problems import StripeProblem, wrong_state
from payments.sandbox.store import Thing
from payments.sandbox.work import Work
from payments.stripe_words import CannotCarry, largest, stripe_amount

_LEAST = {"gbp": 30, "hkd": 400, "mxn": 1000, "dkk": 250, "nok": 300, "sek": 300}
_BEFORE_PAYMENT = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)
_NOT_FOR_PAGES = frozenset(
    {"amount_received", "application", "application_fee_amount", "latest_charge", "metadata"}
    | {"on_behalf_of", "review", "statement_descriptor", "transfer_data", "transfer_group"}
)
"""What a publishable key may not see."""


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    currency = want["currency"].lower()
    _check_amount(want["amount"], currency)
    if want.get("capture_method", "automatic_async") == "manual":
        raise StripeProblem("The sandbox captures at once.", param="capture_method")
    automatic = want.get("automatic_payment_methods")
    id_ = w.id("pi")
    types = ["card", *(name for name, known in WALLETS.items() if currency in known)]
    allowed = want.get("allowed_payment_method_types")
    body = {
        "id": id_,
        "object": "payment_intent",
        "amount": want["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": want.get("application_fee_amount"),
        "automatic_payment_methods": {"allow_redirects": "always", **(automatic or {})},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": want.get("capture_method", "automatic_async"),
        "client_secret": f"{id_}_secret_{secrets.token_hex(13)}",
        "confirmation_method": "automatic",
        "created": w.second,
        "currency": currency,
        "customer": want.get("customer"),
        "description": want.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": _metadata({}, want),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": want.get("payment_method_options", {}),
        "payment_method_types": [t for t in types if allowed is None or t in allowed],
        "processing": None,
        "receipt_email": want.get("receipt_email"),
        "review": None,
        "setup_future_usage": want.get("setup_future_usage"),
        "shipping": want.get("shipping"),
        "statement_descriptor": want.get("statement_descriptor"),
        "statement_descriptor_suffix": want.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": await destination.checked(w, want),
        "transfer_group": want.get("transfer_group"),
    }
    if not body["payment_method_types"]:
        raise StripeProblem(
            "No valid payment method types for this Payment Intent.",
            param="allowed_payment_method_types",
        )
    if body["customer"] is not None:
        await w.get("customer", body["customer"], param="customer")
    intent = Thing(body)
    await w.put(intent)
    await w.tell("payment_intent.created", body)
    if want.get("confirm"):
        return await confirm(w, want, intent=id_)
    if "payment_method" in want:
        body["payment_method"] = (await methods.named(w, want["payment_method"])).id
        body["status"] = "requires_confirmation"
        await w.put(intent)
    return body


async def retrieve(w: Work, want: dict[str, Any], *, intent: str) -> dict[str, Any]:
    return shown(w, await _mine(w, want, intent))


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    return await store.page(w.tx, "payment_intent", want, "/v1/payment_intents", ("customer",))


async def update(w: Work, want: dict[str, Any], *, intent: str) -> dict[str, Any]:
    found = await w.get("payment_intent", intent, lock=True, param="intent")
    body = found.body
    _must_be(body, _BEFORE_PAYMENT, "update")
    currency = want.get("currency", body["currency"]).lower()
    _check_amount(want.get("amount", body["amount"]), currency)
    for name in ("amount", "description", "shipping", "receipt_email", "transfer_group"):
        if name in want:
            body[name] = want[name]
    body["currency"] = currency
    body["metadata"] = _metadata(body["metadata"], want)
    if "customer" in want:
        await w.get("customer", want["customer"], param="customer")
        if body["customer"] not in {None, want["customer"]}:
            raise StripeProblem(
                "You cannot modify `customer` on a PaymentIntent once it already has been set.",
                param="customer",
            )
        body["customer"] = want["customer"]
    for kind, options in (want.get("payment_method_options") or {}).items():
        known = {**body["payment_method_options"].get(kind, {}), **options}
        kept = {name: value for name, value in known.items() if value != ""}
        body["payment_method_options"][kind] = kept
    if "payment_method" in want:
        body["payment_method"] = (await methods.named(w, want["payment_method"])).id
        body["status"] = "requires_confirmation"
    return await w.put(found)


async def cancel(w: Work, want: dict[str, Any], *, intent: str) -> dict[str, Any]:
    found = await w.get("payment_intent", intent, lock=True, param="intent")
    body = found.body
    _must_be(body, _BEFORE_PAYMENT, "cancel")
    body |= {"status": "canceled", "canceled_at": w.second, "next_action": None}
    body["cancellation_reason"] = want.get("cancellation_reason")
    await w.put(found)
    await w.tell("payment_intent.canceled", body)
    return body


async def search(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """By one metadata field: ``metadata['name']:'value'``."""
    name, _, value = want["query"].partition("']:'")
    if not (name.startswith("metadata['") and value.endswith("'")):
        raise StripeProblem("The sandbox searches by one metadata field.", param="query")
    where = "body -> 'metadata' ->> :name = :value"
    binds = {"name": name.removeprefix("metadata['"), "value": value[:-1]}
    found = await store.kept(w.tx, "payment_intent", where, want.get("limit", 10), **binds)
    return {
        "object": "search_result",
        "data": [thing.body for thing in found],
        "has_more": False,
        "next_page": None,
        "url": "/v1/payment_intents/search",
    }


async def confirm(w: Work, want: dict[str, Any], *, intent: str) -> dict[str, Any]:
    """Try to pay with a method.

    Raises:
        StripeProblem: declined, in the wrong state, or asked for wrongly.
    """
    found = await _mine(w, want, intent, lock=True)
    body = found.body
    _must_be(body, _BEFORE_PAYMENT, "confirm")
    method = await methods.wanted(w, want, body["payment_method"])
    if method is None:
        raise wrong_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            shown(w, found),
        )
    kind = method.body["type"]
    if kind not in body["payment_method_types"]:
        raise StripeProblem(
            f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    _check_return(w, want, body, kind)
    methods.must_be_theirs(method, body["customer"])
    body |= {"payment_method": method.id, "last_payment_error": None, "next_action": None}
    found.hidden["return_url"] = want.get("return_url")
    if kind != "card":
        await _ask_buyer(w, found, kind)
        return shown(w, found)
    card = BY_NUMBER[method.hidden["number"]]
    set_up = method.body["customer"] is not None and card.only_at_first
    if card.challenge is not Challenge.NONE and not set_up:
        await _ask_buyer(w, found, "card")
    elif card.code is not None:
        await declined(w, found, method, card.code, card.decline)
    else:
        await charges.capture(w, found, method)
    return shown(w, found)


async def answered(w: Work, found: Thing, outcome: str) -> None:
    """The buyer has told their bank or wallet ``approve``, ``slowly``, ``never``, or no."""
    body = found.body
    if body["status"] != "requires_action":
        raise wrong_state("This PaymentIntent is not waiting for the buyer.", shown(w, found))
    method = await w.get("payment_method", body["payment_method"])
    wallet = method.body["type"] != "card"
    body["next_action"] = None
    if outcome not in {"approve", "slowly", "never"}:
        code = "payment_intent_authentication_failure"
        code = "payment_method_provider_decline" if wallet else code
        await declined(w, found, method, code, None, charged=wallet, speak=False)
    elif wallet:
        body["status"] = "processing"
        body["processing"] = {"type": method.body["type"]}
        await w.put(found)
        await w.tell("payment_intent.processing", body)
        if outcome != "never":
            wait = w.settings.wallet_takes + (10 if outcome == "slowly" else 0)
            await w.later(wait, "wallet", found.id)
    elif BY_NUMBER[method.hidden["number"]].challenge is Challenge.THEN_DECLINED:
        await declined(w, found, method, "card_declined", "generic_decline", speak=False)
    else:
        await charges.capture(w, found, method)


async def declined(
    w: Work,
    found: Thing,
    method: Thing,
    code: str,
    decline: str | None,
    *,
    charged: bool = True,
    speak: bool = True,
) -> None:
    """The attempt failed; the intent can be tried again with another method.

    Raises:
        StripeProblem: the error that answers a confirm, when there is one to answer.
    """
    body = found.body
    message = MESSAGES.get(decline or "", MESSAGES[code])
    told = {"code": code, "decline_code": decline, "message": message, "type": "card_error"}
    if charged:
        told["charge"] = await charges.failed(w, found, method, code, decline, message)
        body["latest_charge"] = told["charge"]
    error = {name: value for name, value in told.items() if value is not None}
    body["last_payment_error"] = {**error, "payment_method": method.body}
    body |= {"status": "requires_payment_method", "payment_method": None, "processing": None}
    await w.put(found)
    await w.tell("payment_intent.payment_failed", body)
    if speak:
        details = {name: error[name] for name in error.keys() - {"code", "message", "type"}}
        raise StripeProblem(
            message,
            status=402,
            type="card_error",
            code=code,
            began=True,
            payment_intent=shown(w, found),
            **details,
        )


def shown(w: Work, found: Thing) -> dict[str, Any]:
    """The intent as the caller may see it."""
    if w.trusted:
        return found.body
    return {name: value for name, value in found.body.items() if name not in _NOT_FOR_PAGES}


async def _ask_buyer(w: Work, found: Thing, kind: str) -> None:
    body = found.body
    back = found.hidden.get("return_url")
    page = f"{w.settings.page_origin}/sandbox/pay/{found.id}"
    url = f"{page}?client_secret={body['client_secret']}"
    if kind == "wechat_pay":
        action: dict[str, Any] = {"data": url, "hosted_instructions_url": url}
        action |= {"image_data_url": "", "image_url_png": "", "image_url_svg": ""}
        body["next_action"] = {
            "type": "wechat_pay_display_qr_code",
            "wechat_pay_display_qr_code": action,
        }
    elif kind == "alipay":
        action = {"native_data": None, "native_url": None, "return_url": back, "url": url}
        body["next_action"] = {
            "type": "alipay_handle_redirect",
            "alipay_handle_redirect": action,
        }
    elif back is not None:
        action = {"return_url": back, "url": url}
        body["next_action"] = {"type": "redirect_to_url", "redirect_to_url": action}
    else:
        body["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    body["status"] = "requires_action"
    await w.put(found)
    await w.tell("payment_intent.requires_action", body)


async def _mine(w: Work, want: Mapping[str, Any], intent: str, *, lock: bool = False) -> Thing:
    """The intent, if the caller has shown that it is theirs to see."""
    found = await w.get("payment_intent", intent, lock=lock, param="intent")
    secret = str(want.get("client_secret", ""))
    if not w.trusted and not hmac.compare_digest(
        secret.encode(), found.body["client_secret"].encode()
    ):
        raise StripeProblem(
            "The client_secret provided does not match any associated PaymentIntent on this"
            " account. Ensure the publishable key used belongs to the same account that"
            " created the PaymentIntent.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )
    return found


def _must_be(body: dict[str, Any], states: frozenset[str], verb: str) -> None:
    if body["status"] not in states:
        raise wrong_state(
            f"You cannot {verb} this PaymentIntent because it has a status of"
            f" {body['status']}.",
            body,
        )


def _check_return(w: Work, want: Mapping[str, Any], body: dict[str, Any], kind: str) -> None:
    automatic = body["automatic_payment_methods"]
    anything = automatic.get("enabled") and automatic["allow_redirects"] == "always"
    needs = kind == "alipay" or (w.trusted and anything)
    if needs and not want.get("return_url"):
        raise StripeProblem(
            "This PaymentIntent is configured to accept payment methods that may redirect the"
            " customer. You must provide a `return_url`.",
            code="parameter_missing",
            param="return_url",
        )


def _check_amount(amount: int, currency: str) -> None:
    try:
        most = stripe_amount(largest(currency.upper()))
    except (CannotCarry, ValueError):
        raise StripeProblem(f"Invalid currency: {currency}", param="currency") from None
    least = _LEAST.get(currency, 50)
    if amount < least:
        code = "amount_too_small" if amount > 0 else "parameter_invalid_integer"
        raise StripeProblem(f"Amount must be at least {least}", code=code, param="amount")
    if amount > most:
        raise StripeProblem(
            f"Amount must be no more than {most}", code="amount_too_large", param="amount"
        )
    if amount % charges.step_of(currency):
        raise StripeProblem(f"Invalid amount for {currency}: {amount}", param="amount")


def _metadata(old: dict[str, str], want: Mapping[str, Any]) -> dict[str, str]:
    new = {**old, **want["metadata"]} if want.get("metadata") else dict(old)
    new = {name: value for name, value in new.items() if value != ""}
    if len(new) > 50 or any(len(k) > 40 or len(v) > 500 for k, v in new.items()):
        raise StripeProblem("Metadata has too many or too long fields", param="metadata")
    return new
