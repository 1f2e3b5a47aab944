"""What the console and the buyer ask of a live session beside its shelf: the checklist in
words, a single card, and goods set aside at live prices."""

from datetime import datetime
from typing import Final, Protocol

from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.kernel.db import Tx
from livecommerce.live import queries, room
from livecommerce.live.counter import Counter, Wares
from livecommerce.live.tables import Card
from livecommerce.live.wire import CardOut, ClaimsOut, HeldOut, LightOut, MakeClaims
from livecommerce.resources import Resources
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both

_LABELS: Final = {
    "booking": Both(zh="演播室预订已确认", en="Studio booking confirmed"),
    "seller": Both(zh="商家身份信息完整", en="Seller identity complete"),
    "shelf": Both(zh="货架上有商品", en="Products on the shelf"),
    "classified": Both(zh="商品已归类（海关编码）", en="Products classified for customs"),
    "priced": Both(zh="直播价格已设置", en="Live prices set"),
    "stock": Both(zh="有库存可售", en="Stock to sell"),
    "ingest": Both(zh="推流密钥已生成", en="Stream key issued"),
    "time": Both(zh="在预订时段内", en="Within the booked slot"),
}


async def checklist(tx: Tx, live: str, *, by: Principal, now: datetime) -> list[LightOut]:
    """The go-live checklist with its lights."""
    shelf = await queries.shelf(tx, live)
    if not by.is_staff():
        by.must_act_for(shelf.merchant_id)
    lights = await queries.checklist(tx, shelf, now=now)
    return [
        LightOut(
            key=light.key,
            ok=light.ok,
            label=_LABELS[light.key],
            reason="" if light.ok else light.reason,
        )
        for light in lights
    ]


async def card_out(tx: Tx, row: Card) -> CardOut:
    """One card as clients see it."""
    return (await room.card_outs(tx, [row], None, None))[0]


class Wanted(Protocol):
    """So many of a variant of a card."""

    @property
    def card(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def count(self) -> int: ...


def claim_of(wares: Wares, item: Wanted, *, buyer: str, key: str, most: int) -> Claim:
    """A claim on what the room sells, at the price that it has now.

    Raises:
        NotSoldHere, OverAlready: the room does not sell it, or nothing any more.
    """
    offer, price = wares.price(item.card, item.variant)
    return Claim(
        buyer=buyer,
        key=key,
        variant=item.variant,
        merchant=offer.merchant,
        count=item.count,
        price=price,
        live=wares.live,
        card=item.card,
        segment=wares.segment if wares.explained == item.card else None,
        limit_per_buyer=most,
    )


async def claim(
    r: Resources, live: str, want: MakeClaims, *, who: Principal, key: str, now: datetime
) -> ClaimsOut:
    """Set goods aside at the prices on their cards, all or none.

    Raises:
        NoSuchLive, NotSoldHere, OverAlready: by the counter.
        SoldOut, TooMany, QueueFull, ClaimsDown: by the catalogue's claims.
    """
    wares, most = await r.part(Counter).wares(live), r.settings.claim_limit
    wants = [claim_of(wares, item, buyer=who.id, key=key, most=most) for item in want.items]
    held = await r.part(Claims).claim_all(wants, now)
    return ClaimsOut(
        holds=[
            HeldOut(
                id=hold.id,
                variant=hold.variant,
                count=hold.count,
                price=hold.price,
                hold_until=hold.hold_until,
            )
            for hold in held
        ]
    )
