"""Databases beside each other on one server."""

import asyncpg


async def ensure_database(url: str, name: str) -> None:
    """See to it that the server at ``url`` has a database of that name.

    Args:
        url: of any database on that server whose user may create others.
    """
    connection = await asyncpg.connect(url)
    try:
        there = "SELECT 1 FROM pg_database WHERE datname = $1"
        if await connection.fetchval(there, name) is None:
            quoted = '"' + name.replace('"', '""') + '"'
            try:
                await connection.execute(f"CREATE DATABASE {quoted}")
            except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                return  # somebody else made it meanwhile, which is as good
    finally:
        await connection.close()
