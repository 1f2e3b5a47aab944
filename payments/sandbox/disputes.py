"""Disputes: the money is taken at once, and given back if the evidence wins. A bank that only
asks takes nothing, unless it is not content with the answer."""

from typing import Any

from payments.sandbox import charges, store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work

_FEE = 1500
_ANSWER_WITHIN = 7 * 24 * 3600
_OUTCOMES = {"winning_evidence": "dispute_won", "losing_evidence": "dispute_lost"}
_OF_INQUIRIES = {
    "winning_evidence": "inquiry_closed",
    "losing_evidence": "inquiry_closed",
    "escalate_inquiry_evidence": "inquiry_escalated",
}
_INQUIRY = frozenset({"warning_needs_response", "warning_under_review"})
_OVER = frozenset({"won", "lost", "warning_closed"})


async def open_(w: Work, charge_id: str, *, inquiry: bool = False) -> None:
    """The buyer's bank takes back what is left of the money, and a fee besides."""
    charge = await w.get("charge", charge_id, lock=True)
    amount = charge.body["amount_captured"] - charge.body["amount_refunded"]
    if charge.body["disputed"] or not amount:
        return
    body = {
        "id": w.id("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_id,
        "created": w.second,
        "currency": charge.body["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": w.second + _ANSWER_WITHIN,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": True,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge.body["payment_intent"],
        "reason": "fraudulent",
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    charge.body["disputed"] = True
    charge.hidden["dispute"] = body["id"]
    if not inquiry:
        await _withdraw(w, body)
    await w.put(charge)
    await w.put(Thing(body))
    await w.tell("charge.dispute.created", body)
    if not inquiry:
        await w.tell("charge.dispute.funds_withdrawn", body)


async def inquire(w: Work, charge_id: str) -> None:
    """The buyer's bank asks about the charge, and takes nothing yet."""
    await open_(w, charge_id, inquiry=True)


async def escalate(w: Work, dispute: str) -> None:
    """The bank is not content with what it heard: the inquiry becomes a dispute."""
    found = await w.get("dispute", dispute, lock=True)
    charge = await w.get("charge", found.body["charge"], lock=True)
    left = charge.body["amount_captured"] - charge.body["amount_refunded"]
    if found.body["status"] not in _INQUIRY or not left:
        return
    found.body |= {"status": "needs_response", "amount": left}
    await _withdraw(w, found.body)
    await w.put(found)
    await w.tell("charge.dispute.updated", found.body)
    await w.tell("charge.dispute.funds_withdrawn", found.body)


async def drop(w: Work, dispute: str) -> None:
    """The bank asks no more."""
    found = await w.get("dispute", dispute, lock=True)
    if found.body["status"] in _INQUIRY:
        await _end(w, found, "warning_closed")


async def must_be_refundable(w: Work, charge: Thing) -> None:
    """What a bank has taken back cannot be refunded, until it is won.

    Raises:
        StripeProblem: in Stripe's words.
    """
    dispute = charge.hidden.get("dispute")
    if dispute is None or (await w.get("dispute", dispute)).body["is_charge_refundable"]:
        return
    raise StripeProblem(
        f"Charge {charge.id} has been charged back; cannot issue a refund.",
        code="charge_disputed",
        began=True,
    )


async def refunded(w: Work, charge: Thing) -> None:
    """The buyer has all of it back: a bank that only asked has nothing left to ask."""
    dispute = charge.hidden.get("dispute")
    if dispute is not None and charge.body["refunded"]:
        await drop(w, dispute)


async def _withdraw(w: Work, body: dict[str, Any]) -> None:
    out, booked, rate = charges.settled(w, -body["amount"], body["currency"])
    line = await charges.book_line(
        w,
        kind="adjustment",
        amount=out,
        currency=booked,
        rate=rate,
        source=body["id"],
        fee=_FEE,
    )
    body["balance_transactions"] = [(await w.get("balance_transaction", line)).body]
    body["is_charge_refundable"] = False


async def retrieve(w: Work, _want: dict[str, Any], *, dispute: str) -> dict[str, Any]:
    return (await w.get("dispute", dispute, param="dispute")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    filters = ("charge", "payment_intent")
    return await store.page(w.tx, "dispute", want, "/v1/disputes", filters)


async def update(w: Work, want: dict[str, Any], *, dispute: str) -> dict[str, Any]:
    """Evidence. Stripe's magic words in ``uncategorized_text`` decide at once."""
    found = await w.get("dispute", dispute, lock=True, param="dispute")
    body = found.body
    _must_be_open(body)
    asked = body["status"] in _INQUIRY
    body["evidence"] |= want.get("evidence") or {}
    body["evidence_details"]["has_evidence"] = bool(body["evidence"])
    body["metadata"] |= want.get("metadata") or {}
    if want.get("submit", True):
        body["status"] = "warning_under_review" if asked else "under_review"
        body["evidence_details"]["submission_count"] += 1
    await w.put(found)
    await w.tell("charge.dispute.updated", body)
    words = str(body["evidence"].get("uncategorized_text", ""))
    for magic, act in (_OF_INQUIRIES if asked else _OUTCOMES).items():
        if magic in words:
            await w.later(w.settings.book_after, act, dispute)
    return body


async def close(w: Work, _want: dict[str, Any], *, dispute: str) -> dict[str, Any]:
    """The platform gives in."""
    found = await w.get("dispute", dispute, lock=True, param="dispute")
    _must_be_open(found.body)
    await _end(w, found, "lost")
    return found.body


async def won(w: Work, dispute: str) -> None:
    """The bank believes the evidence: the money comes back, with the fee."""
    found = await w.get("dispute", dispute, lock=True)
    body = found.body
    if body["status"] in _OVER:
        return
    back, booked, rate = charges.settled(w, body["amount"], body["currency"])
    line = await charges.book_line(
        w,
        kind="adjustment",
        amount=back,
        currency=booked,
        rate=rate,
        source=dispute,
        fee=-_FEE,
    )
    body["is_charge_refundable"] = True
    body["balance_transactions"].append((await w.get("balance_transaction", line)).body)
    await w.tell("charge.dispute.funds_reinstated", body)
    await _end(w, found, "won")


async def lost(w: Work, dispute: str) -> None:
    """The bank does not."""
    found = await w.get("dispute", dispute, lock=True)
    if found.body["status"] not in _OVER:
        await _end(w, found, "lost")


async def _end(w: Work, found: Thing, status: str) -> None:
    found.body["status"] = status
    await w.put(found)
    await w.tell("charge.dispute.closed", found.body)


def _must_be_open(body: dict[str, Any]) -> None:
    if body["status"] in _OVER:
        raise StripeProblem(f"This dispute is already {body['status']}.", began=True)
