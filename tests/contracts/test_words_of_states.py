"""Every state that the chain shows has a word in both languages."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from livecommerce.crossborder.rules import DeclarationState
from livecommerce.orders.rules import OrderState
from livecommerce.studios.rules import BookingState
from payments.rules import PaymentState
from streams.replays.tables import State as ReplayState
from streams.sessions.rules import State as SessionState

WORDS = Path(__file__).parents[2] / "livecommerce/pages/frontend/src/words/chain.ts"
STATES = re.compile(r"states: \{(.*?)\n  \}", re.DOTALL)


@pytest.mark.parametrize(
    "kind",
    [BookingState, SessionState, OrderState, PaymentState, DeclarationState, ReplayState],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_a_state_has_a_word(kind: type[StrEnum]) -> None:
    for language in STATES.findall(WORDS.read_text()):
        told = set(re.findall(r"(\w+): '", language))
        assert {state.value for state in kind} <= told
