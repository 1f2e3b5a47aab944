"""PostgreSQL. ``db`` opens a transaction, ``tx`` joins one.

A function whose first argument is a :class:`Database` owns its transaction and
commits it. A function whose first argument is a ``tx`` never commits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

T = TypeVar("T")
Tx = AsyncSession

_LOST_THE_RACE = {"40P01", "40001"}  # deadlock detected, serialization failure


class Database:
    """The only thing that can start a transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """All of the block or none of it."""
        async with self._sessions.begin() as tx:
            yield tx

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """One connection for Core statements; each ``begin()`` on it is a transaction."""
        async with self.engine.connect() as connection:
            yield connection

    async def run(self, work: Callable[[Tx], Awaitable[T]], *, tries: int = 3) -> T:
        """Do ``work`` in a transaction, again if the server chose us as a deadlock's victim."""
        for left in reversed(range(tries)):
            try:
                async with self.begin() as tx:
                    return await work(tx)
            except DBAPIError as error:
                if not left or sqlstate(error) not in _LOST_THE_RACE:
                    raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Give every connection back. Shielded, so that a cancelled caller leaks none."""
        await asyncio.shield(self.engine.dispose())


def open_database(url: str, *, pool: int = 10, lock_timeout_ms: int = 5000) -> Database:
    """A database for ``url``; nothing is connected before the first use.

    Args:
        url: ``postgresql://...``; a Unix socket goes into the ``host`` query parameter.
        pool: connections kept; as many again may be opened under load.
        lock_timeout_ms: how long a statement may wait for somebody else's lock.
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        hide_parameters=True,  # rows hold addresses and keys; errors must not
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "application_name": "livecommerce",
                "lock_timeout": str(lock_timeout_ms),
                "timezone": "UTC",
                "jit": "off",
            }
        },
    )
    return Database(engine)


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-character error code, if the server sent one."""
    return getattr(error.orig, "sqlstate", None)


async def one_at_a_time(tx: Tx, name: str) -> None:
    """Wait until no other transaction holds ``name``; ours holds it until it ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
