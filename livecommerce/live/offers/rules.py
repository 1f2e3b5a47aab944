"""Which offers combine, in which order, and what each takes off. One pure function.

======== =========================== ==================== =====================================
step     offer                        per                  combines with
======== =========================== ==================== =====================================
1        flash price *or* auction     line, at the claim   flash: a coupon; auction: nothing
2        second piece *or* bundle     pieces of a merchant a coupon
3        coupon, the best of several   merchant             flash, second piece, bundle
======== =========================== ==================== =====================================

A line that an earlier step may not share with a later one is no part of the later: its pieces
count towards no bundle, its amount towards no coupon's minimum. Whatever is taken off, a tenth
of each line's normal price remains (and one unit per piece).

What an offer takes is shared, without losing a unit, over all the pieces that earned it: a
coupon's over the merchant's lines, a bundle's over its members, a second piece's over the
pieces counted together, by their prices. So whoever sends one of them back is given what it
cost in company, and keeps the others at what those cost; the dear half of a pair cannot be
returned whole and the cheap half kept for a tenth.

The result depends neither on the order of the lines nor on that of the offers, and pricing
what is priced already changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from livecommerce.kernel.money import Money


class Kind(StrEnum):
    """What an offer is."""

    FLASH = "flash"
    AUCTION = "auction"
    SECOND = "second"
    BUNDLE = "bundle"
    COUPON = "coupon"


STEPS: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.FLASH, Kind.AUCTION}),
    frozenset({Kind.SECOND, Kind.BUNDLE}),
    frozenset({Kind.COUPON}),
)
COMBINES: Mapping[Kind, frozenset[Kind]] = {
    Kind.FLASH: frozenset({Kind.COUPON}),
    Kind.AUCTION: frozenset(),
    Kind.SECOND: frozenset({Kind.COUPON}),
    Kind.BUNDLE: frozenset({Kind.COUPON}),
    Kind.COUPON: frozenset(),
}
"""Which later offers may be added to a line that has the key."""


@dataclass(frozen=True, slots=True)
class Cut:
    """So much of a line's amount was taken off by one offer, and which."""

    kind: Kind
    id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Line:
    """Goods of one hold. ``normal`` and ``price`` are of one piece; they differ by what the
    claim was given, ``given``."""

    reference: str
    merchant: str
    product: str
    count: int
    normal: Money
    price: Money
    given: tuple[Kind, str] | None = None
    cuts: tuple[Cut, ...] = ()

    @property
    def amount(self) -> Money:
        """What remains to be paid."""
        return self.normal_amount - Money.sum((c.amount for c in self.cuts), self.currency)

    @property
    def normal_amount(self) -> Money:
        """What it would cost without any offer; a dear auction makes that its price."""
        dearer = self.normal if self.price < self.normal else self.price
        return dearer * self.count

    @property
    def currency(self) -> str:
        return self.price.currency

    @property
    def room(self) -> Money:
        """How much more may be taken off."""
        left = self.amount.minor - floor(self)
        return Money(max(0, left), self.currency)

    def takes(self, kind: Kind) -> bool:
        """Whether an offer of this kind may be added to what the line has."""
        return all(kind in COMBINES[cut.kind] for cut in self.cuts) and (
            self.given is None or kind in COMBINES[self.given[0]]
        )


@dataclass(frozen=True, slots=True)
class Second:
    """Of every ``nth`` pieces of one product, one costs ``percent`` less: the cheapest. All
    ``nth`` have a share of that in proportion to their prices; pieces beyond (the dearest)
    have none, and are free for another offer if their whole line is."""

    id: str
    merchant: str
    product: str
    nth: int
    percent: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """One piece of each of these products together cost ``off`` less, as often as they fit."""

    id: str
    merchant: str
    products: tuple[str, ...]
    off: Money


@dataclass(frozen=True, slots=True)
class Coupon:
    """From ``least`` on, ``off`` or ``percent`` less (at most ``most``)."""

    id: str
    merchant: str
    least: Money
    off: Money | None = None
    percent: int = 0
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be applied to a purchase."""

    seconds: Sequence[Second] = ()
    bundles: Sequence[Bundle] = ()
    coupons: Sequence[Coupon] = ()


@dataclass(slots=True)
class _Table:
    """The lines while they are priced, by reference, in an order of their own."""

    lines: dict[str, Line] = field(default_factory=dict)

    def take(self, kind: Kind, offer: str, shares: Mapping[str, Money]) -> None:
        for reference, amount in shares.items():
            if amount:
                line = self.lines[reference]
                cut = Cut(kind, offer, amount)
                self.lines[reference] = replace(line, cuts=(*line.cuts, cut))


def floor(line: Line) -> int:
    """What at least remains of a line: a tenth of its normal amount, a unit per piece."""
    return max(line.count, -(-line.normal_amount.minor // 10))


def priced(lines: Iterable[Line], offers: Offers) -> list[Line]:
    """The lines, in the order given, each with everything that is taken off it.

    What ``cuts`` they came with is worked out anew, so that doing it twice changes nothing.
    """
    wanted = list(lines)
    bare = sorted((replace(line, cuts=()) for line in wanted), key=lambda x: x.reference)
    table = _Table({line.reference: _given(line) for line in bare})
    for second in sorted(offers.seconds, key=lambda x: x.id):
        _second(table, second)
    for bundle in sorted(offers.bundles, key=lambda x: x.id):
        _bundle(table, bundle)
    for merchant in sorted({coupon.merchant for coupon in offers.coupons}):
        _best_coupon(table, [c for c in offers.coupons if c.merchant == merchant])
    return [table.lines[line.reference] for line in wanted]


def worth(lines: Iterable[Line]) -> dict[str, Money]:
    """What each offer takes off all lines together, by its id."""
    found: dict[str, Money] = {}
    for line in lines:
        for cut in line.cuts:
            before = found.get(cut.id, Money.zero(cut.amount.currency))
            found[cut.id] = before + cut.amount
    return found


def _given(line: Line) -> Line:
    """What the claim was given stands first."""
    if line.given is None or not line.price < line.normal:
        return line
    kind, offer = line.given
    return replace(line, cuts=(Cut(kind, offer, (line.normal - line.price) * line.count),))


def _second(table: _Table, offer: Second) -> None:
    mine = [
        line
        for line in table.lines.values()
        if (line.merchant, line.product) == (offer.merchant, offer.product)
        and line.takes(Kind.SECOND)
    ]
    for group in _by_currency(mine):
        cheapest = sorted(group, key=lambda x: (x.price.minor, x.reference))
        reduced = sum(line.count for line in group) // offer.nth
        earned = reduced * offer.nth
        off, shares = 0, dict[str, tuple[int, int]]()
        for line in cheapest:
            pieces, counted = min(reduced, line.count), min(earned, line.count)
            reduced, earned = reduced - pieces, earned - counted
            off += min(line.price.minor * offer.percent // 100 * pieces, line.room.minor)
            if counted:
                shares[line.reference] = (line.price.minor * counted, line.room.minor)
        table.take(Kind.SECOND, offer.id, _by_price(Money(off, group[0].currency), shares))


def _by_price(off: Money, shares: Mapping[str, tuple[int, int]]) -> dict[str, Money]:
    """``off`` over lines in proportion to what their pieces cost; what a line has no room
    for, the others bear.

    Args:
        shares: of each line, what its pieces cost and how much may be taken off it.
    """
    if not off:
        return {}
    parts = off.split([price for price, _ in shares.values()])
    fits = {
        reference: Money(min(part.minor, room), off.currency)
        for part, (reference, (_, room)) in zip(parts, shares.items(), strict=True)
    }
    beyond = off - Money.sum(fits.values(), off.currency)
    left = {r: Money(room - fits[r].minor, off.currency) for r, (_, room) in shares.items()}
    more = shared(beyond, left) if beyond else {}
    return {r: part + more.get(r, Money.zero(off.currency)) for r, part in fits.items()}


def _bundle(table: _Table, offer: Bundle) -> None:
    def free(product: str) -> list[Line]:
        return [
            line
            for line in table.lines.values()
            if (line.merchant, line.product) == (offer.merchant, product)
            and line.currency == offer.off.currency
            and line.takes(Kind.BUNDLE)
        ]

    parts = {product: free(product) for product in offer.products}
    times = min((sum(x.count for x in found) for found in parts.values()), default=0)
    if times == 0:
        return
    pieces = {}
    for found in parts.values():
        left = times
        for line in sorted(found, key=lambda x: (-x.price.minor, x.reference)):
            pieces[line.reference] = min(left, line.count)
            left -= pieces[line.reference]
    rooms = {
        reference: Money(min(line.room.minor, line.price.minor * count), line.currency)
        for reference, count in sorted(pieces.items())
        if count and (line := table.lines[reference])
    }
    table.take(Kind.BUNDLE, offer.id, shared(offer.off * times, rooms))


def _best_coupon(table: _Table, offers: Iterable[Coupon]) -> None:
    """Of one merchant's coupons the one that takes most off, the first of equals."""
    best, most = None, dict[str, Money]()
    for offer in sorted(offers, key=lambda x: x.id):
        shares = _coupon(table, offer)
        if _whole(shares) > _whole(most):
            best, most = offer, shares
    if best is not None:
        table.take(Kind.COUPON, best.id, most)


def _whole(shares: Mapping[str, Money]) -> int:
    return sum(share.minor for share in shares.values())


def _coupon(table: _Table, offer: Coupon) -> dict[str, Money]:
    """What it would take off each line."""
    mine = {
        reference: line
        for reference, line in table.lines.items()
        if line.merchant == offer.merchant
        and line.currency == offer.least.currency
        and line.takes(Kind.COUPON)
    }
    spent = sum(line.amount.minor for line in mine.values())
    if not mine or spent < offer.least.minor:
        return {}
    off = offer.off.minor if offer.off else spent * offer.percent // 100
    if offer.most is not None:
        off = min(off, offer.most.minor)
    rooms = {reference: line.room for reference, line in mine.items()}
    return shared(Money(off, offer.least.currency), rooms)


def shared(off: Money, rooms: Mapping[str, Money]) -> dict[str, Money]:
    """``off`` over the lines by the room each has, or all there is room for."""
    whole = Money.sum(rooms.values(), off.currency)
    if not whole:
        return {}
    most = off if off < whole else whole
    parts = most.split([room.minor for room in rooms.values()])
    return dict(zip(rooms, parts, strict=True))


def _by_currency(lines: Iterable[Line]) -> list[list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.currency, []).append(line)
    return list(found.values())
