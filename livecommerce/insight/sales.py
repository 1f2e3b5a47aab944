"""How a live session sells: since it began, and in its last ten minutes against the ten before.

Counted from what is stored, whatever frames said. Pieces *claimed* are holds that were made;
orders *placed* were promised a payment; *paid* is what the provider collected, counted at the
moment it did, whatever was given back since. The money is that of the goods at live prices in
the shelf's currency: no shipping, duty or tax, and nothing converted.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from livecommerce.insight.wire import SalesOut, SalesSpan
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.web.principal import Principal
from streams.sessions import queries as sessions

SPAN = timedelta(minutes=10)


def _spans(what: str, at: str) -> str:
    """One figure three times: over all, in the last span, in the span before."""
    return (
        f"coalesce({what}, 0) AS whole,"
        f" coalesce({what} FILTER (WHERE {at} >= :mid AND {at} < :now), 0) AS last,"
        f" coalesce({what} FILTER (WHERE {at} >= :early AND {at} < :mid), 0) AS before"
    )


_CLAIMED = sa.text(
    f"SELECT {_spans('sum(count)', 'claimed_at')},"  # noqa: S608 -- made of literals above
    " coalesce(sum(count) FILTER (WHERE state = 'held'), 0) AS open"
    " FROM commerce.hold WHERE live_id = :live"
)
_PLACED = sa.text(
    f"SELECT {_spans('count(*)', 'placed_at')}"  # noqa: S608
    ' FROM commerce."order" WHERE live_id = :live'
)
_PAID = sa.text(
    f"SELECT {_spans('count(*)', 'paid_at')}"  # noqa: S608
    ' FROM commerce."order" WHERE live_id = :live AND paid_at IS NOT NULL'
)
_LINES = (
    ' FROM commerce."order" o JOIN commerce.order_line l ON l.order_id = o.id'
    " WHERE o.live_id = :live AND o.paid_at IS NOT NULL"
)
_PIECES = sa.text(f"SELECT {_spans('sum(l.count)', 'o.paid_at')}{_LINES}")
_REVENUE = sa.text(
    "SELECT l.unit_price_currency AS currency,"
    f" {_spans('sum(l.count * l.unit_price_minor)', 'o.paid_at')}{_LINES}"
    " GROUP BY l.unit_price_currency ORDER BY l.unit_price_currency"
)


async def sales(tx: Tx, live: str, *, who: Principal, now: datetime) -> SalesOut:
    """The figures, for those who run the session and for staff.

    Raises:
        NoSuchLive: there is no such session.
        NotYours: it is another merchant's.
    """
    session = await sessions.get(tx, live)
    if not who.is_staff():
        who.must_act_for(session.host_reference)
    asked = {"live": live, "now": now, "mid": now - SPAN, "early": now - 2 * SPAN}
    found = [(await tx.execute(q, asked)).one() for q in (_CLAIMED, _PLACED, _PAID, _PIECES)]
    money = (await tx.execute(_REVENUE, asked)).all()
    return SalesOut(
        at=now,
        minutes=int(SPAN.total_seconds() // 60),
        held=int(found[0].open),
        whole=_span("whole", found, money),
        last=_span("last", found, money),
        before=_span("before", found, money),
    )


def _span(name: str, counts: list[Any], money: Any) -> SalesSpan:
    claimed, placed, paid, pieces = (int(getattr(row, name)) for row in counts)
    return SalesSpan(
        claimed=claimed,
        placed=placed,
        paid=paid,
        pieces=pieces,
        revenue=[Money(int(getattr(row, name)), row.currency) for row in money],
    )
