"""Patches instead of publications, for clients that asked for them.

A patch is made once per publication, of the one told before it. Who has not that one yet is
told the first publication whole.
"""

from collections.abc import Iterable, Iterator, Sequence

from streams.realtime.codec import Codec
from streams.realtime.fossil import patch
from streams.realtime.protocol import Publication, Push


def patches(pushes: Sequence[Push], before: bytes | None) -> list[bytes | None]:
    """For each push the patch of the publication before, where that is shorter."""
    made: list[bytes | None] = []
    for push in pushes:
        short = None
        if isinstance(push, Publication):
            if before is not None:
                short = patch(before, push.data)
                short = short if len(short) < len(push.data) else None
            before = push.data
        made.append(short)
    return made


def in_sequence(
    made: Iterable[tuple[Push, bytes | None]], codec: Codec, *, based: bool
) -> Iterator[Push]:
    """The pushes as a client hears them that takes patches.

    Args:
        made: each with its patch.
        based: whether it has the publication before the first.
    """
    for push, short in made:
        if not isinstance(push, Publication):
            yield push
        elif based and short is not None:
            yield push._replace(data=codec.whole(short), delta=True)
        else:
            yield push._replace(data=codec.whole(push.data))
            based = True


def recovered(said: Sequence[Publication], codec: Codec) -> list[Publication]:
    """What a returning client missed: the first whole, the rest as patches."""
    pushes = in_sequence(zip(said, patches(said, None), strict=True), codec, based=False)
    return [push for push in pushes if isinstance(push, Publication)]
