"""How we spell columns: text ids, enum values (not member names), JSONB, aware moments.

SQLModel cannot map ``NewType``, stores enum names by default, and wants ``sa_column`` for
anything particular; these few functions keep that out of the tables.
"""

from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

# Set before the first table is defined, so that every constraint has a name of ours.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def key() -> Any:
    """A text primary key."""
    return Field(sa_type=sa.Text, primary_key=True)


def ref(target: str | None = None, *, null: bool = False, index: bool = True) -> Any:
    """A text id of another row; ``target`` is ``schema.table.column``, or none if opaque."""
    extra: dict[str, Any] = {"default": None} if null else {}
    if target is not None:
        extra["foreign_key"] = target
    return Field(sa_type=sa.Text, index=index, nullable=null, **extra)


def choice(enum: type[Enum], name: str, *, null: bool = False, **extra: Any) -> Any:
    """An enum stored by value, in text with a named CHECK."""
    column = sa.Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda e: [member.value for member in e],
    )
    if null:
        extra.setdefault("default", None)
    return Field(sa_type=column, nullable=null, **extra)


def json(*, null: bool = False, **extra: Any) -> Any:
    """JSONB. Replace the value, never edit it in place: edits are not noticed."""
    return Field(sa_type=JSONB, nullable=null, **extra)


def moment(*, null: bool = False, **extra: Any) -> Any:
    """A ``timestamptz``; naive values are refused by the driver."""
    if null:
        extra.setdefault("default", None)
    return Field(sa_type=sa.DateTime(timezone=True), nullable=null, **extra)
