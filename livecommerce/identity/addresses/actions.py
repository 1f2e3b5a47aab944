"""What people do with the addresses they keep."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity.addresses import forms, rules
from livecommerce.identity.addresses.errors import NoSuchAddress, TooManyAddresses
from livecommerce.identity.addresses.queries import address_out
from livecommerce.identity.addresses.tables import SavedAddress
from livecommerce.identity.addresses.wire import SaveAddress, SavedAddressOut
from livecommerce.identity.rules import GUEST_FOR
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.web.principal import Principal

_LEAST = sa.text(
    "UPDATE commerce.saved_address SET is_default = true WHERE id = ("
    " SELECT id FROM commerce.saved_address WHERE owner = :owner ORDER BY id DESC LIMIT 1)"
    " AND NOT EXISTS (SELECT 1 FROM commerce.saved_address WHERE owner = :owner AND is_default)"
)


_OLD = sa.text(
    "DELETE FROM commerce.saved_address WHERE starts_with(owner, 'gst_')"
    " AND changed_at <= :oldest"
)


async def save(tx: Tx, want: SaveAddress, *, by: Principal, now: datetime) -> SavedAddressOut:
    """Keep an address; the first one is the default.

    Raises:
        AddressWrong: it does not fit its country.
        TooManyAddresses: as many are kept as may be.
    """
    fit = forms.checked(want.address)
    await alone(tx, by.id)
    mine = sa.select(sa.func.count()).where(col(SavedAddress.owner) == by.id)
    count = (await tx.execute(mine)).scalar_one()
    if count >= rules.MOST:
        raise TooManyAddresses(most=rules.MOST)
    default = want.default or count == 0
    if default:
        await _no_default(tx, by.id)
    row = SavedAddress(
        id=ids.new("adr"),
        owner=by.id,
        label=want.label,
        address=fit.model_dump(),
        is_default=default,
        saved_at=now,
        changed_at=now,
    )
    tx.add(row)
    await tx.flush()
    return address_out(row)


async def change(
    tx: Tx, address: str, want: SaveAddress, *, by: Principal, now: datetime
) -> SavedAddressOut:
    """Replace a kept address. One stays the default as long as no other is made it.

    Raises:
        NoSuchAddress: there is none with that id, or it is somebody else's.
        AddressWrong: the new one does not fit its country.
    """
    fit = forms.checked(want.address)
    row = await _mine(tx, address, by)
    if want.default and not row.is_default:
        await _no_default(tx, by.id)
        row.is_default = True
    row.label = want.label
    row.address = fit.model_dump()
    row.changed_at = now
    await tx.flush()
    return address_out(row)


async def forget(tx: Tx, address: str, *, by: Principal) -> None:
    """Keep an address no longer; if it was the default, the newest left is.

    Raises:
        NoSuchAddress: there is none with that id, or it is somebody else's.
    """
    await tx.delete(await _mine(tx, address, by))
    await tx.flush()
    await tx.execute(_LEAST, {"owner": by.id})


async def forget_old(tx: Tx, *, now: datetime) -> None:
    """Drop the addresses of guests whose cookie is no longer good: nobody can see them any
    more, so nobody may keep them."""
    await tx.execute(_OLD, {"oldest": now - GUEST_FOR})


async def alone(tx: Tx, owner: str) -> None:
    """Nobody else changes the owner's addresses until the transaction ends."""
    await one_at_a_time(tx, f"addresses:{owner}")


async def _mine(tx: Tx, address: str, by: Principal) -> SavedAddress:
    await alone(tx, by.id)
    own = sa.select(SavedAddress).where(
        col(SavedAddress.id) == address, col(SavedAddress.owner) == by.id
    )
    row = (await tx.execute(own)).scalar_one_or_none()
    if row is None:
        raise NoSuchAddress(address=address)
    return row


async def _no_default(tx: Tx, owner: str) -> None:
    theirs = (col(SavedAddress.owner) == owner) & col(SavedAddress.is_default)
    await tx.execute(sa.update(SavedAddress).where(theirs).values(is_default=False))
