"""Auctions as clients see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.auctions.rules import COUNTER_S, LASTS_S, AuctionState
from livecommerce.web.wire import Wire


class AnnounceAuction(Wire):
    """One piece of a variant from ``opening`` on. ``counter_s``: a bid in the last seconds
    gives as many again; 0 is sudden death. ``steps``: from which price on a bid is how much
    more, in minor units; the usual ones if left out. ``start``: at once."""

    card: str
    variant: str
    opening: int = Field(ge=1, le=MOST)
    lasts_s: int = Field(default=30, ge=LASTS_S[0], le=LASTS_S[1])
    counter_s: int = Field(default=10, ge=COUNTER_S[0], le=COUNTER_S[1])
    steps: list[tuple[int, int]] | None = Field(default=None, min_length=1, max_length=20)
    pay_within_s: int = Field(default=900, ge=300, le=86_400)
    start: bool = True


class AuctionOut(Wire):
    """An auction. ``least``: what the next bid must be; ``leader`` is who is ahead."""

    id: str
    card: str
    variant: str
    state: AuctionState
    opening: Money
    price: Money | None
    least: Money
    leader: str | None
    leader_name: str | None
    bids: int
    lasts_s: int
    counter_s: int
    ends_at: Instant | None
    version: int


class BidOut(Wire):
    """Where the bidder stands."""

    leading: bool
    price: Money | None
    least: Money
    ends_at: Instant | None
