"""Tokens, guest cookies, CSRF, names and codes: what can be decided without a database."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from multidict import CIMultiDict

from livecommerce.identity import passwords, rules, tokens
from livecommerce.identity.authentication import (
    GUEST_COOKIE,
    RequestFacts,
    authenticate,
    guest_cookie,
)
from livecommerce.identity.errors import BadToken, CrossSite
from livecommerce.web.principal import Kind, Principal

SECRET = "a secret of the tests, long enough"
NOBODY: Any = None  # a guest costs no query, so no database is needed


def facts(
    method: str = "GET",
    *,
    cookies: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> RequestFacts:
    return RequestFacts(cookies or {}, CIMultiDict(headers or {}), method)


async def who(request: RequestFacts, now: datetime) -> Principal:
    return await authenticate(NOBODY, request, now=now, secret=SECRET)


def test_room_tokens_say_who_until_they_expire(now: datetime) -> None:
    token = tokens.issue(SECRET, "gst_1", "访客·7F3K", now)
    visitor = tokens.read(SECRET, token, now + timedelta(minutes=59))
    assert (visitor.user, visitor.name) == ("gst_1", "访客·7F3K")
    assert visitor.expires_at == now + timedelta(hours=1)
    with pytest.raises(BadToken):
        tokens.read(SECRET, token, now + timedelta(hours=1))


@pytest.mark.parametrize("forge", ["secret", "none", "audience", "cut", "guest", "bytes"])
def test_forged_room_tokens_are_refused(forge: str, now: datetime) -> None:
    good = tokens.issue(SECRET, "usr_1", "n", now)
    claims = {"sub": "usr_1", "exp": now.timestamp() + 60, "info": {"name": "n"}}
    token = {
        "secret": tokens.issue("another secret", "usr_1", "n", now),
        "none": jwt.encode({**claims, "aud": "room"}, None, algorithm="none"),
        "audience": jwt.encode(claims, tokens.room_key(SECRET), algorithm="HS256"),
        "cut": good[:-2],
        "guest": tokens.sign_guest(SECRET, "usr_1", now=now),
        "bytes": "\udcff.\udcff.\udcff",
    }[forge]
    with pytest.raises(BadToken):
        tokens.read(SECRET, token, now)


async def test_a_guest_stays_the_same_guest(now: datetime) -> None:
    first = await who(facts(), now)
    assert first.kind is Kind.GUEST
    cookie = guest_cookie(first, facts(), now=now, secret=SECRET)
    assert cookie is not None
    again = facts(cookies={GUEST_COOKIE: cookie}, headers={"Accept-Language": "de,en"})
    second = await who(again, now + timedelta(days=179))
    assert second.id == first.id
    assert second.name.startswith("Guest ")
    assert first.name.startswith("访客·")
    assert first.name[-4:] == second.name[-4:]
    assert guest_cookie(second, again, now=now, secret=SECRET) is None


@pytest.mark.parametrize("spoil", ["id", "signature", "old", "empty", "bytes", "dots"])
async def test_a_forged_guest_cookie_makes_a_new_guest(spoil: str, now: datetime) -> None:
    cookie = tokens.sign_guest(SECRET, "gst_victim", now=now)
    forged = {
        "id": cookie.replace("victim", "other"),
        "signature": tokens.sign_guest("another secret", "gst_victim", now=now),
        "old": tokens.sign_guest(SECRET, "gst_victim", now=now - timedelta(days=180)),
        "empty": "",
        "bytes": "gst_victim.1.\udcff",
        "dots": "...",
    }[spoil]
    request = facts(cookies={GUEST_COOKIE: forged})
    guest = await who(request, now)
    assert guest.id.startswith("gst_")
    assert guest.id not in {"gst_victim", "gst_other"}
    assert guest_cookie(guest, request, now=now, secret=SECRET) is not None


async def test_another_sites_page_may_look_but_not_act(now: datetime) -> None:
    from_outside = {"Sec-Fetch-Site": "cross-site"}
    await who(facts(headers=from_outside), now)
    for method in ("POST", "DELETE", "PUT", "PATCH"):
        with pytest.raises(CrossSite):
            await who(facts(method, headers=from_outside), now)
    await who(facts("POST", headers={"Sec-Fetch-Site": "same-origin"}), now)


def test_the_csrf_token_belongs_to_one_session() -> None:
    one = tokens.csrf(SECRET, "session one")
    assert one == tokens.csrf(SECRET, "session one")
    assert one != tokens.csrf(SECRET, "session two")
    assert one != tokens.csrf("another secret", "session one")


def test_the_language_is_what_was_chosen_then_what_the_browser_says() -> None:
    assert rules.locale_of("en", "zh-CN") == "en"
    assert rules.locale_of("xx", "zh-TW,zh;q=0.9,en;q=0.8") == "zh-CN"
    assert rules.locale_of(None, "fr-FR,fr;q=0.9") == "en"
    assert rules.locale_of(None, "*") == "zh-CN"
    assert rules.locale_of(None, None) == "zh-CN"


def test_credit_codes_have_a_check_character() -> None:
    # Two published ones: Tencent's and Huawei's.
    assert rules.uscc_is_valid("9144030071526726XG")
    assert rules.uscc_is_valid("914403001922038216")
    assert not rules.uscc_is_valid("914403001922038217")
    assert not rules.uscc_is_valid("91440300192203821")
    assert not rules.uscc_is_valid("91440300I922038216"), "I is not in the alphabet"


async def test_passwords_are_kept_as_argon2id_and_never_hold_up_others() -> None:
    stored = await passwords.hashed("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(stored)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    assert await passwords.is_right(stored, "correct horse")
    assert not await passwords.is_right(stored, "battery staple")
    assert not await passwords.is_right(None, "nobody has this password")
    task.cancel()
    assert turns > 100


@pytest.mark.parametrize(
    ("key", "random"),
    [
        ("0b7e3a52-6f0d-4f5e-9a55-3c1f6e1d2b90", True),
        ("q8Jx2ZcWm0-fLr_5TbYkNA", True),
        ("order-1", False),
        ("4f1c9a", False),
        ("q8Jx2ZcWm0-fLr_5TbYkN", False),
        ("k" * 64, False),
        ("00000000-0000-0000-0000-000000000000", False),
        ("q8Jx2ZcWm0 fLr/5TbYkNA", False),
        ("", False),
    ],
)
def test_a_key_that_looks_random(key: str, random: bool) -> None:
    assert rules.is_unguessable(key) is random
