"""Where webhooks never go, and what a strange answer does not do."""

import socket
from datetime import datetime, timedelta

import pytest

from livecommerce.kernel.db import Database
from livecommerce.webhooks import queries
from livecommerce.webhooks.courier import Courier
from livecommerce.webhooks.rules import DeliveryState
from livecommerce.webhooks.sender import Refused, Sender, public_socket
from tests import shop
from tests.hooked import delivered, log, made, tell
from tests.receiver import receiver


async def test_redirects_lead_nowhere_and_long_answers_are_cut(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver() as inside:
        there = {"Location": inside.url}
        async with receiver(status=307, headers=there, text="é" * 900_000) as erp:
            endpoint = await made(db, merchant, erp.url)
            await tell(db, delivered(merchant), now=now)
            await courier.drain(now)
        assert not inside.heard
    (line,) = await log(db, merchant, endpoint.id)
    assert (line.state, line.status) == (DeliveryState.WAITING, 307)
    async with db.begin() as tx:
        detail = await queries.delivery(tx, endpoint.id, line.id, by=shop.owner(merchant))
    assert len(detail.attempts[0].response) == 1024


async def test_a_receiver_may_ask_for_patience(
    db: Database, courier: Courier, merchant: str, now: datetime
) -> None:
    async with receiver(status=429, headers={"Retry-After": "600"}) as erp:
        await made(db, merchant, erp.url)
        await tell(db, delivered(merchant), now=now)
        await courier.drain(now)
        assert await courier.drain(now + timedelta(seconds=590)) == 0
        assert await courier.drain(now + timedelta(seconds=660)) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],  # one bad address spoils the name
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["169.254.169.254"],
    ],
)
async def test_a_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    asked: list[str] = []

    def look_up(host: str, _port: int, _family: int) -> list[tuple[socket.AddressFamily, str]]:
        asked.append(host)
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, a) for a in addresses]

    async with receiver() as inside, Sender(look_up=look_up) as sender:
        port = inside.url.rpartition(":")[2]
        outcome = await sender.post(f"https://rebinding.example:{port}", "{}", {})
        assert (outcome.status, outcome.error) == (None, "address_refused")
        assert asked == ["rebinding.example"]  # once: there is no second answer to fool us
        assert not inside.heard


@pytest.mark.parametrize(
    "host", ["localhost", "2130706433", "0x7f000001", "127.1", "0177.1", "[::1]", "127.0.0.1"]
)
async def test_no_spelling_of_loopback_gets_through(host: str) -> None:
    async with receiver() as inside, Sender() as sender:
        port = inside.url.rpartition(":")[2]
        outcome = await sender.post(f"https://{host}:{port}", "{}", {})
        assert outcome.status is None
        assert outcome.error in {"address_refused", "name_unknown"}
        assert not inside.heard


def test_no_socket_is_made_for_a_private_address() -> None:
    """What a resolver let pass by mistake ends here."""
    for address in ("127.0.0.1", "10.0.0.1"):
        with pytest.raises(Refused):
            public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)))
    public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))).close()
