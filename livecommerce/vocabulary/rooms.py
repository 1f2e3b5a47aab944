"""Words for live sessions and their rooms."""

from typing import Any, Final

from livecommerce.vocabulary.spelling import id_

ROOMS: Final[dict[str, Any]] = {
    "ahead": 0,
    "duration": 7200.0,
    "failure": None,
    "IngestOut.key": None,
    "IngestOut.state": "connected",
    "IngestOut.valid_from": "2026-11-23T10:30:00Z",
    "IngestOut.valid_to": "2026-11-23T13:30:00Z",
    "peak": 1840,
    "positions": {},
    "server": "rtmp://live.example/live",
    "shelf_version": 4,
    "shown": 60,
    "CardVariantOut.shown": None,
    "slow": 5,
    "start": 300.0,
    "stock": {id_("var"): 47},
    "stock_version": 12,
    "stream": id_("liv"),
    "token": "eyJhbGciOiJIUzI1NiJ9.ZXhhbXBsZQ.c2lnbmF0dXJl",
    "version": 4,
    "viewers": 1260,
    "replay": None,
    "video": None,
}
