"""Sending mail over SMTP."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from livecommerce.kernel.errors import Unavailable

PATIENCE = 15.0


class MailNotSent(Unavailable):
    """The mail server did not take the message."""


class Mailer(Protocol):
    """What we need of mail."""

    async def send(
        self,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        *,
        key: str,
        now: datetime,
    ) -> str:
        """Hand a message over and return its Message-ID.

        Args:
            key: names the message for good, so that sending again is seen to be the same.

        Raises:
            MailNotSent: it was not taken; try again later.
        """
        ...


class SmtpMailer:
    """A mail server by its URL: ``smtp://``, ``smtp+starttls://`` or ``smtps://``."""

    def __init__(self, url: str, *, sender: str) -> None:
        at = urlsplit(url)
        if at.scheme not in {"smtp", "smtp+starttls", "smtps"} or not at.hostname:
            raise ValueError("a mail server is smtp://, smtp+starttls:// or smtps://host:port")
        self._host = at.hostname
        self._tls = at.scheme == "smtps"
        self._starttls = at.scheme == "smtp+starttls"
        self._port = at.port or {"smtp": 25, "smtp+starttls": 587, "smtps": 465}[at.scheme]
        self._user = unquote(at.username) if at.username else None
        self._password = unquote(at.password) if at.password else None
        self._sender = sender

    async def send(
        self,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        *,
        key: str,
        now: datetime,
    ) -> str:
        message = self._written(to, subject, text, html, key=key, now=now)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=self._starttls,
                timeout=PATIENCE,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # The server's words may repeat the address, so only their kind goes on.
            raise MailNotSent(reason=type(error).__name__) from None
        return str(message["Message-ID"])

    def _written(
        self, to: str, subject: str, text: str, html: str | None, *, key: str, now: datetime
    ) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{key}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
        return message
