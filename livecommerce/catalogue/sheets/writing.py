"""The catalogue as CSV (UTF-8 with BOM, as Excel wants it) and as XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence

from livecommerce.catalogue.sheets.columns import guarded, heading
from livecommerce.catalogue.sheets.reading import normal

WIDEST = 48


def as_csv(columns: Sequence[str], rows: Iterable[dict[str, str]], *, chinese: bool) -> bytes:
    """One line per row, under headings; nothing in it is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([heading(column, chinese=chinese) for column in columns])
    for row in rows:
        writer.writerow([_cell(row, column) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(columns: Sequence[str], rows: Iterable[dict[str, str]], *, chinese: bool) -> bytes:
    """One row per variant, every cell a text, the headings kept in sight."""
    from openpyxl import Workbook  # slow to import, and few processes write a workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("商品" if chinese else "Products")
    sheet.freeze_panes = "C2"
    for place, column in enumerate(columns):
        wide = max(12, min(WIDEST, len(heading(column, chinese=chinese)) * 2))
        sheet.column_dimensions[_letters(place)].width = wide
    named = [WriteOnlyCell(sheet, heading(column, chinese=chinese)) for column in columns]
    for cell in named:
        cell.font = Font(bold=True)
    sheet.append(named)
    for row in rows:
        sheet.append([_cell(row, column) for column in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(row: dict[str, str], column: str) -> str:
    return guarded(normal(row.get(column, "")))


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
