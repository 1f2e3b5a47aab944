"""Tables in and out, as CSV and XLSX. Pure but for the bytes.

What people typed is data for us and a formula for a spreadsheet: a cell that would begin one
is written with an apostrophe before it (OWASP, "CSV Injection").
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livecommerce.orders.desk.errors import NoSheet, SheetTooLong

MOST_ROWS = 200
_MOST_UNPACKED = 20_000_000  # bytes; a small archive may hold a very large sheet
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NAMES = {
    "order": ("order", "order number", "order no", "订单号", "订单"),
    "carrier": ("carrier", "承运商", "快递公司", "物流公司"),
    "tracking": (
        "tracking",
        "tracking number",
        "tracking no",
        "运单号",
        "快递单号",
        "物流单号",
    ),
    "weight_g": (
        "weight",
        "weight_g",
        "weight g",
        "gross weight",
        "毛重",
        "重量",
        "毛重（克）",
    ),
}
_ORDER = ("order", "carrier", "tracking", "weight_g")


@dataclass(frozen=True, slots=True)
class Row:
    """One parcel as somebody typed it; ``row`` counts as their spreadsheet does."""

    row: int
    order: str
    carrier: str
    tracking: str
    weight: str


def read_text(text: str) -> list[Row]:
    """A pasted table or a CSV file: cells apart by tabs, semicolons or commas.

    Raises:
        NoSheet: there are no rows, or it cannot be told apart.
        SheetTooLong: more than 200 rows.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    apart = next((mark for mark in ("\t", ";", ",") if mark in first), ",")
    try:
        cells = [list(map(str, row)) for row in csv.reader(io.StringIO(text), delimiter=apart)]
    except csv.Error as error:
        raise NoSheet(str(error)) from None
    return _rows(cells)


def read_file(raw: bytes) -> list[Row]:
    """A CSV file (UTF-8, or GB 18030 as spreadsheets in China write it) or an XLSX file.

    Raises:
        NoSheet: it is neither.
        SheetTooLong: more than 200 rows.
    """
    if not raw.startswith(b"PK\x03\x04"):
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return read_text(raw.decode(encoding))
            except UnicodeDecodeError:
                continue
        raise NoSheet()
    return _rows(_cells_of(raw))


def _cells_of(raw: bytes) -> list[list[str]]:
    from openpyxl import load_workbook  # slow to import, and few processes read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MOST_UNPACKED:
                raise SheetTooLong(most=MOST_ROWS)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            read = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=12, values_only=True)
            return [["" if cell is None else str(cell) for cell in row] for row in read]
        finally:
            book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as bad:
        raise NoSheet(f"No XLSX file: {type(bad).__name__}.") from None


def _rows(cells: Sequence[Sequence[str]]) -> list[Row]:
    filled = [(n, row) for n, row in enumerate(cells, 1) if any(cell.strip() for cell in row)]
    if not filled:
        raise NoSheet()
    places = _places(filled[0][1])
    body = filled[1:] if places else filled
    where = places or {name: at for at, name in enumerate(_ORDER)}
    if not body:
        raise NoSheet()
    if len(body) > MOST_ROWS:
        raise SheetTooLong(rows=len(body), most=MOST_ROWS)
    return [_row(n, row, where) for n, row in body]


def _places(head: Sequence[str]) -> dict[str, int]:
    """Which column is what, if the first row names them."""
    told = [cell.strip().strip("*").casefold().replace("_", " ") for cell in head]
    found: dict[str, int] = {}
    for name, spellings in _NAMES.items():
        known = {spelling.replace("_", " ") for spelling in spellings}
        at = next((n for n, cell in enumerate(told) if cell in known), None)
        if at is not None:
            found[name] = at
    return found if {"order", "tracking"} <= found.keys() else {}


def _row(number: int, row: Sequence[str], where: dict[str, int]) -> Row:
    def cell(name: str) -> str:
        at = where.get(name, len(row))
        return row[at].strip().lstrip("'") if at < len(row) else ""

    return Row(number, cell("order"), cell("carrier"), cell("tracking"), cell("weight_g"))


def safe(cell: object) -> object:
    """The cell as a spreadsheet may read it: never the beginning of a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark at the beginning, without which Excel takes Chinese for something
    else."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet, its first row standing still."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("orders")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([safe(_printable(cell)) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _printable(cell: object) -> object:
    """Without the control characters that XML cannot hold."""
    if not isinstance(cell, str):
        return cell
    return "".join(each for each in cell if each >= " " or each in "\t\n")
