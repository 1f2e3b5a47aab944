"""Ready configurations: what the official SDKs' own test suites expect of a server."""

from typing import Any

from streams.realtime.config import Config

_HISTORY = {"history_size": 100, "history_ttl": "300s", "force_recovery": True}
_SMALL = {"history_size": 2, "history_ttl": "300s", "force_recovery": True}
_DELTA = {"allowed_delta_types": ["fossil"], "delta_publish": True}
_JOINS = {"presence": True, "join_leave": True, "force_push_join_leave": True}
_FOR_SUBSCRIBERS = {
    "allow_publish_for_subscriber": True,
    "allow_presence_for_subscriber": True,
    "allow_history_for_subscriber": True,
}
_BUSY = {"commands_per_second": 100_000, "commands_burst": 100_000}
_TOKEN = {"hmac_secret_key": "secret"}

_PYTHON: dict[str, Any] = {
    "client": {
        "token": _TOKEN,
        "subscribe_to_user_personal_channel": {"enabled": True},
        **_BUSY,
    },
    "channel": {
        "without_namespace": {**_HISTORY, **_DELTA, **_JOINS, **_FOR_SUBSCRIBERS},
        "namespaces": [
            {"name": "smallhistory", **_SMALL, **_FOR_SUBSCRIBERS},
            {"name": "example", **_JOINS, **_FOR_SUBSCRIBERS, **_HISTORY, "history_size": 300},
        ],
    },
    "shutdown": {"drain": 0},
}

_JAVASCRIPT: dict[str, Any] = {
    "client": {
        "token": _TOKEN,
        "insecure": True,
        "allowed_origins": ["*"],
        **_BUSY,
    },
    "http_api": {"key": "test-api-key"},
    "channel": {
        "without_namespace": {"presence": True, **_DELTA, **_HISTORY},
        "namespaces": [
            {"name": "delta", **_DELTA, **_HISTORY},
            {"name": "recovery", "presence": True, **_HISTORY},
            {"name": "smallhistory", **_SMALL},
        ],
    },
    "shutdown": {"drain": 0},
}

PROFILES = {
    "conformance-python": Config.model_validate(_PYTHON),
    "conformance-js": Config.model_validate(_JAVASCRIPT),
}
