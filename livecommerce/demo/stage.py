"""The demo on its stage: the centre filled, pictures painted, a live session on air.

Once, it walks the journey and leaves; otherwise it keeps the session on air until stopped,
and tells where everything is.
"""

import asyncio
import logging
import sys
from datetime import datetime, timedelta

from livecommerce.boot import DemoAccounts
from livecommerce.demo import pictures
from livecommerce.demo.accounts import demo_accounts
from livecommerce.demo.journey import walk
from livecommerce.demo.report import Report
from livecommerce.demo.seed import SeededCentre, seed, sign_ins
from livecommerce.demo.show import Show, open_show
from livecommerce.kernel.clock import utcnow
from livecommerce.resources import Resources
from streams.media.encoder import Encoder
from streams.media.ffmpeg import Ffmpeg

log = logging.getLogger(__name__)


async def perform(r: Resources, url: str, *, once: bool) -> int:
    """Fill the centre, then walk the journey once, or stay on air; the exit status."""
    now = utcnow()
    r.add(DemoAccounts(demo_accounts()))
    centre = await seed(r.db, now=now)
    ffmpeg = r.part(Ffmpeg) if r.media is not None else None
    if once:
        held = await walk(
            url,
            centre,
            r.settings.data_dir / "journey",
            ffmpeg=ffmpeg,
            now=now,
            report=Report(),
        )
        return 0 if held else 1
    async with asyncio.TaskGroup() as group:
        group.create_task(pictures.draw_aside(r.settings.data_dir), name="demo pictures")
        show = await open_show(r, centre, now=now)
        _announce(url, show)
        if ffmpeg is not None and show.ingest_url:
            encoder = Encoder(ffmpeg, show.ingest_url)
            group.create_task(encoder.keep_publishing(), name="demo encoder")
        group.create_task(_explain_in_turn(r, centre, show), name="demo host")
    return 0


async def _explain_in_turn(r: Resources, centre: SeededCentre, show: Show) -> None:
    """The demo's host presents one card after the other, as a host does."""
    turn = 0
    while True:
        await asyncio.sleep(3 if turn == 0 else 45)
        try:
            await show.explain(r, centre, turn, now=utcnow())
            turn += 1
        except Exception as error:
            log.info("nothing explained: %s", type(error).__name__)


def _announce(url: str, show: Show) -> None:
    until = _in_shanghai(show.ends_at)
    lines = [
        "",
        f"  Livecommerce demo · 直播电商演示     {url}/",
        "",
        f"  Live room   直播间      {url}/live/{show.live}",
        f"  Console     中控台      {url}/console/{show.live}",
        f"  Roster      演播室排期  {url}/roster",
        f"  Chain       业务链      {url}/live/{show.live}/chain",
        f"  API         接口文档    {url}/docs",
        f"  Mail        邮件        {url}/peers/mail",
        f"  Payments    支付沙箱    {url}/sandbox/",
        "",
        f"  On air until {until} (Asia/Shanghai); no video."
        if not show.ingest_url
        else f"  On air until {until} (Asia/Shanghai).",
        "",
        "  Sign-ins · 登录账号",
        *(f"    {role:<18} {email:<34} {password}" for role, email, password in sign_ins()),
        "",
        "  Ctrl-C stops everything.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _in_shanghai(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).strftime("%H:%M")
