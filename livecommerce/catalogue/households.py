"""How many pieces may go to one home, whoever buys them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from livecommerce.catalogue.errors import TooManyThere
from livecommerce.kernel.db import Tx

_OVER = sa.text(
    "SELECT h.variant_id FROM commerce.hold h"
    " WHERE h.household = :household AND h.state IN ('held', 'sold')"
    " AND EXISTS (SELECT 1 FROM commerce.hold m WHERE m.id = ANY(:holds)"
    "  AND m.variant_id = h.variant_id AND m.card_id IS NOT DISTINCT FROM h.card_id)"
    " GROUP BY h.variant_id, h.card_id HAVING sum(h.count - h.given_back) > :most"
    " ORDER BY h.variant_id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Household:
    """Where goods go, by a mark of the address, and how many pieces of a variant on one card
    may go there, whoever buys them."""

    mark: str
    most: int


async def within(tx: Tx, holds: Sequence[str], household: Household) -> None:
    """Says so if the holds make more of something than may go to the household.

    Raises:
        TooManyThere: they do.
    """
    values = {"holds": list(holds), "household": household.mark, "most": household.most}
    over = (await tx.execute(_OVER, values)).one_or_none()
    if over is not None:
        raise TooManyThere(variant=over.variant_id, most=household.most)
