"""The four messages of a consignment, built from its facts and the desk's standing.

Every field customs reads is set here, in one place per message; names, order and lengths are
the vocabulary's affair. An amount in a currency customs does not number is told in CNY.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

import orjson

from livecommerce.crossborder import classification, codes
from livecommerce.crossborder.errors import NotClassified, UnknownCountry
from livecommerce.crossborder.facts import ConsignmentFacts, Desk, Enterprise, GoodsLine
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.money import Money
from livecommerce.outside.customs.ceb.document import Block, Business, Value, plain, write
from livecommerce.outside.customs.ceb.names import MessageKind, stamp

DECLARE = "2"
NEW, CHANGE = "1", "2"
NO_BARCODE = "无"
EXPORT_ORDER = "E"
TOTAL = "3"
SUMMARY = "B"

Fields = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message ready to be stored: its XML, its names, and a digest of what it says."""

    kind: MessageKind
    guid: str
    business_key: str
    app_type: str
    xml: bytes
    digest: str


def declarable(facts: ConsignmentFacts, rates: Rates, *, now: datetime) -> ConsignmentFacts:
    """The facts in a currency customs has a number for: as they are, or in CNY.

    Raises:
        NoRate, RatesTooOld: they would have to be converted, and cannot be.
    """
    currency = facts.lines[0].unit_price.currency
    if currency in codes.currencies():
        return facts

    day = rates.day(now)

    def told(money: Money | None) -> Money | None:
        return None if money is None else day.convert(money, "CNY")

    lines = [
        line.model_copy(update={"unit_price": told(line.unit_price)}) for line in facts.lines
    ]
    return facts.model_copy(
        update={
            "lines": lines,
            "freight": told(facts.freight),
            "insurance": told(facts.insurance),
            "charged": told(facts.charged),
            "collected_for_others": told(facts.collected_for_others),
        }
    )


def build(
    facts: ConsignmentFacts,
    desk: Desk,
    *,
    number: str,
    now: datetime,
    known: frozenset[MessageKind] = frozenset(),
) -> list[Draft]:
    """The order, the receipt, the waybill and the inventory, in the order they are sent.

    Args:
        number: our own number of the inventory (at most 30 characters).
        known: documents customs already has; they are sent as a change.

    Raises:
        UnknownCountry: customs has no number for the destination.
    """
    told = _Told(facts, desk, number)
    return [
        _draft(kind, told, now, CHANGE if kind in known else NEW)
        for kind in (
            MessageKind.ORDER,
            MessageKind.RECEIPTS,
            MessageKind.WAYBILL,
            MessageKind.INVENTORY,
        )
    ]


def cancellation(
    facts: ConsignmentFacts,
    desk: Desk,
    *,
    number: str,
    inventory_number: str,
    reason: str,
    now: datetime,
) -> Draft:
    """The request to withdraw an inventory before the goods leave."""
    fields: dict[str, Value | None] = {
        "customsCode": desk.customs_office,
        "copNo": number,
        "invtNo": inventory_number,
        "reason": reason,
        "agentCode": desk.agent.code,
        "agentName": desk.agent.name,
        "ebcCode": facts.merchant.code,
        "ebcName": facts.merchant.name,
    }
    blocks: list[Block] = [("InvtCancel", fields)]
    return _sealed(MessageKind.CANCELLATION, None, blocks, desk, now, NEW)


def _draft(kind: MessageKind, told: "_Told", now: datetime, app_type: str) -> Draft:
    wrapper: str | None = None
    blocks: list[Block]
    match kind:
        case MessageKind.ORDER:
            wrapper = "Order"
            blocks = [
                ("OrderHead", told.order()),
                *(("OrderList", line) for line in told.order_lines()),
            ]
        case MessageKind.RECEIPTS:
            blocks = [("Receipts", told.receipts())]
        case MessageKind.WAYBILL:
            blocks = [("Logistics", told.waybill())]
        case _:
            wrapper = "Inventory"
            blocks = [
                ("InventoryHead", told.inventory()),
                *(("InventoryList", line) for line in told.inventory_lines()),
            ]
    return _sealed(kind, wrapper, blocks, told.desk, now, app_type)


def _sealed(
    kind: MessageKind,
    wrapper: str | None,
    blocks: Sequence[Block],
    desk: Desk,
    now: datetime,
    app_type: str,
) -> Draft:
    """The first block gets what changes with every sending; the digest leaves it out."""
    said = [[name, {k: str(v) for k, v in fields.items()}] for name, fields in blocks]
    guid = str(uuid.uuid4()).upper()
    (head, fields), *rest = blocks
    sending = {
        "guid": guid,
        "appType": app_type,
        "appTime": stamp(now),
        "appStatus": DECLARE,
    }
    node = Business(wrapper, [(head, {**sending, **fields}), *rest])
    transfer = {
        "copCode": desk.sender.code,
        "copName": desk.sender.name,
        "dxpMode": "DXP",
        "dxpId": desk.dxp_id,
    }
    return Draft(
        kind=kind,
        guid=guid,
        business_key=kind.business_key({k: str(v) for k, v in fields.items()}),
        app_type=app_type,
        xml=write(kind.root, guid, [node], transfer),
        digest=sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    )


class _Told:
    """One consignment in customs' fields."""

    def __init__(self, facts: ConsignmentFacts, desk: Desk, number: str) -> None:
        self.facts, self.desk, self.number = facts, desk, number
        self.carrier = facts.carrier
        country = codes.countries().get(facts.destination)
        if country is None:
            raise UnknownCountry(country=facts.destination)
        self.country = country.customs
        self.currency = codes.currencies()[facts.lines[0].unit_price.currency]
        self.goods = sum((_total(line) for line in facts.lines), Decimal(0))
        self.freight = facts.freight.amount
        self.insured = facts.insurance.amount if facts.insurance else Decimal(0)
        self.gross = _kg(facts.gross_weight_g)

    def order(self) -> Fields:
        """OrderHead."""
        return {
            "orderType": EXPORT_ORDER,
            "orderNo": self.facts.consignment,
            **_named("ebp", self.desk.platform),
            **_named("ebc", self.facts.merchant),
            "goodsValue": self.goods,
            "freight": self.freight,
            "currency": self.currency,
        }

    def order_lines(self) -> list[Fields]:
        """OrderList, numbered from 1."""
        return [
            {
                "gnum": gnum,
                "itemNo": line.sku,
                "itemName": line.name_zh,
                "itemDescribe": line.description_en,
                "barCode": line.barcode or NO_BARCODE,
                "unit": line.unit,
                "currency": self.currency,
                "qty": line.count,
                "price": line.unit_price.amount,
                "totalPrice": _total(line),
            }
            for gnum, line in enumerate(self.facts.lines, 1)
        ]

    def receipts(self) -> Fields:
        """Receipts: the money this parcel's buyer paid, all of it."""
        return {
            **_named("ebp", self.desk.platform),
            **_named("ebc", self.facts.merchant),
            "orderNo": self.facts.consignment,
            "payCode": self.desk.payer.code,
            "payName": self.desk.payer.name,
            "payNo": self.facts.payment,
            "charge": self.facts.charged.amount,
            "currency": self.currency,
            "accountingDate": stamp(self.facts.paid_at),
        }

    def waybill(self) -> Fields:
        """Logistics."""
        return {
            **_named("logistics", self.carrier),
            "logisticsNo": self.facts.tracking,
            "freight": self.freight,
            "insuredFee": self.insured,
            "currency": self.currency,
            "grossWeight": self.gross,
            "packNo": self.facts.packages,
            "goodsInfo": "; ".join(line.name_zh for line in self.facts.lines)[:200],
            **_named("ebc", self.facts.merchant),
            "ebcTelephone": self.facts.merchant.telephone,
        }

    def inventory(self) -> Fields:
        """InventoryHead."""
        return {
            "customsCode": self.desk.customs_office,
            **_named("ebp", self.desk.platform),
            "orderNo": self.facts.consignment,
            **_named("logistics", self.carrier),
            "logisticsNo": self.facts.tracking,
            "copNo": self.number,
            "ieFlag": "E",
            "portCode": self.desk.exit_port,
            "ieDate": self.facts.ships_on.strftime("%Y%m%d"),
            "statisticsFlag": SUMMARY,
            **_named("agent", self.desk.agent),
            **_named("ebc", self.facts.merchant),
            **_named("owner", self.facts.merchant),
            "tradeMode": self.facts.mode,
            "trafMode": self.desk.transport_mode,
            "country": self.country,
            "POD": self.country,
            "freight": self.freight,
            "fCurrency": self.currency,
            "fFlag": TOTAL,
            "insuredFee": self.insured,
            "iCurrency": self.currency,
            "iFlag": TOTAL,
            "wrapType": self.desk.wrap_type,
            "packNo": self.facts.packages,
            "grossWeight": self.gross,
            "netWeight": sum((_net(line) for line in self.facts.lines), Decimal(0)),
        }

    def inventory_lines(self) -> list[Fields]:
        """InventoryList, with the numbers of the order's lines."""
        return [self._inventory_line(i, line) for i, line in enumerate(self.facts.lines, 1)]

    def _inventory_line(self, gnum: int, line: GoodsLine) -> Fields:
        unit1, unit2 = statutory_units(line.hs_code)
        return {
            "gnum": gnum,
            "itemNo": line.sku,
            "itemName": line.name_zh,
            "gcode": line.hs_code,
            "gname": line.name_zh,
            "gmodel": _elements(line),
            "barCode": line.barcode or NO_BARCODE,
            "country": self.country,
            "currency": self.currency,
            "qty": line.count,
            "qty1": _counted(line, unit1),
            "qty2": _counted(line, unit2) if unit2 else None,
            "unit": line.unit,
            "unit1": unit1,
            "unit2": unit2,
            "price": line.unit_price.amount,
            "totalPrice": _total(line),
        }


def statutory_units(hs_code: str) -> tuple[str | None, str | None]:
    """The units the tariff asks for, as customs codes; none where the table does not say."""
    known = classification.known().get(hs_code)
    if known is None:
        return None, None
    names = codes.unit_codes()
    first, second = names.get(known.unit1), names.get(known.unit2)
    return first, second if second != first else None


def _elements(line: GoodsLine) -> str | None:
    try:
        return classification.joined(line.hs_code, line.elements)
    except NotClassified:
        return None  # the match tells it, with the line's number


def _named(prefix: str, firm: Enterprise) -> dict[str, Value | None]:
    return {f"{prefix}Code": firm.code, f"{prefix}Name": firm.name}


def _counted(line: GoodsLine, unit: str | None) -> Decimal | None:
    """The line's quantity in a statutory unit: kilograms by weight, all others by pieces."""
    if unit is None:
        return None
    if codes.units()[unit] == "千克":
        return _net(line)
    return Decimal(line.count * line.pieces)


def _net(line: GoodsLine) -> Decimal:
    return _kg(line.net_weight_g * line.count)


def _total(line: GoodsLine) -> Decimal:
    return (line.unit_price * line.count).amount


def _kg(grams: int) -> Decimal:
    return Decimal(plain(Decimal(grams).scaleb(-3)))
