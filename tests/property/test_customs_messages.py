"""What we write, customs reads back; and any order of its answers ends alike."""

from contextlib import suppress
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from livecommerce.crossborder import messages
from livecommerce.crossborder.facts import GoodsLine
from livecommerce.crossborder.match import Circumstances, Papers, match
from livecommerce.crossborder.rules import Answer, standing
from livecommerce.kernel.money import Money
from livecommerce.outside.customs.ceb import reader, receipts, schema
from livecommerce.outside.customs.ceb.document import Unreadable, parse
from livecommerce.outside.customs.ceb.envelope import Envelope
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.outside.customs.peer import answering
from tests.customs import DESK, NOW, blanket, consignment

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=20,
)
LINES = st.builds(
    blanket,
    sku=TEXT,
    name_zh=TEXT,
    description_en=TEXT,
    count=st.integers(1, 9999),
    unit_price=st.integers(1, 10_000_000).map(lambda minor: Money(minor, "EUR")),
    net_weight_g=st.integers(1, 30_000),
)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(LINES, min_size=1, max_size=5),
    freight=st.integers(0, 100_000),
    tracking=TEXT,
)
def test_any_consignment_fits_the_schema_and_says_what_was_meant(
    lines: list[GoodsLine], freight: int, tracking: str
) -> None:
    goods = Money.sum((line.unit_price * line.count for line in lines), "EUR")
    grams = sum(line.net_weight_g * line.count for line in lines)
    facts = consignment(
        lines=lines,
        freight=Money(freight, "EUR"),
        charged=goods + Money(freight, "EUR"),
        collected_for_others=None,
        tracking=tracking,
        gross_weight_g=grams,
    )
    drafts = messages.build(facts, DESK, number="dcl_1", now=NOW)
    for draft in drafts:
        root = parse(draft.xml)
        assert schema.faults(root) == []
        assert reader.faults(root, strict=True) == []
        travelled = Envelope.decode(
            Envelope(draft.guid, "S", ("R",), NOW, draft.kind.root, draft.xml).encode()
        )
        assert travelled.document == draft.xml
    papers = Papers.read({draft.kind: draft.xml for draft in drafts})
    assert [d for d in match(papers, Circumstances(today=NOW.date())) if d.rule != "M10"] == []
    assert Decimal(papers.order["goodsValue"]) == goods.amount
    assert papers.waybill["logisticsNo"] == tracking
    assert Decimal(papers.inventory["grossWeight"]) * 1000 == grams
    for line, told in zip(lines, papers.inventory_lines, strict=True):
        assert (told["itemNo"], told["gname"]) == (line.sku, line.name_zh)
        assert Decimal(told["price"]) == line.unit_price.amount


@given(
    kind=st.sampled_from(list(MessageKind)),
    status=st.sampled_from(["2", "120", "399", "800", "-301010"]),
    info=TEXT,
)
def test_what_the_stand_in_answers_fits_the_schema_and_is_read_back(
    kind: MessageKind, status: str, info: str
) -> None:
    fields = {
        **dict.fromkeys(kind.key_fields, "X1"),
        "ebcCode": "X1",
        "ebpCode": "X1",
        "orderNo": "X1",
        "agentCode": "X1",
        "statisticsFlag": "B",
        "customsCode": "2302",
    }
    raw = answering.receipt(kind, fields, serial=7, status=status, info=info, at=NOW)
    assert schema.faults(parse(raw)) == []
    (found,) = receipts.read(raw)
    assert (found.kind, found.status, found.info) == (kind, status, info)
    assert found.key == kind.business_key(fields)


STATUSES = st.sampled_from(
    ["1", "2", "3", "4", "100", "120", "300", "399", "500", "600", "800", "899", "-1", "7"]
)
ANSWERS = st.lists(
    st.builds(
        lambda status, second: Answer("CEB604Message", status, f"202611231900{second:02d}000"),
        STATUSES,
        st.integers(0, 59),
    ),
    max_size=12,
)


@given(answers=ANSWERS, data=st.data())
def test_order_and_repetition_of_answers_change_nothing(
    answers: list[Answer], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(answers + answers[: len(answers) // 2]))
    first, again = (
        standing(MessageKind.INVENTORY, answers),
        standing(MessageKind.INVENTORY, shuffled),
    )
    assert (first.state, first.accepted) == (again.state, again.accepted)


@given(answers=ANSWERS)
def test_without_a_refusal_a_standing_never_goes_backwards(answers: list[Answer]) -> None:
    content = [a for a in answers if a.status not in {"4", "100", "-1"}]
    ranks = [standing(MessageKind.INVENTORY, content[:n]).rank for n in range(len(content) + 1)]
    assert ranks == sorted(ranks)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_unreadable(raw: bytes) -> None:
    with suppress(Unreadable):
        assert receipts.read(raw)
