"""Who did what: one row per act, in the transaction of the act."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.identity.tables import AuditRow
from livecommerce.kernel.db import Tx

Fact = str | int | bool | None


async def audit(
    tx: Tx,
    *,
    by: str,
    action: str,
    subject: str,
    now: datetime,
    merchant: str | None = None,
    **facts: Fact,
) -> None:
    """Record that ``by`` did ``action`` to ``subject``.

    Args:
        by: the principal's id.
        action: feature and verb, ``bookings.cancel``.
        subject: the id of what it was done to.
        merchant: whose it is, if anybody's.
        facts: what a reader will want to know; never a secret, never a buyer's address.
    """
    row = {
        "at": now,
        "by": by,
        "action": action,
        "subject": subject,
        "merchant_id": merchant,
        "facts": facts,
    }
    await tx.execute(sa.insert(AuditRow).values(row))
