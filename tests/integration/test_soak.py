"""A short soak: web processes, the worker and PostgreSQL are killed while people claim. The
long one is ``make soak-drop``."""

from pathlib import Path

import pytest

from tests.load.soak_drop import soak

FAST = {"fsync": "off"}  # processes are killed here, and no power is cut


@pytest.mark.timeout(240)
async def test_whatever_is_killed_nothing_is_lost_oversold_or_stuck(tmp_path: Path) -> None:
    found = await soak(tmp_path, seconds=5, buyers=30, seed=11, pause=(0.6, 1.2), options=FAST)
    assert found.wrong == []
    assert found.memory.acknowledged > 0
    assert found.memory.lost > 0
    assert sum(found.kills.values()) > 0


@pytest.mark.timeout(240)
async def test_twin_that_looks_before_it_takes_oversells(tmp_path: Path) -> None:
    found = await soak(tmp_path, seconds=0, buyers=300, seed=11, twin=True, options=FAST)
    assert found.wrong != []
