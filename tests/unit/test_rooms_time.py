"""What time brings one connection keeps it from no other."""

from datetime import timedelta

import pytest

from livecommerce.kernel import clock as kernel_clock
from streams.realtime import codes
from streams.realtime.hub import Hub
from streams.realtime.orders import PutIn, Whom
from streams.realtime.wheel import Wheel
from tests.room_screens import Standing
from tests.rooms_in_memory import HELLO, OPTIONS, Welcoming, opened

GRACE = OPTIONS.limits.expiry_grace
PING = OPTIONS.limits.ping_interval


async def test_two_that_run_out_at_once_end_a_connection_and_nothing_else() -> None:
    hub = Hub(OPTIONS, Welcoming(), clock=Standing())
    bystanders = [opened(hub) for _ in range(5)]
    victim, line = opened(hub)
    others = [opened(hub) for _ in range(5)]
    for peer, _ in (*bystanders, (victim, line), *others):
        await peer.receive(HELLO)
    until = int((kernel_clock.utcnow() + timedelta(seconds=3)).timestamp())
    victim_only = Whom(client=victim.client)
    for channel in ("room:1", "room:2"):
        await hub.order(PutIn(victim_only, channel, expire_at=until))
    for _, other in (*bystanders, *others):
        other.take()
    assert isinstance(hub.clock, Standing)
    # All of them are due in the very second in which both subscriptions have run out.
    for peer, _ in (*bystanders, *others):
        peer.session._ping_at = hub.clock.now + 3 + GRACE
        hub.watch(peer)
    hub.clock.now += 4 + GRACE
    await hub._pass_time()
    assert line.ended == codes.SUBSCRIPTION_EXPIRED
    for peer, other in (*bystanders, *others):
        assert (other.take(), other.ended) == ([{}], None)
        await peer.receive(b"{}")
    hub.clock.now += PING
    await hub._pass_time()
    for _, other in (*bystanders, *others):
        assert (other.take(), other.ended) == ([{}], None)


async def test_a_subscription_that_is_gone_when_it_runs_out_is_nobodys_matter() -> None:
    hub = Hub(OPTIONS, Welcoming(), clock=Standing())
    peer, line = opened(hub)
    await peer.receive(HELLO)
    peer._lapse("room:1")
    assert line.ended is None


async def test_what_fails_for_one_is_logged_and_the_others_are_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hub = Hub(OPTIONS, Welcoming(), clock=Standing())
    assert isinstance(hub.clock, Standing)
    peers = [opened(hub) for _ in range(9)]
    for peer, line in peers:
        await peer.receive(HELLO)
        line.take()
    broken, _ = peers[4]

    def burst(frame: bytes) -> None:
        raise OSError("as asked")

    broken.write = burst
    asked = 0
    for _ in range(int(PING) + 2):
        hub.clock.now += 1
        await hub._pass_time()
        for peer, line in peers:
            if line.take() == [{}]:
                asked += 1
                await peer.receive(b"{}")
    assert asked >= 8
    assert "what time brought a connection failed" in caplog.text
    assert [line.ended for peer, line in peers if peer is not broken] == [None] * 8


def test_whatever_happens_to_one_the_others_can_be_set_again() -> None:
    wheel: Wheel[int] = Wheel(0.0)
    for n in range(10):
        wheel.set(n, 1.0)
    due = iter(wheel.turn(5.0))
    for n in (next(due), next(due)):  # and then something breaks
        wheel.set(n, 6.0)
    assert len(wheel.turn(6.0)) == 2
    assert sorted(wheel.turn(9.0)) == []
    assert len(list(due)) == 8  # none was left in the wheel for good
