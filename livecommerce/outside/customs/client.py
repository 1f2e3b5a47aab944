"""The customs exchange over HTTP, as our local peer speaks it.

Real access (AS2, MQ, a vendor's client, the e-port's program) is another class with the same
three methods.
"""

import base64
import binascii
from typing import Any

import aiohttp

from livecommerce.outside.customs.ceb.envelope import Envelope
from livecommerce.outside.customs.exchange import CustomsUnreachable, EnvelopeRefused, Letter

_PATIENCE = aiohttp.ClientTimeout(total=15)


class HttpExchange:
    """A :class:`~livecommerce.outside.customs.exchange.CustomsExchange` at ``base_url``."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/")

    async def hand_in(self, envelope: Envelope) -> None:
        """Raises CustomsUnreachable, EnvelopeRefused."""
        await self._ask(
            "POST",
            "/exchange",
            data=envelope.encode(),
            headers={"Content-Type": "application/xml"},
        )

    async def waiting(self, owner: str) -> list[Letter]:
        """Raises CustomsUnreachable."""
        letters = await self._ask("GET", f"/mailbox/{owner}")
        try:
            return [
                Letter(str(one["number"]), base64.b64decode(one["document"], validate=True))
                for one in letters
            ]
        except (KeyError, TypeError, binascii.Error):
            raise CustomsUnreachable("The mailbox's answer cannot be read.") from None

    async def taken(self, owner: str, letter: Letter) -> None:
        """Raises CustomsUnreachable."""
        await self._ask("DELETE", f"/mailbox/{owner}/{letter.number}")

    async def _ask(self, method: str, path: str, **what: Any) -> Any:
        try:
            async with self._http.request(
                method, self._base + path, timeout=_PATIENCE, **what
            ) as answer:
                if 400 <= answer.status < 500 and answer.status not in {408, 429}:
                    raise EnvelopeRefused((await answer.text())[:500], status=answer.status)
                answer.raise_for_status()
                return await answer.json() if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CustomsUnreachable(reason=type(error).__name__) from error
