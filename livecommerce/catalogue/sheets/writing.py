"""The catalogue as CSV and as XLSX: a row per variant under headings of one language."""

from collections.abc import Iterable, Iterator, Sequence

from livecommerce.catalogue.sheets.columns import heading
from livecommerce.office import sheets


def as_csv(columns: Sequence[str], rows: Iterable[dict[str, str]], *, chinese: bool) -> bytes:
    """One line per row; nothing in it is a formula."""
    return sheets.as_csv(_lines(columns, rows, chinese=chinese))


def as_xlsx(columns: Sequence[str], rows: Iterable[dict[str, str]], *, chinese: bool) -> bytes:
    """Every cell a text, the headings and the first two columns kept in sight."""
    lines = _lines(columns, rows, chinese=chinese)
    title = "商品" if chinese else "Products"
    return sheets.as_xlsx(lines, title=title, beside=2, wide=True)


def _lines(
    columns: Sequence[str], rows: Iterable[dict[str, str]], *, chinese: bool
) -> Iterator[list[str]]:
    yield [heading(column, chinese=chinese) for column in columns]
    for row in rows:
        yield [row.get(column, "") for column in columns]
