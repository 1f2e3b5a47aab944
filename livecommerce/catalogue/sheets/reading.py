"""Sheets as they come: CSV in UTF-8 or GBK, or XLSX, known by their content."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from xml.etree.ElementTree import ParseError

from livecommerce.catalogue.errors import NotASheet, SheetTooLarge
from livecommerce.catalogue.sheets.columns import column_of, unguarded

MOST_BYTES = 8 << 20
MOST_ROWS = 2000
MOST_COLUMNS = 120
MOST_UNPACKED = 120 << 20

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError),
    *(NotImplementedError, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Table:
    """What a sheet says: its rows by column, the lines they stand in, and headings of no
    column of ours."""

    columns: list[str]
    rows: list[dict[str, str]]
    lines: list[int]
    unknown: list[str]


def read(content: bytes) -> Table:
    """The rows of a sheet under its first row's headings. Computes; not for a loop.

    Raises:
        NotASheet: neither CSV nor XLSX, or without any heading of ours.
        SheetTooLarge: more than 8 MiB, 120 MiB unpacked, 2,000 rows or 120 columns.
    """
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(most=MOST_BYTES)
    cells = _workbook(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    return _table(cells)


def normal(text: str) -> str:
    """A text as sheets can hold it: they lose what is around it, and control characters."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", plain).strip()


def _table(cells: Iterable[list[str]]) -> Table:
    lines = ((n, row) for n, row in enumerate(cells, 1) if any(row))
    first = next(lines, None)
    if first is None:
        raise NotASheet("The sheet is empty.")
    named = [(place, column_of(text)) for place, text in enumerate(first[1])]
    known = {place: column for place, column in named if column is not None}
    if "sku" not in known.values() or len(set(known.values())) < len(known):
        raise NotASheet("The first row needs the headings, each once, with sku (货号).")
    found = list(islice(lines, MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise SheetTooLarge(most=MOST_ROWS)
    rows = [
        {column: row[place] if place < len(row) else "" for place, column in known.items()}
        for _, row in found
    ]
    unknown = [first[1][place] for place, column in named if column is None]
    return Table(list(known.values()), rows, [n for n, _ in found], [u for u in unknown if u])


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    head = text.partition("\n")[0]
    between = max(",;\t", key=head.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=between):
            yield [normal(unguarded(cell)) for cell in _narrow(row)]
    except csv.Error as error:
        raise NotASheet() from error


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


def _workbook(content: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # slow to import, and few processes read a workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise SheetTooLarge(most=MOST_UNPACKED)
        book = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        try:
            sheet = book.worksheets[0]
            most = MOST_ROWS + 1000  # empty rows are passed over
            rows = sheet.iter_rows(max_row=most, max_col=MOST_COLUMNS, values_only=True)
            found = [[normal(unguarded(_text(cell))) for cell in row] for row in rows]
        finally:
            book.close()
    except _UNREADABLE as unreadable:
        raise NotASheet() from unreadable
    yield from found


def _narrow(row: list[str]) -> list[str]:
    if len(row) > MOST_COLUMNS:
        raise SheetTooLarge(most=MOST_COLUMNS)
    return row


def _text(cell: object) -> str:
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
