"""The official JavaScript SDK, unmodified, on every transport and encoding it has.

Its own suite is not in the package that registries carry; so what a room needs of it is
driven here, by ``rooms_sdk.mjs``.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway_alone import ROOT, gateway

SDK = ROOT / "livecommerce/pages/frontend/node_modules/centrifuge"
SCRIPT = Path(__file__).with_name("rooms_sdk.mjs")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with gateway("--profile", "conformance-js", folder=tmp_path_factory.mktemp("js")) as alone:
        yield alone.port


def node() -> list[str]:
    """Node with a WebSocket, which it has by itself from 22 on."""
    found = shutil.which("node")
    if found is None or not SDK.is_dir():
        why = "Node or the SDK is not installed"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    version = re.match(r"v(\d+)", told.stdout)
    assert version
    return [found] if int(version[1]) >= 22 else [found, "--experimental-websocket"]


@pytest.mark.parametrize(
    ("transport", "encoding"),
    [
        ("websocket", "json"),
        ("http_stream", "json"),
        ("sse", "json"),
        ("websocket", "protobuf"),
        ("http_stream", "protobuf"),
    ],
)
def test_the_javascript_sdk_finds_what_a_room_needs(
    transport: str, encoding: str, port: int
) -> None:
    ran = subprocess.run(
        [*node(), str(SCRIPT), str(SDK), str(port), transport, encoding],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ran.stdout == "held\n", ran.stdout + ran.stderr
