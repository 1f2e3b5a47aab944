"""Customers, as far as a payment needs them."""

from typing import Any

from payments.sandbox import store
from payments.sandbox.store import Thing
from payments.sandbox.work import Work

_SET = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


async def create(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    body = {
        "id": w.id("cus"),
        "object": "customer",
        "balance": 0,
        "created": w.second,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "livemode": False,
        "metadata": want.get("metadata") or {},
        **{name: want.get(name) for name in _SET},
    }
    made = await w.put(Thing(body))
    await w.tell("customer.created", made)
    return made


async def retrieve(w: Work, _want: dict[str, Any], *, customer: str) -> dict[str, Any]:
    return (await w.get("customer", customer, param="customer")).body


async def update(w: Work, want: dict[str, Any], *, customer: str) -> dict[str, Any]:
    found = await w.get("customer", customer, lock=True, param="customer")
    found.body |= {name: want[name] for name in _SET if name in want}
    found.body["metadata"] |= want.get("metadata") or {}
    await w.put(found)
    await w.tell("customer.updated", found.body)
    return found.body


async def listed(w: Work, want: dict[str, Any]) -> dict[str, Any]:
    return await store.page(w.tx, "customer", want, "/v1/customers", ("email",))
