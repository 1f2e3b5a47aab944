"""The owner of a dead endpoint is written to."""

import socket
from datetime import datetime
from types import SimpleNamespace

from livecommerce.identity import actions as identity
from livecommerce.kernel.db import Database
from livecommerce.outside.mail import caught
from livecommerce.outside.mail.mailer import SmtpMailer
from livecommerce.outside.mail.peer import catching
from livecommerce.web.principal import MerchantRole
from livecommerce.webhooks import jobs
from livecommerce.webhooks.events import EndpointSwitchedOff
from tests.hooked import made
from tests.receiver import HOST

ROLES = {"owner": MerchantRole.OWNER, "host": MerchantRole.HOST}


async def test_owners_and_nobody_else_get_a_letter_in_both_languages(
    db: Database, merchant: str, now: datetime
) -> None:
    endpoint = await made(db, merchant, f"http://{HOST}:9/hook")
    async with db.begin() as tx:
        for who, role in ROLES.items():
            person = await identity.add_person(
                tx,
                email=f"{who}@example.com",
                name=who,
                locale="zh-CN",
                password_hash=None,
                now=now,
            )
            await identity.enrol(tx, merchant, person, role)
    fact = EndpointSwitchedOff(
        endpoint=endpoint.id, merchant=merchant, because="failing", at=now
    )
    sock = socket.create_server((HOST, 0))
    async with catching(db, sock, now=lambda: now):
        mail = SmtpMailer(f"smtp://{HOST}:{sock.getsockname()[1]}", sender="shop@lc.example")
        held = SimpleNamespace(db=db, mail=mail, public_url="https://lc.example")
        await jobs.tell_owner(held, fact, now=now)  # type: ignore[arg-type]
        async with db.begin() as tx:
            (letter,) = await caught.listed(tx)
    assert letter.recipients == ["owner@example.com"]
    assert endpoint.url in letter.text
    assert "三天" in letter.text
    assert "three days" in letter.text
    assert f"https://lc.example/webhooks?merchant={merchant}" in letter.text
