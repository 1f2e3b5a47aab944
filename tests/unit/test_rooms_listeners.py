"""A frame reaches each listener whole: by its socket, or by its transport where that waits."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from streams.realtime.codes import Close
from streams.realtime.json_codec import JSON
from streams.realtime.listeners import Group, Kind
from streams.realtime.options import Namespace
from streams.realtime.session import Subscription

FRAME = b"x" * 1000
PLAIN = Kind(JSON, lambda payload: payload)


@dataclass(eq=False)
class Ear:
    """A listener whose transport keeps everything it is given."""

    socket: int = -1
    kind: Kind = PLAIN
    kept: list[bytes] = field(default_factory=list)

    def write(self, frame: bytes) -> None:
        self.kept.append(frame)

    def buffered(self) -> int:
        return sum(map(len, self.kept))

    def close(self, close: Close) -> None:
        raise AssertionError("nobody was to be closed")

    def lost(self, subscription: Subscription) -> None:
        raise AssertionError("nothing was lost")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def group(*ears: Ear) -> Group:
    made = Group()
    for ear in ears:
        made.put(ear, Subscription("room:1", Namespace(), server_side=False))
    return made


def test_written_to_the_socket_or_by_way_of_the_transport(pipe: tuple[int, int]) -> None:
    direct, other = Ear(pipe[1]), Ear()

    assert group(direct, other).write(FRAME, 10_000) == []

    assert os.read(pipe[0], 5000) == FRAME
    assert (direct.kept, other.kept) == ([], [FRAME])


def test_what_the_socket_does_not_take_goes_by_the_transport(pipe: tuple[int, int]) -> None:
    slow = Ear(pipe[1])
    large = b"y" * (1 << 20)

    assert group(slow).write(large, 1 << 21) == []

    taken = os.read(pipe[0], 1 << 20)
    assert 0 < len(taken) < len(large)
    assert taken + slow.kept[0] == large


def test_a_full_or_odd_socket_is_left_to_the_transport(pipe: tuple[int, int]) -> None:
    full, odd = Ear(pipe[1]), Ear(pipe[0])  # the reading end cannot be written to
    os.write(pipe[1], b"z" * (1 << 20))

    assert group(full, odd).write(FRAME, 500) == [full, odd]

    assert full.kept == odd.kept == [FRAME]


def test_who_is_gone_is_seen_off_by_the_loop() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    gone = Ear(writing)

    assert group(gone).write(FRAME, 500) == []

    assert gone.kept == []
    os.close(writing)


def test_while_the_transport_waits_its_socket_is_left_alone(pipe: tuple[int, int]) -> None:
    ear = Ear(pipe[1])
    told = group(ear)
    ear.socket = -1
    told.put(ear, told[ear])

    told.write(FRAME, 10_000)

    assert ear.kept == [FRAME]


def test_who_leaves_or_moves_is_told_there_alone(pipe: tuple[int, int]) -> None:
    ear = Ear(pipe[1])
    before, after = group(ear), Group()

    before.move_to(after)
    before.write(b"before", 10_000)
    after.write(b"after", 10_000)
    after.drop(ear)
    after.write(b"gone", 10_000)

    assert os.read(pipe[0], 5000) == b"after"
