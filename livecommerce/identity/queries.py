"""Reads of people and merchants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity.errors import NoSuchMerchant
from livecommerce.identity.tables import (
    ApiKey,
    GuestMerge,
    Membership,
    Merchant,
    Person,
    StaffDuty,
)
from livecommerce.identity.wire import ContactOut, KeyOut, MembershipOut, MeOut, MerchantOut
from livecommerce.kernel.db import Tx
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from livecommerce.web.wire import Both


@dataclass(frozen=True, slots=True)
class SellerFacts:
    """Who sells, as customs, receipts and the room's seller chip need it."""

    id: str
    slug: str
    name: dict[str, str]
    legal_name: dict[str, str]
    uscc: str
    customs_code: str
    licence: str
    address: dict[str, str]
    contact: dict[str, str]
    avatar: str | None
    verified_at: datetime | None


async def me(tx: Tx, who: Principal) -> MeOut:
    """The caller as they see themselves."""
    names = await merchant_names(tx, who.memberships)
    return MeOut(
        id=who.id,
        kind=who.kind,
        name=who.name,
        locale=who.locale,
        staff=sorted(who.staff),
        memberships=[
            MembershipOut(merchant=m, name=Both(**names[m]), roles=sorted(roles))
            for m, roles in sorted(who.memberships.items())
        ],
    )


async def seller(tx: Tx, merchant: str) -> SellerFacts:
    """The seller's identity.

    Raises:
        NoSuchMerchant: nobody sells under this id.
    """
    return (await sellers(tx, [merchant]))[merchant]


async def sellers(tx: Tx, merchants: Iterable[str]) -> dict[str, SellerFacts]:
    """Several sellers' identities, by id.

    Raises:
        NoSuchMerchant: one of them does not exist.
    """
    wanted = set(merchants)
    rows = await tx.execute(sa.select(Merchant).where(col(Merchant.id).in_(wanted)))
    found = {row.id: _facts(row) for row in rows.scalars()}
    for missing in wanted - found.keys():
        raise NoSuchMerchant(merchant=missing)
    return found


async def merchant_names(tx: Tx, merchants: Iterable[str]) -> dict[str, dict[str, str]]:
    """Trade names in both languages, by merchant id; unknown ids are left out."""
    wanted = sorted(set(merchants))
    if not wanted:
        return {}
    query = sa.select(col(Merchant.id), col(Merchant.name)).where(col(Merchant.id).in_(wanted))
    return {row.id: row.name for row in (await tx.execute(query)).all()}


async def merchant(tx: Tx, merchant_id: str) -> MerchantOut:
    """A merchant's public facts."""
    return _out(await seller(tx, merchant_id))


async def merchants(tx: Tx) -> list[MerchantOut]:
    """All merchants' public facts, by slug. A centre has tens of them: no pages."""
    rows = await tx.execute(sa.select(Merchant).order_by(col(Merchant.slug)))
    return [_out(_facts(row)) for row in rows.scalars()]


async def merchant_by_slug(tx: Tx, slug: str) -> str | None:
    """The id of the merchant with this slug."""
    query = sa.select(col(Merchant.id)).where(col(Merchant.slug) == slug)
    return (await tx.execute(query)).scalar_one_or_none()


async def person_by_email(tx: Tx, email: str) -> str | None:
    """The id of the person with this (lower-case) e-mail address."""
    query = sa.select(col(Person.id)).where(col(Person.email) == email)
    return (await tx.execute(query)).scalar_one_or_none()


async def keepers(tx: Tx, merchant_id: str | None) -> list[str]:
    """The mail addresses of a merchant's owners, or (for none) of the centre's admins."""
    open_ = sa.select(col(Person.email)).where(col(Person.closed_at).is_(None))
    if merchant_id is None:
        theirs = open_.join(StaffDuty, col(StaffDuty.person_id) == col(Person.id)).where(
            col(StaffDuty.role) == StaffRole.ADMIN
        )
    else:
        theirs = open_.join(Membership, col(Membership.person_id) == col(Person.id)).where(
            col(Membership.merchant_id) == merchant_id,
            col(Membership.role) == MerchantRole.OWNER,
        )
    return list((await tx.execute(theirs.order_by(col(Person.email)))).scalars())


async def names(tx: Tx, people: Iterable[str]) -> dict[str, str]:
    """Display names by person id; guests and keys are left out."""
    wanted = sorted(set(people))
    if not wanted:
        return {}
    query = sa.select(col(Person.id), col(Person.name)).where(col(Person.id).in_(wanted))
    return {row.id: row.name for row in (await tx.execute(query)).all()}


async def person_of_guest(tx: Tx, guest: str) -> str | None:
    """Whom a guest turned out to be."""
    query = sa.select(col(GuestMerge.person_id)).where(col(GuestMerge.guest_id) == guest)
    return (await tx.execute(query)).scalar_one_or_none()


async def members(tx: Tx, merchant: str, roles: Sequence[MerchantRole]) -> list[str]:
    """Who works for the merchant in one of the roles."""
    theirs = (
        sa.select(col(Membership.person_id))
        .where(col(Membership.merchant_id) == merchant, col(Membership.role).in_(roles))
        .distinct()
        .order_by(col(Membership.person_id))
    )
    return list((await tx.execute(theirs)).scalars())


async def mails(tx: Tx, merchant: str, roles: Sequence[MerchantRole]) -> dict[str, str]:
    """The mail addresses, by person, of those who work for the merchant in one of the roles."""
    theirs = (
        sa.select(col(Person.id), col(Person.email))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Person.closed_at).is_(None),
            col(Membership.merchant_id) == merchant,
            col(Membership.role).in_(roles),
        )
    )
    return {row.id: row.email for row in await tx.execute(theirs.order_by(col(Person.id)))}


async def keys(tx: Tx, *, merchant: str | None, by: Principal) -> list[KeyOut]:
    """A merchant's API keys (the centre's, if none is named), newest first.

    Raises:
        NotYours, NotAllowed: only owners see a merchant's keys, only admins the centre's.
    """
    if merchant is None:
        by.must_be_staff(StaffRole.ADMIN)
    else:
        by.must_act_for(merchant, MerchantRole.OWNER)
    query = (
        sa.select(ApiKey)
        .where(col(ApiKey.merchant_id).is_not_distinct_from(merchant))
        .order_by(col(ApiKey.created_at).desc())
    )
    return [key_out(row) for row in (await tx.execute(query)).scalars()]


def key_out(row: ApiKey) -> KeyOut:
    """The key without its hash."""
    return KeyOut(
        id=row.id,
        name=row.name,
        merchant=row.merchant_id,
        scopes=row.scopes,
        ends_with=row.ends_with,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _facts(row: Merchant) -> SellerFacts:
    return SellerFacts(
        id=row.id,
        slug=row.slug,
        name=row.name,
        legal_name=row.legal_name,
        uscc=row.uscc,
        customs_code=row.customs_code,
        licence=row.licence,
        address=row.address,
        contact=row.contact,
        avatar=row.avatar,
        verified_at=row.verified_at,
    )


def _out(facts: SellerFacts) -> MerchantOut:
    return MerchantOut(
        id=facts.id,
        slug=facts.slug,
        name=Both(**facts.name),
        legal_name=Both(**facts.legal_name),
        uscc=facts.uscc,
        licence=facts.licence,
        address=Both(**facts.address),
        contact=ContactOut(**facts.contact),
        avatar=facts.avatar,
        verified_at=facts.verified_at,
    )
