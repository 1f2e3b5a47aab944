"""A crowd waits in line, a little of it in every turn; everybody else is served at once."""

import asyncio
from typing import Any, cast

import pytest

from streams.realtime.channel import Figures
from streams.realtime.transports import vestibule
from streams.realtime.transports.turns import MOST, TURN, Turns, Work
from streams.realtime.transports.vestibule import LONGEST, Vestibule

UPGRADE = b"GET /connection/websocket HTTP/1.1\r\n\r\n"
PAGE = b"GET /v1/live HTTP/1.1\r\nHost: x\r\n\r\n"


class Clock:
    """Time that passes by so much with every look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def shares(step: float, work: int) -> list[int]:
    """How much was done in each turn of the loop."""
    turns, done, counted = Turns(Clock(step)), list[int](), list[int]()
    for n in range(work):
        turns.put(lambda n=n: done.append(n))
    while turns:
        before = len(done)
        await asyncio.sleep(0)
        counted.append(len(done) - before)
    assert done == list(range(work))  # what was put first is done first
    return counted


async def test_long_turns_make_small_shares_and_short_turns_large_ones() -> None:
    busy, idle = await shares(2 * TURN, 30), await shares(0, 3000)
    assert max(busy) <= 4
    assert busy[-5:] == [1] * 5
    assert idle[0] < idle[10]
    assert max(idle) == MOST


async def test_what_fails_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    turns, done = Turns(), list[int]()
    turns.put(lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    turns.put(lambda: done.append(1))
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == [1]
    assert "a crowd's work failed" in caplog.text


class Standstill(Turns):
    """A line in which nobody's turn comes."""

    def put(self, work: Work) -> None:
        self._line.append(work)


class Serving(asyncio.Protocol):
    """What stands behind the vestibule."""

    def __init__(self) -> None:
        self.heard = b""

    def data_received(self, data: bytes) -> None:
        self.heard += data


class Hall:
    """A vestibule, and everybody it let in."""

    def __init__(self) -> None:
        self.turns, self.inside = Turns(), list[Serving]()
        self.figures = Figures()
        self.vestibule = Vestibule(self._make, self.turns, self.figures)

    def _make(self) -> Serving:
        self.inside.append(Serving())
        return self.inside[-1]

    def arrive(self, *said: bytes, address: str = "192.0.2.1") -> "Caller":
        caller = Caller(self.vestibule(), address)
        for part in said:
            caller.protocol.data_received(part)
        return caller


class Caller:
    """The transport of somebody who calls."""

    def __init__(self, protocol: asyncio.BaseProtocol, address: str) -> None:
        self.written, self.closed = b"", False
        self._address = address
        self.protocol = cast(asyncio.Protocol, protocol)
        protocol.connection_made(cast(Any, self))

    def get_extra_info(self, name: str) -> Any:
        return (self._address, 4711) if name == "peername" else None

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.protocol.connection_lost(None)

    abort = close


async def test_rooms_wait_and_all_else_is_served_at_once() -> None:
    hall = Hall()
    hall.arrive(UPGRADE)
    hall.arrive(b"POST /conn", b"ection/sse HTTP/1.1\r\n\r\n")
    assert not hall.inside
    hall.arrive(b"GET", PAGE[3:])
    hall.arrive(b"?\n")  # what it is, others decide
    assert [served.heard for served in hall.inside] == [PAGE, b"?\n"]
    await asyncio.sleep(0)
    assert [served.heard[:6] for served in hall.inside[2:]] == [b"GET /c", b"POST /"]
    hall.vestibule.close()


async def test_who_hangs_up_while_waiting_costs_nothing() -> None:
    hall = Hall()
    hall.arrive(UPGRADE).close()
    talker = hall.arrive(UPGRADE, b"x" * LONGEST)
    await asyncio.sleep(0)
    assert talker.closed
    assert not hall.inside
    assert not hall.vestibule.here


async def test_more_than_fit_are_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vestibule, "WAITING", 2)
    hall = Hall()
    first, second, third = (hall.arrive(UPGRADE) for _ in range(3))
    assert (first.closed, second.closed, third.closed) == (False, False, True)
    assert third.written.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in third.written
    assert hall.figures.put_off == 1
    hall.vestibule.close()
    assert first.closed


async def test_who_says_nothing_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vestibule, "WAITING", 2)
    hall = Hall()
    silent = [hall.arrive() for _ in range(10)]
    speaking = [hall.arrive(UPGRADE) for _ in range(2)]
    assert not any(caller.closed for caller in (*silent, *speaking))
    assert hall.arrive(UPGRADE).closed
    await asyncio.sleep(0)
    assert len(hall.inside) == 2
    assert not hall.arrive(UPGRADE).closed  # those have come in
    hall.vestibule.close()
    assert all(caller.closed for caller in silent)


async def test_only_so_many_of_an_address_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vestibule, "SILENT_EACH", 3)
    hall = Hall()
    elsewhere = hall.arrive(address="192.0.2.2")
    first, second, third = (hall.arrive() for _ in range(3))
    second.protocol.data_received(UPGRADE)
    fourth = hall.arrive()
    assert not any(caller.closed for caller in (first, second, third, fourth, elsewhere))
    fifth = hall.arrive()
    assert [c.closed for c in (first, second, third, fourth, fifth)] == [True] + [False] * 4
    hall.vestibule.close()
    assert not hall.vestibule._silent
    assert not hall.vestibule._waiting


async def test_silence_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vestibule, "SILENT", 0.02)
    hall = Hall()
    hall.vestibule = Vestibule(hall._make, Standstill(), hall.figures)
    silent, waiting = hall.arrive(), hall.arrive(UPGRADE)
    await asyncio.sleep(0.05)
    assert (silent.closed, waiting.closed) == (True, False)
    hall.vestibule.close()


@pytest.mark.parametrize("whole", [UPGRADE, PAGE])
async def test_nobody_is_handed_over_before_the_head_is_whole(
    whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vestibule, "SILENT", 0.05)
    hall = Hall()
    halves = [hall.arrive(whole[:cut]) for cut in range(1, len(whole))]
    piecemeal = hall.arrive(*(whole[n : n + 1] for n in range(len(whole))))
    await asyncio.sleep(0)
    assert [served.heard for served in hall.inside] == [whole]
    await asyncio.sleep(0.1)
    assert all(caller.closed for caller in halves)
    assert not piecemeal.closed
    assert len(hall.inside) == 1


async def test_a_head_without_end_is_for_others_to_refuse() -> None:
    hall = Hall()
    endless = hall.arrive(b"GET /page HTTP/1.1\r\nX: ", b"x" * LONGEST)
    assert not endless.closed
    assert len(hall.inside) == 1
