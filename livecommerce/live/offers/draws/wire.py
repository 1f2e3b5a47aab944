"""Draws as clients see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.live.offers.draws.rules import LASTS_S, Condition, DrawState, PrizeState
from livecommerce.web.wire import Both, Wire


class OpenDraw(Wire):
    """A draw of so many of one prize among those who enter in time and meet the condition."""

    prize: Both
    prizes: int = Field(default=1, ge=1, le=100)
    condition: Condition = Condition.EVERYONE
    watch_s: int = Field(default=0, ge=0, le=LASTS_S[1])
    lasts_s: int = Field(default=120, ge=LASTS_S[0], le=LASTS_S[1])


class DrawOut(Wire):
    """A draw. ``winners`` are masked names, once it is drawn."""

    id: str
    prize: Both
    prizes: int
    condition: Condition
    watch_s: int
    state: DrawState
    opens_at: Instant
    closes_at: Instant
    entries: int
    seed_hash: str
    winners: list[str]


class AuditOut(Wire):
    """Everything needed to check a draw. ``seed``, ``entries`` and ``winners`` (their places
    in ``entries``, from 0) are there once it is drawn; ``verified`` says that they agree by
    the procedure: sha256(seed) is ``seed_hash``; the k-th winner is the remainder of
    HMAC-SHA256(seed, "<entries_hash>/<k>") by how many entries are left, among those left."""

    draw: str
    seed_hash: str
    seed: str | None
    prizes: int
    entries: list[str]
    entries_hash: str | None
    winners: list[int]
    verified: bool | None


class PrizeAddress(Wire):
    """Where a prize goes."""

    name: str = Field(min_length=1, max_length=100)
    lines: list[str] = Field(min_length=1, max_length=5)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    phone: str = Field(pattern=r"^\+?[0-9 ()./-]{4,30}$")


class PrizeOut(Wire):
    """A prize. ``address`` is there for its winner and for those who send it."""

    id: str
    draw: str
    live: str
    prize: Both
    name: str
    state: PrizeState
    claim_by: Instant
    address: PrizeAddress | None
