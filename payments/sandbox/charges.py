"""Charges, what they cost, and the balance they are booked on."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from payments.sandbox import destination, methods, store
from payments.sandbox.cards import BY_NUMBER
from payments.sandbox.store import Thing
from payments.sandbox.work import Work
from payments.stripe_words import step

_PERCENT = Decimal("0.029")
_ABROAD = Decimal("0.015")
_FIXED = 30


async def capture(w: Work, intent: Thing, method: Thing) -> None:
    """The money is taken. It is booked a little later, as at Stripe."""
    body = intent.body
    charge = _charge(w, body, method)
    charge |= {"amount_captured": body["amount"], "captured": True, "paid": True}
    await destination.send(w, body, charge)
    await w.put(Thing(charge))
    body |= {
        "status": "succeeded",
        "amount_received": body["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "processing": None,
    }
    await w.put(intent)
    await w.tell("charge.succeeded", charge)
    await w.tell("payment_intent.succeeded", body)
    options = body["payment_method_options"].get(method.body["type"]) or {}
    keeps = options.get("setup_future_usage", body["setup_future_usage"])
    if keeps not in {None, "none"} and body["customer"] and not method.body["customer"]:
        await methods.keep(w, method, body["customer"])
    await w.later(w.settings.book_after, "book", charge["id"])


async def failed(
    w: Work, intent: Thing, method: Thing, code: str, decline: str | None, message: str
) -> str:
    """A charge that the bank refused; its id."""
    charge = _charge(w, intent.body, method)
    charge |= {"status": "failed", "failure_code": code, "failure_message": message}
    charge["outcome"] |= {
        "network_status": "declined_by_network",
        "reason": decline or code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    await w.put(Thing(charge))
    await w.tell("charge.failed", charge)
    return str(charge["id"])


async def book(w: Work, charge_id: str) -> None:
    """The charge reaches the balance, less its fee."""
    charge = await w.get("charge", charge_id, lock=True)
    if charge.body["balance_transaction"] is not None:
        return
    method = await w.get("payment_method", charge.body["payment_method"])
    card = BY_NUMBER.get(method.hidden.get("number", ""))
    at_once = card is not None and card.available_at_once
    amount, currency, rate = settled(w, charge.body["amount"], charge.body["currency"])
    line = await book_line(
        w,
        kind="charge",
        amount=amount,
        currency=currency,
        rate=rate,
        source=charge_id,
        fee=fee_of(amount, currency, abroad=_abroad(w, method)),
        wait=0 if at_once else w.settings.available_after,
    )
    charge.body["balance_transaction"] = line
    await w.put(charge)
    await w.tell("charge.updated", charge.body, balance_transaction=None)
    if card is not None and card.disputed:
        await w.later(w.settings.book_after, "dispute", charge_id)
    if card is not None and card.asked_about:
        await w.later(w.settings.book_after, "inquiry", charge_id)


def fee_of(amount: int, currency: str, *, abroad: bool) -> int:
    """2.9 % and 30, and 1.5 % more for a card from another country."""
    share = _PERCENT + (_ABROAD if abroad else 0)
    return _whole(amount * share + _FIXED, currency)


def settled(w: Work, amount: int, currency: str) -> tuple[int, str, float | None]:
    """What the buyer's amount is on the balance, in which currency, and by which rate."""
    if currency not in w.settings.converts:
        return amount, currency, None
    into, rate = w.settings.converts[currency]
    return _whole(amount * rate, into), into, float(rate)


def step_of(currency: str) -> int:
    """Every amount of the currency is a multiple of it: what has no hundredths is told in
    hundredths all the same."""
    return step(currency.upper())


def _whole(amount: Decimal, currency: str) -> int:
    step = step_of(currency)
    return int((amount / step).quantize(Decimal(1), ROUND_HALF_UP)) * step


async def book_line(
    w: Work,
    *,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    rate: float | None = None,
    fee: int = 0,
    wait: int = 0,
) -> str:
    """A line of the balance; its id."""
    detail = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    line = {
        "id": w.id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": w.second + wait,
        "balance_type": "payments",
        "created": w.second,
        "currency": currency,
        "description": None,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": [detail] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "pending" if wait else "available",
        "type": kind,
    }
    await w.put(Thing(line))
    return str(line["id"])


async def balance(w: Work, _want: dict[str, Any]) -> dict[str, Any]:
    """What the account holds, by currency, now and soon."""
    query = sa.text(
        "SELECT body ->> 'currency' AS currency,"
        " (body ->> 'available_on')::bigint <= :now AS free,"
        " sum((body ->> 'net')::bigint)::bigint AS net FROM stripe_sandbox.thing"
        " WHERE kind = 'balance_transaction' GROUP BY 1, 2 ORDER BY 1"
    )
    rows = (await w.tx.execute(query, {"now": w.second})).all()

    def amounts(free: bool) -> list[dict[str, Any]]:
        held = {row.currency: row.net for row in rows if row.free is free}
        return [
            {"amount": held.get(c, 0), "currency": c, "source_types": {"card": held.get(c, 0)}}
            for c in dict.fromkeys(row.currency for row in rows)
        ]

    return {
        "object": "balance",
        "available": amounts(True),
        "livemode": False,
        "pending": amounts(False),
    }


async def line(w: Work, _want: dict[str, Any], *, id: str) -> dict[str, Any]:
    found = await w.get("balance_transaction", id)
    return aged(w, found.body)


async def lines(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    filters = ("currency", "source", "type")
    url = "/v1/balance_transactions"
    page = await store.page(w.tx, "balance_transaction", want, url, filters)
    page["data"] = [aged(w, body) for body in page["data"]]
    return page


async def retrieve(w: Work, _want: dict[str, Any], *, charge: str) -> dict[str, Any]:
    return (await w.get("charge", charge, param="charge")).body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    filters = ("customer", "payment_intent", "transfer_group")
    return await store.page(w.tx, "charge", want, "/v1/charges", filters)


def aged(w: Work, line: dict[str, Any]) -> dict[str, Any]:
    """The line as it is by now: pending money becomes available by itself."""
    free = line["available_on"] <= w.second
    return {**line, "status": "available" if free else "pending"}


def _abroad(w: Work, method: Thing) -> bool:
    country = method.body.get("card", {}).get("country")
    return country is not None and country != w.settings.country


def _charge(w: Work, intent: dict[str, Any], method: Thing) -> dict[str, Any]:
    kind = method.body["type"]
    return {
        "id": w.id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method.body["billing_details"],
        "captured": False,
        "created": w.second,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method.id,
        "payment_method_details": {kind: method.body[kind], "type": kind},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "shipping": intent["shipping"],
        "status": "succeeded",
        "transfer": None,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
