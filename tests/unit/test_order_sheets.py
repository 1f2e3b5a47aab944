"""Tables in and out of the order desk: read as people make them, harmless when opened."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from livecommerce.office import sheets
from livecommerce.office.errors import NotASheet, SheetTooLarge
from livecommerce.orders.desk import sheet
from livecommerce.orders.desk.sheet import Row

WANT = [Row(2, "ord_1", "YANWEN", "YT1", "900"), Row(4, "ord_2", "POST", "LZ2", "")]


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("apart", [",", ";", "\t"])
@pytest.mark.parametrize(
    "head",
    [
        ("Order number", "Carrier", "Tracking number", "Weight"),
        ("订单号", "承运商", "运单号", "重量"),
    ],
)
def test_a_pasted_table_is_read(apart: str, head: tuple[str, ...]) -> None:
    rows = [head, ("ord_1", "YANWEN", "YT1", "900"), (), ("ord_2", " POST ", "LZ2")]
    assert sheet.read_text("\n".join(apart.join(row) for row in rows)) == WANT


def test_without_a_head_the_columns_are_in_order() -> None:
    (row,) = sheet.read_text("ord_1\tYANWEN\tYT1\t900")
    assert row == Row(1, "ord_1", "YANWEN", "YT1", "900")


def test_columns_may_stand_anywhere() -> None:
    (row,) = sheet.read_text("运单号,备注,订单号,承运商\nYT1,急,ord_1,燕文")
    assert row == Row(2, "ord_1", "燕文", "YT1", "")


def test_files_are_read_as_spreadsheets_write_them() -> None:
    rows: list[list[object]] = [
        ["订单号", "承运商", "运单号", "重量"],
        ["ord_1", "燕文", "YT1", 900],
    ]
    want = [Row(2, "ord_1", "燕文", "YT1", "900")]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    assert sheet.read_file(xlsx(rows)) == want
    assert sheet.read_file(text.encode("utf-8-sig")) == want
    assert sheet.read_file(text.encode("gb18030")) == want


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"PK\x03\x04nothing", b"\xff\xff\xff"])
def test_what_is_no_table_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NotASheet):
        sheet.read_file(raw)


def test_a_table_has_an_end() -> None:
    with pytest.raises(SheetTooLarge):
        sheet.read_text("\n".join(f"ord_{n},Y,T{n}" for n in range(201)))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    rows = [["name"], [cell]]
    told = list(csv.reader(io.StringIO(sheets.as_csv(rows).decode("utf-8-sig"), newline="")))
    assert told[1][0].startswith("'")
    book = load_workbook(io.BytesIO(sheets.as_xlsx(rows, title="orders")))
    found = book.worksheets[0]["A2"]
    assert found.data_type == "s"
    assert str(found.value).startswith("'")
    book.close()


WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_table_keeps_what_it_was_given(rows: list[list[str]]) -> None:
    made = sheets.as_csv(rows).decode("utf-8-sig")
    told = list(csv.reader(io.StringIO(made, newline="")))
    assert (
        told
        == [
            [sheets.guarded(sheets.normal(cell)) for cell in row] for row in rows if row != [""]
        ]
        or [""] in rows
    )
