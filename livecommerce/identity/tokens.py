"""Tokens: random ones stored as hashes, signed ones not stored at all.

Everything signed uses a key of its own, derived from the one secret of the installation, so
that a guest cookie can never pass for a room token.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import jwt

from livecommerce.identity import rules
from livecommerce.identity.errors import BadToken, TokenExpired
from livecommerce.kernel import ids

KEY_PREFIX = "lck_"
_AUDIENCE = "room"


def fresh() -> str:
    """A token nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """How a random token is stored. It has 256 bits, so a fast hash is enough."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def csrf(secret: str, session: str) -> str:
    """The token that a page must send back as ``X-CSRF-Token``; bound to the session."""
    return _mac(secret, "csrf", session)


def bucket(secret: str, name: str) -> str:
    """A name of an e-mail or network address that says neither."""
    return _mac(secret, "bucket", name)


def new_guest() -> str:
    """The id of a visitor we have not seen before."""
    return ids.new("gst")


def guest_who_asks_again(secret: str, sent: Sequence[str], *, hour: int) -> str:
    """The id of a visitor without a cookie who sends this: the same for the whole hour."""
    told = json.dumps([hour, *sent])
    made = hmac.digest(secret.encode(), f"again {told}".encode(), "sha256")
    return ids.derived("gst", made)


def sign_guest(secret: str, guest: str, *, now: datetime) -> str:
    """What the ``lc_guest`` cookie holds: id, day of issue, signature."""
    body = f"{guest}.{int(now.timestamp())}"
    return f"{body}.{_mac(secret, 'guest', body)}"


def read_guest(secret: str, cookie: str, *, now: datetime) -> str | None:
    """The guest's id, or nothing if the cookie is forged, damaged or too old."""
    body, _, signature = cookie.rpartition(".")
    if not same(_mac(secret, "guest", body), signature):
        return None
    guest, _, issued = body.partition(".")
    if datetime.fromtimestamp(int(issued), UTC) + rules.GUEST_FOR <= now:
        return None
    return guest


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link opens, and until when."""

    subject: str
    until: datetime


def sign_link(secret: str, purpose: str, subject: str, *, until: datetime) -> str:
    """A token that lets whoever has it do one thing with one subject, until a moment."""
    body = f"{subject}.{int(until.timestamp())}"
    return f"{body}.{_mac(secret, f'link {purpose}', body)}"


def read_link(secret: str, purpose: str, token: str, *, now: datetime) -> Link | None:
    """What the token opens; nothing if it is forged, for another purpose, or too old."""
    body, _, signature = token.rpartition(".")
    if not same(_mac(secret, f"link {purpose}", body), signature):
        return None
    subject, _, until = body.rpartition(".")
    link = Link(subject, datetime.fromtimestamp(int(until), UTC))
    return link if now < link.until else None


@dataclass(frozen=True, slots=True)
class RoomVisitor:
    """Who connects to a room, as their token says."""

    user: str
    name: str
    expires_at: datetime


def issue(secret: str, user: str, name: str, now: datetime) -> str:
    """A room connection token (JWT, HS256) for ``usr_…`` or ``gst_…``, valid for an hour."""
    claims = {
        "sub": user,
        "aud": _AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + rules.ROOM_TOKEN_FOR).timestamp()),
        "info": {"name": name},
        "meta": {"name": name},  # what a room server in front of us tells us in its calls
    }
    return jwt.encode(claims, room_key(secret), algorithm="HS256")


def read(secret: str, token: str, now: datetime) -> RoomVisitor:
    """Who the token was issued to.

    Raises:
        BadToken: it is forged or for something else.
        TokenExpired: it was good once.
    """
    try:
        claims = jwt.decode(
            token,
            _room_key_ready(secret),
            algorithms=["HS256"],
            audience=_AUDIENCE,
            # The caller's clock decides, below.
            options={
                "require": ["sub", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        visitor = RoomVisitor(str(claims["sub"]), str(claims["info"]["name"]), expires_at)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise BadToken() from None
    if visitor.expires_at <= now:
        raise TokenExpired()
    return visitor


@lru_cache(maxsize=8)
def _room_key_ready(secret: str) -> jwt.PyJWK:
    """Made once: a returning crowd shows thousands of tokens."""
    key = room_key(secret).encode()
    return jwt.PyJWK({"kty": "oct", "k": base64.urlsafe_b64encode(key).decode()}, "HS256")


def room_key(secret: str) -> str:
    """The key that room tokens are signed with; a room server in front needs it too."""
    return _mac(secret, "key", "room")


def same(one: str, other: str) -> bool:
    """Whether two tokens are equal, without telling by the time how far they agree."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    # Headers and cookies may hold bytes that are not text; they are no reason to fall over.
    return text.encode(errors="surrogateescape")


def _mac(secret: str, purpose: str, text: str) -> str:
    made = hmac.digest(_key(secret, purpose), _bytes(text), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")
