"""Identity as stored. Tokens, keys and passwords are stored as hashes only."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.web.principal import MerchantRole, StaffRole

_SCHEMA = {"schema": "commerce"}


class Person(SQLModel, table=True):
    """Somebody with an account."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
        sa.CheckConstraint("locale IN ('zh-CN', 'en')", name="locale"),
        _SCHEMA,
    )

    id: str = columns.key()
    email: str = Field(sa_type=sa.Text, unique=True)
    name: str = Field(sa_type=sa.Text)
    locale: str = Field(sa_type=sa.Text)
    password_hash: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = columns.moment()
    closed_at: datetime | None = columns.moment(null=True)


class StaffDuty(SQLModel, table=True):
    """A role somebody holds in the centre."""

    __tablename__ = "staff_duty"
    __table_args__ = (_SCHEMA,)

    person_id: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="commerce.person.id")
    role: StaffRole = columns.choice(StaffRole, "staff_role", primary_key=True)


class Merchant(SQLModel, table=True):
    """Somebody who sells here, with the facts the law wants shown and verified."""

    __tablename__ = "merchant"
    __table_args__ = (
        sa.CheckConstraint("length(uscc) = 18", name="uscc"),
        sa.CheckConstraint("customs_code ~ '^[0-9A-Z]{10}$'", name="customs_code"),
        _SCHEMA,
    )

    id: str = columns.key()
    slug: str = Field(sa_type=sa.Text, unique=True)
    name: dict[str, str] = columns.json()
    legal_name: dict[str, str] = columns.json()
    uscc: str = Field(sa_type=sa.Text, unique=True)
    customs_code: str = Field(sa_type=sa.Text)
    licence: str = Field(sa_type=sa.Text)
    address: dict[str, str] = columns.json()
    contact: dict[str, str] = columns.json()
    avatar: str | None = Field(default=None, sa_type=sa.Text)
    joined_at: datetime = columns.moment()
    verified_at: datetime | None = columns.moment(null=True)


class Membership(SQLModel, table=True):
    """A role somebody holds for a merchant."""

    __tablename__ = "membership"
    __table_args__ = (sa.Index("ix_membership_merchant_id", "merchant_id"), _SCHEMA)

    person_id: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="commerce.person.id")
    merchant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.merchant.id"
    )
    role: MerchantRole = columns.choice(MerchantRole, "merchant_role", primary_key=True)


class SignedIn(SQLModel, table=True):
    """A browser somebody signed in with, by the hash of its cookie."""

    __tablename__ = "signed_in"
    __table_args__ = (_SCHEMA,)

    token_hash: str = Field(sa_type=sa.Text, primary_key=True)
    person_id: str = columns.ref("commerce.person.id")
    since: datetime = columns.moment()
    expires_at: datetime = columns.moment(index=True)


class SignInTry(SQLModel, table=True):
    """How often a bucket (a keyed hash of e-mail, address or both) was tried lately."""

    __tablename__ = "sign_in_try"
    __table_args__ = (_SCHEMA,)

    bucket: str = Field(sa_type=sa.Text, primary_key=True)
    since: datetime = columns.moment(index=True)
    tries: int


class GuestMerge(SQLModel, table=True):
    """Which person a guest turned out to be."""

    __tablename__ = "guest_merge"
    __table_args__ = (_SCHEMA,)

    guest_id: str = Field(sa_type=sa.Text, primary_key=True)
    person_id: str = columns.ref("commerce.person.id")
    merged_at: datetime = columns.moment()


class ApiKey(SQLModel, table=True):
    """A key for programs. Scopes are the roles it acts in: one merchant's, or the centre's."""

    __tablename__ = "api_key"
    __table_args__ = (_SCHEMA,)

    id: str = columns.key()
    name: str = Field(sa_type=sa.Text)
    secret_hash: str = Field(sa_type=sa.Text, unique=True)
    ends_with: str = Field(sa_type=sa.Text)
    merchant_id: str | None = columns.ref("commerce.merchant.id", null=True)
    scopes: list[str] = columns.json()
    made_by: str = columns.ref("commerce.person.id", index=False)
    created_at: datetime = columns.moment()
    expires_at: datetime | None = columns.moment(null=True)
    revoked_at: datetime | None = columns.moment(null=True)


class AuditRow(SQLModel, table=True):
    """Who did what to what. Rows are added, never changed."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_subject_at", "subject", "at"),
        sa.Index("ix_audit_by_at", "by", "at"),
        _SCHEMA,
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    at: datetime = columns.moment()
    by: str = Field(sa_type=sa.Text)
    action: str = Field(sa_type=sa.Text)
    subject: str = Field(sa_type=sa.Text)
    merchant_id: str | None = Field(default=None, sa_type=sa.Text)
    facts: dict[str, Any] = columns.json()


# A trigger stops code, not a superuser; what must survive one is the sealed archive.
AUDIT_IS_APPEND_ONLY = (
    """
CREATE OR REPLACE FUNCTION commerce.audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commerce.audit
FOR EACH STATEMENT EXECUTE FUNCTION commerce.audit_is_append_only()
""",
)
for _statement in AUDIT_IS_APPEND_ONLY:
    sa.event.listen(
        AuditRow.metadata.tables["commerce.audit"],
        "after_create",
        sa.DDL(_statement),  # type: ignore[no-untyped-call]
    )
