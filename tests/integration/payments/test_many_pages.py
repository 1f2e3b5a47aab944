"""Lists of many pages: each is asked for within the budget, and again if we asked too often."""

from datetime import timedelta

import pytest

from livecommerce.kernel import clock
from payments import stripe_gateway
from payments.budget import Budget
from payments.gateway import NotAsked
from payments.sandbox import charges
from payments.sandbox.switches import What
from tests.integration.payments.conftest import Till

MANY = 7


class Counted(Budget):
    """Which endpoints had their turn."""

    def __init__(self) -> None:
        super().__init__(1000)
        self.turns: list[str] = []

    async def take(self, endpoint: str) -> None:
        self.turns.append(endpoint)
        await super().take(endpoint)


@pytest.fixture
async def budget(till: Till, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Pages of two; what it counts begins when the balance has its lines."""
    monkeypatch.setattr(stripe_gateway, "PAGE", 2)
    async with till.sandbox.work() as work:
        for number in range(MANY):
            await charges.book_line(
                work, kind="topup", amount=number + 1, currency="eur", source=f"tu_{number}"
            )
    counted = Counted()
    monkeypatch.setattr(till.payments, "_budget", counted)
    return counted


async def amounts(till: Till) -> list[int]:
    lines = await till.payments.lines(clock.utcnow() - timedelta(days=1))
    return [line.net.minor for line in lines]  # type: ignore[union-attr]


async def test_every_page_has_its_turn(till: Till, budget: Counted) -> None:
    assert sorted(await amounts(till)) == list(range(1, MANY + 1))
    assert len(budget.turns) == 4
    assert len(set(budget.turns)) == 1, "of one endpoint's budget"


@pytest.mark.parametrize("before", [0, 1, 2])
async def test_a_page_that_came_too_often_is_asked_for_again(
    till: Till, budget: Counted, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = budget.take

    async def told_to_wait_later(endpoint: str) -> None:
        if len(budget.turns) == before:
            await till.fault(What.BUSY)
        await take(endpoint)

    monkeypatch.setattr(budget, "take", told_to_wait_later)
    assert sorted(await amounts(till)) == list(range(1, MANY + 1))
    assert len(budget.turns) == 5, "one more than there are pages"


async def test_told_to_wait_for_ever_we_say_so(till: Till, budget: Counted) -> None:
    await till.fault(What.BUSY, times=99)
    with pytest.raises(NotAsked):
        await amounts(till)
    assert len(budget.turns) == stripe_gateway.TOO_OFTEN
