"""What is done across the border: quote, open a declaration, send it, hear the answers.

Signatures first; see README.md for the flow.
"""

from datetime import datetime

from livecommerce.crossborder import quotes, rulebook, tariff
from livecommerce.crossborder.facts import ConsignmentFacts, Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.seal import seal_of
from livecommerce.crossborder.tables import QuoteRow
from livecommerce.crossborder.wire import DeclarationOut, QuoteOut, QuoteRequest
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx


async def quote(
    tx: Tx, want: QuoteRequest, *, buyer: str, rates: Rates, now: datetime
) -> QuoteOut:
    """The landed cost, promised for 15 minutes and stored whole.

    Args:
        rates: ``call.r.part(Rates)``.

    Raises:
        NoRate: a currency has no published rate.
        RatesTooOld: nothing newer than 45 days is held, and no day is pinned.
        NotShippedThere: our tariff has no price for a parcel.
    """
    found = quotes.landed_cost(
        want,
        id_=ids.new("qut"),
        now=now,
        rates=rates.day(now),
        book=rulebook.shipped(),
        tariff=tariff.shipped(),
    )
    body = found.model_dump(mode="json")
    tx.add(
        QuoteRow(
            id=found.id,
            buyer=buyer,
            country=want.destination.country,
            currency=found.currency,
            total_minor=found.total.minor,
            body=body,
            seal=seal_of(body),
            made_at=found.made_at,
            expires_at=found.expires_at,
        )
    )
    await tx.flush()
    return found


async def open_declaration(
    tx: Tx, facts: ConsignmentFacts, *, desk: Desk, rates: Rates, now: datetime
) -> DeclarationOut:
    """Build the set of a consignment and match it; opening again returns the first one.

    ``matched`` when it may be sent (``DeclarationMatched`` is told), else ``draft`` with the
    differences. ``desk`` is ``call.r.part(Desk)``.
    """
    raise NotImplementedError
