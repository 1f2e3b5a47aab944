"""Words for a catalogue that is kept: locations, the journal, sheets and bulk edits."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import id_

KEPT: Final[dict[str, Any]] = {
    "location": id_("loc"),
    "LocationOut.id": id_("loc"),
    "LocationOut.priority": 0,
    "CountOut.counted": 41,
    "CountOut.expected": 40,
    "MovementOut.id": 90210,
    "VariantStockOut.options": {"size": "200x230", "colour": "ivory"},
    "Was.since": "2026-11-01",
    "NoteOut.field": "hs_code",
    "PictureOut.height": 1200,
    "PictureOut.picture": "/media/goods/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567-800.webp",
    "PictureOut.width": 1600,
    "BulkOut.problems": 0,
    "BulkOut.seen": "5f2c7a0e9d1b4c3a8e6f00112233aabb",
    "EditLineOut.after": "359.10 CNY",
    "EditLineOut.before": "399.00 CNY",
    "EditLineOut.field": "price",
    "EditLineOut.problem": None,
    "CellOut.after": "369.00",
    "CellOut.before": "399.00",
    "CellOut.field": "price",
    "ImportOut.counts": {"created": 0, "changed": 1, "unchanged": 0, "error": 0},
    "ImportOut.filename": "autumn.xlsx",
    "ImportOut.id": id_("imp"),
    "ImportOut.unknown_columns": [],
    "RowOut.line": 2,
    "TroubleOut.field": "on_hand",
}
