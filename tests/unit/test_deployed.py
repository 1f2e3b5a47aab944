"""The files of ``deploy/`` agree with each other and with what the product reads."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from livecommerce.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text()
PROXY = (DEPLOY / "reverse-proxy.conf").read_text()


def test_the_proxy_that_is_believed_is_the_one_that_is_started() -> None:
    (believed,) = re.findall(r"LC_TRUSTED_PROXIES: ([\d.]+)", COMPOSE)
    assert re.findall(r"ipv4_address: ([\d.]+)", COMPOSE) == [believed]
    (subnet,) = re.findall(r"[{ ]subnet: ([\d./]+)", COMPOSE)
    (others,) = re.findall(r"ip_range: ([\d./]+)", COMPOSE)
    assert ip_address(believed) in ip_network(subnet)
    assert ip_address(believed) not in ip_network(others), "nobody else may be given it"
    assert ip_network(others).subnet_of(ip_network(subnet))  # type: ignore[arg-type]


def test_the_proxy_says_where_people_are_and_passes_on_nobody_s_claim() -> None:
    (sockets,) = re.findall(r"location /connection/ \{(.*?)\}", PROXY, re.DOTALL)
    server = PROXY.split("location", 1)[0]
    for place in (server, sockets):  # a location with headers of its own inherits none
        for header in ("X-Forwarded-For", "X-Real-Ip"):
            assert re.findall(rf"proxy_set_header {header} +(\S+);", place) == ["$remote_addr"]


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez"])
def test_the_world_sees_no_figures(path: str) -> None:
    assert re.search(rf"location = {path} +\{{ return 404; \}}", PROXY)


@pytest.mark.parametrize("name", ["runbook.md", "production.env.example"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"LC_([A-Z_]+[A-Z])\b", (DEPLOY / name).read_text()))
    assert named
    assert {each.lower() for each in named} <= set(Settings.model_fields)
