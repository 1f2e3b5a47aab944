"""The deployed schema is the intended one, to the last constraint and trigger."""

from typing import Any

import asyncpg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from livecommerce import migrations
from livecommerce.embedded.databases import ensure_database
from livecommerce.embedded.server import Server

_CONSTRAINTS = """
    SELECT conrelid::regclass::text || ' ' || conname || ': ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace::regnamespace::text = ANY($1) ORDER BY 1
"""
_TRIGGERS = """
    SELECT pg_get_triggerdef(t.oid) || ' ' || p.prosrc
      FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal ORDER BY 1
"""
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = ANY($1) ORDER BY 1"


async def said(url: str, query: str) -> list[str]:
    """What the database says of itself, the migrations' own table left out."""
    connection = await asyncpg.connect(url)
    try:
        arguments = [list(migrations.SCHEMAS)] if "$1" in query else []
        rows = await connection.fetch(query, *arguments)
        return [row[0] for row in rows if "alembic" not in row[0]]
    finally:
        await connection.close()


def differences(connection: Connection) -> list[Any]:
    """What autogenerate would change."""
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "compare_server_default": True,
            "version_table_schema": "kernel",
            "include_name": lambda name, kind, _: (
                kind != "schema" or name in migrations.SCHEMAS
            ),
        },
    )
    return list(compare_metadata(context, SQLModel.metadata))


async def test_the_migrations_lead_to_what_the_code_means(
    postgres: Server, postgres_url: str
) -> None:
    await ensure_database(postgres.url("postgres"), "intended")
    intended = postgres.url("intended")
    engine = create_async_engine(intended.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        for schema in migrations.SCHEMAS:
            await connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()
    for query in (_CONSTRAINTS, _TRIGGERS, _INDEXES):
        assert await said(postgres_url, query) == await said(intended, query)


async def test_autogenerate_finds_nothing_to_do(postgres_url: str) -> None:
    engine = create_async_engine(postgres_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_twice_is_migrating_once(postgres_url: str) -> None:
    assert await migrations.current(postgres_url) == migrations.head()
    await migrations.migrate(postgres_url)
    assert await migrations.current(postgres_url) == migrations.head()


def test_the_newest_revision_is_the_one_that_alembic_knows() -> None:
    script = ScriptDirectory(str(migrations.HERE))
    assert migrations.head() == script.get_current_head()
