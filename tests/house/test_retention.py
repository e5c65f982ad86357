"""No personal data is forgotten: every column that may hold it has a period and is told."""

import pytest
import sqlalchemy as sa

from tests.retention.test_access import reachable
from tracker.app import create_app  # noqa: F401 - every part is loaded
from tracker.kernel.database import db
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import StorageKey
from tracker.retention.access import ABOUT_OTHERS, BY_ADDRESS, BY_NAME, TEXTS
from tracker.retention.holdings import COUNTED, HOLDINGS, KEPT
from tracker.retention.labels import CATEGORIES
from tracker.retention.models import Category
from tracker.retention.rules import DEFAULT_DAYS, NOT_LONGER_THAN

# Sixty-four characters that name no file: digests, keys, zones, numbers of the audit record.
NO_FILES = ("digest", "_hash", "time_zone", "public_key", "request_id", "record_table", "record_id")
NO_FILES += ("form_answers.key", "passkeys.device_type", "passkeys.usage", "passkeys.name")
NO_FILES += ("users.fs_webauthn_user_handle",)
NO_FILES += ("tf_primary_method", "fs_uniquifier", "digest_before", "digest_after")


def personal():
    """Columns that are marked as holding something personal or secret."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            is_marked = column.info.get("audit") == "redact"
            if is_marked or isinstance(column.type, EncryptedString | StorageKey):
                yield table.name, column.name


@pytest.mark.parametrize(("table", "column"), sorted(personal()))
def test_every_personal_column_has_a_period(table, column):
    purged = {(each.name, name) for each in HOLDINGS for name in each.columns}
    assert (table, column) in purged or (table, column) in KEPT, (
        f"{table}.{column} holds personal data: name it in tracker/retention/holdings.py"
    )


@pytest.mark.parametrize(("table", "column"), sorted(personal()))
def test_every_personal_column_is_told_to_the_person(table, column):
    told = {*reachable(), *BY_ADDRESS, *BY_NAME}
    assert table in told or (table, column) in {*TEXTS, *ABOUT_OTHERS}, (
        f"{table}.{column} holds personal data: name it in tracker/retention/access.py"
    )


def test_every_column_that_may_name_a_file_says_so():
    suspects = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if type(column.type) is sa.String and column.type.length == 64
        if not f"{table.name}.{column.name}".endswith(NO_FILES)
    }
    assert suspects == set(), "use StorageKey for keys of files, or name the column in NO_FILES"


def test_what_is_named_is_there_and_named_once():
    tables = db.metadata.tables
    for name, column in (*KEPT, *ABOUT_OTHERS, *TEXTS):
        assert column in tables[name].c
    pairs = [(each.name, name) for each in HOLDINGS if each.blanks for name in each.blanks]
    assert sorted(pairs) == sorted(set(pairs))
    gone = {each.name for each in HOLDINGS if each.blanks is None}
    assert gone.isdisjoint(name for name, _column in pairs)
    for name, column in pairs:
        assert column in tables[name].c, (name, column)


def test_nothing_that_is_counted_is_purged():
    for each in HOLDINGS:
        if each.name in COUNTED:
            assert each.blanks is not None, f"{each.name} is counted: its rows stay"
            assert not set(each.blanks) & set(COUNTED[each.name])


def test_each_category_has_a_period_a_name_and_something_to_purge():
    assert set(CATEGORIES) == set(DEFAULT_DAYS) == set(Category)
    assert list(DEFAULT_DAYS) == list(Category)
    used = {each.category for each in HOLDINGS}
    assert set(Category) - used == {Category.AUDIT}
    for copy, original in NOT_LONGER_THAN.items():
        assert DEFAULT_DAYS[copy] <= DEFAULT_DAYS[original]


def test_rows_go_before_what_they_refer_to():
    order = [each.name for each in HOLDINGS if each.blanks is None]
    for name in order:
        for key in db.metadata.tables[name].foreign_keys:
            above = key.column.table.name
            if above in order and above != name:
                assert order.index(name) < order.index(above), (name, above)
