"""An event loop on which thousands of viewers cannot keep everybody else waiting.

asyncio asks the kernel for everything that is ready and does all of it before it looks again.
When 9,500 viewers are cut off at once, that is a turn of a second, and a purchase needs a
dozen turns. So viewers' sockets are watched apart: in each turn the loop does all that is
ready elsewhere (requests, the database) and a share of what is ready among viewers. The
kernel hands that out in turns, so every viewer comes up.
"""

import asyncio
import select
import selectors
from collections import ChainMap
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")

SHARE = 16
"""Viewers per turn of the loop."""

_IN, _OUT = selectors.EVENT_READ, selectors.EVENT_WRITE
_Ready = list[tuple[selectors.SelectorKey, int]]


class CrowdSelector(selectors.DefaultSelector):
    """A selector with a second one inside, for those who are many."""

    def __init__(self) -> None:
        super().__init__()
        self._epoll = select.epoll()
        self._crowd: dict[int, selectors.SelectorKey] = {}
        self._members: set[int] = set()
        super().register(self._epoll.fileno(), _IN)

    def join(self, fd: int) -> None:
        """The descriptor belongs to the crowd from now on."""
        self._members.add(fd)
        try:
            key = super().unregister(fd)
        except KeyError:  # not watched just now
            return
        self.register(fd, key.events, key.data)

    def quit(self, fd: int) -> None:
        """It does so no more; to be said before it is closed."""
        self._members.discard(fd)
        if fd in self._crowd:
            key = self.unregister(fd)
            super().register(fd, key.events, key.data)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = _number(fileobj)
        if fd not in self._members:
            return super().register(fileobj, events, data)
        if fd in self._crowd:
            raise KeyError(f"{fileobj!r} is registered already")
        self._epoll.register(fd, _mask(events))
        self._crowd[fd] = key = selectors.SelectorKey(fileobj, fd, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        fd = _number(fileobj)
        key = self._crowd.pop(fd, None)
        if key is None:
            return super().unregister(fileobj)
        try:
            self._epoll.unregister(fd)
        except OSError:  # closed meanwhile, which takes it out as well
            self._members.discard(fd)
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = _number(fileobj)
        key = self._crowd.get(fd)
        if key is None:
            return super().modify(fileobj, events, data)
        if events != key.events:
            self._epoll.modify(fd, _mask(events))
        self._crowd[fd] = key = key._replace(events=events, data=data)
        return key

    def select(self, timeout: float | None = None) -> _Ready:
        """What is ready outside the crowd, and of the crowd no more than a share."""
        ready = super().select(timeout)
        inside = self._epoll.fileno()
        outside = [one for one in ready if one[0].fd != inside]
        if len(outside) < len(ready):
            for fd, mask in self._epoll.poll(0, SHARE):
                key = self._crowd.get(fd)
                if key is not None:
                    events = (mask & ~select.EPOLLIN and _OUT) | (
                        mask & ~select.EPOLLOUT and _IN
                    )
                    outside.append((key, events & key.events))
        return outside

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._crowd.get(_number(fileobj))
        return super().get_key(fileobj) if key is None else key

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        others: Any = super().get_map()  # none, once it is closed
        return ChainMap(cast(Any, self._crowd), others or {})

    def close(self) -> None:
        self._epoll.close()
        self._crowd.clear()
        super().close()


class CrowdLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, with its viewers watched apart."""

    def __init__(self) -> None:
        self.crowd = CrowdSelector()
        super().__init__(self.crowd)


def run(main: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, on such a loop."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop for a process that serves rooms: with a crowd where there is epoll."""
    return CrowdLoop() if hasattr(select, "epoll") else asyncio.new_event_loop()


def _number(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())


def _events(mask: int) -> int:
    """Errors and hang-ups count as both, as everywhere in :mod:`selectors`."""
    return (_OUT if mask & ~select.EPOLLIN else 0) | (_IN if mask & ~select.EPOLLOUT else 0)


def _mask(events: int) -> int:
    return (select.EPOLLIN if events & _IN else 0) | (select.EPOLLOUT if events & _OUT else 0)
