"""A token bucket: so many at once, so many per second after that."""


class Bucket:
    """Fills at ``rate`` per second up to ``burst``; full at first."""

    __slots__ = ("_burst", "_left", "_rate", "_seen")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen = now

    def take(self, now: float) -> bool:
        """Take one if there is one."""
        self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def taken_elsewhere(self, now: float, ago: float) -> None:
        """Somebody else took one of the same so many seconds ago. Hearing it twice is
        harmless where one is all that can be had at once."""
        left = min(self._burst, self._left + (now - self._seen) * self._rate)
        self._left = min(left, self._burst - 1 + max(0.0, ago) * self._rate)
        self._seen = now

    def full(self, now: float) -> bool:
        """Whether it has recovered whole, so that it may as well be forgotten."""
        return self._left + (now - self._seen) * self._rate >= self._burst
