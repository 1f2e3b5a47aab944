"""The deployed schema is the intended one, to the last constraint and trigger."""

from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
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


_STOCK_BEFORE_LOCATIONS = """
    INSERT INTO commerce.product (id, merchant_id, title, description, category, hs_code,
      origin, fibre, customs_name, customs_unit, gmodel, pictures, options, created_at)
    VALUES ('prd_1', 'mer_1', '{}', '{}', 'x', '6302319900', 'CN', '[]', 'x', '006', '{}',
      '[]', '[]', '2026-11-01T00:00Z');
    INSERT INTO commerce.variant (id, product_id, merchant_id, sku, options, weight_g,
      price_minor, currency, position)
    VALUES ('var_1', 'prd_1', 'mer_1', 'A', '{}', 1, 1, 'CNY', 0);
    INSERT INTO commerce.stock (variant_id, product_id, on_hand, held, version)
    VALUES ('var_1', 'prd_1', 7, 2, 3);
    INSERT INTO commerce.stock_journal (variant_id, on_hand, held, reason, reference, at)
    VALUES ('var_1', 7, 0, 'received', 'x', '2026-11-01T00:00Z'),
      ('var_1', 0, 2, 'held', 'hld_1', '2026-11-01T00:00Z')
"""


async def test_goods_that_were_there_lie_in_the_main_warehouse(postgres: Server) -> None:
    await ensure_database(postgres.url("postgres"), "before_locations")
    url = postgres.url("before_locations")
    earlier = ScriptDirectory(str(migrations.HERE)).get_revision("0015").down_revision
    assert isinstance(earlier, str)
    await up_to(url, earlier)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_STOCK_BEFORE_LOCATIONS)
        await up_to(url, "0015")
        lying = await connection.fetch("SELECT location_id, on_hand FROM commerce.stock_at")
        journal = await connection.fetch(
            "SELECT location_id FROM commerce.stock_journal ORDER BY id"
        )
        assert [tuple(row) for row in lying] == [("loc_1", 7)]
        assert [row[0] for row in journal] == ["loc_1", None]
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("DELETE FROM commerce.stock_journal")
    finally:
        await connection.close()


async def up_to(url: str, revision: str) -> None:
    """Migrate to that revision and no further."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrations.HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.commit()
    await engine.dispose()


_FOLDED_BY_UTC = """
    INSERT INTO payments.ledger_account (code, kind, normal_side, currency, owner)
    VALUES ('bank', 'A', 1, 'EUR', NULL), ('suspense', 'X', 1, 'EUR', NULL);
    INSERT INTO payments.ledger_posting (kind, source, memo, occurred_at, entry_count)
    VALUES ('sale', 'ord_1', '', '2026-10-31T17:00Z', 2);
    INSERT INTO payments.ledger_entry (posting_id, account_id, currency, amount_minor)
    SELECT p.id, a.id, 'EUR', CASE a.code WHEN 'bank' THEN 5 ELSE -5 END
    FROM payments.ledger_posting p, payments.ledger_account a;
    INSERT INTO payments.ledger_month
      (account_id, month, sum_minor, entries, first_id, last_id)
    SELECT account_id, '2026-10-01', amount_minor, 1, id, id FROM payments.ledger_entry;
    INSERT INTO payments.ledger_horizon (id, entry_id, folded_at)
    SELECT 1, max(id), '2026-11-01T00:00Z' FROM payments.ledger_entry;
    INSERT INTO payments.reconciliation_item (id, thing, match, kind, currency, ours_minor,
      theirs_minor, lines, at, found_at, adjustment, closed_at, closed_by, why)
    VALUES
      ('rci_1', 'txn_1', 'missing_here', 'fee', 'EUR', 0, -250, '[]', '2026-11-01T00:00Z',
       '2026-11-01T00:00Z', 'adj_1', '2026-11-02T00:00Z', 'usr_b', 'adj_1'),
      ('rci_2', 'txn_2', 'missing_here', 'fee', 'EUR', 0, -70, '[]', '2026-11-01T00:00Z',
       '2026-11-01T00:00Z', 'adj_2', NULL, NULL, NULL),
      ('rci_3', 'txn_3', 'missing_here', 'fee', 'EUR', 0, -30, '[]', '2026-11-01T00:00Z',
       '2026-11-01T00:00Z', NULL, '2026-11-02T00:00Z', 'usr_b', 'in words');
    INSERT INTO commerce.adjustment
      (id, state, entries, reason, proposed_by, proposed_at, decided_by, decided_at)
    VALUES ('adj_1', 'approved', '[]', 'a fee', 'key_a', '2026-11-02T00:00Z', 'usr_b',
            '2026-11-02T00:00Z'),
           ('adj_2', 'proposed', '[]', 'a fee', 'usr_a', '2026-11-02T00:00Z', NULL, NULL)
"""


async def test_books_of_before_fold_anew_and_know_their_corrections(postgres: Server) -> None:
    await ensure_database(postgres.url("postgres"), "before_beijing")
    url = postgres.url("before_beijing")
    earlier = ScriptDirectory(str(migrations.HERE)).get_revision("0030").down_revision
    assert isinstance(earlier, str)
    await up_to(url, earlier)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_FOLDED_BY_UTC)
        await up_to(url, "0030")
        for emptied in ("ledger_month", "ledger_horizon"):
            assert await connection.fetch(f"SELECT FROM payments.{emptied}") == []
        figures = await connection.fetch(
            "SELECT id, ours_minor, theirs_minor FROM payments.reconciliation_item ORDER BY id"
        )
        assert [tuple(row) for row in figures] == [
            ("rci_1", -250, -250),
            ("rci_2", 0, -70),
            ("rci_3", 0, -30),
        ]
        linked = await connection.fetch("SELECT * FROM payments.reconciliation_correction")
        assert [tuple(row) for row in linked] == [("adj_1", "rci_1")]
        explains = await connection.fetch(
            "SELECT id, explains FROM commerce.adjustment ORDER BY id"
        )
        assert [tuple(row) for row in explains] == [("adj_1", "rci_1"), ("adj_2", "rci_2")]
    finally:
        await connection.close()
