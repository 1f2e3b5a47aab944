"""Files that people send as ``multipart/form-data``: one file in the field ``file``."""

from dataclasses import dataclass
from typing import Final

from aiohttp import BodyPartReader, web

from livecommerce.kernel.errors import Invalid
from livecommerce.web.body import TooLarge

FIELD = "file"
TAKES: Final = (
    "multipart/form-data",
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n…\r\n--x--',
)
"""What a route that reads a file says it takes (``route(takes=TAKES)``)."""

_LONGEST_NAME = 200


class NoFile(Invalid):
    """Send one file as multipart/form-data, in the field "file"."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name is what the sender calls it, and proves nothing."""

    name: str
    content: bytes


async def read_file(request: web.Request, *, most: int) -> Upload:
    """The file of the request; other fields are passed over.

    Args:
        most: bytes, of everything that is read.

    Raises:
        NoFile: there is none, or the body is not multipart.
        TooLarge: there is more than that.
    """
    if request.content_length is not None and request.content_length > most + 4096:
        raise TooLarge(most=most)
    if not request.content_type.startswith("multipart/form-data"):
        raise NoFile()
    seen = 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise NoFile()
            wanted = part.name == FIELD
            pieces = []
            while piece := await part.read_chunk(1 << 16):
                seen += len(piece)
                if seen > most:
                    raise TooLarge(most=most)
                if wanted:
                    pieces.append(piece)
            if wanted:
                name = (part.filename or "").replace("\0", "")[:_LONGEST_NAME]
                return Upload(name, b"".join(pieces))
    except (ValueError, AssertionError, UnicodeError) as malformed:
        raise NoFile() from malformed
    raise NoFile()
