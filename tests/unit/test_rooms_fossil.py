"""Fossil deltas: the protocol's vector, and the official SDK's decoder on the other end."""

import orjson
from centrifuge.fossil import apply_delta
from hypothesis import given
from hypothesis import strategies as st

from streams.realtime import deltas
from streams.realtime import protocol as p
from streams.realtime.fossil import patch
from streams.realtime.json_codec import JSON

SOURCE = b'{"sku":"A1","price":"129.00","stock":42,"state":"BEINGEXPLAIN"}'
TARGET = b'{"sku":"A1","price":"129.00","stock":41,"state":"BEINGEXPLAIN"}'

texts = st.lists(
    st.sampled_from(["红色羊绒围巾，限时特价", "a cashmere scarf, red", "129.00", "，", "x"]),
    max_size=12,
).map("".join)


def test_the_vector() -> None:
    assert patch(SOURCE, TARGET) == b'~\nb@0,P:1,"state":"BEINGEXPLAIN"}23DwNz;'
    assert bytes(apply_delta(SOURCE, patch(SOURCE, TARGET))) == TARGET


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_come_out_again(source: bytes, target: bytes) -> None:
    for before, after in ((source, target), (source + target, target), (target, source * 3)):
        assert bytes(apply_delta(before, patch(before, after))) == after


@given(texts, texts)
def test_a_patch_of_text_is_text(source: str, target: str) -> None:
    made = patch(source.encode(), target.encode())
    assert bytes(apply_delta(source.encode(), made.decode().encode())).decode() == target


def test_what_moved_is_found() -> None:
    items = [orjson.dumps({"id": n, "title": f"product number {n}"}) for n in range(40)]
    before, after = b",".join(items), b",".join([*items[20:], *items[:20]])
    assert len(patch(before, after)) < len(after) / 10


def test_a_patch_is_sent_only_where_it_is_shorter() -> None:
    pushes = [p.Publication(SOURCE, 1), p.Publication(TARGET, 2), p.Publication(b"{}", 3)]
    made = deltas.patches(pushes, None)
    assert [short is not None for short in made] == [False, True, False]
    assert deltas.patches(pushes[1:2], SOURCE)[0] == made[1]


def test_what_is_recovered_begins_whole() -> None:
    said = [p.Publication(SOURCE, 1), p.Publication(TARGET, 2)]
    first, second = deltas.recovered(said, JSON)
    assert orjson.loads(first.data).encode() == SOURCE
    assert (first.delta, second.delta) == (False, True)
    assert bytes(apply_delta(SOURCE, orjson.loads(second.data).encode())) == TARGET
