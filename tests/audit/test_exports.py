"""A file says who made it and when, and its mark leads to the entry that says all else."""

import csv
import io
import re
import zipfile

import pypdf
import pytest
import python_calamine
import sqlalchemy as sa

from tests.factories import records
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

MARK = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
LINE = re.compile(rf"Exported by (.+), (\d{{4}}-\d\d-\d\d \d\d:\d\d) UTC, mark ({MARK.pattern})")


@pytest.fixture
def election(app):
    """The slug of an election with three observers."""
    with app.app_context():
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election)
        for surname in ("KAYA", "DEMIR", "OZ"):
            records.accreditation(delegation, person=records.observer(surname=surname))
        db.session.commit()
        return election.slug


def exports(app):
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == "export")
        return db.session.scalars(query.order_by(AuditEntry.position)).all()


def test_a_csv_stays_a_table_and_each_line_bears_the_mark(app, sign_in, election):
    client = sign_in(Role.REGISTRAR)
    answer = client.get(f"/e/{election}/observers/?format=csv&q=K&status=&cursor=x")
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    who, _when, mark = LINE.fullmatch(head[-1]).groups()
    assert {len(row) for row in rows} == {len(head)}
    assert {row[-1] for row in rows} == {mark}
    (entry,) = exports(app)
    assert (entry.record_table, entry.record_id, entry.actor_name) == ("exports", mark, who)
    assert entry.after == {
        "list": "kz-2022-observers",
        "format": "csv",
        "rows": len(rows),
        "filter": {"q": "K"},
    }
    auditor = sign_in(Role.AUDITOR)
    page = auditor.get(f"/audit/?mark=%20{mark.lower()}").text
    assert page.count("<tr>") == 2
    assert f"Export {mark}" in page
    assert who in page


def test_an_empty_list_says_who_made_it_too(app, sign_in, election):
    answer = sign_in(Role.REGISTRAR).get(f"/e/{election}/observers/?format=csv&q=nobody")
    (head,) = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert LINE.fullmatch(head[-1])
    (entry,) = exports(app)
    assert entry.after["rows"] == 0


def test_a_workbook_says_it_in_its_properties_on_paper_and_on_a_sheet(app, sign_in, election):
    answer = sign_in(Role.REGISTRAR).get(f"/e/{election}/observers/?format=xlsx")
    (entry,) = exports(app)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        properties = file.read("docProps/core.xml").decode()
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert f"<dc:creator>{entry.actor_name}</dc:creator>" in properties
    assert entry.record_id in properties
    assert entry.record_id in sheet.partition("<oddFooter>")[2]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    first, second = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert len(first) == 4
    about = dict(second)
    assert about["Mark"] == entry.record_id
    assert about["Exported by"] == entry.actor_name
    assert about["Rows"] == "3"
    assert entry.after["rows"] == 3


def test_two_exports_bear_two_marks(app, sign_in, election):
    client = sign_in(Role.REGISTRAR)
    for _time in range(2):
        client.get(f"/e/{election}/observers/?format=csv")
    first, second = exports(app)
    assert first.record_id != second.record_id


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("get", "arrivals/print", "arrivals"),
        ("get", "deployment/print", "deployment"),
        ("get", "duty/print", "duty-log"),
        ("get", "digest/preview", "digest"),
        ("get", "meetings/itinerary/1", "itinerary"),
        ("post", "duty/contacts/print", "contacts"),
    ],
)
def test_each_page_of_a_paper_bears_the_mark(app, sign_in, election, method, path, name):
    client = sign_in(Role.COORDINATOR)
    answer = getattr(client, method)(f"/e/{election}/{path}")
    assert answer.mimetype == "application/pdf", answer.text
    (entry,) = exports(app)
    assert entry.after["list"] == name
    for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages:
        who, _when, mark = LINE.search(" ".join(page.extract_text().split())).groups()
        assert (who, mark) == (entry.actor_name, entry.record_id)


def test_what_cannot_be_recorded_is_not_given_out(app, sign_in, election):
    client = sign_in(Role.REGISTRAR)
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text("ALTER TABLE audit_entries RENAME TO lost"))
        db.session.commit()
    answer = client.get(f"/e/{election}/observers/?format=csv")
    assert answer.status_code == 500
    assert "KAYA" not in answer.text
