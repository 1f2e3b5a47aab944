"""From wall clock to media time, and the texts that players read."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.replays import playlist, rules
from streams.replays.playlist import MadePart
from streams.replays.rules import Chapter, Segment

T0 = datetime(2026, 11, 23, 11, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


# 20 s of recording, half a minute of nothing, 10 s of recording
PARTS = rules.laid_out([(at(50), 10.0, "b.flv"), (at(0), 20.0, "a.flv")])


def test_parts_follow_each_other_in_order() -> None:
    assert [(p.file, p.offset, p.end) for p in PARTS] == [
        ("a.flv", 0.0, 20.0),
        ("b.flv", 20.0, 30.0),
    ]


@pytest.mark.parametrize(
    ("wall", "media"),
    [(-5, 0), (0, 0), (7.5, 7.5), (20, 20), (35, 20), (50, 20), (53, 23), (60, 30), (999, 30)],
)
def test_media_time_is_looked_up_by_part(wall: float, media: float) -> None:
    assert rules.media_time(PARTS, at(wall)) == media


@pytest.mark.parametrize(("media", "wall"), [(0, 0), (7.5, 7.5), (20, 50), (23, 53), (30, 60)])
def test_wall_clock_is_the_way_back(media: float, wall: float) -> None:
    assert rules.wall_clock(PARTS, media) == at(wall)


def test_chapters_are_what_was_recorded_of_segments() -> None:
    found = rules.chapters(
        PARTS,
        [
            Segment(at(52), None, "to the end", {}),
            Segment(at(-9), at(5), "from before", {}),
            Segment(at(15), at(55), "over the gap", {}),
            Segment(at(25), at(45), "in the gap", {}),
            Segment(at(61), at(70), "after", {}),
        ],
    )
    assert [(c.reference, c.start, c.end) for c in found] == [
        ("from before", 0, 5),
        ("over the gap", 15, 25),
        ("to the end", 22, 30),
    ]
    assert found[0].started_at == at(0)


def test_no_parts_no_chapters() -> None:
    assert rules.chapters([], [Segment(at(0), at(1), "x", {})]) == []


def test_timeline_says_everything_in_json() -> None:
    chapter = Chapter(1.23456, 2.0, "crd_1", {"en": "Towel"}, at(1.23456))
    told = rules.timeline(PARTS, [chapter])
    assert told["media_start"] == "2026-11-23T11:00:00.000Z"
    assert told["duration"] == 30.0
    assert told["parts"][1] == {
        "started_at": "2026-11-23T11:00:50.000Z",
        "offset": 20.0,
        "duration": 10.0,
        "file": "b.flv",
    }
    assert told["chapters"][0]["start"] == 1.235
    assert told["chapters"][0]["started_at"] == "2026-11-23T11:00:01.235Z"


def test_ffmpegs_playlist_is_read() -> None:
    text = (
        '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="init.mp4"\n'
        "#EXTINF:4.000000,\ns00000.m4s\n#EXTINF:1.500000,\ns00001.m4s\n#EXT-X-ENDLIST\n"
    )
    part = playlist.read_part("p00", text)
    assert part.segments == ((4.0, "s00000.m4s"), (1.5, "s00001.m4s"))
    assert part.duration == 5.5


def test_joined_playlist_has_a_seam_per_part() -> None:
    made = [
        MadePart("p00", ((20.0, "s00000.m4s"),)),
        MadePart("p01", ((9.5, "s00000.m4s"), (0.5, "s00001.m4s"))),
    ]
    chapter = Chapter(2, 8, 'crd"1\n', {"en": "Towel"}, at(2))
    assert playlist.joined(made, PARTS, [chapter]).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:20",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="p00/init.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T11:00:00.000Z",
        '#EXT-X-DATERANGE:ID="explain-1",CLASS="explain",'
        'START-DATE="2026-11-23T11:00:02.000Z",DURATION=6.000,X-REFERENCE="crd1"',
        "#EXTINF:20.000000,",
        "p00/s00000.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="p01/init.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T11:00:50.000Z",
        "#EXTINF:9.500000,",
        "p01/s00000.m4s",
        "#EXTINF:0.500000,",
        "p01/s00001.m4s",
        "#EXT-X-ENDLIST",
    ]


def test_webvtt_speaks_one_language_and_escapes() -> None:
    found = [
        Chapter(2, 8, "crd_1", {"zh": "四件套", "en": "Set <A> &\n--> B"}, at(2)),
        Chapter(3725.5, 3726, "crd_2", {"zh": "毛巾"}, at(3725.5)),
    ]
    assert playlist.webvtt(found, "en") == (
        "WEBVTT\n\n1\n00:00:02.000 --> 00:00:08.000\nSet &lt;A&gt; &amp; --&gt; B\n\n"
        "2\n01:02:05.500 --> 01:02:06.000\n毛巾\n"
    )
    assert playlist.languages(found) == ["en", "zh"]


def test_a_language_that_is_a_path_is_none() -> None:
    assert playlist.languages([Chapter(0, 1, "x", {"../../zh": "x"}, T0)]) == []


def test_playlist_moment_is_rounded_to_milliseconds() -> None:
    assert rules.iso(T0 + timedelta(microseconds=999_600)) == "2026-11-23T11:00:01.000Z"
