"""The three-way match: order, money and waybill against the inventory, before anything is sent.

It reads the messages as they would be sent, not the facts they were built from, and tells
every difference with its rule, what was expected and what was found. The rules are derived
from the fields; customs' own matching is not published.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Literal

from livecommerce.crossborder import classification, codes, words
from livecommerce.crossborder.wire import DifferenceOut
from livecommerce.outside.customs.ceb.document import blocks_of, parse
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.outside.customs.ceb.reader import faults
from livecommerce.outside.customs.ceb.vocabulary import vocabulary
from livecommerce.web.wire import Both

Fields = Mapping[str, str]
LONGEST_SKU = 20
TOLERANCE = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Papers:
    """A set as customs will read it."""

    order: Fields
    order_lines: Sequence[Fields]
    receipts: Fields
    waybill: Fields
    inventory: Fields
    inventory_lines: Sequence[Fields]

    @classmethod
    def read(cls, documents: Mapping[MessageKind, bytes]) -> "Papers":
        """From the XML of the four messages."""
        roots = {kind: parse(raw) for kind, raw in documents.items()}
        return cls(
            order=blocks_of(roots[MessageKind.ORDER], "OrderHead")[0],
            order_lines=blocks_of(roots[MessageKind.ORDER], "OrderList"),
            receipts=blocks_of(roots[MessageKind.RECEIPTS], "Receipts")[0],
            waybill=blocks_of(roots[MessageKind.WAYBILL], "Logistics")[0],
            inventory=blocks_of(roots[MessageKind.INVENTORY], "InventoryHead")[0],
            inventory_lines=blocks_of(roots[MessageKind.INVENTORY], "InventoryList"),
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the messages themselves do not say.

    ``collected_for_others`` is the part of the charge that is the destination's duty and tax;
    ``waybill_used`` whether the carrier's number stands on another set of the last 6 months.
    """

    today: date
    registered_until: date | None = None
    collected_for_others: Decimal = Decimal(0)
    waybill_used: bool = False
    descriptions: Sequence[str] = ()
    unanswered: Sequence[str] = ()
    tolerance: Decimal = TOLERANCE


def match(papers: Papers, around: Circumstances) -> list[DifferenceOut]:
    """Every difference of rules M1 to M10; M12 waits for answers (``rules.may_follow``)."""
    found: list[DifferenceOut] = []
    for rule in (_m1, _m2, _m3, _m4, _m5, _m6, _m7, _m8, _m9, _m10, _elements, _words):
        found += rule(papers, around)
    return found


def fits_schema(kind: MessageKind, document: bytes) -> list[DifferenceOut]:
    """What the stricter of schema and text would refuse in a message of ours."""
    return [
        _differs(
            "XSD",
            f"CEB{kind.value}/{fault.path}",
            "as specified",
            fault.reason,
            zh=f"报文 {kind.value} {fault.zh}。",
            en=f"Message {kind.value}: {fault.path} {fault.reason}",
        )
        for fault in faults(parse(document), strict=True)
    ]


def blocks(found: Sequence[DifferenceOut]) -> bool:
    """Whether the set must not be sent."""
    return any(each.level == "block" for each in found)


def at_the_shippers(found: Sequence[DifferenceOut]) -> list[DifferenceOut]:
    """Those that block and that the shipper can put right: the waybill number, the weights."""
    named = ("logisticsNo", "grossWeight", "netWeight")
    return [each for each in found if each.level == "block" and each.field.endswith(named)]


def _m1(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    for field in ("orderNo", "ebpCode", "ebcCode"):
        for other, where in ((p.receipts, "403"), (p.inventory, "603")):
            yield from _same("M1", f"{where}/{field}", p.order.get(field), other.get(field))


def _m2(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    for field in ("logisticsNo", "logisticsCode"):
        yield from _same("M2", f"603/{field}", p.waybill.get(field), p.inventory.get(field))


def _m3(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    counts = (str(len(p.order_lines)), str(len(p.inventory_lines)))
    yield from _same("M3", "603/InventoryList", *counts)
    for i, line in enumerate(p.inventory_lines, 1):
        yield from _same("M3", f"603/{i}/gnum", str(i), line.get("gnum"))
    for i, (ours, theirs) in enumerate(zip(p.order_lines, p.inventory_lines, strict=False), 1):
        for field in ("gnum", "unit"):
            yield from _same("M3", f"603/{i}/{field}", ours.get(field), theirs.get(field))
        for field in ("qty", "price"):
            yield from _equal(
                "M3", f"603/{i}/{field}", _number(ours, field), _number(theirs, field)
            )


def _m4(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    for where, lines in (("303", p.order_lines), ("603", p.inventory_lines)):
        for i, line in enumerate(lines, 1):
            product = _number(line, "qty") * _number(line, "price")
            total = _number(line, "totalPrice")
            yield from _equal("M4", f"{where}/{i}/totalPrice", product, total)
    goods = sum((_number(line, "totalPrice") for line in p.order_lines), Decimal(0))
    yield from _equal("M4", "303/goodsValue", goods, _number(p.order, "goodsValue"))


def _m5(p: Papers, around: Circumstances) -> Iterator[DifferenceOut]:
    yield from _same("M5", "403/currency", p.order.get("currency"), p.receipts.get("currency"))
    expected = _number(p.order, "goodsValue") + _number(p.order, "freight")
    expected += _number(p.inventory, "insuredFee") + around.collected_for_others
    found = _number(p.receipts, "charge")
    apart = abs(found - expected)
    if apart:
        level: Level = "block" if apart > expected * around.tolerance else "warn"
        yield _differs(
            "M5",
            "403/charge",
            f"{expected}",
            f"{found}",
            level=level,
            zh="收款金额与货款、运费及代收税费之和不符",
            en="The money received differs from goods, freight and taxes collected",
        )


def _m6(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    for field in ("grossWeight", "packNo"):
        yield from _equal(
            "M6", f"603/{field}", _number(p.waybill, field), _number(p.inventory, field)
        )
    net, gross = _number(p.inventory, "netWeight"), _number(p.inventory, "grossWeight")
    if net > gross:
        yield _differs(
            "M6",
            "603/netWeight",
            f"<= {gross}",
            f"{net}",
            zh="净重大于毛重",
            en="The net weight is more than the gross weight",
        )


def _m7(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    paid, leaves = p.receipts.get("accountingDate", "")[:8], p.inventory.get("ieDate", "")
    if p.inventory.get("tradeMode") == "9610" and leaves < paid:
        yield _differs(
            "M7",
            "603/ieDate",
            f">= {paid}",
            leaves,
            level="warn",
            zh="出口日期早于到账日期",
            en="The goods leave before the money arrived",
        )


def _m8(p: Papers, around: Circumstances) -> Iterator[DifferenceOut]:
    code = p.order.get("ebcCode", "")
    if len(code) not in {10, 18}:
        yield _differs(
            "M8",
            "303/ebcCode",
            "10 or 18 characters",
            code,
            zh="电商企业代码应为 10 位海关编码或 18 位统一社会信用代码",
            en="The seller's code is neither a customs code nor a credit code",
        )
    until = around.registered_until
    if until is not None and until < around.today:
        yield _differs(
            "M8",
            "303/ebcCode",
            f">= {around.today.isoformat()}",
            until.isoformat(),
            zh="电商企业的海关备案已过期",
            en="The seller's registration with customs has expired",
        )


def _m9(p: Papers, around: Circumstances) -> Iterator[DifferenceOut]:
    if around.waybill_used:
        yield _differs(
            "M9",
            "505/logisticsNo",
            "not used for 6 months",
            p.waybill.get("logisticsNo", ""),
            zh="该运单号 6 个月内已使用过",
            en="The carrier's waybill number was used within 6 months",
        )


def _m10(p: Papers, _: Circumstances) -> Iterator[DifferenceOut]:
    currencies = set(codes.currencies().values())
    countries = {country.customs for country in codes.countries().values()}
    heads = (("303", p.order), ("403", p.receipts), ("505", p.waybill))
    for where, fields in heads:
        yield from _listed(f"{where}/currency", fields.get("currency"), currencies)
    yield from _listed("603/country", p.inventory.get("country"), countries)
    pods = countries | set(codes.ports())
    yield from _listed("603/POD", p.inventory.get("POD"), pods)
    for office in ("customsCode", "portCode"):
        yield from _listed(f"603/{office}", p.inventory.get(office), codes.offices())
    for i, line in enumerate(p.inventory_lines, 1):
        yield from _m10_line(f"603/{i}", line, currencies, countries)


def _m10_line(
    where: str, line: Fields, currencies: set[str], countries: set[str]
) -> Iterator[DifferenceOut]:
    yield from _listed(f"{where}/currency", line.get("currency"), currencies)
    yield from _listed(f"{where}/country", line.get("country"), countries)
    for unit in ("unit", "unit1"):
        yield from _listed(f"{where}/{unit}", line.get(unit), set(codes.units()))
    if line.get("unit2"):
        yield from _listed(f"{where}/unit2", line.get("unit2"), set(codes.units()))
    gcode = line.get("gcode", "")
    if gcode not in classification.known():
        yield _differs(
            "M10",
            f"{where}/gcode",
            "10 digits of a known line",
            gcode,
            zh="商品编码须为本表中的 10 位编码，否则请咨询报关行",
            en="The code is not one of the ten-digit lines we know: ask a broker",
        )
    elif not classification.elements_are_sourced(gcode):
        yield _differs(
            "M10",
            f"{where}/gmodel",
            "a sourced list of elements",
            "our own",
            level="warn",
            zh="该税目的申报要素清单待核实",
            en="The list of declaration elements of this heading is to be checked",
        )
    if len(line.get("itemNo", "")) > LONGEST_SKU:
        yield _differs(
            "M10",
            f"{where}/itemNo",
            f"<= {LONGEST_SKU}",
            line.get("itemNo", ""),
            zh="企业商品货号最多 20 个字符",
            en="The SKU is longer than 20 characters",
        )


def _elements(_: Papers, around: Circumstances) -> Iterator[DifferenceOut]:
    for where in around.unanswered:
        yield _differs(
            "M10",
            where,
            "an answer",
            "",
            level="warn",
            zh=f"第 {where.split('/')[1]} 项商品有申报要素未填写。",
            en=f"The declaration element {where} is empty",
        )


def _words(_: Papers, around: Circumstances) -> Iterator[DifferenceOut]:
    for i, text in enumerate(around.descriptions, 1):
        for word in words.check(text):
            yield _differs(
                "ICS2",
                f"description/{i}",
                "article, construction, fibre",
                word.term,
                level=word.level,
                zh=f"英文品名含停用词 {word.term}",
                en=f"The description has the stop word {word.term}",
            )


Level = Literal["block", "warn"]


def _differs(
    rule: str,
    field: str,
    expected: str,
    found: str,
    *,
    level: Level = "block",
    zh: str,
    en: str,
) -> DifferenceOut:
    return DifferenceOut(
        rule=rule,
        level=level,
        field=field,
        expected=expected,
        found=found,
        text=Both(zh=zh, en=en),
    )


def _same(
    rule: str, field: str, expected: str | None, found: str | None
) -> Iterator[DifferenceOut]:
    if expected != found or not expected:
        yield _differs(
            rule,
            field,
            expected or "",
            found or "",
            zh=f"{_in_chinese(field)}与其他单证不一致。",
            en=f"{field} differs from the other papers",
        )


def _equal(rule: str, field: str, expected: Decimal, found: Decimal) -> Iterator[DifferenceOut]:
    if expected != found:
        yield from _same(rule, field, f"{expected:f}", f"{found:f}")


def _listed(
    field: str, code: str | None, known: set[str] | frozenset[str]
) -> Iterator[DifferenceOut]:
    if code not in known:
        yield _differs(
            "M10",
            field,
            "a code of the table",
            code or "",
            zh=f"{_in_chinese(field)}不在海关代码表内。",
            en=f"{field} is not in customs' table",
        )


def _in_chinese(field: str) -> str:
    """A field such as ``603/1/unit`` as the specification calls it."""
    paper, *items, name = field.split("/")
    called = _chinese_names().get(name, "表体")
    return f"报文 {paper} " + "".join(f"第 {item} 项" for item in items) + f"“{called}”"


@cache
def _chinese_names() -> Mapping[str, str]:
    blocks = vocabulary().blocks.values()
    return {field.name: field.name_zh for fields in blocks for field in fields}


def _number(fields: Fields, name: str) -> Decimal:
    """A missing number is nothing here; that it is missing, :func:`fits_schema` tells."""
    try:
        return Decimal(fields.get(name, "0"))
    except InvalidOperation:
        return Decimal(0)
