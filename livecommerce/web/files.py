"""Files that grow while we serve them: live segments, replays, pictures. One origin for all."""

import mimetypes
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from livecommerce.web.keys import RESOURCES

_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".webp": "image/webp",
}
_CHANGING = {".m3u8"}


def folder(name: str, *, kept_s: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler for ``{path}`` below the data folder's ``name``; nothing outside it, nothing
    hidden, no listings.

    Args:
        kept_s: how long a browser may keep what never changes under its name.
    """

    async def serve(request: web.Request) -> web.StreamResponse:
        root = (request.app[RESOURCES].settings.data_dir / name).resolve()
        path = (root / request.match_info["path"]).resolve()
        if not is_served(path, root):
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_headers(path, kept_s))

    return serve


def is_served(path: Path, root: Path) -> bool:
    """Whether there is such a file below ``root``, and it is not hidden; both are resolved.
    No disk has one whose name is too long for it."""
    if not path.is_relative_to(root):
        return False
    if any(part.startswith(".") for part in path.parts[len(root.parts) :]):
        return False
    return os.path.isfile(path)  # unlike Path.is_file, it only ever says yes or no


def _headers(path: Path, kept_s: int) -> dict[str, str]:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    kept = "no-cache" if path.suffix in _CHANGING else f"public, max-age={kept_s}"
    return {
        "Content-Type": kind or "application/octet-stream",
        "Cache-Control": kept,
        "X-Content-Type-Options": "nosniff",
    }


ROUTES = [
    web.get("/hls/{path:.+}", folder("media/hls", kept_s=60)),
    web.get("/replays/{path:.+}", folder("media/replays", kept_s=86_400)),
    web.get("/media/{path:.+}", folder("pictures", kept_s=86_400)),
]
