"""Bundles as stored."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.live.offers.bundles.rules import BundleKind


class BundleOffer(SQLModel, table=True):
    """Cards of one live session that are cheaper together."""

    __tablename__ = "bundle_offer"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'second') = (percent IS NOT NULL) AND (kind = 'bundle') ="
            " (off_minor IS NOT NULL)",
            name="says_what_it_takes_off",
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("commerce.shelf.live_id")
    merchant_id: str = columns.ref(index=False)
    kind: BundleKind = columns.choice(BundleKind, "bundle_kind")
    cards: list[str] = columns.json()
    products: list[str] = columns.json()
    nth: int = 2
    percent: int | None = None
    off_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    currency: str = Field(sa_type=sa.Text)
    set_at: datetime = columns.moment()
    ended_at: datetime | None = columns.moment(null=True)
