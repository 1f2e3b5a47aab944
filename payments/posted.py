"""What our books put on the provider's accounts, by thing; and what the provider calls them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from payments.matching import BALANCE, Posted
from payments.outgoing import Line, Unread

AT_THE_PROVIDER = ("stripe_pending", "stripe_available")

# A posting belongs to what its memo names, if that is a thing of ours, else to its source. A
# mirror image belongs to what its original does; a correction to the thing it was to even out
# and to that thing's time, or else it is a thing itself, that the provider has not. One that
# evens out the sums alone is no thing: the sums show it.
_POSTED = sa.text("""
SELECT CASE WHEN i.id IS NOT NULL THEN i.thing
            WHEN p.kind IN ('correction', 'correction.reversed') THEN p.source
            WHEN coalesce(o.memo, p.memo) ~ '^(pay|rfd|trf|rev|dsp)_[0-9a-z]{26}$'
            THEN coalesce(o.memo, p.memo) ELSE p.source END AS thing,
       p.kind, coalesce(i.at, p.occurred_at) AS at, a.currency, sum(e.amount_minor) AS minor
FROM payments.ledger_posting p
JOIN payments.ledger_entry e ON e.posting_id = p.id
JOIN payments.ledger_account a ON a.id = e.account_id
LEFT JOIN payments.ledger_posting o
  ON p.kind LIKE '%.reversed' AND o.source = p.source
 AND o.kind = left(p.kind, -length('.reversed'))
LEFT JOIN payments.reconciliation_correction c
  ON c.source = p.source AND p.kind IN ('correction', 'correction.reversed')
LEFT JOIN payments.reconciliation_item i ON i.id = c.item
WHERE a.code = ANY(:accounts) AND p.occurred_at >= :since
  AND coalesce(i.at, p.occurred_at) >= :since AND i.thing IS DISTINCT FROM :balance
GROUP BY p.id, o.id, i.id, a.currency HAVING sum(e.amount_minor) <> 0
""")

_NAMES = sa.text("""
SELECT charge AS theirs, id AS ours FROM payments.payment WHERE charge = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.refund WHERE provider_id = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.transfer WHERE provider_id = ANY(:ids)
UNION ALL SELECT application_fee, id FROM payments.transfer WHERE application_fee = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.transfer_reversal WHERE provider_id = ANY(:ids)
UNION ALL SELECT provider_id, id FROM payments.dispute WHERE provider_id = ANY(:ids)
UNION ALL SELECT id, id FROM payments.payout WHERE id = ANY(:ids)
""")


async def since(tx: Tx, moment: datetime) -> list[Posted]:
    """All that happened since that moment."""
    asked = {"since": moment, "accounts": list(AT_THE_PROVIDER), "balance": BALANCE}
    rows = await tx.execute(_POSTED, asked)
    return [
        Posted(row.thing, row.kind, Money(int(row.minor), row.currency), row.at) for row in rows
    ]


async def names(tx: Tx, lines: Sequence[Line | Unread]) -> dict[str, str]:
    """What the lines, or what they came of, are called in our books."""
    known = sorted({line.source for line in lines if line.source} | {x.id for x in lines})
    rows = await tx.execute(_NAMES, {"ids": known})
    return {row.theirs: row.ours for row in rows}
