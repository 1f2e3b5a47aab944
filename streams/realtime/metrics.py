"""What the gateway has done and holds, for Prometheus (text format 0.0.4)."""

from collections.abc import Callable, Iterator

from aiohttp import web

from streams.realtime.figures import BOUNDS, Spread
from streams.realtime.hub import Hub

HubOf = Callable[[web.Request], Hub]


def routes(hub: Hub | HubOf, *, path: str = "/metrics") -> list[web.RouteDef]:
    """The page. It is for those who run the gateway; do not show it to the world."""

    async def show(request: web.Request) -> web.Response:
        text = page(hub if isinstance(hub, Hub) else hub(request))
        return web.Response(
            body=text.encode(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    return [web.get(path, show)]


def page(hub: Hub) -> str:
    """All figures."""
    return "".join(_lines(hub))


def _lines(hub: Hub) -> Iterator[str]:
    did, waiting, here = hub.figures, [peer.buffered() for peer in hub.connected], hub.myself()
    yield from _one("gauge", "connections", len(waiting), "Open connections.")
    yield from _one("gauge", "users", here.num_users, "Users connected.")
    yield from _one("gauge", "channels", here.num_channels, "Channels somebody hears.")
    yield from _one("gauge", "subscriptions", here.num_subs, "Who hears what.")
    yield from _one("gauge", "queue_bytes", sum(waiting), "Written, but not taken yet.")
    yield from _one("gauge", "queue_bytes_max", max(waiting, default=0), "Of one connection.")
    yield from _one("gauge", "draining", int(hub.connected.draining), "Being shut down.")
    yield from _one("counter", "publications_total", did.publications, "Told to somebody.")
    yield from _one("counter", "flushes_total", did.flushes, "Writes to whole channels.")
    yield from _one("counter", "frames_total", did.frames, "Frames written to listeners.")
    yield from _one("counter", "deliveries_total", did.deliveries, "Pushes in these frames.")
    yield from _one("counter", "bytes_total", did.bytes, "Bytes of these frames.")
    yield from _one("counter", "patches_total", did.patches, "Deltas made.")
    yield from _one("counter", "slow_total", did.slow, "Closed for not keeping up (3008).")
    refused = hub.connected.refused + did.put_off
    yield from _one("counter", "refused_total", refused, "Not let in: too many, too fast.")
    yield from _spread(
        "publish_to_write_seconds",
        did.latency,
        "From a publication's arrival here to its last write, the oldest of each flush.",
    )


def _one(kind: str, name: str, value: int, text: str) -> Iterator[str]:
    yield f"# HELP rooms_{name} {text}\n# TYPE rooms_{name} {kind}\nrooms_{name} {value}\n"


def _spread(name: str, spread: Spread, text: str) -> Iterator[str]:
    yield f"# HELP rooms_{name} {text}\n# TYPE rooms_{name} histogram\n"
    so_far = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), spread.counts, strict=True):
        so_far += count
        yield f'rooms_{name}_bucket{{le="{bound}"}} {so_far}\n'
    yield f"rooms_{name}_sum {spread.total}\nrooms_{name}_count {spread.count}\n"
