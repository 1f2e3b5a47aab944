"""The log keeps its form and tells nobody's secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from livecommerce import logs


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """A log in JSON to read back; the root logger is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    said = io.StringIO()
    logs.configure("json", "INFO", said)
    yield said
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("publish name=liv_1?key=s3cr3t_-x&a=b", "s3cr3t_-x"),
        ("GET /v1/x?access_token=abc123", "abc123"),
        ("signed with whsec_c2VjcmV0+/=", "c2VjcmV0"),
        ("using sk_test_51HxSecret", "51HxSecret"),
        ("using rk_live_51HxSecret", "51HxSecret"),
        ("client pi_3Nx9_secret_kLm0", "kLm0"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("headers {'Authorization': 'Basic dXNlcjpwdw=='}", "dXNlcjpwdw"),
        ("api key lck_01jz8r5c0tXYZ", "01jz8r5c0tXYZ"),
        ("token eyJhbGciOi.eyJzdWIi.sig-n_ature given", "eyJzdWIi"),
        ("connecting to postgresql://shop:hunter2@db.example/x", "hunter2"),
        ('body {"email": "li@example.com", "password": "pässword 1"}', "pässword"),
        ("mail to wang.fang+shop@mail.example.cn failed", "wang.fang"),
        ("call +8613800138000 back", "13800138000"),
        ("boom\n[parameters: ('Li Na', 'Hangzhou')]\n(Background)", "Li Na"),
        ("boom\nDETAIL:  Key (name)=(Li Na) already exists.", "Li Na"),
    ],
)
def test_secrets_are_taken_out_of_text(said: str, secret: str) -> None:
    assert secret in said
    assert secret not in logs.redact(said)
    assert logs.GONE in logs.redact(said)


@pytest.mark.parametrize(
    "said",
    [
        "POST /v1/live/{live}/claims 201",
        "liv_01jz8r5c0t is live",
        "keyset page",
        "a=b",
        "monkey",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert logs.redact(said) == said


def test_secrets_are_known_by_their_names(out: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "sent", stream_key="abc", to={"email": "x", "lines": [{"phone": "1"}]}, password=None
    )
    (line,) = lines(out)
    assert line["stream_key"] == logs.GONE
    assert line["to"] == {"email": logs.GONE, "lines": [{"phone": logs.GONE}]}
    assert line["password"] is None


def test_every_line_has_one_form_and_the_request(out: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="req_1")
    logging.getLogger("livecommerce.access").info("%s %s", "GET", "/", extra={"ms": 1.5})
    structlog.get_logger("streams").warning("slow", peer=3)
    structlog.contextvars.clear_contextvars()
    logging.getLogger("x").info("alone")
    first, second, third = lines(out)
    assert first["message"] == "GET /"
    assert first["ms"] == 1.5
    assert second["peer"] == 3
    assert [line["request_id"] for line in (first, second, third)] == ["req_1", "req_1", "-"]
    for line in (first, second, third):
        assert {"message", "level", "logger", "timestamp", "request_id"} <= line.keys()


def test_an_exception_is_one_line_without_secrets(out: io.StringIO) -> None:
    try:
        raise ValueError("no sk_test_abc for li@example.com")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = lines(out)
    assert "ValueError" in str(line["exception"])
    assert "sk_test_abc" not in out.getvalue()
    assert "li@example.com" not in out.getvalue()
