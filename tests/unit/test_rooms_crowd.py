"""A selector with a crowd: all that is ready elsewhere, and of the crowd a share in turns."""

import os
import selectors
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from streams.realtime.transports.crowd import SHARE, CrowdSelector

Pipe = tuple[int, int]


@pytest.fixture
def pipes() -> Iterator[list[Pipe]]:
    """Each with something to read."""
    with ExitStack() as stack:
        made = [os.pipe() for _ in range(3 * SHARE)]
        for pipe in made:
            os.write(pipe[1], b"x")
            for fd in pipe:
                stack.callback(os.close, fd)
        yield made


@pytest.fixture
def watched() -> Iterator[CrowdSelector]:
    with CrowdSelector() as selector:
        yield selector


def ready(watched: CrowdSelector) -> list[object]:
    return [key.data for key, events in watched.select(1) if events & selectors.EVENT_READ]


def test_everybody_of_the_crowd_comes_up_and_nobody_else_waits(
    watched: CrowdSelector, pipes: list[Pipe]
) -> None:
    (alone, _), *crowd = pipes
    watched.register(alone, selectors.EVENT_READ, "alone")
    for n, (fd, _) in enumerate(crowd):
        watched.register(fd, selectors.EVENT_READ, n)
        watched.join(fd)
    seen = set[object]()
    for _ in range(len(pipes) // SHARE):
        found = ready(watched)
        assert "alone" in found
        assert len(found) == 1 + SHARE
        seen.update(found)
    assert seen == {"alone", *range(len(crowd))}


def test_who_joins_and_quits_is_watched_on(watched: CrowdSelector, pipes: list[Pipe]) -> None:
    fd, _ = pipes[0]
    watched.join(fd)  # before it is watched
    watched.register(fd, selectors.EVENT_READ, "first")
    with pytest.raises(KeyError):
        watched.register(fd, selectors.EVENT_READ, "again")
    watched.modify(fd, selectors.EVENT_READ, "second")
    assert watched.get_key(fd).data == "second"
    assert fd in watched.get_map()
    assert ready(watched) == ["second"]
    watched.quit(fd)
    assert ready(watched) == ["second"]
    assert watched.unregister(fd).data == "second"
    with pytest.raises(KeyError):
        watched.get_key(fd)
    watched.quit(fd)
    assert watched.select(0) == []


def test_writing_is_watched_too(watched: CrowdSelector, pipes: list[Pipe]) -> None:
    _, fd = pipes[0]
    watched.join(fd)
    watched.register(fd, selectors.EVENT_WRITE)
    assert [events for _, events in watched.select(1)] == [selectors.EVENT_WRITE]
    watched.modify(fd, selectors.EVENT_READ)
    assert watched.select(0) == []


def test_what_was_closed_is_let_go(watched: CrowdSelector) -> None:
    fd, other = os.pipe()
    watched.join(fd)
    watched.register(fd, selectors.EVENT_READ)
    os.close(fd)
    os.close(other)
    watched.unregister(fd)
    assert watched.select(0) == []
