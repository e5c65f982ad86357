"""What is shown of the rows of a file is not read record by record."""

import pytest

from tests.directories.test_directories import csv_of, upload
from tests.factories import records
from tests.headquarters.test_statements import counted
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.officials.models import Official


@pytest.fixture
def officials(app):
    with app.app_context(), unit_of_work(SYSTEM):
        return [records.official(name_en=f"Official {number}").name_en for number in range(8)]


def file_of(names):
    rows = [csv_of(**{"Name in English": name, "E-mail": "other@example.org"}) for name in names]
    return b"".join([rows[0], *(row.split(b"\r\n", 1)[1] for row in rows[1:])])


def test_a_page_of_changes_reads_its_records_at_once(app, sign_in, officials):
    client, numbers = sign_in(Role.COORDINATOR), []
    upload(client, "/officials/import", file_of(officials[:1]))
    for count in (2, 8):
        with counted(app) as statements:
            page = upload(client, "/officials/import", file_of(officials[:count])).text
        assert page.count("<b>other@example.org</b>") == count
        assert all(name in page for name in officials[:count])
        numbers.append(sum("FROM officials" in each for each in statements))
    assert numbers[0] == numbers[1]
    with app.app_context():
        assert db.session.query(Official).filter_by(assistant_email="other@example.org").all() == []
