"""What a process holds open. The web process, the worker and the tests open it alike."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.outside.customs.exchange import CustomsExchange
from livecommerce.outside.mail.mailer import Mailer
from livecommerce.settings import Settings
from payments.gateway import PaymentGateway
from streams.media.port import MediaServer
from streams.realtime.gateway import Gateway

P = TypeVar("P")


@dataclass(slots=True)
class Resources:
    """The database, the ways out, and the parts that features keep running."""

    settings: Settings
    db: Database
    http: aiohttp.ClientSession
    wake: Wake
    gateway: Gateway
    payments: PaymentGateway
    customs: CustomsExchange
    mail: Mailer
    media: MediaServer | None = None
    public_url: str = ""
    rtmp_address: str = ""
    hook_secret: str = ""
    _parts: dict[type[Any], Any] = field(default_factory=dict)

    def add(self, part: object) -> None:
        """Keep a feature's running part, to be found by its class."""
        self._parts[type(part)] = part

    def find(self, kind: type[P]) -> P | None:
        """The running part of that class, if this process runs one."""
        return self._parts.get(kind)

    def part(self, kind: type[P]) -> P:
        """The running part of that class.

        Raises:
            LookupError: this process does not run one.
        """
        try:
            found: P = self._parts[kind]
        except KeyError:
            raise LookupError(f"this process runs no {kind.__name__}") from None
        return found
