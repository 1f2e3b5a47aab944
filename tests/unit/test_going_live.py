"""What the guide to going live tells people to set is what the product reads."""

import re
from pathlib import Path

from livecommerce.settings import Settings
from payments.inbox import UNDERSTOOD

GUIDE = Path(__file__).parents[2] / "deploy" / "going-live.md"
OF_ACCOUNTS = {kind for kind in UNDERSTOOD if kind.startswith(("account.", "payout."))}
OURS = set(UNDERSTOOD) - {"account.updated"}


def events(address: str) -> set[str]:
    (row,) = [line for line in GUIDE.read_text().splitlines() if f"HOST{address}`" in line]
    return set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", row))


def test_both_endpoints_are_asked_for_what_is_understood_and_nothing_else() -> None:
    assert events("/hooks/stripe") == OURS
    assert events("/hooks/stripe-connect") == OF_ACCOUNTS


def test_every_setting_it_names_exists() -> None:
    named = set(re.findall(r"LC_([A-Z_]+)", GUIDE.read_text()))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
