"""The demo centre is complete, sown once, and good enough to sell from."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import queries as products
from livecommerce.demo import seed as demo
from livecommerce.demo.centre import ACCOUNTS
from livecommerce.demo.wares import GOODS
from livecommerce.identity import actions as people
from livecommerce.identity import queries as known
from livecommerce.identity.wire import SignIn
from livecommerce.kernel.db import Database
from livecommerce.studios import actions as studios
from livecommerce.studios import queries as bookable
from livecommerce.studios.rules import BookingState, ResourceKind
from livecommerce.studios.wire import BookSlot
from livecommerce.web.principal import MerchantRole, StaffRole

CODES = Path(__file__).parents[2] / "livecommerce/crossborder/data/hs_home_textiles.csv"
TABLES = ("person", "merchant", "membership", "staff_duty", "resource", "opening", "product")


async def counts(db: Database) -> dict[str, int]:
    async with db.begin() as tx:
        return {
            table: int(await tx.scalar(sa.text(f"SELECT count(*) FROM commerce.{table}")))
            for table in (*TABLES, "variant", "stock_journal")
        }


async def test_the_centre_is_complete_and_sown_once(db: Database, now: datetime) -> None:
    first = await demo.seed(db, now=now)
    before = await counts(db)
    assert await demo.seed(db, now=now) == first
    assert await counts(db) == before
    assert len(first.products) == len(GOODS) == 24
    assert len(first.merchants) == 3
    async with db.begin() as tx:
        stock = await bookable.resources(tx)
        kinds = {kind: [r for r in stock if r.kind is kind] for kind in ResourceKind}
        for product_id in first.products.values():
            product = await products.product(tx, product_id)
            assert [d.key for d in product.options] == ["size", "colour", "fabric"]
            assert all(len(d.values) > 1 for d in product.options)
            assert all(v.left > 0 and v.weight_g > 0 for v in product.variants)
            assert len(product.pictures) == len(product.options[1].values)
        for merchant in await known.merchants(tx):
            assert merchant.verified_at == now
    assert len(kinds[ResourceKind.STUDIO]) == 4
    assert len({r.class_key for r in kinds[ResourceKind.STUDIO]}) == 4
    assert kinds[ResourceKind.EQUIPMENT]
    assert kinds[ResourceKind.CREW]


async def test_everybody_can_sign_in_and_is_who_they_should_be(
    db: Database, now: datetime
) -> None:
    centre = await demo.seed(db, now=now)
    roles = {(a.merchant, a.role) for a in ACCOUNTS if a.merchant is not None}
    assert roles == {(m, role) for m in centre.merchants for role in MerchantRole}
    assert {a.staff for a in ACCOUNTS if a.staff is not None} == set(StaffRole)
    for who in ("host", "rival-host", "buyer", "finance", "luxi.finance"):
        email, password = centre.login(who)
        entry = await people.sign_in(
            db,
            SignIn(email=email, password=password),
            guest=None,
            old_session=None,
            address="",
            now=now,
            secret="of the tests",
        )
        assert entry.person == centre.principal(who).id
    assert centre.principal("finance").is_staff(StaffRole.FINANCE)
    with pytest.raises(LookupError):
        centre.login("nobody")


async def test_a_slot_with_equipment_and_crew_is_free_at_any_hour(
    db: Database, now: datetime
) -> None:
    centre = await demo.seed(db, now=now)
    async with db.begin() as tx:
        for hour in (0, 7, 13, 20):
            start = now.replace(hour=hour) + timedelta(days=1)
            slot = BookSlot(
                merchant=centre.merchant,
                studio=centre.studio,
                starts_at=start,
                ends_at=start + timedelta(hours=2),
                equipment=centre.equipment,
                crew=centre.crew,
            )
            booked = await studios.book(tx, slot, by=centre.principal("host"), now=now)
            assert booked.state is BookingState.CONFIRMED


def test_every_code_is_in_the_customs_table_and_every_sku_fits() -> None:
    with CODES.open(encoding="utf-8") as file:
        rows = {row["cn_hs10"]: row for row in csv.DictReader(file)}
    for good in GOODS:
        row = rows[good.hs_code]
        printed = "未" not in good.customs_name and "印花" in good.customs_name
        if good.hs_code.startswith("6302") and good.category in {"bedding-sets", "sheets"}:
            assert ("印花" in row["desc_zh"] and "未印花" not in row["desc_zh"]) == printed
            assert ("针织" in row["desc_zh"]) == (good.weave == "针织")
        assert sum(good.fibre.values()) == 100
    skus = [good.sku_of(*variant) for good in GOODS for variant in good.variants()]
    assert len(set(skus)) == len(skus)
    assert max(len(sku) for sku in skus) <= 20
