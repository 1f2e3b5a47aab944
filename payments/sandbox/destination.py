"""Destination charges: the whole goes to a connected account at once, and an application fee
comes back to the platform."""

from typing import Any

from payments.sandbox import accounts, charges
from payments.sandbox.problems import StripeProblem
from payments.sandbox.store import Thing
from payments.sandbox.work import Work


async def checked(w: Work, want: dict[str, Any]) -> dict[str, Any] | None:
    """Where an intent's money is to go, as the intent shows it.

    Raises:
        StripeProblem: the account cannot be sent money, or the fee is more than the amount.
    """
    data, fee = want.get("transfer_data"), want.get("application_fee_amount")
    if data is None:
        if fee is not None:
            raise StripeProblem(
                "Can only apply an application_fee_amount when the PaymentIntent is attempting"
                " a direct payment (using an OAuth key or Stripe-Account header) or destination"
                " payment (using `transfer_data[destination]`).",
                param="application_fee_amount",
            )
        return None
    if "amount" in data:
        raise StripeProblem(
            "The sandbox transfers the whole, less an application fee.",
            param="transfer_data[amount]",
        )
    param = "transfer_data[destination]"
    account = await w.get("account", data["destination"], param=param)
    if account.body["capabilities"].get("transfers") != "active":
        raise StripeProblem(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers",
            code="insufficient_capabilities_for_transfer",
            param=param,
        )
    if fee is not None and not 0 <= fee <= want["amount"]:
        raise StripeProblem(
            "The application fee cannot be more than the amount.",
            param="application_fee_amount",
        )
    return {"destination": account.id}


async def send(w: Work, intent: dict[str, Any], charge: dict[str, Any]) -> None:
    """With the charge, its money: out to the account, and the fee back from it."""
    if intent["transfer_data"] is None:
        return
    account = await w.get("account", intent["transfer_data"]["destination"], lock=True)
    amount, currency = intent["amount"], intent["currency"]
    fee, wait = intent["application_fee_amount"] or 0, w.settings.available_after
    id_ = w.id("tr")
    body = {
        "id": id_,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": await charges.book_line(
            w, kind="transfer", amount=-amount, currency=currency, source=id_, wait=wait
        ),
        "created": w.second,
        "currency": currency,
        "description": None,
        "destination": account.id,
        "destination_payment": w.id("py"),
        "livemode": False,
        "metadata": {},
        "reversals": {"object": "list", "data": [], "has_more": False, "url": ""},
        "reversed": False,
        "source_transaction": charge["id"],
        "source_type": "card",
        "transfer_group": f"group_{intent['id']}",
    }
    await w.put(Thing(body))
    charge |= {"transfer": id_, "transfer_data": intent["transfer_data"]}
    if fee:
        charge["application_fee"] = await _fee(w, account.id, charge["id"], fee, currency, wait)
        charge["application_fee_amount"] = fee
    await accounts.receive(w, account, currency, amount - fee)
    await w.tell("transfer.created", body)


async def _fee(w: Work, account: str, charge: str, fee: int, currency: str, wait: int) -> str:
    id_ = w.id("fee")
    body = {
        "id": id_,
        "object": "application_fee",
        "account": account,
        "amount": fee,
        "amount_refunded": 0,
        "application": "ca_sandbox",
        "balance_transaction": await charges.book_line(
            w, kind="application_fee", amount=fee, currency=currency, source=id_, wait=wait
        ),
        "charge": charge,
        "created": w.second,
        "currency": currency,
        "livemode": False,
        "originating_transaction": charge,
        "refunded": False,
    }
    await w.put(Thing(body))
    await w.tell("application_fee.created", body)
    return id_
