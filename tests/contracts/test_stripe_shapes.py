"""The sandbox's objects hold every field that we read, as the official library has it."""

import ast
from pathlib import Path
from typing import Any

import pytest
import stripe

from payments import stripe_outgoing, stripe_words
from payments.sandbox import (
    accounts,
    charges,
    disputes,
    intents,
    methods,
    payouts,
    refunds,
    transfers,
)

READERS: dict[str, tuple[Any, str, Any]] = {
    "payment": (stripe.PaymentIntent, "intent", intents),
    "method": (stripe.PaymentMethod, "told", methods),
    "refund": (stripe.Refund, "told", refunds),
    "charge": (stripe.Charge, "told", charges),
    "booking": (stripe.BalanceTransaction, "line", charges),
    "exchange_rate": (stripe.BalanceTransaction, "line", charges),
    "account": (stripe.Account, "told", accounts),
    "transfer": (stripe.Transfer, "told", transfers),
    "payout": (stripe.Payout, "told", payouts),
    "dispute": (stripe.Dispute, "told", disputes),
    "line": (stripe.BalanceTransaction, "told", charges),
    "holdings": (stripe.Balance, "told", charges),
}
"""Our reader, the library's class, what the reader calls the object, and who makes it."""


def read_by(reader: str, argument: str) -> set[str]:
    """The names of the fields that a reader takes from the object."""
    found: set[str] = set()
    for module in (stripe_words, stripe_outgoing):
        tree = ast.parse(Path(module.__file__).read_text())
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and function.name == reader:
                for node in ast.walk(function):
                    match node:
                        case ast.Subscript(
                            value=ast.Name(id=name), slice=ast.Constant(value=str() as key)
                        ) if name == argument:
                            found.add(key)
                        case ast.Call(
                            func=ast.Attribute(value=ast.Name(id=name), attr="get"),
                            args=[ast.Constant(value=str() as key), *_],
                        ) if name == argument:
                            found.add(key)
    return found


def written_by(module: Any) -> set[str]:
    """Every name that the module writes into an object."""
    tree = ast.parse(Path(module.__file__).read_text())
    names = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    return names | {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }


@pytest.mark.parametrize("reader", READERS)
def test_what_we_read_is_there_and_is_stripes(reader: str) -> None:
    model, argument, maker = READERS[reader]
    fields = read_by(reader, argument)
    fields -= {"available", "pending"} if reader == "holdings" else set()
    assert fields or reader == "holdings"
    assert fields <= set(model.__annotations__), "the library does not know these"
    assert fields <= written_by(maker), "the sandbox does not write these"


@pytest.mark.parametrize(
    ("maker", "model", "function"),
    [
        (accounts, stripe.Account, "create"),
        (transfers, stripe.Transfer, "create"),
        (payouts, stripe.Payout, "_payout"),
        (methods, stripe.PaymentMethod, "_keep"),
        (methods, stripe.PaymentMethod.Card, "_keep_card"),
        (disputes, stripe.Dispute, "open_"),
        (charges, stripe.BalanceTransaction, "book_line"),
    ],
)
def test_the_sandbox_makes_up_no_field(maker: Any, model: Any, function: str) -> None:
    tree = ast.parse(Path(maker.__file__).read_text())
    whole = next(
        node
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name == function
    )
    objects = [n for n in ast.walk(whole) if isinstance(n, ast.Dict) and len(n.keys) >= 8]
    names = {k.value for k in objects[0].keys if isinstance(k, ast.Constant)}
    assert names <= set(model.__annotations__)
