"""``expand``: ids in an answer replaced by what they stand for."""

from collections.abc import Sequence
from typing import Any

import orjson

from payments.sandbox import charges, store
from payments.sandbox.problems import StripeProblem
from payments.sandbox.work import Work

_KINDS = {
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "txn": "balance_transaction",
    "pm": "payment_method",
    "cus": "customer",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "po": "payout",
    "dp": "dispute",
    "acct": "account",
}


async def expanded(w: Work, body: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """The answer with the named ids in full, up to four levels deep.

    Raises:
        StripeProblem: a path that leads to nothing that could be expanded.
    """
    if not paths:
        return body
    whole: dict[str, Any] = orjson.loads(orjson.dumps(body))
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4 or not await _expand(w, whole, steps):
            raise StripeProblem(f"This property cannot be expanded ({path}).", param="expand")
    return whole


async def _expand(w: Work, here: dict[str, Any], steps: list[str]) -> bool:
    name, *rest = steps
    if name not in here:
        return False
    value = here[name]
    if isinstance(value, str):
        kind = _KINDS.get(value.partition("_")[0])
        found = None if kind is None else await store.find(w.tx, kind, value)
        if found is None:
            return False
        aged = kind == "balance_transaction"
        here[name] = charges.aged(w, found.body) if aged else found.body
    inner = here[name]
    if isinstance(inner, list) and here.get("object") in {"list", "search_result"}:
        return all([await _expand(w, item, rest) for item in inner]) if rest else False
    if inner is None or not rest:
        return inner is None or isinstance(inner, dict)
    return isinstance(inner, dict) and await _expand(w, inner, rest)
