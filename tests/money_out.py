"""What the wiring has settling do when money moves, for tests that run a relay of their own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from livecommerce import wiring
from livecommerce.kernel.events import Event
from livecommerce.settlement import jobs, reactions
from payments import disputes, events

REACTIONS: Mapping[type[Event], list[Any]] = {
    kind: [one for one in listeners if one.__module__ == reactions.__name__]
    for kind, listeners in wiring.REACTIONS.items()
}
"""As wired, settling's part only."""


async def answer(r: Any, event: events.EvidenceWanted, *, now: datetime) -> None:
    """Evidence without a purchase behind it."""
    async with r.db.begin() as tx:
        dispute = await disputes.get(tx, event.dispute)
    words = {"uncategorized_text": dispute.note or "a parcel was sent"}
    await disputes.answer(r.db, r.payments, event, words, now=now)


JOBS: Mapping[type[Event], list[Any]] = {
    events.PayeeWanted: [jobs.open_payee],
    events.TransferWanted: [jobs.send_transfer],
    events.ReversalWanted: [jobs.take_transfer_back],
    events.EvidenceWanted: [answer],
}
