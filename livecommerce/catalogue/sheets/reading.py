"""A sheet of products as it comes: its rows by our columns."""

from dataclasses import dataclass

from livecommerce.catalogue.sheets.columns import column_of
from livecommerce.office import sheets
from livecommerce.office.errors import NotASheet

MOST = sheets.Most(rows=2000, columns=120)


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
    head, *body = sheets.read(content, MOST)
    named = [(place, column_of(text)) for place, text in enumerate(head.cells)]
    known = {place: column for place, column in named if column is not None}
    if "sku" not in known.values() or len(set(known.values())) < len(known):
        raise NotASheet("The first row needs the headings, each once, with sku (货号).")
    rows = [
        {
            column: line.cells[place] if place < len(line.cells) else ""
            for place, column in known.items()
        }
        for line in body
    ]
    unknown = [head.cells[place] for place, column in named if column is None]
    return Table(
        list(known.values()), rows, [line.number for line in body], [u for u in unknown if u]
    )
