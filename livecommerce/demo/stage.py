"""The demo on its stage: the centre filled, pictures painted, a live session on air.

Once, it walks the journey and leaves; otherwise it keeps the session on air until stopped,
and tells where everything is.
"""

import asyncio
import logging
import sys
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from livecommerce.boot import DemoAccounts
from livecommerce.demo import pictures
from livecommerce.demo.accounts import demo_accounts
from livecommerce.demo.journey import walk
from livecommerce.demo.report import Report
from livecommerce.demo.seed import SeededCentre, seed, sign_ins
from livecommerce.demo.show import Show, open_show, strike
from livecommerce.kernel.clock import utcnow
from livecommerce.resources import Resources
from livecommerce.studios.errors import SlotTaken
from streams.media.encoder import Encoder
from streams.media.ffmpeg import Ffmpeg
from streams.sessions import queries as live_sessions

log = logging.getLogger(__name__)


async def perform(r: Resources, url: str, *, once: bool) -> int:
    """Fill the centre, then walk the journey once, or stay on air; the exit status."""
    now = utcnow()
    r.add(DemoAccounts(demo_accounts()))
    centre = await seed(r.db, now=now)
    async with r.db.begin() as tx:
        await strike(tx, now=now)
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
        group.create_task(_paint(r.settings.data_dir), name="demo pictures")
        try:
            show = await open_show(r, centre, now=now)
        except SlotTaken:
            _announce(url, None)  # people booked every studio: theirs come first
            await asyncio.Event().wait()
            return 0
        _announce(url, show)
        acts = [group.create_task(_explain_in_turn(r, centre, show), name="demo host")]
        if ffmpeg is not None and show.ingest_url:
            encoder = Encoder(ffmpeg, show.ingest_url).keep_publishing()
            acts.append(group.create_task(encoder, name="demo encoder"))
        await _over(r, show)
        for act in acts:
            act.cancel()
        await asyncio.Event().wait()  # the show is over, the house stays open
    return 0


async def _over(r: Resources, show: Show) -> None:
    """Waits until somebody has ended the session, or its time has."""
    while True:
        await asyncio.sleep(5)
        try:
            async with r.db.begin() as tx:
                on = await live_sessions.not_over(tx, [show.live])
        except (SQLAlchemyError, OSError) as error:
            log.info("nobody knows what is on: %s", type(error).__name__)
            continue
        if not on:
            return


async def _paint(data_dir: Path) -> None:
    """A show goes on without pictures."""
    try:
        await pictures.draw_aside(data_dir)
    except (RuntimeError, OSError) as error:
        log.warning("not every picture was drawn: %s", error)


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


def _announce(url: str, show: Show | None) -> None:
    """Say where everything is."""
    places = [
        ("Live room", "直播间", f"/live/{show.live}" if show else "/"),
        ("Console", "中控台", f"/console/{show.live}" if show else "/console"),
        ("Roster", "演播室排期", "/roster"),
        ("Chain", "业务链", f"/live/{show.live}/chain" if show else "/console"),
        ("API", "接口文档", "/docs"),
        ("Mail", "邮件", "/peers/mail"),
        ("Payments", "支付沙箱", "/sandbox/"),
    ]
    if show is None:
        state = "Every studio is booked now: no session of the demo's own · 演播室已满"
    else:
        state = f"On air until {_in_shanghai(show.ends_at)} (Asia/Shanghai)"
        state += "" if show.ingest_url else "; no video without nginx-rtmp and ffmpeg"
    lines = [
        "",
        f"  Livecommerce demo · 直播电商演示     {url}/",
        "",
        *(f"  {en:<12}{zh:<8}\t{url}{path}" for en, zh, path in places),
        "",
        f"  {state}",
        "",
        "  Sign-ins · 登录账号",
        *(f"    {role:<18} {email:<34} {password}" for role, email, password in sign_ins()),
        "",
        "  Ctrl-C stops everything · 按 Ctrl-C 全部停止",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _in_shanghai(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).strftime("%H:%M")
