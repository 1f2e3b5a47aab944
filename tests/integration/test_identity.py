"""Who gets in, as whom, and what proves that it was they who asked."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
import sqlalchemy as sa
from multidict import CIMultiDict
from sqlalchemy.exc import DBAPIError

from livecommerce.identity import actions, passwords, queries, rules, tokens
from livecommerce.identity.actions import Entry
from livecommerce.identity.audit import audit
from livecommerce.identity.authentication import SESSION_COOKIE, RequestFacts, authenticate
from livecommerce.identity.errors import (
    BadCreditCode,
    BadKey,
    CsrfMissing,
    EmailTaken,
    KeyEndsBeforeItBegins,
    MerchantTaken,
    NoSuchKey,
    NoSuchMerchant,
    ScopesDoNotFit,
    TooManyAttempts,
    WrongPassword,
)
from livecommerce.identity.wire import MakeKey, SignIn
from livecommerce.kernel.db import Database
from livecommerce.web.principal import (
    Kind,
    MerchantRole,
    NotAllowed,
    NotYours,
    Principal,
    StaffRole,
)

SECRET = "a secret of the tests, long enough"
EMAIL = "lin@luxi.example"
PASSWORD = "woven by hand"


@dataclass
class House:
    """One owner of one merchant, who is also an operator of the centre."""

    db: Database
    now: datetime
    owner: str
    merchant: str

    async def sign_in(
        self,
        email: str = EMAIL,
        password: str = PASSWORD,
        *,
        guest: str | None = None,
        old: str | None = None,
        address: str = "192.0.2.1",
    ) -> Entry:
        return await actions.sign_in(
            self.db,
            SignIn(email=email, password=password),
            guest=guest,
            old_session=old,
            address=address,
            now=self.now,
            secret=SECRET,
        )

    async def who(
        self,
        method: str = "GET",
        *,
        session: str | None = None,
        headers: dict[str, str] | None = None,
        now: datetime | None = None,
    ) -> Principal:
        cookies = {SESSION_COOKIE: session} if session is not None else {}
        request = RequestFacts(cookies, CIMultiDict(headers or {}), method)
        return await authenticate(self.db, request, now=now or self.now, secret=SECRET)

    async def count(self, table: str) -> int:
        async with self.db.begin() as tx:
            return int(await tx.scalar(sa.text(f"SELECT count(*) FROM {table}")))

    @property
    def as_owner(self) -> Principal:
        held = MappingProxyType({self.merchant: frozenset({MerchantRole.OWNER})})
        return Principal(id=self.owner, kind=Kind.PERSON, memberships=held)


@pytest.fixture
async def house(db: Database, now: datetime) -> House:
    password_hash = await passwords.hashed(PASSWORD)
    name = {"zh": "鹭溪", "en": "Luxi"}
    async with db.begin() as tx:
        owner = await actions.add_person(
            tx,
            email=EMAIL.upper(),
            name="林晓 Lin Xiao",
            locale="en",
            password_hash=password_hash,
            now=now,
            staff=[StaffRole.OPERATOR],
        )
        merchant = await actions.add_merchant(
            tx,
            slug="luxi",
            name=name,
            legal_name=name,
            uscc="9144030071526726XG",
            customs_code="3206961234",
            licence="L",
            address=name,
            contact={"name": "n", "phone": "p", "email": "e"},
            now=now,
        )
        for role in (MerchantRole.OWNER, MerchantRole.HOST):
            await actions.enrol(tx, merchant, owner, role)
    return House(db, now, owner, merchant)


async def test_signing_in_makes_a_person_with_roles(house: House) -> None:
    entry = await house.sign_in(email="Lin@Luxi.Example")
    person = await house.who(session=entry.session)
    assert (person.id, person.kind, person.name) == (house.owner, Kind.PERSON, "林晓 Lin Xiao")
    assert person.locale == "en"
    assert person.staff == {StaffRole.OPERATOR}
    assert person.memberships == {house.merchant: {MerchantRole.OWNER, MerchantRole.HOST}}
    async with house.db.begin() as tx:
        me = await queries.me(tx, person)
    assert me.memberships[0].name.en == "Luxi"


async def test_what_the_database_keeps_opens_nothing(house: House) -> None:
    entry = await house.sign_in()
    async with house.db.begin() as tx:
        stored = await tx.scalar(sa.text("SELECT token_hash FROM commerce.signed_in"))
    assert stored == tokens.digest(entry.session)
    assert (await house.who(session=stored)).kind is Kind.GUEST


async def test_a_changing_request_needs_the_sessions_own_token(house: House) -> None:
    entry, other = await house.sign_in(), await house.sign_in()
    with pytest.raises(CsrfMissing):
        await house.who("POST", session=entry.session)
    with pytest.raises(CsrfMissing):
        await house.who("DELETE", session=entry.session, headers={"X-CSRF-Token": other.csrf})
    await house.who("POST", session=entry.session, headers={"x-csrf-token": entry.csrf})


async def test_sessions_end_by_time_by_sign_out_and_by_signing_in_again(house: House) -> None:
    first = await house.sign_in()
    late = house.now + rules.SIGNED_IN_FOR
    assert (await house.who(session=first.session, now=late)).kind is Kind.GUEST
    second = await house.sign_in(old=first.session)
    assert second.session != first.session
    assert (await house.who(session=first.session)).kind is Kind.GUEST
    person = await house.who(session=second.session)
    for _ in range(2):
        async with house.db.begin() as tx:
            await actions.sign_out(tx, second.session, by=person, now=house.now)
    assert (await house.who(session=second.session)).kind is Kind.GUEST
    async with house.db.begin() as tx:
        await tx.execute(sa.text("UPDATE commerce.person SET closed_at = now()"))
    with pytest.raises(WrongPassword):
        await house.sign_in()


async def test_wrong_passwords_and_unknown_people_sound_alike(house: House) -> None:
    for email, password in ((EMAIL, "guessed"), ("nobody@luxi.example", PASSWORD)):
        with pytest.raises(WrongPassword) as wrong:
            await house.sign_in(email=email, password=password)
        assert wrong.value.facts == {}
    assert await house.count("commerce.signed_in") == 0


async def test_guessing_is_slowed_without_locking_the_owner_out(house: House) -> None:
    guesses = (house.sign_in(password="guessed", address="198.51.100.7") for _ in range(20))
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(answer, WrongPassword) for answer in answers) == 8
    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 12
    with pytest.raises(TooManyAttempts) as slow:
        await house.sign_in(address="198.51.100.7")
    assert slow.value.facts == {"retry_after": 15 * 60}
    await house.sign_in(address="192.0.2.1")
    house.now += rules.ATTEMPTS_WITHIN
    await house.sign_in(address="198.51.100.7")
    async with house.db.begin() as tx:
        rows = (await tx.execute(sa.text("SELECT bucket FROM commerce.sign_in_try"))).scalars()
        assert not any(EMAIL in row or "198" in row for row in rows)


async def test_counting_by_looking_first_lets_a_flood_through(house: House) -> None:
    """The twin: reading the count, then writing it, counts a hundred as a few."""
    async with house.db.begin() as tx:
        await tx.execute(
            sa.text("INSERT INTO commerce.sign_in_try VALUES ('b', :now, 0)"),
            {"now": house.now},
        )

    async def careless() -> bool:
        async with house.db.begin() as tx:
            read = sa.text("SELECT tries FROM commerce.sign_in_try WHERE bucket = 'b'")
            tries = int(await tx.scalar(read))
            wrote = sa.text("UPDATE commerce.sign_in_try SET tries = :n WHERE bucket = 'b'")
            await tx.execute(wrote, {"n": tries + 1})
            return tries + 1 <= 8

    assert sum(await asyncio.gather(*(careless() for _ in range(40)))) > 8


async def test_a_guest_is_merged_once_into_whoever_signed_in(house: House) -> None:
    for _ in range(2):
        await house.sign_in(guest="gst_1")
    async with house.db.begin() as tx:
        told = sa.text("SELECT body FROM kernel.outbox WHERE topic = 'identity.GuestMerged'")
        assert (await tx.execute(told)).scalars().all() == [
            {"guest": "gst_1", "person": house.owner}
        ]
        assert await queries.person_of_guest(tx, "gst_1") == house.owner


async def test_an_old_hash_is_renewed_when_its_owner_comes(house: House) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with house.db.begin() as tx:
        await tx.execute(sa.text("UPDATE commerce.person SET password_hash = :h"), {"h": weak})
    await house.sign_in()
    async with house.db.begin() as tx:
        stored = await tx.scalar(sa.text("SELECT password_hash FROM commerce.person"))
    assert not passwords.is_outdated(stored)


async def test_a_key_ends_in_the_future_or_never(house: House) -> None:
    for ends in (house.now, house.now - timedelta(days=1)):
        want = MakeKey(
            name="erp", merchant=house.merchant, scopes=["assistant"], expires_at=ends
        )
        with pytest.raises(KeyEndsBeforeItBegins):
            async with house.db.begin() as tx:
                await actions.make_key(tx, want, by=house.as_owner, now=house.now)
    async with house.db.begin() as tx:
        assert await queries.keys(tx, merchant=house.merchant, by=house.as_owner) == []


async def test_keys_act_in_their_scopes_until_revoked(house: House) -> None:
    want = MakeKey(
        name="erp",
        merchant=house.merchant,
        scopes=["assistant"],
        expires_at=house.now + timedelta(days=1),
    )
    async with house.db.begin() as tx:
        made = await actions.make_key(tx, want, by=house.as_owner, now=house.now)
    bearer = {"Authorization": f"Bearer {made.secret}"}
    key = await house.who("POST", headers=bearer)
    assert (key.id, key.kind) == (made.id, Kind.KEY)
    assert key.memberships == {house.merchant: {MerchantRole.ASSISTANT}}
    assert key.staff == frozenset()
    for headers, at in (
        ({"Authorization": bearer["Authorization"] + "x"}, house.now),
        ({"Authorization": "Bearer \udcff"}, house.now),
        (bearer, house.now + timedelta(days=1)),
    ):
        with pytest.raises(BadKey):
            await house.who(headers=headers, now=at)
    async with house.db.begin() as tx:
        (listed,) = await queries.keys(tx, merchant=house.merchant, by=house.as_owner)
        assert listed.ends_with == made.secret[-4:]
        assert made.secret not in listed.model_dump_json()
        with pytest.raises(NoSuchKey):
            await actions.revoke_key(tx, made.id, by=Principal(id="usr_x"), now=house.now)
    for _ in range(2):
        async with house.db.begin() as tx:
            await actions.revoke_key(tx, made.id, by=house.as_owner, now=house.now)
    with pytest.raises(BadKey):
        await house.who(headers=bearer)


async def test_only_owners_and_admins_hand_out_keys(house: House) -> None:
    admin = Principal(id=house.owner, kind=Kind.PERSON, staff=frozenset({StaffRole.ADMIN}))
    for_centre = MakeKey(name="wall", scopes=["operator"])
    for_merchant = MakeKey(name="erp", merchant=house.merchant, scopes=["operator"])
    async with house.db.begin() as tx:
        made = await actions.make_key(tx, for_centre, by=admin, now=house.now)
        with pytest.raises(NotAllowed):
            await actions.make_key(tx, for_centre, by=house.as_owner, now=house.now)
        with pytest.raises(NotYours):
            await actions.make_key(tx, for_merchant, by=admin, now=house.now)
        with pytest.raises(ScopesDoNotFit):
            await actions.make_key(tx, for_merchant, by=house.as_owner, now=house.now)
    key = await house.who(headers={"Authorization": f"Bearer {made.secret}"})
    assert key.staff == {StaffRole.OPERATOR}


async def test_sellers_are_who_they_say(house: House) -> None:
    facts = {
        "name": {"zh": "甲", "en": "A"},
        "legal_name": {"zh": "甲", "en": "A"},
        "customs_code": "3206961234",
        "licence": "L",
        "address": {"zh": "甲", "en": "A"},
        "contact": {"name": "n", "phone": "p", "email": "e"},
        "now": house.now,
    }
    async with house.db.begin() as tx:
        with pytest.raises(BadCreditCode):
            await actions.add_merchant(tx, slug="a", uscc="914403001922038217", **facts)
        with pytest.raises(MerchantTaken):
            await actions.add_merchant(tx, slug="a", uscc="9144030071526726XG", **facts)
        with pytest.raises(EmailTaken):
            await actions.add_person(
                tx, email=EMAIL, name="x", locale="en", password_hash=None, now=house.now
            )
        with pytest.raises(NoSuchMerchant):
            await queries.merchant(tx, "mer_nobody")
        shown = await queries.merchant(tx, house.merchant)
        assert shown.uscc == "9144030071526726XG"
        assert [m.slug for m in await queries.merchants(tx)] == ["luxi"]


async def test_the_audit_can_only_grow(house: House) -> None:
    async with house.db.begin() as tx:
        await audit(tx, by="usr_1", action="a.b", subject="bkg_1", now=house.now, reason="x")
    for change in ("UPDATE commerce.audit SET by = 'x'", "DELETE FROM commerce.audit"):
        with pytest.raises(DBAPIError, match="never changed"):
            async with house.db.begin() as tx:
                await tx.execute(sa.text(change))


async def test_what_expired_is_forgotten(house: House) -> None:
    await house.sign_in()
    async with house.db.begin() as tx:
        await actions.forget_expired(tx, now=house.now)
    assert await house.count("commerce.signed_in") == 1
    async with house.db.begin() as tx:
        await actions.forget_expired(tx, now=house.now + rules.SIGNED_IN_FOR)
    assert await house.count("commerce.signed_in") == 0
    assert await house.count("commerce.sign_in_try") == 0
