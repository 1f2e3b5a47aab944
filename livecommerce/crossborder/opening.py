"""Making a set of messages and judging it: what opening and resending a declaration share.

Pure but for fresh guids: facts in, drafts and differences out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from livecommerce.crossborder import classification, match, messages, rules
from livecommerce.crossborder.facts import ConsignmentFacts, Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import DifferenceOut
from livecommerce.outside.customs.ceb.names import MessageKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A set as it would be sent, and what is wrong with it."""

    drafts: Sequence[messages.Draft]
    differences: Sequence[DifferenceOut]

    @property
    def matched(self) -> bool:
        """Whether it may be sent."""
        return not match.blocks(self.differences)


def judge(
    facts: ConsignmentFacts,
    desk: Desk,
    *,
    number: str,
    rates: Rates,
    waybill_used: bool,
    known: frozenset[MessageKind],
    now: datetime,
) -> Judged:
    """Build the four messages and hold them against each other, the schema and the tables.

    Raises:
        UnknownCountry: customs has no number for the destination.
        NoRate: the currency has no number and no rate either.
    """
    told = messages.declarable(facts, rates, now=now)
    drafts = messages.build(told, desk, number=number, now=now, known=known)
    documents = {draft.kind: draft.xml for draft in drafts}
    differences = [
        difference
        for kind, xml in documents.items()
        for difference in match.fits_schema(kind, xml)
    ]
    around = match.Circumstances(
        today=rules.customs_day(now),
        registered_until=facts.merchant.registered_until,
        collected_for_others=_amount(told),
        waybill_used=waybill_used,
        descriptions=[line.description_en for line in facts.lines],
        unanswered=[
            f"603/{i}/{name}"
            for i, line in enumerate(facts.lines, 1)
            for name in classification.missing_elements(line.hs_code, line.elements)
        ],
    )
    differences += match.match(match.Papers.read(documents), around)
    return Judged(drafts, differences)


def _amount(facts: ConsignmentFacts) -> Decimal:
    collected = facts.collected_for_others
    return Decimal(0) if collected is None else collected.amount
