"""The files that rows name are the files that there are: a backup knows them all."""

import sqlalchemy as sa

from tests.journeys.demonstration import demonstration
from tracker.backup import files
from tracker.kernel.database import db
from tracker.kernel.places import place_of
from tracker.kernel.storage import StorageKey


def test_every_column_that_names_a_file_is_known():
    found = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, StorageKey)
    }
    assert found - {("retention_files", "key")} == set(files.COLUMNS)


def test_the_files_that_rows_of_the_demonstration_name(tmp_path):
    demonstration(tmp_path)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'tracker.sqlite'}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        named = set(files.named_keys(connection))
    stored = set(place_of(tmp_path, None).names())
    assert named == stored  # nothing is kept that no row names
