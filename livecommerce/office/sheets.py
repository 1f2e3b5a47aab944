"""Tables in and out, as CSV and XLSX, known by their content. They compute; not for a loop.

What people typed is data for us and a formula for a spreadsheet: a cell that would begin one
is written with an apostrophe before it (OWASP, "CSV Injection"), and read without.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from xml.etree.ElementTree import ParseError

from livecommerce.office.errors import NotASheet, SheetTooLarge

_WIDEST = 48
_XLSX = b"PK\x03\x04"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError),
    *(NotImplementedError, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Most:
    """What is taken at once; ``unpacked`` are a workbook's bytes before compression, since a
    small archive may hold a very large sheet."""

    rows: int
    columns: int
    content: int = 8 << 20
    unpacked: int = 120 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A row with something in it; ``number`` counts as a spreadsheet does, from one."""

    number: int
    cells: list[str]


def read(content: bytes, most: Most) -> list[Line]:
    """The filled rows of a CSV file (UTF-8, or GB 18030 as spreadsheets in China write it) or
    of an XLSX file's first sheet.

    Raises:
        NotASheet: it is neither, or empty.
        SheetTooLarge: it is more than ``most``.
    """
    if len(content) > most.content:
        raise SheetTooLarge(most=most.content)
    if content.startswith(_XLSX):
        return _filled(_workbook(content, most), most)
    return read_text(_decoded(content), most)


def read_text(text: str, most: Most) -> list[Line]:
    """The same of a pasted table or a CSV: cells apart by commas, semicolons or tabs.

    Raises:
        NotASheet: it has no rows, or its cells cannot be told apart.
        SheetTooLarge: it is more than ``most``.
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    between = max("\t;,", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        return _filled(([_cell(cell) for cell in _narrow(row, most)] for row in rows), most)
    except csv.Error as error:
        raise NotASheet() from error


def normal(text: str) -> str:
    """A text as sheets can hold it: they lose what is around it, and control characters."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", plain).strip()


def guarded(text: str) -> str:
    """The text so that no spreadsheet computes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What :func:`guarded` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark at the beginning, without which Excel takes Chinese for something
    else."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(
    rows: Iterable[Sequence[object]], *, title: str, beside: int = 0, wide: bool = False
) -> bytes:
    """A workbook of one sheet, its first row in bold and standing still.

    Args:
        beside: how many columns stand still, too.
        wide: make the columns as wide as their headings.
    """
    from openpyxl import Workbook  # slow to import, and few processes write a workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = f"{get_column_letter(beside + 1)}2"
    lines = iter(rows)
    head = next(lines, ())
    if wide:
        for place, text in enumerate(head, 1):
            width = max(12, min(_WIDEST, len(str(text)) * 2))
            sheet.column_dimensions[get_column_letter(place)].width = width
    named = [WriteOnlyCell(sheet, str(_safe(cell))) for cell in head]
    for cell in named:
        cell.font = Font(bold=True)
    sheet.append(named)
    for line in lines:
        sheet.append([_safe(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _filled(rows: Iterable[list[str]], most: Most) -> list[Line]:
    lines = (Line(n, cells) for n, cells in enumerate(rows, 1) if any(cells))
    found = list(islice(lines, most.rows + 2))  # the headings, and one too many
    if not found:
        raise NotASheet("The sheet is empty.")
    if len(found) > most.rows + 1:
        raise SheetTooLarge(most=most.rows)
    return found


def _decoded(content: bytes) -> str:
    """UTF-8 if it is, else as Chinese Excel writes CSV (GB 18030, of which GBK is a part)."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise NotASheet()


def _workbook(content: bytes, most: Most) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # slow to import, and few processes read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > most.unpacked:
                raise SheetTooLarge(most=most.unpacked)
        book = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        try:
            sheet = book.worksheets[0]
            last = most.rows + 1000  # empty rows are passed over
            rows = sheet.iter_rows(max_row=last, max_col=most.columns, values_only=True)
            found = [[_cell(_told(cell)) for cell in row] for row in rows]
        finally:
            book.close()
    except _UNREADABLE as unreadable:
        raise NotASheet() from unreadable
    yield from found


def _narrow(row: list[str], most: Most) -> list[str]:
    if len(row) > most.columns:
        raise SheetTooLarge(most=most.columns)
    return row


def _cell(text: str) -> str:
    return normal(unguarded(text))


def _told(cell: object) -> str:
    """A cell's value as somebody would type it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        whole = Decimal(repr(cell))
        return str(int(whole)) if whole == int(whole) else format(whole, "f")
    return str(cell)


def _safe(cell: object) -> object:
    return guarded(normal(cell)) if isinstance(cell, str) else cell
