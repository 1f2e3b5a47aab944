"""The fixtures give each test a database of its own with every table."""

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from livecommerce.kernel.db import Database


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_starts_empty(db: Database, turn: int) -> None:
    async with db.begin() as tx:
        await tx.execute(sa.text("CREATE TABLE left_behind (turn int)"))


async def test_every_table_is_there(db: Database) -> None:
    async with db.begin() as tx:
        rows = await tx.execute(
            sa.text("SELECT table_schema || '.' || table_name FROM information_schema.tables")
        )
        assert set(SQLModel.metadata.tables) <= set(rows.scalars())
