"""Who asks: from cookies and headers to a principal, for every request, in one query at most.

A bearer key wins over cookies; a signed-in browser over a guest. A guest costs no query, but
for a first request that may be sent again. An unsafe request that is recognised by a cookie
must prove that one of our own pages sent it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from livecommerce.identity import rules, tokens
from livecommerce.identity.errors import BadKey, CrossSite, CsrfMissing
from livecommerce.kernel.db import Database, Tx
from livecommerce.web import idempotency
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole

SESSION_COOKIE = "lc_session"
CSRF_COOKIE = "lc_csrf"
GUEST_COOKIE = "lc_guest"
LOCALE_COOKIE = "lc_locale"
CSRF_HEADER = "X-CSRF-Token"
RETRY_HEADER = "Idempotency-Key"

_ROLES = """
    SELECT p.id, p.name, p.locale,
           (SELECT coalesce(array_agg(d.role), '{}') FROM commerce.staff_duty d
             WHERE d.person_id = p.id) AS staff,
           (SELECT coalesce(array_agg(m.merchant_id || ' ' || m.role), '{}')
              FROM commerce.membership m WHERE m.person_id = p.id) AS memberships
      FROM commerce.person p"""
_PERSON = sa.text(
    f"{_ROLES} JOIN commerce.signed_in s ON s.person_id = p.id"
    " WHERE s.token_hash = :hash AND s.expires_at > :now AND p.closed_at IS NULL"
)
_BY_ID = sa.text(f"{_ROLES} WHERE p.id = :id AND p.closed_at IS NULL")
_KEY = sa.text(
    """
    SELECT id, name, merchant_id, scopes FROM commerce.api_key
     WHERE secret_hash = :hash AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > :now)
    """
)


async def _no_body() -> bytes | None:
    return b""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What of a request tells who sent it. ``headers`` must not mind upper or lower case;
    ``path`` has the query, too. ``body`` is asked for only where it may matter, and may say
    that it cannot be told (none)."""

    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    method: str
    address: str = ""
    path: str = ""
    body: Callable[[], Awaitable[bytes | None]] = _no_body

    @property
    def locale(self) -> str:
        """The language the visitor reads."""
        accepted = self.headers.get("Accept-Language")
        return rules.locale_of(self.cookies.get(LOCALE_COOKIE), accepted)


async def authenticate(
    at: Database | Tx, facts: RequestFacts, *, now: datetime, secret: str
) -> Principal:
    """The principal behind a request: a key, a person, or (never nobody) a guest.

    Raises:
        BadKey: an API key was given that opens nothing.
        CsrfMissing: a signed-in browser changes something without ``X-CSRF-Token``.
        CrossSite: the browser says that another site's page sends this.
    """
    scheme, _, given = facts.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _key(at, given, facts, now)
    session = facts.cookies.get(SESSION_COOKIE)
    if session:
        row = await _one(at, _PERSON, {"hash": tokens.digest(session), "now": now})
        if row is not None:
            _must_come_from_our_pages(facts, tokens.csrf(secret, session))
            return _person(row, facts)
    _must_come_from_our_pages(facts, None)
    known = tokens.read_guest(secret, facts.cookies.get(GUEST_COOKIE, ""), now=now)
    guest = known or await _stranger(at, facts, now, secret)
    name = rules.guest_name(guest, facts.locale)
    return Principal(id=guest, name=name, kind=Kind.GUEST, locale=facts.locale)


async def principal_of(tx: Tx, person: str) -> Principal | None:
    """What a person may do at this moment, when no request of theirs tells; none if there is
    no such account."""
    row = await _one(tx, _BY_ID, {"id": person})
    return _person(row, None) if row is not None else None


def guest_cookie(
    who: Principal, facts: RequestFacts, *, now: datetime, secret: str
) -> str | None:
    """The ``lc_guest`` cookie to set on the answer, or nothing if there is no need."""
    if who.kind is not Kind.GUEST:
        return None
    carried = tokens.read_guest(secret, facts.cookies.get(GUEST_COOKIE, ""), now=now)
    return None if carried == who.id else tokens.sign_guest(secret, who.id, now=now)


async def _stranger(at: Database | Tx, facts: RequestFacts, now: datetime, secret: str) -> str:
    """Who a visitor without a good cookie is: somebody new, unless a retry may find them.

    The answer that would have brought the cookie may be the very one that was lost, or still
    on its way. Only the very same request, with a key that nobody guesses, within the hour
    or, if it was answered then, the hour before, comes from the same guest.
    """
    key = facts.headers.get(RETRY_HEADER, "").strip().strip('"')
    if not rules.is_unsafe(facts.method) or not rules.is_unguessable(key):
        return tokens.new_guest()
    body = await facts.body()
    if body is None:
        return tokens.new_guest()
    agent = facts.headers.get("User-Agent", "")
    sent = [
        facts.address,
        agent,
        key,
        facts.method,
        facts.path,
        hashlib.sha256(body).hexdigest(),
    ]
    before, guest = (
        tokens.guest_who_asks_again(secret, sent, hour=hour) for hour in rules.hours_of(now)
    )
    return before if await _was_answered(at, before) else guest


async def _was_answered(at: Database | Tx, guest: str) -> bool:
    if isinstance(at, Database):
        async with at.begin() as tx:
            return await idempotency.has_answers(tx, guest)
    return await idempotency.has_answers(at, guest)


def _must_come_from_our_pages(facts: RequestFacts, expected: str | None) -> None:
    """Other sites' forms are refused by what browsers say, and by what they cannot know.

    Guests have no session to bind a token to; for them the cookie's SameSite=Lax and the
    browser's ``Sec-Fetch-Site`` stand guard.
    """
    if not rules.is_unsafe(facts.method):
        return
    if facts.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CrossSite()
    if expected is not None:
        sent = facts.headers.get(CSRF_HEADER, "")
        if not tokens.same(sent, expected):
            raise CsrfMissing()


async def _key(at: Database | Tx, given: str, facts: RequestFacts, now: datetime) -> Principal:
    row = await _one(at, _KEY, {"hash": tokens.digest(given), "now": now})
    if row is None:
        raise BadKey()
    if row.merchant_id is None:
        staff, memberships = frozenset(StaffRole(s) for s in row.scopes), {}
    else:
        staff = frozenset()
        memberships = {row.merchant_id: frozenset(MerchantRole(s) for s in row.scopes)}
    return Principal(
        id=row.id,
        name=row.name,
        kind=Kind.KEY,
        staff=staff,
        memberships=MappingProxyType(memberships),
        locale=facts.locale,
    )


def _person(row: Any, facts: RequestFacts | None) -> Principal:
    held: dict[str, set[MerchantRole]] = {}
    for pair in row.memberships:
        merchant, _, role = pair.partition(" ")
        held.setdefault(merchant, set()).add(MerchantRole(role))
    return Principal(
        id=row.id,
        name=row.name,
        kind=Kind.PERSON,
        staff=frozenset(StaffRole(role) for role in row.staff),
        memberships=MappingProxyType({m: frozenset(roles) for m, roles in held.items()}),
        locale=facts.locale if facts and LOCALE_COOKIE in facts.cookies else row.locale,
    )


async def _one(at: Database | Tx, query: sa.TextClause, values: dict[str, Any]) -> Any:
    if isinstance(at, Database):
        async with at.connection() as connection:
            return (await connection.execute(query, values)).one_or_none()
    return (await at.execute(query, values)).one_or_none()
