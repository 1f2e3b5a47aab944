"""The schema's history: one line for all packages, applied by ``livecommerce migrate``."""

import asyncio
import re
from importlib import import_module
from pathlib import Path

import asyncpg
from sqlalchemy import pool
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

HERE = Path(__file__).parent
_SAID = re.compile(r"""^(revision|down_revision) = ["'](\w+)["']""", re.MULTILINE)
SCHEMAS = ("kernel", "commerce", "streams", "payments")
TABLES = (
    "livecommerce.kernel.outbox",
    "livecommerce.web.idempotency",
    "livecommerce.identity.tables",
    "livecommerce.identity.addresses.tables",
    "livecommerce.catalogue.tables",
    "livecommerce.studios.tables",
    "livecommerce.crossborder.tables",
    "livecommerce.live.tables",
    "livecommerce.live.offers.flash.tables",
    "livecommerce.live.offers.coupons.tables",
    "livecommerce.live.offers.auctions.tables",
    "livecommerce.live.offers.bundles.tables",
    "livecommerce.live.offers.draws.tables",
    "livecommerce.live.offers.waitlist.tables",
    "livecommerce.live.offers.wishes.tables",
    "livecommerce.orders.tables",
    "livecommerce.webhooks.tables",
    "livecommerce.orders.cart.tables",
    "livecommerce.orders.messages.tables",
    "livecommerce.orders.cancellations.tables",
    "livecommerce.orders.returns.tables",
    "livecommerce.orders.papers.tables",
    "livecommerce.settlement.tables",
    "streams.sessions.tables",
    "streams.ingest.tables",
    "streams.replays.tables",
    "streams.chat.tables",
    "payments.tables",
    "payments.tables_out",
    "payments.tables_payers",
    "payments.tables_reconciling",
)


def load_tables() -> None:
    """Import every module that defines tables, so that the metadata is whole."""
    for module in TABLES:
        import_module(module)


def head() -> str:
    """The newest revision that this version of the product knows: the one that no other goes
    on from. Read without Alembic, which every start would otherwise load (11 MB) to ask."""
    known: set[str] = set()
    left: set[str] = set()
    for path in (HERE / "versions").glob("*.py"):
        said = dict(_SAID.findall(path.read_text()))
        known.add(said["revision"])
        left.add(said.get("down_revision", ""))
    (newest,) = known - left
    return newest


async def current(url: str) -> str | None:
    """The revision the database is at; none if it was never migrated."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('kernel.alembic_version')") is None:
            return None
        found = await connection.fetchval("SELECT version_num FROM kernel.alembic_version")
        return str(found) if found is not None else None
    finally:
        await connection.close()


async def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest revision; one process at a time."""
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()
    finally:
        await asyncio.shield(engine.dispose())


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
