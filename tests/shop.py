"""A shop for tests: a merchant, a product, its stock; buyers and what they claim."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.catalogue import actions
from livecommerce.catalogue.settle import Claim
from livecommerce.catalogue.tables import Hold
from livecommerce.catalogue.wire import Dimension, NewProduct, NewVariant, ProductOut, Value
from livecommerce.identity.tables import Merchant
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.web.principal import Kind, MerchantRole, Principal
from livecommerce.web.wire import Both

PRICE = Money(19900, "CNY")


def buyer(name: str | None = None) -> Principal:
    """A guest who buys."""
    return Principal(id=name or ids.new("gst"))


def owner(merchant: str) -> Principal:
    """Somebody who owns the merchant."""
    roles = {merchant: frozenset({MerchantRole.OWNER})}
    return Principal(id=ids.new("usr"), kind=Kind.PERSON, memberships=roles)


async def add_merchant(tx: Tx, *, now: datetime, number: int = 1) -> str:
    """A merchant, so that there is a seller to name."""
    row = Merchant(
        id=ids.new("mer"),
        slug=f"merchant-{number}",
        name={"zh": "锦棉家纺", "en": "Jinmian Home"},
        legal_name={"zh": "南通锦棉家纺有限公司", "en": "Nantong Jinmian Home Textiles Co."},
        uscc=f"91320600MA1N0000{number:02d}",
        customs_code=f"32069600{number:02d}",
        licence="JY13206000000001",
        address={"zh": "江苏省南通市", "en": "Nantong, Jiangsu"},
        contact={"name": "Chen", "phone": "+86 513 0000 0000", "email": "m@example.com"},
        joined_at=now,
        verified_at=now,
    )
    tx.add(row)
    await tx.flush()
    return row.id


def duvet(
    merchant: str, *, on_hand: int = 10, variants: int = 1, sku: str = "JM"
) -> NewProduct:
    """A cotton duvet set in so many sizes."""
    sizes = [f"s{n}" for n in range(variants)]
    return NewProduct(
        merchant=merchant,
        title=Both(zh="全棉四件套", en="Cotton bedding set"),
        description=Both(zh="60支长绒棉", en="60s long-staple cotton"),
        category="bedding",
        hs_code="6302219000",
        fibre=[{"fibre": "cotton", "percent": 100}],  # type: ignore[list-item]
        customs_name="棉制床上用织物制品",
        customs_unit="006",
        gmodel={"purpose": "床上用", "weave": "机织"},
        pictures=["/media/duvet.webp"],
        options=[
            Dimension(
                key="size",
                label=Both(zh="尺寸", en="Size"),
                values=[Value(key=s, label=Both(zh=s, en=s)) for s in sizes],
            )
        ],
        variants=[
            NewVariant(
                sku=f"{sku}-{s}",
                options={"size": s},
                weight_g=1800,
                price=PRICE,
                on_hand=on_hand,
            )
            for s in sizes
        ],
    )


async def open_shop(
    db: Database, *, now: datetime, on_hand: int = 10, variants: int = 1, number: int = 1
) -> ProductOut:
    """One merchant with one product."""
    async with db.begin() as tx:
        merchant = await add_merchant(tx, now=now, number=number)
        want = duvet(merchant, on_hand=on_hand, variants=variants)
        return await actions.create_product(tx, want, by=owner(merchant), now=now)


def claim_of(
    product: ProductOut,
    buyer: str,
    key: str = "k",
    *,
    count: int = 1,
    variant: int = 0,
    limit: int | None = None,
) -> Claim:
    """A claim on one of the product's variants."""
    return Claim(
        buyer=buyer,
        key=key,
        variant=product.variants[variant].id,
        merchant=product.merchant,
        count=count,
        price=PRICE,
        limit_per_buyer=limit,
    )


async def stock_of(db: Database, variant: str) -> tuple[int, int]:
    """On hand and held."""
    found = sa.text("SELECT on_hand, held FROM commerce.stock WHERE variant_id = :variant")
    async with db.begin() as tx:
        row = (await tx.execute(found, {"variant": variant})).one()
    return row[0], row[1]


async def books_agree(db: Database) -> None:
    """The journal sums to the stock, in all and at each location, and the open holds to what
    is held."""
    journal = sa.text(
        "SELECT s.variant_id, s.on_hand, s.held, coalesce(sum(j.on_hand), 0),"
        " coalesce(sum(j.held), 0) FROM commerce.stock s"
        " LEFT JOIN commerce.stock_journal j USING (variant_id) GROUP BY s.variant_id"
    )
    holds = sa.text(
        "SELECT variant_id, sum(count) FROM commerce.hold WHERE state = 'held'"
        " GROUP BY variant_id"
    )
    placed = sa.text(
        "SELECT a.variant_id, a.on_hand, coalesce(sum(j.on_hand), 0) FROM commerce.stock_at a"
        " LEFT JOIN commerce.stock_journal j USING (variant_id, location_id)"
        " GROUP BY a.variant_id, a.location_id"
    )
    async with db.begin() as tx:
        lying: dict[str, int] = {}
        for variant, there, moved in await tx.execute(placed):
            assert there == moved, f"the journal of a location of {variant} disagrees"
            lying[variant] = lying.get(variant, 0) + there
        open_holds = {row[0]: row[1] for row in await tx.execute(holds)}
        for variant, on_hand, held, moved, raised in await tx.execute(journal):
            assert (on_hand, held) == (moved, raised), f"the journal of {variant} disagrees"
            assert held == open_holds.get(variant, 0), f"the holds of {variant} disagree"
            assert 0 <= held <= on_hand
            assert lying.get(variant, 0) == on_hand, f"the locations of {variant} disagree"


async def holds_in(db: Database) -> list[Hold]:
    """Every hold, oldest first."""
    async with db.begin() as tx:
        return list((await tx.execute(sa.select(Hold).order_by(Hold.id))).scalars())  # type: ignore[arg-type]
