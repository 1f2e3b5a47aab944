"""Identity over HTTP."""

from aiohttp import web

from livecommerce.identity import actions, queries
from livecommerce.identity.authentication import CSRF_COOKIE, GUEST_COOKIE, SESSION_COOKIE
from livecommerce.identity.errors import (
    KeyEndsBeforeItBegins,
    NoSuchKey,
    NoSuchMerchant,
    ScopesDoNotFit,
    TooManyAttempts,
    WrongPassword,
)
from livecommerce.identity.rules import SIGNED_IN_FOR
from livecommerce.identity.wire import KeyOut, MadeKey, MakeKey, MeOut, MerchantOut, SignIn
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, signed_in, staff
from livecommerce.web.principal import Kind, MerchantRole, NotAllowed, StaffRole
from livecommerce.web.whence import address

_KEEPERS = member(MerchantRole.OWNER) | staff(StaffRole.ADMIN)


@route("GET", "/v1/me", may=anyone, tags=("identity",))
async def me(call: Call) -> MeOut:
    """Who I am: guest, person or key, with roles."""
    return await queries.me(call.tx, call.who)


@route(
    "POST",
    "/v1/sign-in",
    status=204,
    may=anyone,
    errors=(WrongPassword, TooManyAttempts),
    tags=("identity",),
    tx=False,
)
async def sign_in(call: Call, body: SignIn) -> web.Response:
    """Sign in: sets the session cookie and the CSRF cookie."""
    carried = GUEST_COOKIE in call.request.cookies
    entry = await actions.sign_in(
        call.r.db,
        body,
        guest=call.who.id if carried and call.who.kind is Kind.GUEST else None,
        old_session=call.request.cookies.get(SESSION_COOKIE),
        address=address(call.request),
        now=call.now,
        secret=call.r.settings.secret_key(),
    )
    answer = web.Response(status=204)
    secure = call.r.public_url.startswith("https:")
    for name, value, hidden in (
        (SESSION_COOKIE, entry.session, True),
        (CSRF_COOKIE, entry.csrf, False),
    ):
        answer.set_cookie(
            name,
            value,
            max_age=int(SIGNED_IN_FOR.total_seconds()),
            path="/",
            httponly=hidden,
            secure=secure,
            samesite="Lax",
        )
    answer.del_cookie(GUEST_COOKIE, path="/")
    return answer


@route("POST", "/v1/sign-out", status=204, may=signed_in, tags=("identity",), tx=False)
async def sign_out(call: Call) -> web.Response:
    """Sign out: the session ends and its cookies go."""
    session = call.request.cookies.get(SESSION_COOKIE)
    if session is not None:
        async with call.r.db.begin() as tx:
            await actions.sign_out(tx, session, by=call.who, now=call.now)
    answer = web.Response(status=204)
    for name in (SESSION_COOKIE, CSRF_COOKIE, GUEST_COOKIE):
        answer.del_cookie(name, path="/")
    return answer


@route("GET", "/v1/merchants", may=anyone, tags=("identity",))
async def merchants(call: Call) -> list[MerchantOut]:
    """All merchants with their public identity."""
    return await queries.merchants(call.tx)


@route(
    "GET", "/v1/merchants/{merchant}", may=anyone, errors=(NoSuchMerchant,), tags=("identity",)
)
async def merchant(call: Call, merchant: str) -> MerchantOut:
    """One merchant's public identity: legal name, credit code, licence, address, contact."""
    return await queries.merchant(call.tx, merchant)


@route("GET", "/v1/api-keys", may=_KEEPERS, errors=(NotAllowed,), tags=("identity",))
async def keys(call: Call, merchant: str | None = None) -> list[KeyOut]:
    """The API keys of a merchant, or of the centre."""
    return await queries.keys(call.tx, merchant=merchant, by=call.who)


@route(
    "POST",
    "/v1/api-keys",
    status=201,
    may=_KEEPERS,
    errors=(ScopesDoNotFit, KeyEndsBeforeItBegins, NotAllowed),
    tags=("identity",),
    tx=False,
)
async def make_key(call: Call, body: MakeKey) -> MadeKey:
    """Make an API key; the secret is shown this once, and so is never stored for repetition."""
    async with call.r.db.begin() as tx:
        return await actions.make_key(tx, body, by=call.who, now=call.now)


@route(
    "DELETE",
    "/v1/api-keys/{key}",
    status=204,
    may=_KEEPERS,
    errors=(NoSuchKey,),
    tags=("identity",),
)
async def revoke_key(call: Call, key: str) -> None:
    """Revoke an API key."""
    await actions.revoke_key(call.tx, key, by=call.who, now=call.now)


ROUTES = [me, sign_in, sign_out, merchants, merchant, keys, make_key, revoke_key]
