"""What the console asks of a live session beside its shelf: the checklist in words, and a
single card."""

from datetime import datetime
from typing import Final

from livecommerce.kernel.db import Tx
from livecommerce.live import queries, room
from livecommerce.live.tables import Card
from livecommerce.live.wire import CardOut, LightOut
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
