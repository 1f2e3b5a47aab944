"""A relay that is told to stop in the very moment it is woken."""

import asyncio

import pytest

from livecommerce.kernel import relay


@pytest.mark.parametrize("steps", range(4))
async def test_being_woken_does_not_make_it_forget_to_stop(steps: int) -> None:
    news = asyncio.Event()

    async def always() -> None:
        while True:
            news.clear()
            await relay._woken(news)

    task = asyncio.create_task(always())
    await asyncio.sleep(0.01)
    news.set()
    for _ in range(steps):  # how far the news has travelled inside when the end comes
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
