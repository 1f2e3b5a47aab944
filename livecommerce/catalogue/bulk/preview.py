"""What a bulk edit comes to: a line for each value that changes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from livecommerce.catalogue.bulk.wire import (
    Archiving,
    ByAmount,
    ByPercent,
    Edit,
    EditLineOut,
    Moving,
    ToCategory,
)
from livecommerce.catalogue.prices import payable
from livecommerce.catalogue.wire import ProductOut, VariantOut
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both

FREE = Both(zh="价格会降到零或以下。", en="The price would be zero or less.")
TOO_DEAR = Both(zh="价格太高。", en="The price would be too high.")
WAS = Both(
    zh="不再低于划线价，请先去掉划线价。",
    en="It would not be below the was-price; remove that first.",
)
TOO_FEW = Both(zh="没有这么多可减的库存。", en="There are not so many to take away.")


def lines(
    products: Sequence[ProductOut], edit: Edit, lying: Mapping[str, tuple[int, int]]
) -> list[EditLineOut]:
    """Every value that changes, and those that cannot with the reason.

    Args:
        lying: for stock: how many of each variant lie at the location, and how many could be
            taken away from it.
    """
    return [line for product in products for line in _of(product, edit, lying)]


def seen(found: Sequence[EditLineOut]) -> str:
    """What stands for exactly these lines."""
    told = hashlib.sha256()
    for line in found:
        told.update(line.model_dump_json().encode())
    return told.hexdigest()[:32]


def repriced(price: Money, edit: ByPercent | ByAmount) -> Money:
    """The price after the edit; the same where it is about another currency."""
    if isinstance(edit, ByAmount):
        return price + edit.amount if edit.amount.currency == price.currency else price
    if edit.currency not in {None, price.currency}:
        return price
    return price.times(Decimal(100 + edit.percent) / 100)


def _of(
    product: ProductOut, edit: Edit, lying: Mapping[str, tuple[int, int]]
) -> Iterator[EditLineOut]:
    if isinstance(edit, ToCategory):
        if product.category != edit.category:
            yield _line(product, "category", product.category, edit.category)
        return
    if isinstance(edit, Archiving):
        if product.archived != (edit.kind == "archive"):
            was, becomes = ("archived", "on_sale")[:: 1 if product.archived else -1]
            yield _line(product, "state", was, becomes)
        return
    for variant in product.variants:
        if variant.archived and not product.archived:
            continue
        if isinstance(edit, Moving):
            there, free = lying.get(variant.id, (0, 0))
            short = TOO_FEW if edit.change < 0 and free < -edit.change else None
            before, after = str(there), str(there + edit.change)
            yield _line(product, "on_hand", before, after, variant, short)
        else:
            yield from _prices(product, variant, edit)


def _prices(
    product: ProductOut, variant: VariantOut, edit: ByPercent | ByAmount
) -> Iterator[EditLineOut]:
    compared = {one.price.currency: one.price for one in variant.was}
    for price in (variant.price, *variant.prices):
        after = repriced(price, edit)
        if after == price:
            continue
        problem = None
        if after.minor <= 0:
            problem = FREE
        elif not payable(after):
            problem = TOO_DEAR
        elif price.currency in compared and compared[price.currency] <= after:
            problem = WAS
        yield _line(product, "price", str(price), str(after), variant, problem)


def _line(
    product: ProductOut,
    field: str,
    before: str,
    after: str,
    variant: VariantOut | None = None,
    problem: Both | None = None,
) -> EditLineOut:
    return EditLineOut(
        product=product.id,
        title=product.title,
        variant=variant.id if variant else None,
        sku=variant.sku if variant else None,
        field=field,
        before=before,
        after=after,
        problem=problem,
    )
