"""Refunds: never more than was charged, not what a bank has taken, and not always for good."""

from typing import Any

from payments.sandbox import charges, disputes, store
from payments.sandbox.cards import BY_NUMBER, Returns
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    charge = await _charge(w, want)
    body = charge.body
    await disputes.must_be_refundable(w, charge)
    left = body["amount_captured"] - body["amount_refunded"]
    if not left:
        raise StripeProblem(
            f"Charge {charge.id} has already been refunded.",
            code="charge_already_refunded",
            began=True,
        )
    amount = want.get("amount", left)
    if not 0 < amount <= left:
        raise StripeProblem(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
            began=True,
        )
    method = await w.get("payment_method", body["payment_method"])
    card = BY_NUMBER.get(method.hidden.get("number", ""))
    goes = Returns.AT_ONCE if card is None else card.returns
    pending = goes is Returns.LATER
    refund = {
        "id": w.id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge.id,
        "created": w.second,
        "currency": body["currency"],
        "destination_details": {method.body["type"]: {}, "type": method.body["type"]},
        "metadata": {k: v for k, v in (want.get("metadata") or {}).items() if v != ""},
        "payment_intent": body["payment_intent"],
        "reason": want.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    if pending:
        refund["pending_reason"] = "processing"
    out, currency, rate = charges.settled(w, -amount, body["currency"])
    refund["balance_transaction"] = await charges.book_line(
        w,
        kind="refund",
        amount=out,
        currency=currency,
        rate=rate,
        source=str(refund["id"]),
    )
    body["amount_refunded"] += amount
    body["refunded"] = body["amount_refunded"] == body["amount"]
    await w.put(charge)
    await w.put(Thing(refund))
    await w.tell("refund.created", refund)
    await w.tell("charge.refunded", body)
    await disputes.refunded(w, charge)
    if goes is not Returns.AT_ONCE:
        await w.later(w.settings.book_after, f"refund_{goes}", str(refund["id"]))
    return refund


async def retrieve(w: Work, _want: dict[str, Any], *, refund: str) -> dict[str, Any]:
    return (await w.get("refund", refund, param="refund")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    return await store.page(w.tx, "refund", want, "/v1/refunds", ("charge", "payment_intent"))


async def arrive(w: Work, refund_id: str) -> None:
    """A pending refund reaches the buyer."""
    refund = await w.get("refund", refund_id, lock=True)
    refund.body["status"] = "succeeded"
    refund.body.pop("pending_reason", None)
    await w.put(refund)
    await w.tell("refund.updated", refund.body, status="pending")


async def bounce(w: Work, refund_id: str) -> None:
    """The buyer's bank sends the money back; the charge is as if never refunded."""
    refund = await w.get("refund", refund_id, lock=True)
    body = refund.body
    charge = await w.get("charge", body["charge"], lock=True)
    body |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    back, currency, rate = charges.settled(w, body["amount"], body["currency"])
    body["failure_balance_transaction"] = await charges.book_line(
        w,
        kind="refund_failure",
        amount=back,
        currency=currency,
        rate=rate,
        source=refund.id,
    )
    charge.body["amount_refunded"] -= body["amount"]
    charge.body["refunded"] = False
    await w.put(charge)
    await w.put(refund)
    await w.tell("refund.failed", body, status="succeeded")


async def _charge(w: Work, want: dict[str, Any]) -> Thing:
    """The charge to refund, locked, so that two refunds at once add up."""
    if ("charge" in want) is ("payment_intent" in want):
        raise StripeProblem(
            "One of the following params should be provided: charge or payment_intent."
        )
    charge = want.get("charge")
    if charge is None:
        intent = await w.get("payment_intent", want["payment_intent"], param="payment_intent")
        charge = intent.body["latest_charge"]
        if intent.body["status"] != "succeeded":
            raise StripeProblem(
                f"PaymentIntent {intent.id} does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
    found = await w.get("charge", charge, lock=True, param="charge")
    if not found.body["captured"]:
        raise StripeProblem("A failed charge cannot be refunded.", param="charge")
    return found
