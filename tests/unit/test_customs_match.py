"""The three-way match: a sound set passes, and each rule catches its own violation."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from livecommerce.crossborder import match, messages, opening
from livecommerce.crossborder.errors import UnknownCountry
from livecommerce.crossborder.facts import Enterprise
from livecommerce.crossborder.match import Circumstances, Papers
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.rules import MessageState, may_follow, state_of_set
from livecommerce.kernel.money import Money
from livecommerce.outside.customs.ceb.document import blocks_of, parse
from livecommerce.outside.customs.ceb.names import MessageKind
from tests.customs import DESK, NOW, blanket, consignment, duvet_cover

AROUND = Circumstances(today=NOW.date(), collected_for_others=Decimal("50.00"))


def documents(**changes: Any) -> dict[MessageKind, bytes]:
    drafts = messages.build(consignment(**changes), DESK, number="dcl_1", now=NOW)
    return {draft.kind: draft.xml for draft in drafts}


def edited(kind: MessageKind, field: str, value: str, *, last: bool = False) -> Papers:
    """The sound set with one field of one message changed (its last occurrence on request)."""
    found = documents()
    shape = re.compile(rf"<ceb:{field}>[^<]*</ceb:{field}>".encode())
    hits = list(shape.finditer(found[kind]))
    hit = hits[-1 if last else 0]
    new = f"<ceb:{field}>{value}</ceb:{field}>".encode()
    found[kind] = found[kind][: hit.start()] + new + found[kind][hit.end() :]
    return Papers.read(found)


def said(papers: Papers, around: Circumstances = AROUND) -> list[tuple[str, str]]:
    return [(d.rule, d.level) for d in match.match(papers, around)]


def test_a_sound_set_has_no_differences() -> None:
    assert match.match(Papers.read(documents()), AROUND) == []


@pytest.mark.parametrize(
    ("papers", "rules"),
    [
        (edited(MessageKind.RECEIPTS, "orderNo", "other"), [("M1", "block")]),
        (edited(MessageKind.INVENTORY, "ebpCode", "0000000000"), [("M1", "block")]),
        (edited(MessageKind.INVENTORY, "logisticsNo", "LZ000000000CN"), [("M2", "block")]),
        (edited(MessageKind.WAYBILL, "logisticsCode", "0000000000"), [("M2", "block")]),
        (edited(MessageKind.INVENTORY, "unit", "011"), [("M3", "block")]),
        (
            edited(MessageKind.INVENTORY, "gnum", "3", last=True),
            [("M3", "block"), ("M3", "block")],
        ),
        (edited(MessageKind.ORDER, "goodsValue", "218.79"), [("M4", "block"), ("M5", "warn")]),
        (
            edited(MessageKind.INVENTORY, "totalPrice", "1"),
            [("M4", "block")],
        ),
        (edited(MessageKind.RECEIPTS, "charge", "288.81"), [("M5", "warn")]),
        (edited(MessageKind.RECEIPTS, "charge", "200"), [("M5", "block")]),
        (edited(MessageKind.RECEIPTS, "currency", "502"), [("M5", "block")]),
        (edited(MessageKind.WAYBILL, "grossWeight", "5.3"), [("M6", "block")]),
        (edited(MessageKind.INVENTORY, "netWeight", "5.3"), [("M6", "block")]),
        (edited(MessageKind.WAYBILL, "packNo", "2"), [("M6", "block")]),
        (edited(MessageKind.INVENTORY, "ieDate", "20261122"), [("M7", "warn")]),
        (edited(MessageKind.INVENTORY, "POD", "99"), [("M10", "block")]),
        (edited(MessageKind.INVENTORY, "customsCode", "9999"), [("M10", "block")]),
        (edited(MessageKind.INVENTORY, "gcode", "6302319901"), [("M10", "block")]),
        (edited(MessageKind.INVENTORY, "gcode", "6302"), [("M10", "block")]),
        (edited(MessageKind.INVENTORY, "unit1", "999"), [("M10", "block")]),
        (edited(MessageKind.INVENTORY, "itemNo", "X" * 21), [("M10", "block")]),
    ],
)
def test_each_rule_catches_its_violation(papers: Papers, rules: list[tuple[str, str]]) -> None:
    assert said(papers) == rules


@pytest.mark.parametrize(
    ("around", "rules"),
    [
        (replace(AROUND, registered_until=date(2026, 11, 22)), [("M8", "block")]),
        (replace(AROUND, registered_until=date(2026, 11, 23)), []),
        (replace(AROUND, waybill_used=True), [("M9", "block")]),
        (replace(AROUND, descriptions=["Textiles"]), [("ICS2", "block")]),
        (replace(AROUND, descriptions=["Cotton textiles, woven"]), [("ICS2", "warn")]),
        (replace(AROUND, unanswered=["603/1/weave"]), [("M10", "warn")]),
        (replace(AROUND, collected_for_others=Decimal(0)), [("M5", "block")]),
    ],
)
def test_circumstances_count(around: Circumstances, rules: list[tuple[str, str]]) -> None:
    assert said(Papers.read(documents()), around) == rules


def test_a_sellers_code_has_ten_or_eighteen_characters() -> None:
    seller = Enterprise(code="32069", name="演示家纺有限公司")
    assert said(Papers.read(documents(merchant=seller))) == [("M8", "block")]


def test_a_line_missing_from_the_inventory_is_seen() -> None:
    papers = Papers.read(documents())
    short = replace(papers, inventory_lines=papers.inventory_lines[:1])
    assert ("M3", "block") in said(short)


def test_m12_the_inventory_follows_only_all_three_papers() -> None:
    accepted = {MessageKind.ORDER: True, MessageKind.RECEIPTS: True}
    assert not may_follow(accepted)
    assert not may_follow({**accepted, MessageKind.WAYBILL: False})
    assert may_follow({**accepted, MessageKind.WAYBILL: True})


def test_every_difference_is_told_in_both_languages() -> None:
    for difference in match.match(edited(MessageKind.WAYBILL, "packNo", "2"), AROUND):
        assert difference.text.zh
        assert difference.text.en
        assert (difference.expected, difference.found) == ("2", "1")


def test_a_currency_customs_has_no_number_for_is_told_in_yuan() -> None:
    lines = [duvet_cover(unit_price=Money(10000, "BRL"))]
    facts = consignment(
        lines=lines,
        freight=Money(1000, "BRL"),
        charged=Money(21000, "BRL"),
        collected_for_others=None,
    )
    told = messages.declarable(facts, Rates(), now=NOW)
    assert {m.currency for m in (told.freight, told.charged, told.lines[0].unit_price)} == {
        "CNY"
    }
    judged = opening.judge(
        facts,
        DESK,
        number="dcl_1",
        rates=Rates(),
        waybill_used=False,
        known=frozenset(),
        now=NOW,
    )
    assert judged.matched, judged.differences


def test_statutory_quantities_follow_the_tariff() -> None:
    lines = blocks_of(parse(documents()[MessageKind.INVENTORY]), "InventoryList")
    told = [
        {k: line.get(k) for k in ("unit", "qty", "unit1", "qty1", "unit2", "qty2")}
        for line in lines
    ]
    # Two sets of four pieces, 1.8 kg each: the tariff counts pieces and kilograms.
    assert told == [
        {"unit": "006", "qty": "2", "unit1": "015", "qty1": "8", "unit2": "035", "qty2": "3.6"},
        {"unit": "015", "qty": "1", "unit1": "015", "qty1": "1", "unit2": "035", "qty2": "1.2"},
    ]


def test_a_code_outside_the_table_stays_a_difference() -> None:
    judged = opening.judge(
        consignment(lines=[blanket(hs_code="6301999999"), duvet_cover()]),
        DESK,
        number="dcl_1",
        rates=Rates(),
        waybill_used=False,
        known=frozenset(),
        now=NOW,
    )
    assert not judged.matched
    assert ("M10", "603/1/gcode") in [(d.rule, d.field) for d in judged.differences]


def test_a_country_without_a_number_is_refused() -> None:
    with pytest.raises(UnknownCountry):
        documents(destination="ZZ")


def test_a_resend_says_the_same_under_a_new_guid() -> None:
    def drafts(now: datetime) -> Mapping[MessageKind, messages.Draft]:
        known = frozenset({MessageKind.ORDER})
        made = messages.build(consignment(), DESK, number="dcl_1", now=now, known=known)
        return {draft.kind: draft for draft in made}

    first, again = drafts(NOW), drafts(NOW + timedelta(hours=1))
    for kind, draft in first.items():
        assert draft.guid != again[kind].guid
        assert draft.digest == again[kind].digest
        assert draft.business_key == again[kind].business_key
        assert draft.app_type == ("2" if kind is MessageKind.ORDER else "1")


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["matched"] * 4, "matched"),
        (["sent", "matched", "matched", "matched"], "sent"),
        (["accepted", "accepted", "accepted", "matched"], "sent"),
        (["accepted", "rejected", "accepted", "matched"], "rejected"),
        (["accepted", "accepted", "accepted", "in_review"], "in_review"),
        (["accepted", "accepted", "accepted", "released"], "released"),
    ],
)
def test_a_sets_state_is_read_off_its_messages(states: list[str], state: str) -> None:
    kinds = ("303", "403", "505", "603")
    read = {MessageKind(kind): MessageState(s) for kind, s in zip(kinds, states, strict=True)}
    assert state_of_set(read, differs=False).value == state


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"tracking": "X" * 61}, "个字符"),
        ({"merchant": Enterprise(code="3206960A11", name="演" * 100)}, ""),
    ],
)
def test_what_the_schema_refuses_is_said_in_chinese(changes: dict[str, Any], zh: str) -> None:
    found = [
        d for kind, xml in documents(**changes).items() for d in match.fits_schema(kind, xml)
    ]
    assert bool(found) is bool(zh)
    for each in found:
        assert zh in each.text.zh
        assert re.search("[a-z]", each.text.zh) is None, each.text.zh


def test_a_difference_names_the_field_in_chinese() -> None:
    (found,) = match.match(edited(MessageKind.INVENTORY, "unit", "011"), AROUND)
    assert found.text.zh.startswith("报文 603 第 1 项“")
    assert re.search("[a-z]", found.text.zh) is None, found.text.zh
