"""Places in line as stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.waitlist.rules import PlaceState


class WaitlistPlace(SQLModel, table=True):
    """One buyer waits for one piece of a variant of a card."""

    __tablename__ = "waitlist_place"
    __table_args__ = (
        sa.Index(
            "uq_waitlist_place_waiting",
            "variant_id",
            "buyer",
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref(index=False)
    card_id: str = columns.ref("commerce.card.id", index=False)
    variant_id: str = columns.ref(index=False)
    merchant_id: str = columns.ref(index=False)
    buyer: str = columns.ref()
    state: PlaceState = columns.choice(PlaceState, "waitlist_place_state")
    joined_at: datetime = columns.moment()
    served_at: datetime | None = columns.moment(null=True)
    hold_id: str | None = columns.ref(null=True, index=False)
