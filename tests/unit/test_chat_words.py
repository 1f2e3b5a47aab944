"""Words are found however they are written; a room's rules say who speaks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.chat.errors import AccountsOnly, BadWordFile, ChatPaused, TeamOnly
from streams.chat.rules import Badge, RoomRules, Speaker, Speakers
from streams.chat.words import Action, Word, WordList, folded, read_csv

LIST = WordList(
    [
        Word("假货", Action.REJECT),
        Word("加微信", Action.HOLD),
        Word("微信", Action.MASK),
        Word("fake", Action.MASK),
        Word("fake goods", Action.HOLD),
        Word("Ｓｐａｍ", Action.MASK),
    ]
)


@pytest.mark.parametrize(
    ("text", "action", "shown"),
    [
        ("这是假货吗", Action.REJECT, None),
        ("这是假-货", Action.REJECT, None),
        ("假\u3000货 微信", Action.REJECT, None),  # the severest decides
        ("加 微 信", Action.HOLD, None),  # the longest first
        ("我的微信", Action.MASK, "我的**"),
        ("微.信号", Action.MASK, "***号"),
        ("that is FAKE!", Action.MASK, "that is ****!"),
        ("ｆａｋｅ", Action.MASK, "****"),
        ("Fake  Goods", Action.HOLD, None),
        ("spam", Action.MASK, "****"),
        ("fakery", None, "fakery"),  # another word
        ("好看", None, "好看"),
    ],
)
def test_a_word_is_found_however_it_is_written(
    text: str, action: Action | None, shown: str | None
) -> None:
    verdict = LIST.judge(text)
    assert verdict.action is action
    if shown is not None:
        assert verdict.text == shown


LATIN = WordList(
    Word(word, Action.REJECT)
    for word in ("vx", "ass", "badword", "加wx", "fake goods", "10086", "v1", "плохо")
)


@pytest.mark.parametrize(
    "text",
    [
        *("加vx吧", "vx123", "1vx", "ＶＸ号", "我的VX：a", "v1版"),
        *("这个badword怎么样", "badword2", "b.a.d.w.o.r.d", "b a d w o r d", "ba dword"),
        *("b-adword", "b·a·d word", "bad🙂word", "BAD_WORD", "a.s.s", "a s s", "as-s"),
        *("加 wx", "请加wx谢谢", "fake, goods!", "f.a.k.e goods", "f a k e   g o o d s"),
        *("打10086。", "1 0 0 8 6", "очень плохо!", "п л о х о"),
    ],
)
def test_a_latin_word_is_found_among_chinese_and_through_marks(text: str) -> None:
    assert LATIN.judge(text).action is Action.REJECT


@pytest.mark.parametrize(
    "text",
    [
        *("convxy", "vxé", "vx\u0301y", "v x", "v-x", "v12"),
        *("as simple", "as s", "as, s", "class", "assume", "was s", "as small as"),
        *(
            "badwords",
            "a badw ordinary",
            "fakegoods",
            "fake goodsy",
            "加wxy",
            "100.86",
            "210086",
        ),
    ],
)
def test_an_innocent_phrase_is_no_latin_word(text: str) -> None:
    assert LATIN.judge(text).action is None


def test_what_is_masked_of_a_latin_word_goes_from_its_first_letter_to_its_last() -> None:
    listed = WordList([Word("badword", Action.MASK), Word("vx", Action.MASK)])
    assert listed.judge("加vx：b.a.d word吧").text == "加**：**********吧"


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    verdict = LIST.judge(text)
    assert len(verdict.text) == len(text)
    if verdict.action is None:
        assert verdict.text == text


@given(st.text(min_size=1, max_size=12), st.text(max_size=20), st.text(max_size=20))
def test_a_listed_word_in_other_scripts_is_found_anywhere(
    word: str, before: str, after: str
) -> None:
    if folded(word) and not any(c.isascii() for c in folded(word)):
        listed = WordList([Word(word, Action.HOLD)])
        if " " not in folded(word):
            assert listed.judge(f"{word}").action is Action.HOLD


def test_a_list_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("word,action,note\n假货,reject,x\n代购,,\n ,mask,\n", encoding="utf-8-sig")
    assert read_csv(path) == [Word("假货", Action.REJECT), Word("代购", Action.HOLD)]


@pytest.mark.parametrize("text", [b"words\n", b"word,action\nx,shout\n", b"\xff\xfe", None])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: bytes | None) -> None:
    path = tmp_path / "words.csv"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(BadWordFile, match=r"words\.csv"):
        read_csv(path)


def test_an_empty_list_lets_everything_pass() -> None:
    assert WordList([]).judge("假货").action is None
    assert folded("—·—") == ""


def test_the_rooms_rules_bind_viewers_only() -> None:
    guest, account = Speaker("gst_1", "L"), Speaker("usr_1", "L", account=True)
    host = Speaker("usr_2", "M", Badge.HOST, account=True)
    for rules, refused in (
        (RoomRules(paused=True), ChatPaused),
        (RoomRules(speakers=Speakers.TEAM), TeamOnly),
    ):
        rules.hear_out(host)
        for viewer in (guest, account):
            with pytest.raises(refused):
                rules.hear_out(viewer)
    signed_in = RoomRules(speakers=Speakers.ACCOUNTS)
    signed_in.hear_out(account)
    with pytest.raises(AccountsOnly):
        signed_in.hear_out(guest)
