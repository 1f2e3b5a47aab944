"""What a dry run tells of a sheet: every row, what would change, and what is wrong."""

from enum import StrEnum

from livecommerce.catalogue.rules import SheetState
from livecommerce.kernel.clock import Instant
from livecommerce.web.wire import Both, Wire


class RowState(StrEnum):
    """What a row comes to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


class CellOut(Wire):
    """A value that changes."""

    field: str
    before: str
    after: str


class TroubleOut(Wire):
    """What is wrong with a cell, or should be known of it."""

    field: str
    text: Both


class RowOut(Wire):
    """One row, by the line it stands in."""

    line: int
    sku: str
    state: RowState
    changes: list[CellOut]
    errors: list[TroubleOut]
    notes: list[TroubleOut]


class ImportOut(Wire):
    """A sheet that was sent, with its report. Nothing is changed before it is applied; then
    all of it is, or nothing."""

    id: str
    merchant: str
    filename: str
    state: SheetState
    sent_at: Instant
    applied_at: Instant | None
    counts: dict[RowState, int]
    unknown_columns: list[str]
    rows: list[RowOut]
