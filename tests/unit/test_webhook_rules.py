"""When webhooks are tried again, what an endpoint hears, and where none is ever sent."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook

from livecommerce.webhooks import addresses, rules, signing
from livecommerce.webhooks.errors import AddressRefused
from livecommerce.webhooks.rules import Level

REFUSED = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "100.64.0.1": "shared by a carrier",
    "100.100.100.200": "shared by a carrier",  # a cloud's metadata
    "100.127.255.255": "shared by a carrier",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "a cloud's own",
    "169.254.169.254": "link-local",  # the clouds' metadata
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",  # a cloud's metadata
    "192.0.2.1": "for documentation",
    "192.88.99.1": "a relay",
    "192.168.1.1": "private",
    "198.18.0.1": "for benchmarks",
    "198.51.100.7": "for documentation",
    "203.0.113.7": "for documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "not global unicast",
    "::1": "not global unicast",
    "::7f00:1": "not global unicast",  # IPv4-compatible loopback
    "::ffff:127.0.0.1": "not global unicast",
    "::ffff:8.8.8.8": "not global unicast",
    "::ffff:0:127.0.0.1": "not global unicast",
    "64:ff9b::7f00:1": "not global unicast",  # NAT64
    "64:ff9b::808:808": "not global unicast",
    "64:ff9b:1::a00:1": "not global unicast",
    "100::1": "not global unicast",
    "2001::1": "reserved",  # Teredo
    "2001:10::1": "reserved",
    "2001:20::1": "reserved",
    "2001:db8::1": "for documentation",
    "2002:7f00:1::1": "a relay",  # 6to4 around loopback
    "2002:a9fe:a9fe::1": "a relay",
    "3fff::1": "for documentation",
    "5f00::1": "not global unicast",
    "fc00::1": "not global unicast",
    "fd00:ec2::254": "not global unicast",  # a cloud's metadata
    "fe80::1": "not global unicast",
    "fe80::1%eth0": "not global unicast",
    "fec0::1": "not global unicast",
    "ff02::1": "not global unicast",
    "2606:4700::1%eth0": "not global unicast",
    "not-an-address": "not an address",
    "": "not an address",
    "0x7f.1": "not an address",
    "2130706433": "not an address",
    "127.1": "not an address",
}
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1"]
PUBLIC += ["168.63.129.15", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert addresses.why_refused(address) == REFUSED[address]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert addresses.why_refused(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example/hook",
        "ftp://erp.example/hook",
        "https://",
        "https:///hook",
        "erp.example",
        "https://me:secret@erp.example/hook",
        "https://erp.example/hook#part",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[fe80::1%25eth0]/hook",
        "https://erp.example:99999/hook",
        "https://erp.example/a b",
        "https://erp.example\\@127.0.0.1/",
        "https://erp.example/\x00",
        "https://[::1/hook",
        "http://127.0.0.1.erp.example/hook",
        "javascript:alert(1)",
        *("https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://0177.0.0.1/"),
        *("https://127.0.0.1./", "https://0x7F000001/", "https://8.8/", "https://0x/"),
        *("https://localhost/", "https://LocalHost./", "https://erp.localhost/"),
        *("https://printer.local/", "https://metadata.google.internal/"),
    ],
)
def test_what_cannot_be_an_endpoint(url: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.checked(url, ["127.0.0.9"])


def test_only_the_very_hosts_an_operator_named_may_be_private() -> None:
    trusted = ["Receiver.internal", "127.0.0.1"]
    assert addresses.checked("http://receiver.internal:8080/hook", trusted).port == 8080
    assert addresses.checked("http://127.0.0.1/", trusted).hostname == "127.0.0.1"
    assert addresses.checked("https://erp.example/hook?a=1", trusted).query == "a=1"
    for name in ("erp.example.", "local.example", "mylocalhost.example", "7.0x7f.example"):
        assert addresses.checked(f"https://{name}/", trusted).hostname == name
    assert addresses.checked("https://8.8.8.8/", trusted).hostname == "8.8.8.8"
    assert addresses.checked("https://localhost/", ["localhost"]).hostname == "localhost"
    for near in ("http://xreceiver.internal/", "http://127.0.0.2/", "ftp://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            addresses.checked(near, trusted)


def test_tries_start_after_five_seconds_and_end_after_three_days() -> None:
    assert rules.PAUSES[0] == timedelta(seconds=5)
    assert all(one <= two for one, two in pairwise(rules.PAUSES))
    assert timedelta(days=2, hours=20) < sum(rules.PAUSES, timedelta()) < timedelta(days=3)
    assert rules.pause(rules.TRIES, 0.5) is None
    assert rules.pause(rules.TRIES - 1, 0.5) == rules.PAUSES[-1]


def test_pauses_spread_and_a_receiver_may_only_lengthen_them() -> None:
    soonest, latest = rules.pause(3, 0.0), rules.pause(3, 0.999)
    assert soonest is not None
    assert latest is not None
    assert soonest < rules.PAUSES[2] < latest
    assert latest - soonest < rules.PAUSES[2] / 4
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert rules.pause(1, 0.5, wish=hour) == hour
    assert rules.pause(1, 0.5, wish=day) == rules.LONGEST_WISH
    assert rules.pause(1, 0.5, wish=timedelta(0)) == rules.PAUSES[0]


def test_a_dead_endpoint_has_been_silent_for_as_long_as_a_delivery_lasts() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    least = sum((pause * (1 - rules.JITTER) for pause in rules.PAUSES), timedelta())
    assert rules.is_dead(now - least, now)
    assert not rules.is_dead(now - timedelta(days=2), now)
    assert not rules.is_dead(None, now)


@pytest.mark.parametrize(
    ("before", "left", "news"),
    [
        (None, 500, None),
        (None, 3, "stock.low"),
        (None, 0, "stock.sold_out"),
        (Level.PLENTY, 10, "stock.low"),
        (Level.PLENTY, 11, None),
        (Level.LOW, 4, None),
        (Level.LOW, 0, "stock.sold_out"),
        (Level.LOW, 80, None),
        (Level.OUT, 1, "stock.restocked"),
        (Level.OUT, 80, "stock.restocked"),
        (Level.OUT, 0, None),
    ],
)
def test_stock_is_news_when_its_level_changes(
    before: Level | None, left: int, news: str | None
) -> None:
    assert rules.stock_news(before, rules.level(left)) == news


def test_a_secret_is_its_endpoint_s_and_its_generation_s_alone() -> None:
    made = {
        signing.secret_of(root, endpoint, generation)
        for root in ("r", "s")
        for endpoint in ("whe_a", "whe_b")
        for generation in (1, 2)
    }
    assert len(made) == 8
    assert all(secret.startswith("whsec_") for secret in made)
    assert signing.secret_of("r", "whe_a", 1) in made


def test_two_secrets_sign_while_one_replaces_the_other() -> None:
    now = datetime.now(UTC)
    old, new = (signing.secret_of("r", "whe_a", generation) for generation in (1, 2))
    headers = signing.signed([new, old], event="evt_1", body="{}", now=now)
    for secret in (old, new):
        assert Webhook(secret).verify("{}", headers) == {}
