"""Disputes: the money is taken at once, and given back if the evidence wins."""

from typing import Any

from payments.sandbox import charges, store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work

_FEE = 1500
_ANSWER_WITHIN = 7 * 24 * 3600
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}


async def open_(w: Work, charge_id: str) -> None:
    """The buyer's bank takes the money back, and a fee besides."""
    charge = await w.get("charge", charge_id, lock=True)
    if charge.body["disputed"]:
        return
    amount, currency = charge.body["amount_captured"], charge.body["currency"]
    id_ = w.id("dp")
    out, booked, rate = charges.settled(w, -amount, currency)
    line = await charges.book_line(
        w, kind="adjustment", amount=out, currency=booked, rate=rate, source=id_, fee=_FEE
    )
    body = {
        "id": id_,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [(await w.get("balance_transaction", line)).body],
        "charge": charge_id,
        "created": w.second,
        "currency": currency,
        "evidence": {},
        "evidence_details": {
            "due_by": w.second + _ANSWER_WITHIN,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge.body["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
    charge.body["disputed"] = True
    await w.put(charge)
    await w.put(Thing(body))
    await w.tell("charge.dispute.created", body)
    await w.tell("charge.dispute.funds_withdrawn", body)


async def retrieve(w: Work, _want: dict[str, Any], *, dispute: str) -> dict[str, Any]:
    return (await w.get("dispute", dispute, param="dispute")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    filters = ("charge", "payment_intent")
    return await store.page(w.tx, "dispute", want, "/v1/disputes", filters)


async def update(w: Work, want: dict[str, Any], *, dispute: str) -> dict[str, Any]:
    """Evidence. Stripe's two magic words in ``uncategorized_text`` decide at once."""
    found = await w.get("dispute", dispute, lock=True, param="dispute")
    body = found.body
    _must_be_open(body)
    body["evidence"] |= want.get("evidence") or {}
    body["evidence_details"]["has_evidence"] = bool(body["evidence"])
    body["metadata"] |= want.get("metadata") or {}
    if want.get("submit", True):
        body["status"] = "under_review"
        body["evidence_details"]["submission_count"] += 1
    await w.put(found)
    await w.tell("charge.dispute.updated", body)
    words = str(body["evidence"].get("uncategorized_text", ""))
    for magic, outcome in _OUTCOMES.items():
        if magic in words:
            await w.later(w.settings.book_after, f"dispute_{outcome}", dispute)
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
    if body["status"] in {"won", "lost"}:
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
    body["balance_transactions"].append((await w.get("balance_transaction", line)).body)
    await w.tell("charge.dispute.funds_reinstated", body)
    await _end(w, found, "won")


async def lost(w: Work, dispute: str) -> None:
    """The bank does not."""
    found = await w.get("dispute", dispute, lock=True)
    if found.body["status"] not in {"won", "lost"}:
        await _end(w, found, "lost")


async def _end(w: Work, found: Thing, status: str) -> None:
    found.body["status"] = status
    await w.put(found)
    await w.tell("charge.dispute.closed", found.body)


def _must_be_open(body: dict[str, Any]) -> None:
    if body["status"] in {"won", "lost"}:
        raise StripeProblem(f"This dispute is already {body['status']}.", began=True)
