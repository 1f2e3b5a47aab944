"""Tokens: what is believed, what is refused, and with which code."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from streams.realtime import codes, tokens
from streams.realtime.door import ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.token_door import TokenDoor
from streams.realtime.tokens import BadToken, Keys

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SECRET = "a secret of these tests that is long enough for every algorithm, even HS512, yes"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


KEYS = Keys(secret=SECRET, rsa=pem(RSA), ecdsa=pem(EC))


def signed(algorithm: str = "HS256", key: Any = SECRET, **claims: Any) -> str:
    return jwt.encode({"sub": "u", "exp": LATER, **claims}, key, algorithm=algorithm)


def connection(token: str, keys: Keys = KEYS) -> tokens.ConnectionClaims:
    return tokens.connection(keys, token, NOW)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("HS256", SECRET), ("HS384", SECRET), ("HS512", SECRET), ("RS256", RSA), ("ES256", EC)],
)
def test_every_algorithm_has_its_key(algorithm: str, key: Any) -> None:
    said = connection(signed(algorithm, key))
    assert (said.user, said.expire_at) == ("u", LATER)
    with pytest.raises(BadToken):
        connection(signed(algorithm, key), Keys())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x.y.z",
        "\ud800",
        signed(key=SECRET[::-1]),
        jwt.encode({"sub": "u", "expire_at": "soon"}, SECRET),
        jwt.encode({"sub": "u"}, None, algorithm="none"),
        signed(expire_at=True),
        signed(exp=10**30),
        signed(channels=7),
        signed(subs={"c": {"override": {"presence": {"value": "yes"}}}}),
        signed(b64info="!"),
        signed(nbf=LATER),
    ],
)
def test_what_cannot_be_trusted(token: str) -> None:
    with pytest.raises(BadToken):
        connection(token)


def test_a_public_key_is_no_shared_secret() -> None:
    body, _ = signed("RS256", RSA).rsplit(".", 1)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    forged_body = f"{header}.{body.split('.')[1]}"
    mac = hmac.new(KEYS.rsa.encode(), forged_body.encode(), hashlib.sha256).digest()
    forged = f"{forged_body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for keys in (KEYS, Keys(rsa=KEYS.rsa)):
        with pytest.raises(BadToken):
            connection(forged, keys)


def test_an_expired_token_is_an_error_by_its_number() -> None:
    for moment in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(ClientError) as refused:
            connection(signed(exp=moment))
        assert refused.value.code == codes.TOKEN_EXPIRED


def test_expire_at_overrules_exp() -> None:
    sooner = NOW + timedelta(minutes=1)
    assert connection(signed(expire_at=int(sooner.timestamp()))).expire_at == sooner
    assert connection(signed(expire_at=0)).expire_at is None
    assert connection(jwt.encode({"sub": "u"}, SECRET)).expire_at is None


def test_audience_and_issuer_are_demanded() -> None:
    keys = Keys(secret=SECRET, audience="rooms", issuer="shop")
    assert connection(signed(aud=["rooms", "x"], iss="shop"), keys).user == "u"
    for claims in ({"aud": "rooms"}, {"iss": "shop"}, {"aud": "x", "iss": "shop"}, {}):
        with pytest.raises(BadToken):
            connection(signed(**claims), keys)


def test_what_a_token_brings_along() -> None:
    override = {"join_leave": {"value": True}, "force_recovery": {"value": False}}
    said = connection(
        signed(
            info={"name": "n"},
            meta={"a": 1},
            channels=["news"],
            subs={"c": {"data": [1], "b64info": "eyJhIjoxfQ==", "override": override}},
        )
    )
    assert said.info == b'{"name":"n"}'
    assert said.meta == {"a": 1}
    grant = Grant(b'{"a":1}', b"[1]", join_leave=True, recoverable=False)
    assert said.subs == {"news": Grant(), "c": grant}


def visitor(user: str = "u") -> Visitor:
    return Visitor("client", user, b"", "", None)


async def test_the_door_says_the_exact_codes() -> None:
    door = TokenDoor(KEYS, lambda: NOW)
    want = ConnectWant(signed(), b"", {}, "", "")
    assert (await door.connect(want)).user == "u"
    ends = {"": 3501, "forged": 3500}
    for token, code in ends.items():
        with pytest.raises(Disconnect) as end:
            await door.connect(ConnectWant(token, b"", {}, "", ""))
        assert end.value.close.code == code
    with pytest.raises(Disconnect) as end:
        await door.refresh(visitor(), signed(sub="somebody else"))
    assert end.value.close.code == 3500
    assert await door.refresh(visitor(), signed()) == LATER

    good = signed(channel="c")
    assert (await door.subscribe(visitor(), "c", b"", good)).expire_at == LATER
    assert await door.sub_refresh(visitor(), "c", good) == LATER
    for who, channel, token in (
        ("u", "other", good),
        ("v", "c", good),
        ("u", "c", signed(channel="c", client="other")),
    ):
        with pytest.raises(Disconnect) as end:
            await door.subscribe(visitor(who), channel, b"", token)
        assert end.value.close.code == 3500
    for token, code in {"": 103, "forged": 103, signed(channel="c", exp=NOW): 109}.items():
        with pytest.raises(ClientError) as refused:
            await door.subscribe(visitor(), "c", b"", token)
        assert refused.value.code == code
    with pytest.raises(ClientError) as refused:
        await door.rpc(visitor(), "m", b"")
    assert refused.value.code == 108


async def test_the_door_can_be_left_open() -> None:
    anonymous = TokenDoor(KEYS, lambda: NOW, anonymous=True)
    nobody = ConnectWant("", b"", {}, "", "")
    assert (await anonymous.connect(nobody)).user == ""
    with pytest.raises(ClientError):
        await anonymous.subscribe(visitor(""), "c", b"", "")
    insecure = TokenDoor(KEYS, lambda: NOW, insecure=True)
    assert await insecure.subscribe(visitor(""), "c", b"", "") == Grant()
    assert (await insecure.connect(ConnectWant(signed(), b"", {}, "", ""))).expire_at is None
