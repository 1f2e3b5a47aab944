"""The parcels of a sheet: a row each, under headings in either language or in our order."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecommerce.office import sheets
from livecommerce.office.errors import NotASheet, SheetTooLarge
from livecommerce.office.sheets import Line

MOST = sheets.Most(rows=200, columns=40, unpacked=20_000_000)
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
        NotASheet: there are no rows, or it cannot be told apart.
        SheetTooLarge: more than 200 rows.
    """
    return _rows(sheets.read_text(text, MOST))


def read_file(raw: bytes) -> list[Row]:
    """A CSV or XLSX file.

    Raises:
        NotASheet: it is neither, or has no rows.
        SheetTooLarge: more than 200 rows.
    """
    return _rows(sheets.read(raw, MOST))


def _rows(lines: Sequence[Line]) -> list[Row]:
    places = _places(lines[0].cells)
    body = lines[1:] if places else lines
    where = places or {name: at for at, name in enumerate(_ORDER)}
    if not body:
        raise NotASheet("There is no row below the headings.")
    if len(body) > MOST.rows:
        raise SheetTooLarge(rows=len(body), most=MOST.rows)
    return [_row(line, where) for line in body]


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


def _row(line: Line, where: dict[str, int]) -> Row:
    def cell(name: str) -> str:
        at = where.get(name, len(line.cells))
        return line.cells[at].lstrip("'") if at < len(line.cells) else ""

    return Row(line.number, cell("order"), cell("carrier"), cell("tracking"), cell("weight_g"))
