"""Saved addresses: their owner's alone, one default, and merged with the guest's."""

import asyncio
from datetime import datetime, timedelta

import pytest

from livecommerce.identity.addresses import actions, queries, reactions, rules
from livecommerce.identity.addresses.errors import (
    AddressWrong,
    NoSuchAddress,
    TooManyAddresses,
)
from livecommerce.identity.addresses.wire import Address, SaveAddress, SavedAddressOut
from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Database
from livecommerce.web.principal import Principal
from tests import shop
from tests.purchases import BERLIN

HAMBURG = BERLIN.model_copy(update={"line1": "Elbchaussee 9", "city": "Hamburg"})


async def keep(
    db: Database, who: Principal, now: datetime, address: Address = BERLIN, **more: bool
) -> SavedAddressOut:
    async with db.begin() as tx:
        want = SaveAddress(address=address, **more)  # type: ignore[arg-type]
        return await actions.save(tx, want, by=who, now=now)


async def kept(db: Database, who: Principal) -> list[tuple[str, bool]]:
    async with db.begin() as tx:
        return [(one.address.city, one.default) for one in await queries.of(tx, who.id)]


async def test_one_of_them_is_the_default(db: Database, now: datetime) -> None:
    who = shop.buyer()
    first = await keep(db, who, now)
    second = await keep(db, who, now, HAMBURG)
    assert await kept(db, who) == [("Berlin", True), ("Hamburg", False)]
    async with db.begin() as tx:
        want = SaveAddress(label="Office", address=HAMBURG, default=True)
        changed = await actions.change(tx, second.id, want, by=who, now=now)
    assert (changed.label, changed.default) == ("Office", True)
    assert await kept(db, who) == [("Hamburg", True), ("Berlin", False)]
    async with db.begin() as tx:
        await actions.forget(tx, second.id, by=who)
    assert await kept(db, who) == [("Berlin", True)]
    async with db.begin() as tx:
        await actions.forget(tx, first.id, by=who)
    assert await kept(db, who) == []


async def test_nobody_else_sees_or_changes_them(db: Database, now: datetime) -> None:
    who, other = shop.buyer(), shop.buyer()
    mine = await keep(db, who, now)
    assert await kept(db, other) == []
    async with db.begin() as tx:
        with pytest.raises(NoSuchAddress):
            await actions.forget(tx, mine.id, by=other)
        want = SaveAddress(address=HAMBURG)
        with pytest.raises(NoSuchAddress):
            await actions.change(tx, mine.id, want, by=other, now=now)
    assert await kept(db, who) == [("Berlin", True)]


async def test_what_does_not_fit_is_not_kept_and_nor_is_one_too_many(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = shop.buyer()
    with pytest.raises(AddressWrong):
        await keep(db, who, now, BERLIN.model_copy(update={"postcode": "1"}))
    monkeypatch.setattr(rules, "MOST", 2)
    told = await asyncio.gather(
        *(keep(db, who, now, default=True) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, TooManyAddresses) for one in told) == 4
    assert sorted(default for _, default in await kept(db, who)) == [False, True]


async def test_a_guests_addresses_become_the_persons(db: Database, now: datetime) -> None:
    guest, person = shop.buyer(), Principal(id="usr_anna")
    await keep(db, guest, now)
    await keep(db, guest, now, HAMBURG, default=True)
    await keep(db, person, now)
    event = GuestMerged(guest=guest.id, person=person.id)
    for _ in range(2):
        async with db.begin() as tx:
            await reactions.on_guest_merged(tx, event, now=now)
    assert await kept(db, guest) == []
    assert await kept(db, person) == [("Berlin", True), ("Hamburg", False)]


async def test_guests_who_do_not_come_back_leave_no_address(
    db: Database, now: datetime
) -> None:
    guest, person = shop.buyer(), Principal(id="usr_anna")
    for who in (guest, person):
        await keep(db, who, now)
    for days, left in ((179, 1), (180, 0)):
        async with db.begin() as tx:
            await actions.forget_old(tx, now=now + timedelta(days=days))
        assert len(await kept(db, guest)) == left
    assert len(await kept(db, person)) == 1


async def test_an_address_never_shows_itself(db: Database, now: datetime) -> None:
    await keep(db, shop.buyer(), now)
    async with db.begin() as tx:
        (row,) = (await tx.execute(queries.sa.select(queries.SavedAddress))).scalars()
    assert "Linden" not in repr(row)
