"""Merchants' accounts: whatever order messages come in, and however long an answer takes, what
stands here is what stands at the provider."""

import asyncio
from itertools import permutations

import pytest

from livecommerce.kernel import clock
from payments import inbox, janitor, payees
from payments.events import PayeeReady
from payments.gateway import Heard
from payments.outgoing import ProviderAccount
from payments.rules import PayeeState
from payments.sandbox import accounts
from tests.integration.payments.conftest import Till
from tests.integration.payments.test_sending_on import Stall, stall

__all__ = ["stall"]

ANSWERS = (False, True, False, True)
"""What the owner does at the provider: leaves something out, completes it, and again."""


async def opened(stall: Stall) -> str:
    """An account whose messages get lost; the provider's number for it."""
    await stall.till.webhooks(drop=10_000)
    async with stall.till.db.begin() as tx:
        payee = await payees.get(tx, stall.merchant)
    assert payee.provider_id is not None
    return payee.provider_id


async def answered(till: Till, account: str, complete: bool) -> None:
    async with till.sandbox.work() as work:
        await accounts.onboarded(work, account, complete=complete)


async def said(till: Till, account: str) -> list[Heard]:
    every = await till.payments.said_since(clock.utcnow().replace(year=2020), account=account)
    return [heard for heard in every if heard.kind == "account.updated"]


async def comes(till: Till, heard: Heard) -> None:
    """The message arrives, and all that follows happens."""
    async with till.db.begin() as tx:
        await inbox.store(tx, [(heard, clock.utcnow())])
    await till.settle()


async def state(stall: Stall) -> PayeeState:
    async with stall.till.db.begin() as tx:
        return (await payees.get(tx, stall.merchant)).state


async def test_every_order_of_messages_ends_where_the_provider_stands(stall: Stall) -> None:
    till = stall.till
    account = await opened(stall)
    for complete in ANSWERS:
        await answered(till, account, complete)
    messages = await said(till, account)
    assert len(messages) == len(ANSWERS)
    orders = list(permutations(range(len(messages))))
    for number, order in enumerate(orders):
        for place in order:
            again = Heard(
                messages[place].source,
                f"{messages[place].id}_{number}",
                messages[place].kind,
                messages[place].said_at,
                messages[place].body,
                messages[place].account,
            )
            await comes(till, again)
        assert await state(stall) is PayeeState.READY, order
    assert len(till.heard(PayeeReady)) == 1, "it never was anything else after it was ready"


@pytest.mark.parametrize("late", range(len(ANSWERS) - 1))
async def test_a_late_message_changes_nothing_whatever_it_says(stall: Stall, late: int) -> None:
    """All but one come when they are said; that one comes last."""
    till = stall.till
    account = await opened(stall)
    held: list[Heard] = []
    for number, complete in enumerate(ANSWERS[:-1]):
        await answered(till, account, complete)
        newest = (await said(till, account))[-1]
        if number == late:
            held.append(newest)
        else:
            await comes(till, newest)
    for heard in held:
        await comes(till, heard)
    assert await state(stall) is not PayeeState.READY
    await answered(till, account, complete=True)
    await comes(till, (await said(till, account))[-1])
    assert await state(stall) is PayeeState.READY


async def test_an_account_that_is_not_ready_is_looked_at_though_nothing_was_said(
    stall: Stall,
) -> None:
    till = stall.till
    account = await opened(stall)
    await answered(till, account, complete=True)
    for heard in await said(till, account):
        async with till.db.begin() as tx:  # it was heard, and by a process that misread it
            await inbox.store(tx, [(heard, clock.utcnow())])
            await tx.execute(payees.sa.text("DELETE FROM kernel.outbox WHERE told_at IS NULL"))
    assert await state(stall) is not PayeeState.READY
    soon = clock.utcnow().replace(year=clock.utcnow().year + 1)
    assert await janitor.listen_to_payees(till.db, till.payments, now=soon) == 0
    assert await state(stall) is PayeeState.READY


class Slow:
    """The gateway, whose first answer about an account takes until it is let go."""

    def __init__(self, till: Till) -> None:
        self._till, self._first = till, True
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def look_at_account(self, provider_id: str) -> ProviderAccount:
        told = await self._till.payments.look_at_account(provider_id)
        if self._first:
            self._first = False
            self.asked.set()
            await self.go.wait()
        return told


async def overtaken(stall: Stall) -> tuple[ProviderAccount, int]:
    """A look that saw an incomplete account answers after one that saw a complete one; what
    it saw, and which it was."""
    till, slow = stall.till, Slow(stall.till)
    account = await opened(stall)
    await answered(till, account, complete=False)
    old = await till.payments.look_at_account(account)
    now = clock.utcnow()
    first = asyncio.create_task(
        payees.look(till.db, slow, stall.merchant, now=now)  # type: ignore[arg-type]
    )
    await slow.asked.wait()
    async with till.db.begin() as tx:
        number = (await payees.get(tx, stall.merchant)).looks
    await answered(till, account, complete=True)
    await payees.look(till.db, slow, stall.merchant, now=now)  # type: ignore[arg-type]
    slow.go.set()
    await first
    return old, number


async def test_an_older_look_never_overwrites_a_newer_one(stall: Stall) -> None:
    await overtaken(stall)
    assert await state(stall) is PayeeState.READY


async def test_without_its_number_it_would(stall: Stall) -> None:
    """The twin of the test above: the same answer, as if it were the newest."""
    old, number = await overtaken(stall)
    async with stall.till.db.begin() as tx:
        await payees.apply(tx, old, look=number, now=clock.utcnow())
    assert await state(stall) is PayeeState.READY
    async with stall.till.db.begin() as tx:
        await payees.apply(tx, old, look=number + 99, now=clock.utcnow())
    assert await state(stall) is PayeeState.RESTRICTED
