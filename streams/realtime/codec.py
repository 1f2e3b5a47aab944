"""What a session needs from an encoding: frames to commands, results and pushes to bytes."""

from collections.abc import Sequence
from typing import Protocol

from streams.realtime.errors import ClientError
from streams.realtime.protocol import Command, Push, Result


class Codec(Protocol):
    """One of the protocol's encodings. It keeps no state, so one serves everybody."""

    name: str
    ping: bytes

    def commands(self, frame: bytes) -> list[Command]:
        """The commands of a client's frame, at least one.

        Raises:
            Undecodable: the frame is none of the protocol's.
        """
        ...

    def reply(self, id: int, result: Result) -> bytes:
        """The answer to a command."""
        ...

    def error(self, id: int, error: ClientError) -> bytes:
        """The answer to a command that failed."""
        ...

    def push(self, channel: str, push: Push) -> bytes:
        """What happened on a channel."""
        ...

    def join(self, replies: Sequence[bytes]) -> bytes:
        """Several replies or pushes in one frame."""
        ...
