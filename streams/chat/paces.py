"""How fast people may write, and how much of a flood everybody is shown."""

from collections.abc import Hashable

from streams.chat.errors import TooFast
from streams.chat.rules import RoomRules, Speaker, Whence
from streams.realtime.rates import Bucket

USER = (0.5, 3)
CONNECTION = (1.0, 5)
ADDRESS = (5.0, 20)
"""Per second, and at once. An address is shared by a household, an office, a carrier."""
REMEMBERED = 10_000


class Paces:
    """Who wrote how much lately."""

    def __init__(self) -> None:
        self._buckets: dict[Hashable, Bucket] = {}

    def heard_elsewhere(
        self, live: str, user: str, rules: RoomRules, moment: float, ago: float
    ) -> None:
        """Another process let the viewer speak so many seconds ago in a room in slow mode."""
        key = ("user", user, live, rules.slow)
        bucket = self._buckets.setdefault(key, Bucket(1 / rules.slow, 1, moment))
        bucket.taken_elsewhere(moment, ago)

    def take(
        self, live: str, who: Speaker, whence: Whence, rules: RoomRules, moment: float
    ) -> None:
        """Raises TooFast when the viewer, the connection or the address writes too fast; in
        slow mode a viewer's pace is the room's, and each room's its own."""
        rate, burst = (1 / rules.slow, 1) if rules.slow else USER
        place = live if rules.slow else ""
        self._take(("user", who.user, place, rules.slow), rate, burst, moment)
        if whence.connection:
            self._take(("connection", whence.connection), *CONNECTION, moment)
        if whence.address:
            self._take(("address", whence.address), *ADDRESS, moment)

    def _take(self, key: Hashable, rate: float, burst: float, moment: float) -> None:
        if len(self._buckets) > REMEMBERED:
            kept = {k: b for k, b in self._buckets.items() if not b.full(moment)}
            self._buckets = kept
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate, burst, moment)
        if not bucket.take(moment):
            raise TooFast(retry_after=max(1, round(1 / rate)))


class Sample:
    """How many messages a second a room shows; the others are counted.

    ``sharing``: how many processes take messages for the same rooms; each shows its part.
    """

    def __init__(self) -> None:
        self.sharing = 1
        self._buckets: dict[str, tuple[float, Bucket]] = {}
        self._left_out: dict[str, int] = {}

    def shows(self, live: str, rules: RoomRules, moment: float) -> bool:
        """Whether the room shows one more now; if not, it is counted."""
        mine = rules.shown / max(1, self.sharing)
        rate, bucket = self._buckets.get(live, (0.0, None))
        if bucket is None or rate != mine:
            bucket = Bucket(mine, max(1, mine), moment)
            self._buckets[live] = (mine, bucket)
        if bucket.take(moment):
            return True
        self._left_out[live] = self._left_out.get(live, 0) + 1
        return False

    def left_out(self, moment: float) -> dict[str, int]:
        """How many were left out in each room since this was last asked."""
        counted, self._left_out = self._left_out, {}
        quiet = [live for live, (_, bucket) in self._buckets.items() if bucket.full(moment)]
        for live in quiet:
            del self._buckets[live]
        return counted
