"""What we need from the customs exchange platform: hand in an envelope, empty our mailbox."""

from dataclasses import dataclass
from typing import Protocol

from livecommerce.kernel.errors import Conflict, Unavailable
from livecommerce.outside.customs.ceb.envelope import Envelope


class CustomsUnreachable(Unavailable):
    """The customs exchange did not answer."""


class EnvelopeRefused(Conflict):
    """The customs exchange refused the envelope."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An answer waiting in our mailbox, under the platform's number."""

    number: str
    document: bytes


class CustomsExchange(Protocol):
    """The way to customs. At least once in both directions."""

    async def hand_in(self, envelope: Envelope) -> None:
        """Give the envelope to the platform; the same one again is no second document.

        Raises:
            CustomsUnreachable: nobody knows whether it arrived; hand it in again.
            EnvelopeRefused: it will never be taken like this.
        """

    async def waiting(self, owner: str) -> list[Letter]:
        """The answers in the mailbox of that platform id, oldest first; they stay there."""

    async def taken(self, owner: str, letter: Letter) -> None:
        """The answer is safe with us; the platform may forget it."""
