"""What a revision of the schema does to tables that people are working with (docs/deploy.md)."""

from typing import Any

from alembic import op


def create_index_online(name: str, table: str, columns: list[Any], **options: Any) -> None:
    """Create an index while others write to the table.

    On PostgreSQL that ends the transaction of the revision before it begins: it stands last in its
    revision, or alone. A former attempt that was cut off left an index that is not used: it goes.
    Where the schema is made inside a transaction of somebody's own (a backup is restored, an
    installation moved), nobody else is there.
    """
    context = op.get_context()
    is_inside = context.config is not None and "connection" in context.config.attributes
    if context.dialect.name != "postgresql" or is_inside:
        op.create_index(name, table, columns, **options)
        return
    with context.autocommit_block():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
