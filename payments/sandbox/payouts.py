"""Payouts: from the platform's balance to its bank, and from a merchant's to theirs."""

from typing import Any

from payments.sandbox import charges, store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """The platform has some of what is available sent to its bank."""
    amount, currency = want["amount"], want["currency"].lower()
    free = {a["currency"]: a["amount"] for a in (await charges.balance(w, {}))["available"]}
    if not 0 < amount <= free.get(currency, 0):
        raise StripeProblem(
            "You have insufficient funds in your Stripe account for this transfer.",
            code="balance_insufficient",
            began=True,
        )
    body = _payout(w, amount, currency, automatic=False)
    body["metadata"] = want.get("metadata") or {}
    body["balance_transaction"] = await charges.book_line(
        w, kind="payout", amount=-amount, currency=currency, source=body["id"]
    )
    await w.put(Thing(body))
    await w.tell("payout.created", body)
    await w.later(w.settings.bank_takes, "payout_arrives", str(body["id"]))
    return body


async def retrieve(w: Work, _want: dict[str, Any], *, payout: str) -> dict[str, Any]:
    return (await w.get("payout", payout, param="payout")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    """The platform's own; a merchant's belong to their account."""
    page = await store.page(w.tx, "payout", want, "/v1/payouts", ("status",))
    page["data"] = [body for body in page["data"] if "account" not in body["metadata"]]
    return page


async def pay_out(w: Work, account_id: str) -> None:
    """A connected account's whole balance goes to its bank."""
    account = await w.get("account", account_id, lock=True)
    if not account.body["payouts_enabled"]:
        return
    for currency, amount in account.hidden["balance"].items():
        if amount <= 0:
            continue
        account.hidden["balance"][currency] = 0
        body = _payout(w, amount, currency, automatic=True)
        body["metadata"] = {"account": account_id}
        await w.put(Thing(body, {"account": account_id}))
        await w.tell_account(account_id, "payout.created", body)
        await w.later(w.settings.bank_takes, "payout_arrives", str(body["id"]))
    await w.put(account)


async def arrives(w: Work, payout_id: str) -> None:
    """The bank took it, or sent it back."""
    payout = await w.get("payout", payout_id, lock=True)
    body, account = payout.body, payout.hidden.get("account")
    if body["status"] != "pending":
        return
    failed = w.switches.take_payout_failure()
    if failed:
        message = "The bank account has been closed."
        body |= {"status": "failed", "failure_code": "account_closed"}
        body["failure_message"] = message
    else:
        body["status"] = "paid"
    if failed and account is None:
        body["failure_balance_transaction"] = await charges.book_line(
            w,
            kind="payout_failure",
            amount=body["amount"],
            currency=body["currency"],
            source=payout_id,
        )
    if failed and account is not None:
        owner = await w.get("account", account, lock=True)
        held = owner.hidden["balance"]
        held[body["currency"]] = held.get(body["currency"], 0) + body["amount"]
        await w.put(owner)
    await w.put(payout)
    kind = "payout.failed" if failed else "payout.paid"
    if account is None:
        await w.tell(kind, body)
    else:
        await w.tell_account(account, kind, body)


def _payout(w: Work, amount: int, currency: str, *, automatic: bool) -> dict[str, Any]:
    return {
        "id": w.id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": w.second + w.settings.bank_takes,
        "automatic": automatic,
        "balance_transaction": None,
        "created": w.second,
        "currency": currency,
        "description": None,
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "source_type": "card",
        "status": "pending",
        "type": "bank_account",
    }
