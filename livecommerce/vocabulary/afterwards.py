"""Words for what happens to an order once it is paid: cancelled, returned, printed."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import id_

_LATER = "2026-12-02T09:30:00Z"

AFTERWARDS: Final[dict[str, Any]] = {
    "line": id_("lin"),
    "goods_return": id_("rtn"),
    "CancellationOut.id": id_("cxl"),
    "CancellationOut.note": "Needed by Friday",
    "CancellationOut.cancelled_at": _LATER,
    "ReturnOut.id": id_("rtn"),
    "ReturnOut.note": "240 × 220 please",
    "ReturnOut.answer": "Jinxiu Road 1, Chuanjiang, Nantong",
    "ReturnOut.asked_at": _LATER,
    "ReturnOut.answered_at": _LATER,
    "ReturnOut.received_at": None,
    "ReturnOut.inspected_at": None,
    "ReturnOut.closed_at": None,
    "ReturnOut.inspection": None,
    "ReturnOut.refunded": None,
    "ReturnOut.state": "approved",
    "ReturnsOut.ask_until": "2027-01-01T09:30:00Z",
    "Refusal.note": "Worn and washed",
    "Inspected.restocked": 1,
    "Inspected.written_off": 0,
    "InvoiceOut.id": id_("inv"),
    "InvoiceOut.number": "INV-000042",
    "InvoiceOut.issued_at": _LATER,
    "InvoiceOut.href": f"/v1/invoices/{id_('inv')}",
    "OrderDisputeOut.id": id_("dsp"),
    "OrderDisputeOut.opened_at": _LATER,
    "OrderDisputeOut.closed_at": None,
    "OrderDisputeOut.state": "open",
    "dispute": None,
    "OrderOut.disputes": [],
    "DeskRow.id": id_("ord"),
    "DeskRow.waiting": 1,
    "DeskRow.cancelled": 0,
    "DeskRow.returns_open": 0,
    "DeskRow.recipient": "Erika Mustermann",
    "ShipMany.text": f"{id_('ord')}\tYANWEN\tYW123456789CN\t2150",
    "ShipMany.file": None,
    "ManyOut.shipped": 1,
    "ManyOut.refused": 0,
    "SentRowOut.row": 1,
    "SentRowOut.problem": None,
    "SentRowOut.detail": None,
    "SentRowOut.differences": [],
}
