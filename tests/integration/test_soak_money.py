"""A short soak of money: web, worker and PostgreSQL are killed while people pay in every way,
are paid back, and dispute. The long one is ``make soak-money``."""

import pytest

from tests.load.soak_money import soak
from tests.product import place

FAST = {"fsync": "off"}  # processes are killed here, and no power is cut


@pytest.mark.timeout(600)
async def test_whatever_is_killed_every_cent_has_one_story() -> None:
    with place("lc-soak-money-") as folder:
        found = await soak(
            folder / "soak", seconds=6, buyers=3, seed=11, pause=(1.5, 3.0), options=FAST
        )
    assert found.wrong == []
    assert found.memory.paid
    assert sum(found.kills.values()) > 1
