"""What a session needs from an encoding: frames to commands, results and pushes to bytes."""

from collections.abc import Sequence
from typing import Protocol

from streams.realtime.errors import ClientError
from streams.realtime.protocol import Command, Push, Result


class Codec(Protocol):
    """One of the protocol's encodings. It keeps no state, so one serves everybody.

    ``embeds``: payloads have to be JSON. ``one_way``: the client says nothing after its
    connect, so the encoding has no replies: what is told stands bare.
    """

    name: str
    ping: bytes
    embeds: bool
    one_way: bool

    def commands(self, frame: bytes) -> list[Command]:
        """The commands of a client's frame, at least one.

        Raises:
            Undecodable: the frame is none of the protocol's.
        """
        ...

    def reply(self, id: int, result: Result) -> bytes:
        """The answer to a command.

        Raises:
            Untellable: a payload in it cannot be told in this encoding.
        """
        ...

    def error(self, id: int, error: ClientError) -> bytes:
        """The answer to a command that failed."""
        ...

    def push(self, channel: str, push: Push) -> bytes:
        """What happened on a channel.

        Raises:
            Untellable: a payload in it cannot be told in this encoding.
        """
        ...

    def whole(self, data: bytes) -> bytes:
        """A payload, or a patch of one, as those are told it who take patches."""
        ...

    def join(self, replies: Sequence[bytes]) -> bytes:
        """Several replies or pushes in one frame."""
        ...
