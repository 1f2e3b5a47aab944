"""Saved addresses as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns


class SavedAddress(SQLModel, table=True):
    """An address that a person or a guest keeps. At most one of them is their default."""

    __tablename__ = "saved_address"
    __table_args__ = (
        sa.Index(
            "uq_saved_address_default",
            "owner",
            unique=True,
            postgresql_where=sa.text("is_default"),
        ),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    owner: str = columns.ref()
    label: str = Field(sa_type=sa.Text, repr=False)
    address: dict[str, Any] = columns.json(repr=False)
    is_default: bool
    saved_at: datetime = columns.moment()
    changed_at: datetime = columns.moment()
