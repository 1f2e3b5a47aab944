"""Mail goes out over SMTP and is found again at the peer that caught it."""

import socket
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from livecommerce.kernel.db import Database
from livecommerce.outside.mail import caught
from livecommerce.outside.mail.mailer import MailNotSent, SmtpMailer
from livecommerce.outside.mail.peer import build_mail_peer, catching


@pytest.fixture
async def smtp(db: Database, now: datetime) -> AsyncIterator[str]:
    """A mail server that catches everything."""
    sock = socket.create_server(("127.0.0.1", 0))
    async with catching(db, sock, now=lambda: now):
        yield f"smtp://127.0.0.1:{sock.getsockname()[1]}"


async def test_a_message_arrives_as_it_was_written(
    db: Database, smtp: str, now: datetime
) -> None:
    mailer = SmtpMailer(smtp, sender="shop@livecommerce.example")
    said = "您的订单已付款。\nYour order is paid.\n.\nA dot alone ends nothing.\n"
    await mailer.send(
        "li@example.com", "订单 Order", said, "<p>已付款</p>", key="ord_1-paid", now=now
    )
    async with db.begin() as tx:
        (message,) = await caught.listed(tx)
        assert await caught.get(tx, message.id) == message
        assert await caught.listed(tx, to="wang@example.com") == []
        assert await caught.listed(tx, before=message.id) == []
    assert message.recipients == ["li@example.com"]
    assert message.subject == "订单 Order"
    assert message.text.replace("\r\n", "\n") == said
    assert message.html is not None
    assert "已付款" in message.html
    assert message.message_id == "<ord_1-paid@livecommerce.example>"
    assert message.caught_at == now


async def test_the_peer_shows_what_it_caught(
    postgres_url: str, smtp: str, now: datetime, aiohttp_client: AiohttpClient
) -> None:
    mailer = SmtpMailer(smtp, sender="shop@livecommerce.example")
    await mailer.send("li@example.com", "One", "1", key="1", now=now)
    await mailer.send("li@example.com", "Two", "2", key="2", now=now)
    client = await aiohttp_client(build_mail_peer(postgres_url))
    items = (await (await client.get("/messages?to=li@example.com")).json())["items"]
    assert [item["subject"] for item in items] == ["Two", "One"]
    one = await client.get(f"/messages/{items[0]['id']}")
    assert (await one.json())["text"].strip() == "2"
    assert (await client.get("/messages/eml_none")).status == 404


async def test_a_server_that_is_gone_is_said_so_without_the_address(now: datetime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", sender="shop@livecommerce.example")
    with pytest.raises(MailNotSent) as raised:
        await mailer.send("li@example.com", "Subject", "text", key="1", now=now)
    assert "li@example.com" not in str(raised.value) + str(raised.value.facts)


async def test_a_subject_cannot_smuggle_a_header(smtp: str, now: datetime) -> None:
    mailer = SmtpMailer(smtp, sender="shop@livecommerce.example")
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        await mailer.send("li@example.com", "x\nBcc: all@example.com", "", key="1", now=now)
