"""Hearts: what people say without words, told to the room as a number once a second.

Nobody's name is in it, nothing is kept, and one person counts only so much.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from streams.chat.errors import TooFast
from streams.realtime.gateway import Gateway
from streams.ticks import repeating

KINDS = frozenset({"heart", "clap", "fire"})
MOST_A_SECOND = 10


class Hearts:
    """Gathers reactions and publishes ``{"t": "react", "n": {"heart": 12}}`` on
    ``react:<live>``.

    Args:
        seconds: how long they are gathered.
    """

    def __init__(
        self, gateway: Gateway, *, seconds: float = 1.0, most: int = MOST_A_SECOND
    ) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._most = most
        self._counted: dict[str, Counter[str]] = {}
        self._given: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Hearts"]:
        """Rooms are told while the block runs."""
        async with repeating((self._seconds, self.tell, "chat: hearts")):
            yield self

    def react(self, live: str, user: str, reactions: Mapping[str, int]) -> int:
        """Count them, so many of one person as fit; how many that were.

        Raises:
            TooFast: none of them.
        """
        counted = 0
        for kind, n in reactions.items():
            if kind not in KINDS or n <= 0:
                continue
            fitting = min(n, self._most - self._given[live, user])
            if fitting <= 0:
                break
            self._given[live, user] += fitting
            self._counted.setdefault(live, Counter())[kind] += fitting
            counted += fitting
        if not counted:
            raise TooFast(retry_after=1)
        return counted

    async def tell(self) -> None:
        """Every room hears what was gathered."""
        counted, self._counted = self._counted, {}
        self._given.clear()
        for live, kinds in counted.items():
            await self._gateway.publish(f"react:{live}", {"t": "react", "n": dict(kinds)})
