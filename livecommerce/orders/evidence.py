"""What speaks for us when a buyer's bank contests a payment, put together from the purchase.

The fields are those that card networks ask for; the rest (the page as it was, what the buyer
said in the room, where in the replay the goods were shown) goes into the free text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx
from livecommerce.live import queries as live
from livecommerce.orders import queries
from livecommerce.orders.rules import RefundState
from livecommerce.orders.wire import CheckoutOut, OrderOut, RefundOut
from livecommerce.web.principal import SYSTEM
from streams.chat import queries as chat
from streams.replays import queries as replays

LONGEST = 19_000
"""Free text may have 20,000 characters."""

_SAID_AT_MOST = 100
_BACK = RefundState.SETTLED


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the buyer wrote in the room."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the goods were presented, in the broadcast and in its replay."""

    line: str
    at: datetime
    replay: str | None


async def assemble(tx: Tx, checkout: str, *, note: str, home: str) -> Mapping[str, str]:
    """The evidence for one purchase, by the card networks' field names.

    Raises:
        NoSuchCheckout: the payment was not for a purchase.
    """
    bought = await queries.checkout(tx, checkout, by=SYSTEM, sandbox=False)
    orders = [await queries.order(tx, order, by=SYSTEM) for order in bought.orders]
    said: list[Said] = []
    shown: list[Shown] = []
    if bought.live is not None:
        buyer = orders[0].buyer
        messages = await chat.said_by(tx, bought.live, buyer, limit=_SAID_AT_MOST)
        said = [Said(one.said_at, one.text) for one in messages]
        replay = await replays.of_live(tx, bought.live)
        at = {
            segment.id: segment.started_at for segment in await live.segments(tx, bought.live)
        }
        page = f"{home}/live/{bought.live}" if replay is not None else None
        shown = [
            Shown(line.id, at[line.segment], page)
            for order in orders
            for line in order.lines
            if line.segment in at
        ]
    return of(bought, orders, said, shown, note=note)


def of(
    bought: CheckoutOut,
    orders: Sequence[OrderOut],
    said: Sequence[Said],
    shown: Sequence[Shown],
    *,
    note: str,
) -> dict[str, str]:
    """Pure: what is known, in the fields that it belongs in. Nothing is made up: a parcel
    that was never handed over has no shipping fields."""
    lines = [line for order in orders for line in order.lines]
    fields = {
        "product_description": "; ".join(
            f"{line.count} x {line.snapshot.title.en} ({line.sku})" for line in lines
        ),
        "uncategorized_text": _story(bought, orders, said, shown, note)[:LONGEST],
    }
    if bought.email is not None:
        fields["customer_email_address"] = bought.email
    if bought.address is not None:
        to = bought.address
        fields["customer_name"] = to.name
        street = ", ".join(part for part in (to.line1, to.line2) if part)
        town = " ".join(part for part in (to.postcode, to.city, to.region) if part)
        fields["shipping_address"] = f"{street}, {town}, {to.country}"
    parcels = [parcel for order in orders for parcel in order.consignments]
    if parcels:
        fields["shipping_carrier"] = ", ".join(sorted({p.carrier for p in parcels}))
        fields["shipping_tracking_number"] = ", ".join(p.tracking for p in parcels)
        first = min(p.shipped_at for p in parcels)
        fields["shipping_date"] = first.astimezone(BEIJING).date().isoformat()
    return fields


def _story(
    bought: CheckoutOut,
    orders: Sequence[OrderOut],
    said: Sequence[Said],
    shown: Sequence[Shown],
    note: str,
) -> str:
    where = {one.line: one for one in shown}
    parts = [note, ""] if note else []
    parts.append(f"Purchase {bought.id}, placed {_when(bought.placed_at)}, {bought.total}.")
    for order in orders:
        seller = order.seller
        parts.append(f"Order {order.id} from {seller.legal_name.en}, {order.total}:")
        for line in order.lines:
            page = line.snapshot
            chosen = ", ".join(value.en for value in page.values.values())
            fibres = ", ".join(f"{f['percent']} % {f['fibre']}" for f in page.fibre)
            parts.append(f"- {line.count} x {page.title.en} ({chosen}; {fibres}), {line.goods}")
            parts.append(f"  as described on {_when(page.taken_at)}: {page.description.en}")
            if line.id in where:
                seen = where[line.id]
                replay = f", replay at {seen.replay}" if seen.replay else ""
                parts.append(f"  presented live at {_when(seen.at)}{replay}")
        for parcel in order.consignments:
            arrived = parcel.delivered_at
            end = f", delivered {_when(arrived)}" if arrived is not None else ""
            handed = f"handed to {parcel.carrier} as {parcel.tracking}"
            parts.append(f"- {handed} on {_when(parcel.shipped_at)}{end}")
        parts += [f"- {_given(each)}" for each in order.refunds if each.state == _BACK]
    if said:
        parts.append("What the buyer wrote during the broadcast:")
        parts += [f"- {_when(one.at)}: {one.text}" for one in said]
    return "\n".join(parts)


def _given(refund: RefundOut) -> str:
    """What the buyer has back already; a bank that is not told gives it again."""
    by = "" if refund.outside is None else f" by bank transfer, reference {refund.outside}"
    on = "" if refund.settled_at is None else f" on {_when(refund.settled_at)}"
    return f"{refund.amount} given back{on}{by}"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
