"""How it ends, how it is kept from starting twice, and what it wrote down meanwhile."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from streams.media.encoder import Encoder, Picture
from streams.media.ffmpeg import FfmpegMissing, find_ffmpeg
from streams.media.nginx_process import NginxMissing, find_nginx
from tests import people, product
from tests.journeys.conftest import Installation, Started, copy_of
from tests.people import Centre, Show
from tests.product import Product

TINY = Picture(180, 320, 10, 200, test_card=True)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_it_stops_cleanly_in_the_middle_of_everything(
    start: Started, sign: signal.Signals
) -> None:
    own = await asyncio.to_thread(start)
    async with contextlib.AsyncExitStack() as stack:
        # Given a session on air, viewers in its room and a purchase that waits
        host = await stack.enter_async_context(own.centre.person("host"))
        show = await people.prepare(host, own.centre, cards=2, minutes=30)
        with contextlib.suppress(FfmpegMissing, NginxMissing):
            find_nginx()
            encoder = asyncio.create_task(
                Encoder(find_ffmpeg(), show.key_url, TINY).publish(60)
            )
            stack.callback(encoder.cancel)
            await _on_air(host, show)
        guests = [await stack.enter_async_context(own.centre.guest()) for _ in range(3)]
        for guest in guests:
            await stack.enter_async_context(people.watching(guest, show.live))
        await people.payable(guests[0], show)

        # When it is told to stop, then it has, with nothing left of it.
        code, took = await asyncio.to_thread(own.product.stop, sign)
    assert code == 0
    assert took < product.stops_within()
    assert await asyncio.to_thread(own.product.orphans) == []
    assert "Traceback" not in own.product.said()


async def _on_air(host: people.Browser, show: Show) -> None:
    async def look() -> bool:
        return bool((await host.get(f"/v1/live/{show.live}"))["state"] == "live")

    await people.eventually(look, within=20, what="on air")


async def test_it_stops_while_it_is_still_starting(installation: Installation) -> None:
    def start_and_stop(after: float) -> None:
        with copy_of(installation) as own:
            own.start(wait=False)
            time.sleep(after)
            code, took = own.stop()
            assert took < product.stops_within() + 3  # it may have to finish a step first
            assert code in {0, -signal.SIGTERM}, own.said()[-2000:]
            assert own.orphans() == []

    for after in (0.3, 1.0, 1.6):
        await asyncio.to_thread(start_and_stop, after)


async def test_a_second_start_is_refused_clearly(shared: Product) -> None:
    def second(port: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*product.COMMAND, "serve", "--all"],
            env=product.environment(shared.folder, port, {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    same_folder = await asyncio.to_thread(second, product.free_port())
    assert same_folder.returncode == 2
    assert "is in use by another Livecommerce" in same_folder.stderr
    assert str(shared.pid) in same_folder.stderr
    assert "LC_DATA_DIR" in same_folder.stderr
    same_port = await asyncio.to_thread(second, shared.port)
    assert same_port.returncode == 2
    assert "LC_PORT" in same_port.stderr
    for refused in (same_folder, same_port):
        assert "Traceback" not in refused.stderr
    assert product.status(f"{shared.url}/readyz") == 200


@pytest.mark.timeout(180)
async def test_the_demo_stays_on_air_until_ctrl_c(installation: Installation) -> None:
    """The whole group gets the signal, as from a terminal; the encoder and the painter of
    pictures end, too."""

    def run() -> tuple[int, float, str, list[str]]:
        with copy_of(installation) as own:
            out = own.folder / "demo.out"
            with out.open("wb") as to:
                process = subprocess.Popen(
                    [*product.COMMAND, "demo"],
                    env=product.environment(own.folder, own.port, {}),
                    stdin=subprocess.DEVNULL,
                    stdout=to,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            own._process = process
            own.wait_until_ready()
            deadline = time.monotonic() + 60
            while "Ctrl-C stops everything" not in out.read_text():
                assert time.monotonic() < deadline, out.read_text()[-2000:]
                time.sleep(0.1)
            time.sleep(1.0)
            own.relatives()
            began = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            code = process.wait(30)
            return code, time.monotonic() - began, out.read_text(), own.orphans()

    code, took, said, left = await asyncio.to_thread(run)
    assert code == 0
    assert took < product.stops_within()
    assert left == []
    assert "Traceback" not in said
    for page in ("/live/liv_", "/console/liv_", "/roster", "/docs"):
        assert page in said
    assert "host@luxi.example" in said


SECRETS = {
    "a stream key": r"\?key=(?!\[redacted\]|\*)[\w-]{8,}",
    "a card number": r"\b4\d{15}\b",
    "an address of mail": r"[\w.+-]+@[\w-]+\.[\w.]+",
    "a provider's key": r"\b(?:sk|rk|whsec)_\w+",
    "a client secret": r"_secret_(?!\[redacted\])\w+",
    "a telephone number": r"\+49\d{6,}",
    "a street": r"Heidestra|Mustermann",
    "an API key": r"\blck_\w+",
    "a token": r"\beyJ[\w-]+\.[\w-]+",
    "a hash of a password": r"\$argon2",
}


async def test_the_log_keeps_secrets(centre: Centre, show: Show, shared: Product) -> None:
    async with (
        centre.guest() as guest,
        centre.person("owner") as owner,
        people.watching(guest, show.live) as viewer,
    ):
        # Given that everything secret and personal has passed through, rightly and wrongly
        wrong = {"email": "somebody@example.org", "password": "correct horse battery"}
        await guest.post("/v1/sign-in", wrong, expect=401)
        want = {"name": "till", "merchant": centre.seeded.merchant, "scopes": ["assistant"]}
        key = await owner.post("/v1/api-keys", want, expect=201)
        headers = {"Authorization": f"Bearer {key['secret']}x"}
        await people.ask(guest, "GET", f"/v1/orders?email={people.MAIL}", headers=headers)
        ingest = await owner.post(f"/v1/live/{show.live}/ingest")
        hook = (shared.folder / "hook-secret").read_text()
        form = {"call": "publish", "app": "live", "name": show.live, "key": ingest["key"]}
        await people.ask(guest, "POST", f"/hooks/{hook}x/nginx-rtmp", data=form)
        paid = await people.buy(guest, show)
        order = {"address": {**people.COLOGNE, "surprise": 1}, "quote": "x", "email": "x@y"}
        await guest.post("/v1/checkouts", order, expect=422)
        await viewer.told("order", order=paid["orders"][0], state="paid")

    # Then none of it is in any line of any log.
    literal = {
        "the stream key": ingest["key"].partition("key=")[2],
        "the API key": key["secret"],
        "the password": "correct horse battery",
        "the host's password": centre.seeded.login("host")[1],
        "the hook's secret": hook,
        "our secret": (shared.folder / "secret").read_text(),
        "the webhook's secret": (shared.folder / "webhook-secret").read_text(),
    }
    assert await asyncio.to_thread(_written_down, shared.folder, literal) == []


def _written_down(folder: Path, literal: dict[str, str]) -> list[str]:
    return [
        f"{what} in {log.name}: {line[:200]}"
        for log in _logs(folder)
        for line in log.read_text(errors="replace").splitlines()
        for what in [
            *(what for what, pattern in SECRETS.items() if re.search(pattern, line)),
            *(what for what, text in literal.items() if text in line),
        ]
    ]


def _logs(folder: Path) -> list[Path]:
    found = [*folder.glob("*.log"), *folder.glob("media/logs/*")]
    assert folder / "product.log" in found
    return [path for path in found if path.is_file()]


async def test_every_line_of_a_request_carries_its_id(centre: Centre, shared: Product) -> None:
    async with centre.guest() as guest:
        mine = {"X-Request-Id": "req-of-this-very-test"}
        assert await people.status(guest, "GET", "/v1/me", headers=mine) == 200
    lines = [line for line in shared.said().splitlines() if "GET /v1/me" in line]
    assert any("request_id=req-of-this-very-test" in line for line in lines)


async def test_nothing_but_the_web_port_is_open_to_others(shared: Product) -> None:
    """Every socket of the product listens on the loopback interface only."""

    def listening() -> set[str]:
        family = [psutil.Process(shared.pid), *shared.relatives()]
        sockets = [c for process in family for c in process.net_connections("inet")]
        return {c.laddr.ip for c in sockets if c.status == psutil.CONN_LISTEN}

    assert await asyncio.to_thread(listening) == {"127.0.0.1"}
