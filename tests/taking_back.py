"""What shares claim of a merchant's money, and a provider that takes transfers back."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.settlement import sending
from payments import ledger
from payments.events import ReversalSettled, TransferSent
from payments.gateway import Refused
from payments.outgoing import WantedReversal
from payments.tables_out import Transfer, TransferReversal

_CLAIMED = sa.text("""
SELECT currency,
  coalesce(sum(left_minor - held_minor) FILTER (WHERE state = 'pending'), 0) AS pending,
  sum(reserve_minor + held_minor) AS reserve,
  sum(CASE WHEN state = 'pending' THEN 0
      ELSE left_minor - reserve_minor - held_minor - sent_minor END - over_minor) AS available
FROM commerce.merchant_share GROUP BY currency
""")
_COMING_BACK = sa.text("""
SELECT coalesce((SELECT sum(taken_back_minor) FROM payments.transfer
                 WHERE state <> 'refused' AND currency = :currency), 0)
     - coalesce((SELECT sum(amount_minor) FROM payments.transfer_reversal
                 WHERE state = 'sent' AND currency = :currency), 0)
""")
_LEFT_THERE = sa.text("""
SELECT t.amount_minor - coalesce(sum(r.amount_minor), 0) FROM payments.transfer t
LEFT JOIN payments.transfer_reversal r ON r.transfer_id = t.id AND r.state = 'sent'
WHERE t.provider_id = :transfer GROUP BY t.id
""")

STANDING = sa.text("""
SELECT kind, source FROM payments.ledger_posting p WHERE kind NOT LIKE '%.reversed'
AND NOT EXISTS (SELECT FROM payments.ledger_posting r
                WHERE r.source = p.source AND r.kind = p.kind || '.reversed')
ORDER BY id
""")
"""Postings that nobody has reversed."""
_SENT_OF_NO_SHARE = sa.text("""
SELECT coalesce(sum(amount_minor - taken_back_minor), 0) FROM payments.transfer
WHERE reference = owner AND state <> 'refused' AND currency = :currency
""")


async def claimed(tx: Tx) -> dict[str, tuple[int, int, int]]:
    """By currency, what shares say is pending, kept back, and to be sent less what is owed."""
    rows = await tx.execute(_CLAIMED)
    return {
        currency: (int(pending), int(reserve), int(available))
        for currency, pending, reserve, available in rows
    }


async def coming_back(tx: Tx, currency: str) -> int:
    """What was asked back of transfers and is not there yet."""
    return int((await tx.execute(_COMING_BACK, {"currency": currency})).scalar_one())


async def of_no_share(tx: Tx, currency: str) -> int:
    """What of merchants' money no share answers for: the corrections that stand, less what of
    them was sent."""
    corrected = 0
    for kind, source in (await tx.execute(STANDING)).all():
        if kind == "correction":
            (posting, *_) = await ledger.journal(tx, sources=[source])
            ours = [e.amount for e in posting.entries if e.owner is not None]
            corrected -= sum(a.minor for a in ours if a.currency == currency)
    sent = (await tx.execute(_SENT_OF_NO_SHARE, {"currency": currency})).scalar_one()
    return corrected - int(sent)


async def left_of(tx: Tx, transfer: str | None) -> int:
    """What the provider can still take back of its transfer."""
    return int((await tx.execute(_LEFT_THERE, {"transfer": transfer})).scalar_one())


@dataclass
class Provider:
    """Takes back what is left of a transfer, and never more."""

    db: Database

    async def take_back(self, want: WantedReversal) -> str:
        """The reversal's number."""
        async with self.db.begin() as tx:
            left = await left_of(tx, want.provider_transfer)
        if want.amount.minor > left:
            raise Refused(reason="too much")
        return ids.new("trr")


async def all_done(tx: Tx, *, now: datetime) -> None:
    """The provider does everything it is asked, at once."""
    wanted = sa.select(Transfer).where(Transfer.state == "wanted")  # type: ignore[arg-type]
    for row in (await tx.execute(wanted)).scalars().all():
        row.state = "sent"  # type: ignore[assignment]
        await tx.flush()
        about = {"transfer": row.id, "owner": row.owner, "reference": row.reference}
        sent = TransferSent(**about, amount=row.amount, at=now)
        await sending.sent(tx, sent, now=now)
    asked = sa.select(TransferReversal, Transfer).where(
        TransferReversal.state == "wanted",  # type: ignore[arg-type]
        Transfer.id == TransferReversal.transfer_id,  # type: ignore[arg-type]
    )
    for back, row in (await tx.execute(asked)).all():
        back.state = "sent"
        await tx.flush()
        came = ReversalSettled(
            reversal=back.id,
            transfer=row.id,
            owner=row.owner,
            reference=row.reference,
            amount=back.amount,
            at=now,
        )
        await sending.came_back(tx, came, now=now)
