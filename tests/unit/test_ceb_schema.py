"""The generated schema and our own reader judge alike; and the traps of the specification."""

import copy
from collections.abc import Iterator

import pytest
from lxml import etree

from livecommerce.crossborder import messages
from livecommerce.outside.customs.ceb import reader, schema
from livecommerce.outside.customs.ceb.document import Unreadable, blocks_of, parse
from livecommerce.outside.customs.ceb.names import CEB, XMLDSIG, MessageKind
from livecommerce.outside.customs.ceb.vocabulary import Element, error_texts, rows, vocabulary
from tests.customs import DESK, NOW, blanket, consignment, duvet_cover

GUID = "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"


def text_for(field: Element) -> str:
    if field.base in {"decimal", "int"}:
        return "1"
    if field.exact is not None:
        return (GUID if field.name == "guid" else "1" * field.exact)[: field.exact]
    return "1" * max(field.shortest or 1, 1)


def add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{CEB}}}{name}")


def full(root: str) -> etree._Element:
    """A valid document with every field and every repeatable part once."""
    words = vocabulary()
    top = etree.Element(f"{{{CEB}}}{root}", nsmap={"ceb": CEB})
    top.set("guid", GUID)
    top.set("version", "1.0")

    def block(parent: etree._Element, name: str) -> None:
        node = add(parent, name)
        for field in words.blocks[name]:
            add(node, field.name).text = text_for(field)

    for child in words.roots[root]:
        if child.name in {"Signature", "ExtendMessage"}:
            continue
        if child.name in words.wrappers:
            wrapper = add(top, child.name)
            for part in words.wrappers[child.name]:
                block(wrapper, part.name)
        else:
            block(top, child.name)
    return top


def leaves(top: etree._Element) -> list[etree._Element]:
    return [node for node in top.iter() if not len(node) and node is not top]


def mutations(top: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for i in range(len(leaves(top))):

        def fresh(i: int = i) -> tuple[etree._Element, etree._Element]:
            made = copy.deepcopy(top)
            return made, leaves(made)[i]

        name = etree.QName(leaves(top)[i]).localname
        for what, text in (
            ("empty", ""),
            ("over-long", "1" * 1500),
            ("one long", "1" * 20),
            ("decimals", "1.123456"),
            ("five decimals", "1.12345"),
            ("trailing zeros", "001.10000000"),
            ("signed", "-1.5"),
            ("exponent", "1e3"),
            ("no number", "无"),
            ("blank", " "),
            ("huge", "9999999999"),
        ):
            made, leaf = fresh()
            leaf.text = text
            yield f"{name}: {what}", made
        made, leaf = fresh()
        leaf.getparent().remove(leaf)
        yield f"{name}: dropped", made
        made, leaf = fresh()
        leaf.addnext(copy.deepcopy(leaf))
        yield f"{name}: twice", made
        made, leaf = fresh()
        if (after := leaf.getnext()) is not None:
            after.addnext(leaf)
            yield f"{name}: swapped", made
        made, leaf = fresh()
        add(leaf, "x")
        yield f"{name}: with a child", made
        made, leaf = fresh()
        leaf.tag = f"{{{CEB}}}{name}X"
        yield f"{name}: renamed", made
    for block in [n for n in top.iter() if len(n) and n is not top]:
        place = top.getroottree().getelementpath(block)
        name = etree.QName(block).localname
        for what in ("dropped", "twice", "101 times"):
            made = copy.deepcopy(top)
            node = made.find(place)
            if what == "dropped":
                node.getparent().remove(node)
            for _ in range({"twice": 1, "101 times": 100}.get(what, 0)):
                node.addnext(copy.deepcopy(node))
            yield f"{name}: {what}", made
    for attribute, value in (("guid", "x"), ("guid", None), ("version", ""), ("version", None)):
        made = copy.deepcopy(top)
        if value is None:
            del made.attrib[attribute]
        else:
            made.set(attribute, value)
        yield f"@{attribute}: {value}", made


@pytest.mark.parametrize("root", sorted(vocabulary().roots))
def test_schema_and_reader_agree_on_every_mutation(root: str) -> None:
    top = full(root)
    assert schema.faults(top) == []
    assert reader.faults(top) == []
    apart = []
    for what, changed in mutations(top):
        made = parse(etree.tostring(changed))  # as it would arrive
        by_schema, by_reader = schema.faults(made), reader.faults(made)
        if bool(by_schema) != bool(by_reader):
            apart.append((what, by_schema[:1], [str(f) for f in by_reader[:1]]))
    assert apart == []


def test_a_signature_may_stand_and_nothing_else_may_in_its_place() -> None:
    top = full("CEB603Message")
    etree.SubElement(top, f"{{{XMLDSIG}}}Signature")
    assert schema.faults(top) == []
    assert reader.faults(top) == []
    etree.SubElement(top, "{urn:other}Signature")
    assert schema.faults(top) != []
    assert reader.faults(top) != []


def test_all_messages_are_described() -> None:
    assert len(vocabulary().roots) == 23
    assert len(rows("ceb_export_fields.csv")) == 425


def built() -> dict[MessageKind, bytes]:
    drafts = messages.build(consignment(), DESK, number="dcl_1", now=NOW)
    return {draft.kind: draft.xml for draft in drafts}


@pytest.mark.parametrize("kind", list(built()))
def test_what_we_build_fits_schema_and_text(kind: MessageKind) -> None:
    root = parse(built()[kind])
    assert schema.faults(root) == []
    assert reader.faults(root, strict=True) == []
    assert root.get("guid") == root.get("guid", "").upper()
    assert len(root.get("guid", "")) == 36


def test_strict_asks_for_what_only_the_text_calls_mandatory() -> None:
    apart = [
        (name, field.name)
        for name, fields in vocabulary().blocks.items()
        for field in fields
        if field.in_text and not field.in_schema
    ]
    assert apart == [("InvtRefundHead", "tradeMode")]
    root = full("CEB213Message")
    for node in list(root.iter(f"{{{CEB}}}tradeMode")):
        node.getparent().remove(node)
    assert schema.faults(root) == []
    assert reader.faults(root) == []
    assert [f.path for f in reader.faults(root, strict=True)] == ["InvtRefundHead/tradeMode"]


def faults_of(kind: MessageKind, **changes: object) -> list[str]:
    drafts = messages.build(consignment(**changes), DESK, number="dcl_1", now=NOW)
    xml = {draft.kind: draft.xml for draft in drafts}[kind]
    return [f.path for f in reader.faults(parse(xml), strict=True)]


def test_trap_1_an_item_number_may_be_longer_in_the_order_than_in_the_inventory() -> None:
    lines = [duvet_cover(sku="X" * 21)]
    assert faults_of(MessageKind.ORDER, lines=lines) == []
    assert faults_of(MessageKind.INVENTORY, lines=lines) == ["InventoryList/itemNo"]


def test_trap_2_a_waybill_number_has_at_most_32_characters() -> None:
    assert faults_of(MessageKind.WAYBILL, tracking="1" * 32) == []
    assert faults_of(MessageKind.WAYBILL, tracking="1" * 33) == ["Logistics/logisticsNo"]
    lengths = {
        (name, f.name): f.longest
        for name, fields in vocabulary().blocks.items()
        for f in fields
        if f.name in {"logisticsNo", "totalPackageNo", "coElNo", "invtNo"}
    }
    assert lengths["InvtRefundHead", "logisticsNo"] == 80
    assert lengths["InventoryHead", "totalPackageNo"] == 37
    assert lengths["WayBillList", "totalPackageNo"] == 60
    assert lengths["InventoryReturn", "invtNo"] == 20


@pytest.mark.parametrize("code", ["6302", "63023199", "63023199001"])
def test_trap_3_a_goods_code_has_exactly_ten_characters(code: str) -> None:
    paths = faults_of(MessageKind.INVENTORY, lines=[duvet_cover(hs_code=code)])
    assert "InventoryList/gcode" in paths


def test_trap_4_the_port_is_upper_case_and_the_schema_spells_the_agent() -> None:
    (head,) = blocks_of(parse(built()[MessageKind.INVENTORY]), "InventoryHead")
    assert head["POD"] == head["country"] == "304"
    assert "agentName" in {f.name for f in vocabulary().blocks["InventoryHead"]}
    assert "pod" not in head


def test_trap_5_two_transfers_fail() -> None:
    root = parse(built()[MessageKind.ORDER])
    transfer = root.find(f"{{{CEB}}}BaseTransfer")
    transfer.addnext(copy.deepcopy(transfer))
    assert schema.faults(root) != []
    assert [f.path for f in reader.faults(root)] == ["CEB303Message/BaseTransfer"]


def test_trap_6_a_flag_of_one_character_is_not_left_empty() -> None:
    (flag,) = [
        f for fields in vocabulary().blocks.values() for f in fields if f.name == "itemNameFlag"
    ]
    assert reader.wrong(flag, "") is not None
    assert reader.wrong(flag, "1") is None


def test_trap_7_ports_have_three_or_four_characters() -> None:
    (port,) = [f for f in vocabulary().blocks["InventoryHead"] if f.name == "POD"]
    assert [bool(reader.wrong(port, "1" * n)) for n in (2, 3, 4, 5)] == [
        True,
        False,
        False,
        True,
    ]


def test_trap_8_two_error_codes_have_two_texts() -> None:
    assert {code for code, texts in error_texts().items() if len(texts) > 1} == {
        "-621027",
        "-625022",
    }


def test_101_lines_cannot_be_sent_as_one() -> None:
    lines = [blanket(sku=f"SKU-{i}") for i in range(101)]
    paths = faults_of(MessageKind.ORDER, lines=lines)
    assert paths == ["Order/OrderList"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a>",
        b"\xff\xfe",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"<a>" + b"x" * 2_000_001 + b"</a>",
    ],
)
def test_what_cannot_be_read_safely_is_not_read(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(raw)


def test_a_byte_order_mark_is_read_over() -> None:
    assert parse(b"\xef\xbb\xbf" + built()[MessageKind.ORDER]).tag.endswith("CEB303Message")
