"""Runs migrations on the application's own engine and models."""

from alembic import context
from flask import current_app

from tracker.kernel.database import expect_writes

LOCK_SECONDS = 5
migrate = current_app.extensions["migrate"]
database = migrate.db


def render_item(kind, item, autogen_context):
    """Write our column types as plain SQLAlchemy: a migration must not change with the code."""
    if kind == "type" and type(item).__module__.startswith(("tracker.", "flask_security.")):
        inner = item.impl
        return f"sa.{inner!r}"
    return False


def run() -> None:
    """Upgrade or downgrade in one transaction, or within the one that was given."""
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(
            connection=given, target_metadata=database.metadata, **migrate.configure_args
        )
        context.run_migrations()
        return
    expect_writes(True)
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A batch migration rebuilds tables: references must not fire meanwhile. The pragma
            # is ignored inside a transaction, so it goes to the driver.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Who waits for a lock holds up everybody behind: rather fail, and try again.
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            context.run_migrations()


run()
