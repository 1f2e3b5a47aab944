"""A test that leaves a socket open fails by itself, and not the run at its end.

Python complains of a forgotten socket when it collects it, which may be minutes later, in the
middle of another test, or after the last.
"""

from asyncio.selector_events import BaseSelectorEventLoop


def refuse() -> None:
    """From now on, no loop closes over an open connection without a word."""
    close = BaseSelectorEventLoop.close

    def closed(self: BaseSelectorEventLoop) -> None:
        left = [one for one in self._transports.values() if one._sock is not None]
        # One that is closing was not forgotten: its peer has not taken all of it yet.
        forgotten = [one for one in left if not one.is_closing()]
        said = [f"{type(one._protocol).__name__} on {one}" for one in forgotten]
        for one in left:
            one._sock.close()
            one._sock = None
        close(self)
        assert not said, f"left open: {', '.join(said)}"

    BaseSelectorEventLoop.close = closed
