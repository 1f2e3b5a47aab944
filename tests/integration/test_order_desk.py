"""The order desk: what is looked for is found by those who may, many leave at once, papers
are numbered without gaps."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.office import printing
from livecommerce.office.errors import NoFontForChinese
from livecommerce.orders import queries as orders
from livecommerce.orders.desk import actions, queries, sheet, table
from livecommerce.orders.desk.wire import ManyOut, RowFate, Wanted
from livecommerce.orders.papers import actions as papers
from livecommerce.orders.papers import printed
from livecommerce.orders.papers import queries as written
from livecommerce.orders.papers.errors import NotInvoiceable
from livecommerce.orders.papers.rules import InvoiceKind
from livecommerce.orders.rules import OrderState
from livecommerce.orders.shipping import Office
from livecommerce.orders.wire import OrderOut
from livecommerce.web.principal import SYSTEM, Kind, MerchantRole, NotYours, Principal
from tests import shop
from tests.afterwards import as_it_stands, desk, give_back, paid_order, ship
from tests.purchases import RATES, Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


def in_role(merchant: str, role: MerchantRole) -> Principal:
    return Principal(id="usr_x", kind=Kind.PERSON, memberships={merchant: frozenset({role})})


async def found(counter: Counter, by: Principal = SYSTEM, **want: Any) -> list[str]:
    async with counter.db.begin() as tx:
        page = await queries.found(tx, Wanted(**want), by=by)
    return [row.id for row in page.items]


async def three_orders(counter: Counter) -> list[OrderOut]:
    """Two of one merchant, the second shipped; and one of another's."""
    made = []
    for number in (1, 2, 3):
        order, _ = await paid_order(counter, number=number)
        made.append(order)
        counter.now += timedelta(days=1)
    first, second, third = made
    move = sa.text('UPDATE commerce."order" SET merchant_id = :m WHERE id = :id')
    lines = sa.text("UPDATE commerce.order_line SET merchant_id = :m WHERE order_id = :id")
    async with counter.db.begin() as tx:
        for statement in (move, lines):
            await tx.execute(statement, {"m": first.merchant, "id": second.id})
    await ship(counter, second, tracking="YT777")
    return [first, second, third]


async def test_orders_are_found_by_whatever_is_known(counter: Counter, now: datetime) -> None:
    first, second, third = await three_orders(counter)
    everything = [third.id, second.id, first.id]
    assert await found(counter) == everything
    assert await found(counter, merchant=first.merchant) == [second.id, first.id]
    assert await found(counter, states=["paid"]) == [third.id, first.id]
    assert await found(counter, country="fr") == []
    day = now.date()
    assert await found(counter, placed_from=day, placed_to=day) == [first.id]
    for q, want in {
        first.id: [first.id],
        first.id.upper(): [first.id],
        "yt777": [second.id],
        "JM-s0": everything,
        "Anna@example.com": everything,
        "anna beispiel": everything,
        "nobody": [],
    }.items():
        assert await found(counter, q=q) == want, q


async def test_pages_of_a_sku_meet_although_the_first_reads_only_the_newest(
    counter: Counter,
) -> None:
    first, second, third = await three_orders(counter)
    want, seen, after = Wanted(q=first.lines[0].sku), [], None
    while True:
        async with counter.db.begin() as tx:
            page = await queries.found(tx, want, by=SYSTEM, after=after, limit=1)
        seen += [row.id for row in page.items]
        if (after := page.next) is None:
            break
    assert seen == [third.id, second.id, first.id]
    assert await found(counter, q=want.q, merchant=first.merchant) == [second.id, first.id]


async def test_who_sees_what_at_the_desk(counter: Counter) -> None:
    first, second, third = await three_orders(counter)
    host = in_role(first.merchant, MerchantRole.HOST)
    assistant = in_role(first.merchant, MerchantRole.ASSISTANT)
    assert await found(counter, by=assistant) == [second.id, first.id]
    assert await found(counter, by=assistant, q="anna beispiel") == [second.id, first.id]
    assert await found(counter, by=host, q="anna beispiel") == []
    assert await found(counter, by=assistant, q=third.id) == []
    with pytest.raises(NotYours):
        await found(counter, by=assistant, merchant=third.merchant)
    for who, reads in ((assistant, True), (host, False)):
        async with counter.db.begin() as tx:
            page = await queries.found(tx, Wanted(), by=who)
            cells = await table.rows(tx, Wanted(), by=who)
        assert [row.recipient for row in page.items] == ["Anna Beispiel" if reads else None] * 2
        flat = [str(cell) for row in cells[1:] for cell in row]
        assert ("Lindenstr. 1" in flat) is reads
        assert ("anna@example.com" in flat) is reads
        assert len({len(row) for row in cells}) == 1


async def test_pages_of_the_desk_meet_and_do_not_overlap(counter: Counter) -> None:
    made = await three_orders(counter)
    seen, after = [], None
    while True:
        async with counter.db.begin() as tx:
            page = await queries.found(tx, Wanted(), by=SYSTEM, after=after, limit=1)
        seen += [row.id for row in page.items]
        after = page.next
        if after is None:
            break
    assert seen == [order.id for order in reversed(made)]


async def many(counter: Counter, text: str, *, dry_run: bool = False) -> ManyOut:
    return await actions.ship_many(
        counter.db,
        sheet.read_text(text),
        dry_run=dry_run,
        by=SYSTEM,
        office=Office(desk(), RATES),
        now=counter.now,
    )


async def test_many_leave_at_once_and_each_row_is_answered(counter: Counter) -> None:
    first, second, third = await three_orders(counter)
    text = "\n".join(
        [
            "order,carrier,tracking,weight",
            f"{first.id},YANWEN,YT1,4000",
            f"{second.id},YANWEN,YT777,",
            f"{third.id},YANWEN,YT3,",
            "ord_nothing,YANWEN,YT4,1",
            f"{first.id},YANWEN,YT5,1",
            f"{third.id}x,DHL,YT6,1",
            f"{third.id}y,YANWEN,YT7,heavy",
        ]
    )
    before = await counter.told("orders.OrderShipped")
    dry = await many(counter, text, dry_run=True)
    assert dry.shipped == 2
    assert (await as_it_stands(counter, first)).state is OrderState.PAID
    assert await counter.told("orders.OrderShipped") == before
    done = await many(counter, text)
    assert [(row.fate, row.problem) for row in done.rows] == [
        (RowFate.SHIPPED, None),
        (RowFate.SHIPPED_BEFORE, None),
        (RowFate.SHIPPED, None),
        (RowFate.REFUSED, "no-such-order"),
        (RowFate.REFUSED, "row-doubled"),
        (RowFate.REFUSED, "no-such-order"),
        (RowFate.REFUSED, "row-invalid"),
    ]
    assert [row.row for row in done.rows] == [2, 3, 4, 5, 6, 7, 8]
    assert (done.rows[2].weight_g, done.rows[2].estimated) == (3888, True)
    again = await many(counter, text)
    assert {row.fate for row in again.rows[:3]} == {RowFate.SHIPPED_BEFORE}
    for order in (first, third):
        assert (await as_it_stands(counter, order)).state is OrderState.SHIPPED


async def test_a_row_says_what_customs_would_not_take(counter: Counter) -> None:
    """As shipping one parcel does: which paper, which figure, and what it should be."""
    first, _, _ = await three_orders(counter)
    for row, rule, field in (
        (f"{first.id},YANWEN,YT1,10", "M6", "603/netWeight"),
        (f"{first.id},YANWEN,YT777,4000", "M9", "505/logisticsNo"),
    ):
        for dry in (True, False):
            (told,) = (await many(counter, row, dry_run=dry)).rows
            assert (told.fate, told.problem) == (RowFate.REFUSED, "parcel-not-declarable")
            (each,) = told.differences
            assert (each.rule, each.field) == (rule, field)
            assert each.text.zh
            assert each.text.en


async def test_numbers_have_no_gap_and_no_twin(counter: Counter) -> None:
    made = [(await paid_order(counter, number=n))[0] for n in (1, 2, 3, 4)]
    same = sa.text('UPDATE commerce."order" SET merchant_id = :m')
    async with counter.db.begin() as tx:
        await tx.execute(same, {"m": made[0].merchant})

    async def issue(order: str, *, fails: bool = False) -> int:
        async with counter.db.begin() as tx:
            row = await papers.issue(tx, order, now=counter.now)
            if fails:
                raise RuntimeError("the printer burns")
            return row.number

    with pytest.raises(RuntimeError):
        await issue(made[0].id, fails=True)
    numbers = await asyncio.gather(*(issue(order.id) for order in made * 2))
    assert sorted(set(numbers)) == [1, 2, 3, 4]
    assert numbers[:4] == numbers[4:]


async def test_twin_that_counts_what_is_there_gives_a_number_twice(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    both = asyncio.Barrier(2)
    newest = sa.text("SELECT coalesce(max(number), 0) + 1 FROM commerce.invoice")

    async def unguarded() -> int:
        async with counter.db.begin() as tx:
            number = int(await tx.scalar(newest) or 0)
            await both.wait()
            return number

    assert await asyncio.gather(unguarded(), unguarded()) == [1, 1]
    assert order.state is OrderState.PAID


async def test_what_went_back_is_credited_once(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await give_back(counter, order, 100, "before")
    await counter.drain()
    async with counter.db.begin() as tx:
        await papers.issue(tx, order.id, now=counter.now)
    await give_back(counter, order, 50, "after")
    await give_back(counter, order, 50, "later")
    await counter.drain()
    for _ in range(2):
        async with counter.db.begin() as tx:
            await papers.credit(tx, order.id, now=counter.now)
            rows = await written.written(tx, [order.id])
    assert [(row.kind, row.number, row.body["total"]) for row in rows] == [
        (InvoiceKind.INVOICE, 1, order.total.minor),
        (InvoiceKind.CREDIT_NOTE, 1, 100),
        (InvoiceKind.CREDIT_NOTE, 2, 50),
        (InvoiceKind.CREDIT_NOTE, 3, 50),
    ]


async def test_what_was_not_paid_has_no_invoice(counter: Counter) -> None:
    product = await shop.open_shop(counter.db, now=counter.now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    (order,) = await counter.orders(checkout)
    with pytest.raises(NotInvoiceable):
        async with counter.db.begin() as tx:
            await papers.issue(tx, order.id, now=counter.now)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_papers_are_pdf_in_the_language_asked_for(
    counter: Counter, lang: printed.Lang
) -> None:
    order, _ = await paid_order(counter, counts=(2, 1))
    await ship(counter, order, (0, 1))
    async with counter.db.begin() as tx:
        row = await papers.issue(tx, order.id, now=counter.now)
        shown = await orders.order(tx, order.id, by=SYSTEM)
    bill = printed.invoice(row, lang)
    assert bill["title"] == {"zh": "商业发票", "en": "Invoice"}[lang]
    assert bill["total"][1] == f"EUR {order.total.amount:,.2f}"
    picked = printed.pick_list([shown], lang)
    assert [(each["sku"], each["count"]) for each in picked["goods"]] == [
        ("JM-s0", 1),
        ("JM-s1", 1),
    ]
    sent, packed = printed.labels([shown], lang)["labels"]
    assert (sent["code"], packed["code"]) == ("YT0000000001", order.id)
    for template, facts in (
        ("invoices", {"lang": lang, "papers": [bill]}),
        ("pick_list", picked),
        ("labels", printed.labels([shown], lang)),
    ):
        made = await printing.pdf(printed.template(template), facts, now=counter.now)
        assert made.startswith(b"%PDF-")


def test_without_a_font_for_chinese_nothing_is_printed() -> None:
    with pytest.raises(NoFontForChinese, match="no font for Chinese"):
        printing.usable(["DejaVu Sans", "Libertinus Serif"])
    assert printing.usable(["PingFang SC", "Noto Sans CJK SC"])[0] == "Noto Sans CJK SC"
