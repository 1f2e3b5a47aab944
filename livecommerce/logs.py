"""One log for all: structured, with the request's id in every line, and nobody's secrets.

Both ``structlog`` and the standard library's loggers come out the same way: as one JSON
object a line, or as lines for people.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from livecommerce.kernel import clock

GONE = "[redacted]"

_SECRET_NAMES = re.compile(
    r"(?i)^(.*[_-])?(password|passwd|secret|token|key|authorization|cookie|signature"
    r"|e?mail|phone|line1|line2|postcode)$"
)
_OURS = {"idempotency_key", "claim_key"}  # named like secrets, and are none
_PATTERNS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(p), to)
    for p, to in (
        # what a database error says about the row that failed
        (r"\[parameters: .*?\](?=\n|$)", f"[parameters: {GONE}]"),
        (r"(?m)^DETAIL: .*$", f"DETAIL: {GONE}"),
        (r"(?i)\b(authorization\W{1,4})(?:(?:bearer|basic) +)?[^\s'\",]+", rf"\1{GONE}"),
        (r"(?i)\b(bearer|basic) +[A-Za-z0-9._~+/=-]{8,}", rf"\1 {GONE}"),
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", GONE),  # a JSON Web Token
        (r"\b(?:sk|rk)_(?:test|live)_\w+", GONE),
        (r"\bwhsec_[\w+/=-]+", GONE),
        (r"\blck_[\w-]+", GONE),
        (r"\b(pi_\w+?)_secret_\w+", rf"\1_secret_{GONE}"),
        (r"(\w+://[^\s/:@]+):[^\s/@]+@", rf"\1:{GONE}@"),
        (
            r"(?i)\b((?:[\w-]*[_-])?(?:key|token|secret|password|passwd|signature)=)"
            r"[^\s&\"'<>,;)\]]+",
            rf"\1{GONE}",
        ),
        (
            r"(?i)([\"'](?:[\w-]*[_-])?(?:key|token|secret|password|passwd|signature)[\"']"
            r"\s*:\s*[\"'])[^\"']+",
            rf"\1{GONE}",
        ),
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b", GONE),  # an address of mail
        (r"(?<![\w.])\+\d{8,15}\b", GONE),  # a telephone number
    )
]

# Libraries that tell more than we want to keep, or tell it twice.
_QUIET = ("aiohttp.access", "asyncio", "mail.log", "stripe", "alembic", "urllib3")


def redact(value: Any, name: str = "") -> Any:
    """The value as it may be written down; ``name`` is what it was logged as."""
    if name and name not in _OURS and _SECRET_NAMES.match(name):
        return value if value is None or isinstance(value, bool) else GONE
    if isinstance(value, str):
        for pattern, to in _PATTERNS:
            value = pattern.sub(to, value)
        return value
    if isinstance(value, dict):
        return {key: redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def configure(style: str = "lines", level: str = "INFO", to: TextIO | None = None) -> None:
    """Send every logger's lines to one place, in one form.

    Args:
        style: ``json`` for machines, ``lines`` for people.
        level: the least that is written.
        to: standard error if not given.
    """
    to = to or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _stamp,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redacted,
                *_rendered(style, colours=to.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def _rendered(style: str, *, colours: bool) -> list[Processor]:
    if style == "json":
        return [
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ]
    return [structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0)]


def _stamp(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
    """When it was said, and for which request; ``-`` where nobody asked."""
    line["timestamp"] = clock.utcnow().isoformat(timespec="milliseconds")
    line.setdefault("request_id", "-")
    return line


def _redacted(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
    return {key: redact(value, key) for key, value in line.items()}
