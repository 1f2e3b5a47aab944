"""Tokens that say who connects, and who may hear a channel (JWT).

Keys are given by family, and a token is only checked with a key of the family its algorithm
belongs to; so a public key can never pass for a shared secret. The caller's ``now`` decides
what has expired.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jwt
import orjson
from jwt.types import Options

from streams.realtime import codes
from streams.realtime.door import Grant
from streams.realtime.errors import ClientError

_FAMILIES = {
    "HS256": "secret",
    "HS384": "secret",
    "HS512": "secret",
    "RS256": "rsa",
    "RS384": "rsa",
    "RS512": "rsa",
    "ES256": "ecdsa",
    "ES384": "ecdsa",
    "ES512": "ecdsa",
}
_OUR_CLOCK: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


class BadToken(Exception):
    """It is forged, damaged or for something else."""


@lru_cache(maxsize=64)
def _algorithm(header: str) -> str:
    """The algorithm that a token's header names: tokens of one issuer all begin alike."""
    said = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
    return str(orjson.loads(said).get("alg", ""))


@lru_cache(maxsize=32)
def _ready(algorithm: str, text: str) -> jwt.PyJWK:
    """The key ready for use: to read it anew takes as long as to check a token with it."""
    made = jwt.get_algorithm_by_name(algorithm)
    return jwt.PyJWK(made.to_jwk(made.prepare_key(text), as_dict=True), algorithm)


@dataclass(frozen=True, slots=True)
class Keys:
    """What tokens are checked with; public keys as PEM. ``audience`` and ``issuer`` are
    demanded of every token if given."""

    secret: str = field(default="", repr=False)
    rsa: str = ""
    ecdsa: str = ""
    audience: str = ""
    issuer: str = ""

    def claims(self, token: str, now: datetime) -> dict[str, Any]:
        """What a token says.

        Raises:
            BadToken: it cannot be trusted.
            ClientError: it has expired (109).
        """
        try:
            algorithm = _algorithm(token.partition(".")[0])
            text = getattr(self, _FAMILIES[algorithm])
            if not text:
                raise BadToken("no key for it")
            claims: dict[str, Any] = jwt.decode(
                token, _ready(algorithm, text), algorithms=[algorithm], options=_OUR_CLOCK
            )
            self._check(claims, now)
        except BadToken:
            raise
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadToken(str(error)) from error
        return claims

    def _check(self, claims: Mapping[str, Any], now: datetime) -> None:
        meant = claims.get("aud")
        audiences = meant if isinstance(meant, list) else [meant]
        if self.audience and self.audience not in audiences:
            raise BadToken("for somebody else")
        if self.issuer and claims.get("iss") != self.issuer:
            raise BadToken("of somebody else")
        if _moment(claims, "nbf", default=now) > now:
            raise BadToken("not yet")
        if "exp" in claims and _moment(claims, "exp", default=now) <= now:
            raise ClientError(codes.TOKEN_EXPIRED)


@dataclass(frozen=True, slots=True)
class ConnectionClaims:
    """Who connects, until when, and what they hear without asking."""

    user: str
    expire_at: datetime | None
    info: bytes
    subs: Mapping[str, Grant]
    meta: object


@dataclass(frozen=True, slots=True)
class SubscriptionClaims:
    """Who may hear which channel, and how."""

    user: str
    channel: str
    client: str
    grant: Grant


def connection(keys: Keys, token: str, now: datetime) -> ConnectionClaims:
    """Read a connection token.

    Raises:
        BadToken: it cannot be trusted.
        ClientError: it has expired (109).
    """
    claims = keys.claims(token, now)
    try:
        subs = {_text(name): Grant() for name in claims.get("channels") or []}
        for name, said in (claims.get("subs") or {}).items():
            subs[name] = _grant(said or {}, None)
        return ConnectionClaims(
            user=_text(claims.get("sub", "")),
            expire_at=_until(claims),
            info=_info(claims),
            subs=subs,
            meta=claims.get("meta"),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise BadToken(str(error)) from error


def subscription(keys: Keys, token: str, now: datetime) -> SubscriptionClaims:
    """Read a subscription token.

    Raises:
        BadToken: it cannot be trusted.
        ClientError: it has expired (109).
    """
    claims = keys.claims(token, now)
    try:
        return SubscriptionClaims(
            user=_text(claims.get("sub", "")),
            channel=_text(claims.get("channel", "")),
            client=_text(claims.get("client", "")),
            grant=_grant(claims, _until(claims)),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise BadToken(str(error)) from error


def _grant(said: Mapping[str, Any], until: datetime | None) -> Grant:
    override = said.get("override") or {}

    def forced(name: str) -> bool | None:
        value = (override.get(name) or {}).get("value")
        if value is not None and not isinstance(value, bool):
            raise BadToken(f"{name} is not true or false")
        return value

    data = base64.b64decode(said["b64data"]) if said.get("b64data") else b""
    if said.get("data") is not None:
        data = orjson.dumps(said["data"])
    return Grant(
        info=_info(said),
        data=data,
        expire_at=until,
        positioned=forced("force_positioning"),
        recoverable=forced("force_recovery"),
        join_leave=forced("join_leave"),
        force_push_join_leave=forced("force_push_join_leave"),
        presence=forced("presence"),
    )


def _info(said: Mapping[str, Any]) -> bytes:
    encoded = said.get("b64info")
    if encoded:
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise BadToken(str(error)) from error
        orjson.loads(raw)
        return raw
    info = said.get("info")
    return b"" if info is None else orjson.dumps(info)


def _until(claims: Mapping[str, Any]) -> datetime | None:
    """``expire_at`` overrules ``exp``; 0 is for good."""
    if claims.get("expire_at") is not None:
        return _moment(claims, "expire_at") if claims["expire_at"] else None
    return _moment(claims, "exp") if "exp" in claims else None


def _moment(claims: Mapping[str, Any], name: str, default: datetime | None = None) -> datetime:
    seconds = claims.get(name)
    if seconds is None and default is not None:
        return default
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadToken(f"{name} is no moment")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise BadToken(f"{name} is out of range") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadToken("not text")
    return value
