"""Unit tests talk to nobody."""

import socket

import pytest


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every way of reaching out; a loop's own pair of sockets is left alone."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a unit test opened a socket; move it to integration/")

    for name in ("bind", "connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
