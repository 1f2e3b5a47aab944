"""What people can do with identities: join, sign in and out, hand out keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.identity import passwords, rules, tokens
from livecommerce.identity.audit import audit
from livecommerce.identity.errors import (
    BadCreditCode,
    EmailTaken,
    KeyEndsBeforeItBegins,
    MerchantTaken,
    NoSuchKey,
    ScopesDoNotFit,
    TooManyAttempts,
    WrongPassword,
)
from livecommerce.identity.events import GuestMerged, KeyRevoked
from livecommerce.identity.queries import key_out
from livecommerce.identity.tables import (
    ApiKey,
    GuestMerge,
    Membership,
    Merchant,
    Person,
    SignedIn,
    SignInTry,
    StaffDuty,
)
from livecommerce.identity.wire import MadeKey, MakeKey, SignIn
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.outbox import emit
from livecommerce.web.principal import MerchantRole, Principal, StaffRole

_COUNT_TRIES = sa.text(
    """
    INSERT INTO commerce.sign_in_try AS t (bucket, since, tries)
    SELECT bucket, :now, 1 FROM unnest(CAST(:buckets AS text[])) AS bucket ORDER BY bucket
    ON CONFLICT (bucket) DO UPDATE SET
      tries = CASE WHEN t.since > :oldest THEN t.tries + 1 ELSE 1 END,
      since = CASE WHEN t.since > :oldest THEN t.since ELSE excluded.since END
    RETURNING bucket, tries, since
    """
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A browser that was let in: its cookie, and the token its pages must send back."""

    person: str
    session: str
    csrf: str
    expires_at: datetime


async def sign_in(
    db: Database,
    want: SignIn,
    *,
    guest: str | None,
    old_session: str | None,
    address: str,
    now: datetime,
    secret: str,
) -> Entry:
    """Let somebody in with a fresh session; the browser's old one ends.

    The attempt is counted before the password is looked at, so a flood cannot outrun the
    count. What the guest held is merged into the account.

    Raises:
        TooManyAttempts: the pair, the account or the network address was tried too often.
        WrongPassword: no such account, or another password.
    """
    limits = rules.attempt_limits(want.email, address)
    named = {tokens.bucket(secret, limit.bucket): limit.most for limit in limits}
    async with db.begin() as tx:
        await _count_try(tx, named, now)
        query = sa.select(Person).where(
            col(Person.email) == want.email, col(Person.closed_at).is_(None)
        )
        person = (await tx.execute(query)).scalar_one_or_none()
    stored = person.password_hash if person is not None else None
    if not await passwords.is_right(stored, want.password) or person is None:
        raise WrongPassword()
    renewed = None
    if stored is not None and passwords.is_outdated(stored):
        renewed = await passwords.hashed(want.password)
    async with db.begin() as tx:
        if renewed is not None:
            same = (col(Person.id) == person.id) & (col(Person.password_hash) == stored)
            await tx.execute(sa.update(Person).where(same).values(password_hash=renewed))
        # Only the pair is forgiven: one's own account must not refill a guesser's budget.
        pair = tokens.bucket(secret, limits[0].bucket)
        await tx.execute(sa.delete(SignInTry).where(col(SignInTry.bucket) == pair))
        if old_session is not None:
            await _end(tx, old_session)
        if guest is not None:
            await _merge(tx, guest, person.id, now)
        entry = await _enter(tx, person.id, now, secret)
        await audit(tx, by=person.id, action="identity.sign_in", subject=person.id, now=now)
    return entry


async def sign_out(tx: Tx, session: str, *, by: Principal, now: datetime) -> None:
    """End the browser's session; ending it twice is the same."""
    if await _end(tx, session):
        await audit(tx, by=by.id, action="identity.sign_out", subject=by.id, now=now)


async def forget_expired(tx: Tx, *, now: datetime) -> None:
    """Drop sessions and attempt counts that no longer matter."""
    await tx.execute(sa.delete(SignedIn).where(col(SignedIn.expires_at) <= now))
    oldest = now - rules.ATTEMPTS_WITHIN
    await tx.execute(sa.delete(SignInTry).where(col(SignInTry.since) <= oldest))


async def add_person(
    tx: Tx,
    *,
    email: str,
    name: str,
    locale: str,
    password_hash: str | None,
    now: datetime,
    staff: Iterable[StaffRole] = (),
) -> str:
    """An account, with its roles in the centre. The hash comes from ``passwords.hashed``.

    Raises:
        EmailTaken: somebody has this address.
    """
    values = {
        "id": ids.new("usr"),
        "email": email.strip().lower(),
        "name": name,
        "locale": locale,
        "password_hash": password_hash,
        "created_at": now,
    }
    made = insert(Person).values(values).on_conflict_do_nothing().returning(col(Person.id))
    person = (await tx.execute(made)).scalar_one_or_none()
    if person is None:
        raise EmailTaken()
    for role in staff:
        await appoint(tx, person, role)
    return person


async def appoint(tx: Tx, person: str, role: StaffRole) -> None:
    """Give somebody a role in the centre; giving it twice is the same."""
    row = {"person_id": person, "role": role}
    await tx.execute(insert(StaffDuty).values(row).on_conflict_do_nothing())


async def add_merchant(
    tx: Tx,
    *,
    slug: str,
    name: dict[str, str],
    legal_name: dict[str, str],
    uscc: str,
    customs_code: str,
    licence: str,
    address: dict[str, str],
    contact: dict[str, str],
    now: datetime,
    avatar: str | None = None,
    verified_at: datetime | None = None,
) -> str:
    """A merchant with the facts that the law wants verified and shown.

    Raises:
        BadCreditCode: the unified social credit code does not check out.
        MerchantTaken: the slug or the code is registered.
    """
    if not rules.uscc_is_valid(uscc):
        raise BadCreditCode(uscc=uscc)
    values = {
        "id": ids.new("mer"),
        "slug": slug,
        "name": name,
        "legal_name": legal_name,
        "uscc": uscc,
        "customs_code": customs_code,
        "licence": licence,
        "address": address,
        "contact": contact,
        "avatar": avatar,
        "joined_at": now,
        "verified_at": verified_at,
    }
    made = insert(Merchant).values(values).on_conflict_do_nothing().returning(col(Merchant.id))
    merchant = (await tx.execute(made)).scalar_one_or_none()
    if merchant is None:
        raise MerchantTaken(slug=slug)
    return merchant


async def enrol(tx: Tx, merchant: str, person: str, role: MerchantRole) -> None:
    """Give somebody a role for a merchant; giving it twice is the same."""
    row = {"merchant_id": merchant, "person_id": person, "role": role}
    await tx.execute(insert(Membership).values(row).on_conflict_do_nothing())


async def make_key(tx: Tx, want: MakeKey, *, by: Principal, now: datetime) -> MadeKey:
    """An API key; its secret is told this once.

    Raises:
        NotYours, NotAllowed: only owners make a merchant's keys, only admins the centre's.
        ScopesDoNotFit: the scopes are not roles of that side.
        KeyEndsBeforeItBegins: its end is not in the future.
    """
    if want.merchant is None:
        by.must_be_staff(StaffRole.ADMIN)
        known = {role.value for role in StaffRole}
    else:
        by.must_act_for(want.merchant, MerchantRole.OWNER)
        known = {role.value for role in MerchantRole}
    if not set(want.scopes) <= known:
        raise ScopesDoNotFit(known=", ".join(sorted(known)))
    if want.expires_at is not None and want.expires_at <= now:
        raise KeyEndsBeforeItBegins(expires_at=want.expires_at.isoformat())
    secret = tokens.KEY_PREFIX + tokens.fresh()
    row = ApiKey(
        id=ids.new("key"),
        name=want.name,
        secret_hash=tokens.digest(secret),
        ends_with=secret[-4:],
        merchant_id=want.merchant,
        scopes=sorted(set(want.scopes)),
        made_by=by.id,
        created_at=now,
        expires_at=want.expires_at,
    )
    tx.add(row)
    await audit(
        tx,
        by=by.id,
        action="identity.make_key",
        subject=row.id,
        now=now,
        merchant=want.merchant,
    )
    return MadeKey(**key_out(row).model_dump(), secret=secret)


async def revoke_key(tx: Tx, key: str, *, by: Principal, now: datetime) -> None:
    """The key opens nothing from now on; revoking twice is the same.

    Raises:
        NoSuchKey: no such key, or somebody else's.
    """
    row = await tx.get(ApiKey, key, with_for_update=True)
    if row is None or not _may_revoke(row, by):
        raise NoSuchKey(key=key)
    if row.revoked_at is None:
        row.revoked_at = now
        await audit(
            tx,
            by=by.id,
            action="identity.revoke_key",
            subject=key,
            now=now,
            merchant=row.merchant_id,
        )
        await emit(tx, KeyRevoked(key=key))


def _may_revoke(row: ApiKey, by: Principal) -> bool:
    if row.merchant_id is None:
        return by.is_staff(StaffRole.ADMIN)
    return by.member_of(row.merchant_id, MerchantRole.OWNER)


async def _count_try(tx: Tx, limits: dict[str, int], now: datetime) -> None:
    values = {
        "buckets": sorted(limits),
        "now": now,
        "oldest": now - rules.ATTEMPTS_WITHIN,
    }
    for bucket, tries, since in (await tx.execute(_COUNT_TRIES, values)).all():
        if tries > limits[bucket]:
            wait = since + rules.ATTEMPTS_WITHIN - now
            raise TooManyAttempts(retry_after=max(1, int(wait.total_seconds())))


async def _enter(tx: Tx, person: str, now: datetime, secret: str) -> Entry:
    session = tokens.fresh()
    expires_at = now + rules.SIGNED_IN_FOR
    tx.add(
        SignedIn(
            token_hash=tokens.digest(session),
            person_id=person,
            since=now,
            expires_at=expires_at,
        )
    )
    return Entry(person, session, tokens.csrf(secret, session), expires_at)


async def _end(tx: Tx, session: str) -> bool:
    hash_ = tokens.digest(session)
    ended = (
        sa.delete(SignedIn)
        .where(col(SignedIn.token_hash) == hash_)
        .returning(col(SignedIn.token_hash))
    )
    return (await tx.execute(ended)).scalar_one_or_none() is not None


async def _merge(tx: Tx, guest: str, person: str, now: datetime) -> None:
    row = {"guest_id": guest, "person_id": person, "merged_at": now}
    merged = (
        insert(GuestMerge)
        .values(row)
        .on_conflict_do_nothing()
        .returning(col(GuestMerge.guest_id))
    )
    if (await tx.execute(merged)).scalar_one_or_none() is not None:
        await emit(tx, GuestMerged(guest=guest, person=person))
