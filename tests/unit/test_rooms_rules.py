"""What rooms decide without anybody on the other end."""

import pytest

from streams.chat.errors import LinkNotAllowed, NothingSaid, TextTooLong
from streams.chat.rules import Badge, Speaker, clean, worded
from streams.realtime.options import Options, RecoveryMode, room_namespaces
from streams.realtime.protocol import History, Position, Publication
from streams.realtime.rates import Bucket
from streams.realtime.recovery import merge, recover
from streams.realtime.wheel import Wheel

STREAM, CACHE = RecoveryMode.STREAM, RecoveryMode.CACHE


def pubs(*offsets: int) -> list[Publication]:
    return [Publication(b"{}", offset) for offset in offsets]


@pytest.mark.parametrize(
    ("asked", "found", "whole", "told"),
    [
        (Position(3, "e"), History(pubs(), 3, "e"), True, []),
        (Position(3, ""), History(pubs(4, 5), 5, "e"), True, [4, 5]),
        (Position(0, "e"), History(pubs(1, 2), 2, "e"), True, [1, 2]),
        (Position(3, "e"), History(pubs(5, 6), 6, "e"), False, []),  # too short
        (Position(3, "e"), History(pubs(), 6, "e"), False, []),  # expired
        (Position(1, "e"), History(pubs(2, 3), 9, "e"), False, []),  # more than is given
        (Position(3, "old"), History(pubs(4), 4, "e"), False, []),
        (Position(9, "e"), History(pubs(), 6, "e"), False, []),  # ahead of us
    ],
)
def test_a_stream_is_recovered_whole_or_not_at_all(
    asked: Position, found: History, whole: bool, told: list[int]
) -> None:
    gap = recover(STREAM, asked, found)
    assert (gap.whole, [p.offset for p in gap.publications]) == (whole, told)


@pytest.mark.parametrize(
    ("asked", "found", "whole", "told"),
    [
        (Position(0, ""), History(pubs(7), 7, "e"), True, [7]),
        (Position(7, "e"), History(pubs(7), 7, "e"), True, []),
        (Position(7, "old"), History(pubs(7), 7, "e"), True, [7]),
        (Position(7, "e"), History(pubs(), 7, "e"), True, []),
        (Position(0, ""), History(pubs(), 0, "e"), False, []),
    ],
)
def test_a_cache_gives_the_newest(
    asked: Position, found: History, whole: bool, told: list[int]
) -> None:
    gap = recover(CACHE, asked, found)
    assert (gap.whole, [p.offset for p in gap.publications]) == (whole, told)


def test_what_was_heard_meanwhile_is_merged_in_order_and_once() -> None:
    top = Position(5, "e")
    heard = [(p, "e") for p in pubs(7, 5, 6, 6)]
    news, whole = merge(top, heard)
    assert ([p.offset for p in news], whole) == ([6, 7], True)
    assert not merge(top, [(p, "e") for p in pubs(6, 8)])[1]
    assert not merge(top, [(p, "another") for p in pubs(6)])[1]


def test_a_bucket_fills_again() -> None:
    bucket = Bucket(rate=2, burst=2, now=0)
    assert [bucket.take(0) for _ in range(3)] == [True, True, False]
    assert bucket.take(0.5)
    assert not bucket.take(0.6)
    assert not bucket.full(1)
    assert bucket.full(2)


def test_a_wheel_brings_things_up_within_a_second() -> None:
    wheel: Wheel[str] = Wheel(100.2)
    wheel.set("soon", 101.5)
    wheel.set("later", 110.0)
    wheel.set("past", 50.0)
    assert list(wheel.turn(101.9)) == ["past"]
    assert list(wheel.turn(102.0)) == ["soon"]
    assert list(wheel.turn(102.5)) == []
    assert list(wheel.turn(150.0)) == ["later"]


def test_namespaces_are_found_by_name() -> None:
    opts = Options(namespaces=room_namespaces())
    assert opts.namespace("room:1") is opts.namespace("$room:1") is not None
    assert opts.namespace("room") is None
    assert opts.namespace("#u1") is None
    assert opts.personal_channel("u1") is None


VIEWER = Speaker("gst_1", "Lin")
HOST = Speaker("usr_1", "Mei", Badge.HOST)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  hi \n there\t! ", "hi there !"),
        ("a\u200bb\u202ec\x00d", "abcd"),
        ("e\u0301", "é"),
        ("👩\u200d👧 你好", "👩\u200d👧 你好"),
        ("\ud800x", "x"),
    ],
)
def test_text_is_cleaned_of_what_cannot_be_seen(text: str, said: str) -> None:
    assert clean(text) == said


def test_what_viewers_and_hosts_may_write() -> None:
    assert worded("好" * 170, VIEWER) == "好" * 170
    with pytest.raises(TextTooLong) as long:
        worded("好" * 171, VIEWER)
    assert long.value.facts == {"longest": 170, "length": 171}
    assert worded("x" * 171, HOST)
    for nothing in ("", " \n", "\u200b", "\u200d"):
        with pytest.raises(NothingSaid):
            worded(nothing, HOST)
    for link in ("see https://x.example/a", "WWW.x.example"):
        with pytest.raises(LinkNotAllowed):
            worded(link, VIEWER)
        assert worded(link, HOST)
