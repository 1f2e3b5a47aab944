"""Words for what webhooks tell."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import eur, id_

_STATES: Final = {
    "Created": "scheduled",
    "Ready": "ready",
    "Started": "live",
    "Paused": "paused",
    "Interrupted": "interrupted",
    "Resumed": "live",
    "Ended": "ended",
    "Cancelled": "cancelled",
    "Archived": "archived",
}

TOLD: Final[dict[str, Any]] = {
    **{f"LiveSession{name}.state": state for name, state in _STATES.items()},
    "BookingMade.state": "confirmed",
    "BookingMade.expires_at": None,
    "DeclarationRejected.message": "603",
    "DeclarationRejected.status": "100",
    "DeclarationRejected.reason": "商品名称与归类不符",
    "ReplayFailed.reason": "nothing was recorded",
    "ChatViewerMuted.kind": "mute",
    "ended_at": "2026-11-23T11:05:00Z",
    "endpoint": id_("whe"),
    "inventory_number": "230420261123000001",
    "line": id_("lin"),
    "live_session": id_("liv"),
    "message": id_("msg"),
    "mute": id_("mut"),
    "refund": id_("rfd"),
    "OrderRefunded.amount": eur(12376),
    "OrderRefunded.refunded": eur(12376),
    "OrderRefunded.whole": True,
    "OrderRefundFailed.amount": eur(12376),
    "OrderRefundFailed.owed": eur(12376),
    "OrderDisputed.amount": eur(12376),
    "OrderDisputed.dispute": id_("dsp"),
    "OrderDisputed.state": "open",
    "ReplayReady.replay": id_("rpl"),
    "ReplayFailed.replay": id_("rpl"),
    "resources": [id_("std")],
    "sequence": 7,
    "until": "2026-11-23T11:35:00Z",
}
