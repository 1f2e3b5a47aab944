"""Bundles as clients see them."""

from pydantic import Field

from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.bundles.rules import BundleKind
from livecommerce.web.wire import Wire


class SetBundle(Wire):
    """Cheaper together: of every ``nth`` pieces of one card one costs ``percent`` less; or a
    piece of each of several cards costs ``off`` less."""

    cards: list[str] = Field(min_length=1, max_length=10)
    nth: int = Field(default=2, ge=2, le=10)
    percent: int | None = Field(default=None, ge=1, le=90)
    off: int | None = Field(default=None, ge=1, le=MOST)


class BundleOut(Wire):
    """A bundle that runs in the room."""

    id: str
    kind: BundleKind
    cards: list[str]
    nth: int
    percent: int | None
    off: Money | None
