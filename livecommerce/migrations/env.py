"""How Alembic runs: on the connection it is given, with our schemas and its table in ours."""

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

from livecommerce import migrations

_LOCK = sa.text("SELECT pg_advisory_xact_lock(7203650413)")


def run() -> None:
    """Run what was asked for on the connection in the configuration's attributes."""
    migrations.load_tables()
    connection = context.config.attributes["connection"]
    connection.execute(_LOCK)
    for schema in migrations.SCHEMAS:
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_schemas=True,
        include_name=lambda name, kind, _parents: (
            name in migrations.SCHEMAS if kind == "schema" else True
        ),
        include_object=context.config.attributes.get("include_object"),
        compare_server_default=True,
        version_table="alembic_version",
        version_table_schema="kernel",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
