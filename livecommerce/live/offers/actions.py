"""What a purchase does with offers: they are worked out when it is quoted, taken when it is
placed, and given back when it ends unpaid."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from livecommerce.catalogue.queries import HoldFacts
from livecommerce.crossborder.wire import Offered
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live.offers import reasons, rules
from livecommerce.live.offers.bundles import queries as bundle_reads
from livecommerce.live.offers.bundles.tables import BundleOffer
from livecommerce.live.offers.coupons import actions as coupon_actions
from livecommerce.live.offers.coupons import queries as coupon_reads
from livecommerce.live.offers.coupons import tables
from livecommerce.live.offers.coupons.errors import CouponNotYours, CouponUsed
from livecommerce.live.offers.coupons.rules import CouponState
from livecommerce.live.offers.rules import Bundle, Coupon, Kind, Line, Offers, Second
from livecommerce.web.wire import Both

KINDS = {"fls": Kind.FLASH, "auc": Kind.AUCTION}


async def apply(
    tx: Tx,
    holds: Sequence[HoldFacts],
    products: Mapping[str, str],
    *,
    buyer: str,
    coupons: Sequence[str] = (),
    now: datetime,
) -> dict[str, list[Offered]]:
    """What is taken off each of the buyer's holds, and why; the merchant bears it.

    Args:
        products: the product of each variant.
        coupons: the buyer's own coupons that shall be used.

    Raises:
        CouponNotYours: one does not exist, or is somebody else's.
        CouponUsed: one is used already, or no longer valid.
    """
    why: dict[str, Both] = {}
    own = []
    for row, of in await coupon_reads.these(tx, coupons, buyer=buyer):
        if row.state is not CouponState.TAKEN or row.valid_until <= now:
            raise CouponUsed(coupon=row.id)
        own.append(_coupon(row, of))
        why[row.id] = reasons.coupon(Both(**of.title))
    if strange := set(coupons) - why.keys():
        raise CouponNotYours(coupons=sorted(strange))
    rows = await bundle_reads.holding(tx, {h.live for h in holds if h.live}, now=now)
    found = Offers(
        seconds=[x for x in map(_second, rows) if x is not None],
        bundles=[x for x in map(_bundle, rows) if x is not None],
        coupons=own,
    )
    why |= {x.id: reasons.second(x) for x in found.seconds}
    why |= {x.id: reasons.bundle(x) for x in found.bundles}
    priced = rules.priced([_line(hold, products[hold.variant]) for hold in holds], found)
    return {line.reference: [_offered(line, cut, why) for cut in line.cuts] for line in priced}


async def use(
    tx: Tx, offered: Iterable[Offered], *, checkout: str, buyer: str, now: datetime
) -> None:
    """The purchase is placed: the coupons that were worked into it are used.

    Raises:
        CouponUsed: one was used meanwhile, or is no longer valid.
    """
    used = _coupons(offered)
    if used:
        await coupon_actions.use(tx, used, checkout=checkout, buyer=buyer, now=now)


async def use_again(tx: Tx, offered: Iterable[Offered], *, checkout: str) -> bool:
    """A purchase that had ended is paid after all: its coupons are used, if none of them was
    used elsewhere meanwhile. Whether they could be."""
    used = _coupons(offered)
    return not used or await coupon_actions.use_again(tx, used, checkout=checkout)


async def give_back(tx: Tx, checkout: str, *, merchant: str | None = None) -> None:
    """Nothing came of the purchase, or of this merchant's part: its coupons can be used
    again."""
    await coupon_actions.give_back(tx, checkout, merchant=merchant)


def _coupons(offered: Iterable[Offered]) -> list[str]:
    return sorted({each.id for each in offered if each.kind == Kind.COUPON})


def _second(row: BundleOffer) -> Second | None:
    if row.percent is None:
        return None
    product = _from(row.live_id, row.products[0])
    return Second(row.id, row.merchant_id, product, row.nth, row.percent)


def _bundle(row: BundleOffer) -> Bundle | None:
    if row.off_minor is None:
        return None
    products = tuple(_from(row.live_id, product) for product in row.products)
    return Bundle(row.id, row.merchant_id, products, Money(row.off_minor, row.currency))


def _from(live: str | None, product: str) -> str:
    """A bundle is of what was claimed in its own room."""
    return f"{live}/{product}"


def _coupon(row: tables.Coupon, of: tables.CouponTemplate) -> Coupon:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, of.currency)

    return Coupon(
        id=row.id,
        merchant=row.merchant_id,
        least=Money(of.least_minor, of.currency),
        off=money(of.off_minor),
        percent=of.percent or 0,
        most=money(of.most_minor),
    )


def _line(hold: HoldFacts, product: str) -> Line:
    given = (KINDS[hold.offer[:3]], hold.offer) if hold.offer else None
    return Line(
        reference=hold.id,
        merchant=hold.merchant,
        product=_from(hold.live, product),
        count=hold.count,
        normal=hold.normal or hold.price,
        price=hold.price,
        given=given,
    )


def _offered(line: Line, cut: rules.Cut, why: Mapping[str, Both]) -> Offered:
    given = reasons.GIVEN.get(cut.kind)
    return Offered(
        kind=cut.kind,
        id=cut.id,
        reason=given or why[cut.id],
        amount=cut.amount,
        in_price=given is not None,
    )
