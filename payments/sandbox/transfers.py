"""Transfers to connected accounts, and their reversals."""

from typing import Any

import sqlalchemy as sa

from payments.sandbox import accounts, charges, store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work

_SENT = sa.text(
    "SELECT coalesce(sum((body ->> 'amount')::bigint - (body ->> 'amount_reversed')::bigint),"
    " 0)::bigint FROM stripe_sandbox.thing WHERE kind = 'transfer'"
    " AND body ->> 'source_transaction' = :charge"
)


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    account = await w.get("account", want["destination"], lock=True, param="destination")
    if account.body["capabilities"].get("transfers") != "active":
        raise StripeProblem(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers",
            code="insufficient_capabilities_for_transfer",
            began=True,
        )
    amount, currency = want.get("amount", 0), want["currency"].lower()
    if amount <= 0:
        raise StripeProblem("This value must be greater than or equal to 1.", param="amount")
    wait = await _must_be_covered(w, want.get("source_transaction"), amount, currency)
    id_ = w.id("tr")
    line = await charges.book_line(
        w, kind="transfer", amount=-amount, currency=currency, source=id_, wait=wait
    )
    body = {
        "id": id_,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": line,
        "created": w.second,
        "currency": currency,
        "description": want.get("description"),
        "destination": account.id,
        "destination_payment": w.id("py"),
        "livemode": False,
        "metadata": want.get("metadata") or {},
        "reversals": _list([], id_),
        "reversed": False,
        "source_transaction": want.get("source_transaction"),
        "source_type": "card",
        "transfer_group": want.get("transfer_group"),
    }
    await w.put(Thing(body))
    await accounts.receive(w, account, currency, amount)
    await w.tell("transfer.created", body)
    return body


async def retrieve(w: Work, _want: dict[str, Any], *, transfer: str) -> dict[str, Any]:
    return (await w.get("transfer", transfer, param="transfer")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    filters = ("destination", "transfer_group")
    return await store.page(w.tx, "transfer", want, "/v1/transfers", filters)


async def reverse(w: Work, want: dict[str, Any], *, transfer: str) -> dict[str, Any]:
    sent = await w.get("transfer", transfer, lock=True, param="transfer")
    body = sent.body
    left = body["amount"] - body["amount_reversed"]
    amount = want.get("amount", left)
    if not 0 < amount <= left:
        raise StripeProblem(
            f"Amount {amount} is greater than the unreversed amount of the transfer ({left}).",
            param="amount",
            began=True,
        )
    id_ = w.id("trr")
    line = await charges.book_line(
        w, kind="transfer_refund", amount=amount, currency=body["currency"], source=id_
    )
    reversal = {
        "id": id_,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": line,
        "created": w.second,
        "currency": body["currency"],
        "destination_payment_refund": w.id("pyr"),
        "metadata": want.get("metadata") or {},
        "source_refund": None,
        "transfer": transfer,
    }
    await w.put(Thing(reversal))
    body["amount_reversed"] += amount
    body["reversed"] = body["amount_reversed"] == body["amount"]
    body["reversals"] = _list([reversal, *body["reversals"]["data"]], transfer)
    await w.put(sent)
    account = await w.get("account", body["destination"], lock=True)
    await accounts.receive(w, account, body["currency"], -amount)  # it may fall below nothing
    await w.tell("transfer.reversed", body)
    return reversal


async def reversals(w: Work, want: dict[str, Any], *, transfer: str) -> dict[str, Any]:
    await w.get("transfer", transfer, param="transfer")
    url = f"/v1/transfers/{transfer}/reversals"
    about = {**want, "transfer": transfer}
    return await store.page(w.tx, "transfer_reversal", about, url, ("transfer",))


async def _must_be_covered(w: Work, source: str | None, amount: int, currency: str) -> int:
    """How many seconds until the money is there.

    Raises:
        StripeProblem: neither the charge nor the balance covers it.
    """
    if source is None:
        free = {a["currency"]: a["amount"] for a in (await charges.balance(w, {}))["available"]}
        if free.get(currency, 0) < amount:
            raise StripeProblem(
                "You have insufficient available funds in your Stripe account.",
                code="balance_insufficient",
                began=True,
            )
        return 0
    charge = await w.get("charge", source, lock=True, param="source_transaction")
    # What a destination charge has sent counts, too: all of it is gone with the charge.
    sent = int((await w.tx.execute(_SENT, {"charge": source})).scalar_one())
    captured, into, _ = charges.settled(
        w, charge.body["amount_captured"], charge.body["currency"]
    )
    if into != currency or captured < sent + amount:
        raise StripeProblem(
            "Transfers using this transaction as a source must not exceed its amount.",
            param="source_transaction",
            code="transfer_source_balance_parameters_mismatch",
            began=True,
        )
    booked = charge.body["balance_transaction"]
    if booked is None:
        return w.settings.available_after
    line = await w.get("balance_transaction", booked)
    return max(0, int(line.body["available_on"]) - w.second)


def _list(data: list[dict[str, Any]], transfer: str) -> dict[str, Any]:
    url = f"/v1/transfers/{transfer}/reversals"
    return {"object": "list", "data": data[:10], "has_more": len(data) > 10, "url": url}
