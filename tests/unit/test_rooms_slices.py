"""What is published comes out as it was written, however that was."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.realtime import protocol as p
from streams.realtime.json_codec import JSON
from streams.realtime.slices import data_of, items, members

ODD = [
    "123456789012345678901234567890",
    "1E2",
    "-0",
    "1.0e0",
    "10.00",
    '{"p":10.00,"dup":1,"dup":2,"m":-0}',
    '{"dup":1,"dup":[1E2]}',
    '{ "a" : [ 1 , 2.50 ] }',
    r'"\u4e2d\/"',
    r'{"\u0061":"é"}',
    "0." + "1" * 5000,
]
PLAIN = ["1", '"中"', '{"a":[1,2.5,{"b":null}]}', "[]", "{}", "true"]


@pytest.mark.parametrize("data", [*ODD, *PLAIN])
@pytest.mark.parametrize(
    "line",
    [
        '{"id":3,"publish":{"channel":"c","data":%s}}',
        ' { "publish" : { "data" : %s , "channel" : "c" } , "id" : 3 } ',
        r'{"x":{"data":1},"publish":{"d\u0061ta":%s,"channel":"c","y":["}",{}]},"id":3}',
        '{"publish":{"data":7},"id":3,"publish":{"channel":"c","data":[],"data":%s}}',
    ],
)
def test_a_client_publishes_what_it_wrote(data: str, line: str) -> None:
    (command,) = JSON.commands((line % data).encode())
    assert command == p.Command(3, p.Publish("c", data.encode()))


def test_what_is_relayed_stays_on_one_line() -> None:
    (command,) = JSON.commands(b'{"id":1,"publish":{"channel":"c","data":[1,\r2.0]}}')
    assert command.request == p.Publish("c", b"[1, 2.0]")
    told = data_of({"data": [1, 2.0]}, '{"data":[1,\n2.0]}')
    assert orjson.dumps(told) == b"[1, 2.0]"


def test_what_is_too_deep_beside_it_or_in_it_raises_nothing() -> None:
    deep = "[" * 1000 + "]" * 1000
    line = f'{{"id":1,"publish":{{"channel":"c","x":{deep},"data":1E2}}}}'
    (command,) = JSON.commands(line.encode())
    assert command.request == p.Publish("c", b"100.0")
    body = orjson.loads(f'{{"data":{deep}}}')
    assert data_of(body, f'{{"data":{deep}}}') is body["data"]


names = st.text(max_size=5)
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(names, one, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(names, values, max_size=5), st.sampled_from([None, 0, 3]))
def test_objects_and_arrays_come_apart_into_what_they_are_made_of(
    body: dict[str, Any], indent: int | None
) -> None:
    text = json.dumps(body, indent=indent)
    assert {name: json.loads(value) for name, value in members(text).items()} == body
    array = json.dumps(list(body.values()), indent=indent)
    assert [json.loads(value) for value in items(array)] == list(body.values())
