"""What members do with goods where they lie: adjust, carry elsewhere, count."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.errors import NoSuchLocation, NoSuchVariant, StockShort
from livecommerce.catalogue.locations import queries
from livecommerce.catalogue.locations.wire import (
    CountOut,
    EditLocation,
    LocationOut,
    NewLocation,
    StocktakeOut,
    TakeStock,
    TransferStock,
)
from livecommerce.catalogue.rules import LocationKind, Reason
from livecommerce.catalogue.tables import StockLocation, Variant
from livecommerce.catalogue.wire import StockOut
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.web.principal import MerchantRole, Principal

MAIN = {"zh": "主仓库", "en": "Main warehouse"}
KEEPERS = (MerchantRole.OWNER, MerchantRole.ASSISTANT)


async def must_have_one(tx: Tx, merchant: str, *, now: datetime) -> None:
    """A merchant without any location gets a main warehouse, once."""
    some = sa.select(col(StockLocation.id)).where(col(StockLocation.merchant_id) == merchant)
    if (await tx.execute(some.limit(1))).scalar() is not None:
        return
    await one_at_a_time(tx, f"locations of {merchant}")
    if (await tx.execute(some.limit(1))).scalar() is not None:
        return
    values = {
        "id": ids.new("loc"),
        "merchant_id": merchant,
        "name": MAIN,
        "kind": LocationKind.WAREHOUSE,
        "priority": 0,
        "created_at": now,
    }
    await tx.execute(insert(StockLocation).values(values))


async def add_location(
    tx: Tx, want: NewLocation, *, by: Principal, now: datetime
) -> LocationOut:
    """A place where goods may lie from now on."""
    by.must_act_for(want.merchant, *KEEPERS)
    await must_have_one(tx, want.merchant, now=now)
    row = StockLocation(
        id=ids.new("loc"),
        merchant_id=want.merchant,
        name=want.name.model_dump(),
        kind=want.kind,
        priority=want.priority,
        created_at=now,
    )
    tx.add(row)
    await tx.flush()
    return queries.location_out(row)


async def edit_location(
    tx: Tx, location_id: str, want: EditLocation, *, by: Principal
) -> LocationOut:
    """Another name or priority; sales that follow are taken in the new order.

    Raises:
        NoSuchLocation: there is none with that id.
    """
    row = await queries.location(tx, location_id)
    by.must_act_for(row.merchant_id, *KEEPERS)
    row.name, row.kind, row.priority = want.name.model_dump(), want.kind, want.priority
    await tx.flush()
    return queries.location_out(row)


async def transfer(
    tx: Tx, variant_id: str, want: TransferStock, *, by: Principal, now: datetime
) -> StockOut:
    """Carry goods to another location of the merchant; how many are left stays the same.

    Raises:
        NoSuchVariant, NoSuchLocation: there is none with that id.
        StockShort: not so many lie at the source.
    """
    variant = await catalogue.variant(tx, variant_id)
    by.must_act_for(variant.merchant_id, *KEEPERS)
    await stock.lock(tx, [variant_id])
    lying = dict((await stock.there(tx, [variant_id])).get(variant_id, []))
    for place in (want.source, want.target):
        if place not in lying:
            raise NoSuchLocation(location=place)
    if lying[want.source] < want.count:
        raise StockShort(variant=variant_id, location=want.source)
    reference = want.reference or by.id
    entries = [
        (variant_id, -want.count, 0, reference, want.source),
        (variant_id, want.count, 0, reference, want.target),
    ]
    await stock.note(tx, entries, reason=Reason.TRANSFERRED, now=now)
    return await catalogue.stock(tx, variant_id)


async def take_stock(
    tx: Tx, location_id: str, want: TakeStock, *, by: Principal, now: datetime
) -> StocktakeOut:
    """Book what was counted at a location: each difference is one movement in the journal,
    all under one reference. What is sold meanwhile waits for the rows' locks, so a count is
    compared with the books as of the moment it is booked.

    Raises:
        NoSuchLocation, NoSuchVariant: there is none with that id.
        StockShort: fewer were counted than buyers hold.
    """
    location = await queries.location(tx, location_id)
    by.must_act_for(location.merchant_id, *KEEPERS)
    counted = {one.variant: one.counted for one in want.counts}
    await _must_be_theirs(tx, counted, location.merchant_id)
    await stock.lock(tx, counted)
    lying = await stock.there(tx, counted)
    expected = {v: dict(lying[v])[location_id] for v in counted}
    reference = want.reference or ids.new("stk")
    moves = [(v, n - expected[v], 0, reference) for v, n in counted.items()]
    await stock.move(tx, moves, reason=Reason.COUNTED, now=now, at=location_id)
    differences = [
        CountOut(variant=v, expected=expected[v], counted=n, change=n - expected[v])
        for v, n in counted.items()
    ]
    return StocktakeOut(reference=reference, differences=differences)


async def _must_be_theirs(tx: Tx, variants: Mapping[str, int], merchant: str) -> None:
    theirs = sa.select(col(Variant.id)).where(
        col(Variant.id).in_(list(variants)), col(Variant.merchant_id) == merchant
    )
    known = set((await tx.execute(theirs)).scalars())
    for variant in variants:
        if variant not in known:
            raise NoSuchVariant(variant=variant)
