"""Many parcels at once: each row is shipped, or not, in a transaction of its own, and the
report says what became of it. A dry run does the same and takes every row back."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col

from livecommerce.crossborder.wire import DifferenceOut
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.errors import Problem
from livecommerce.orders import shipping
from livecommerce.orders.desk.sheet import Row
from livecommerce.orders.desk.wire import ManyOut, RowFate, SentRowOut
from livecommerce.orders.errors import ParcelNotDeclarable
from livecommerce.orders.shipping import Office
from livecommerce.orders.tables import Consignment, OrderLine
from livecommerce.orders.wire import ShipOrder
from livecommerce.web.principal import Principal

PACKING_PERCENT = 8
"""What a box and its filling weigh beside the goods, where a row says no weight."""


class _TakenBack(Exception):
    """A dry run has seen what it came to see."""


async def ship_many(
    db: Database,
    rows: Sequence[Row],
    *,
    dry_run: bool,
    by: Principal,
    office: Office,
    now: datetime,
) -> ManyOut:
    """Ship what waits of each row's order, and say how each row went.

    Sending the same sheet again ships nothing twice: a row whose order left under the same
    number is ``shipped_before``.
    """
    twice = _twice(rows)
    told = [
        _refused(row, "row-doubled", "The order or the number stands in another row, too.")
        if row.row in twice
        else await _one(db, row, dry_run=dry_run, by=by, office=office, now=now)
        for row in rows
    ]
    return ManyOut(
        dry_run=dry_run,
        shipped=sum(row.fate in {RowFate.SHIPPED, RowFate.WOULD_SHIP} for row in told),
        refused=sum(row.fate is RowFate.REFUSED for row in told),
        rows=told,
    )


def _twice(rows: Sequence[Row]) -> set[int]:
    """Rows that name what an earlier one names: somebody slipped, and who knows where."""
    orders: Counter[str] = Counter()
    numbers: Counter[tuple[str, str]] = Counter()
    found: set[int] = set()
    for row in rows:
        orders[row.order] += 1
        numbers[row.carrier, row.tracking] += 1
        if orders[row.order] > 1 or numbers[row.carrier, row.tracking] > 1:
            found.add(row.row)
    return found


async def _one(
    db: Database, row: Row, *, dry_run: bool, by: Principal, office: Office, now: datetime
) -> SentRowOut:
    weight: int | None = None
    try:
        async with db.begin() as tx:
            if await _sent_before(tx, row):
                return _row(row, None, RowFate.SHIPPED_BEFORE)
            weight = int(row.weight) if row.weight else await _weighs(tx, row.order)
            want = ShipOrder(carrier=row.carrier, tracking=row.tracking, weight_g=weight)
            await shipping.ship(tx, row.order, want, by=by, office=office, now=now)
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        return _row(row, weight, RowFate.WOULD_SHIP)
    except ParcelNotDeclarable as wrong:
        told = [DifferenceOut.model_validate(each) for each in wrong.facts["differences"]]
        return _refused(row, wrong.code, wrong.title, weight, told)
    except Problem as problem:
        return _refused(row, problem.code, problem.title, weight)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return _refused(row, "row-invalid", f"{where}: {first['msg']}", weight)
    except ValueError:
        return _refused(row, "row-invalid", "weight_g: no whole number of grams")
    return _row(row, weight, RowFate.SHIPPED)


async def _sent_before(tx: Tx, row: Row) -> bool:
    same = sa.select(col(Consignment.id)).where(
        col(Consignment.order_id) == row.order, col(Consignment.tracking) == row.tracking
    )
    return (await tx.execute(same.limit(1))).scalar_one_or_none() is not None


async def _weighs(tx: Tx, order_id: str) -> int:
    """The goods that wait, and their packing; one gram where there are none, so that what is
    wrong with the order is told and not its weight."""
    waits = col(OrderLine.count) - col(OrderLine.shipped) - col(OrderLine.cancelled)
    net = sa.select(sa.func.coalesce(sa.func.sum(col(OrderLine.weight_g) * waits), 0)).where(
        col(OrderLine.order_id) == order_id
    )
    grams = int((await tx.execute(net)).scalar_one())
    return max(1, min(1_000_000, -(-grams * (100 + PACKING_PERCENT) // 100)))


def _row(row: Row, weight: int | None, fate: RowFate) -> SentRowOut:
    return SentRowOut(
        row=row.row,
        order=row.order[:80],
        carrier=row.carrier[:100],
        tracking=row.tracking[:80],
        weight_g=weight,
        estimated=not row.weight and weight is not None,
        fate=fate,
    )


def _refused(
    row: Row,
    code: str,
    title: str,
    weight: int | None = None,
    differences: Sequence[DifferenceOut] = (),
) -> SentRowOut:
    why = {"problem": code, "detail": title, "differences": list(differences)}
    return _row(row, weight, RowFate.REFUSED).model_copy(update=why)
