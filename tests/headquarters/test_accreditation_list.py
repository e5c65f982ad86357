"""The list for the commission's system: as its schema says, for whom it is, and however long."""

import csv
import io
import json
import re
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator

from tests.factories import records
from tests.headquarters.test_statements import counted
from tests.journeys.demonstration import demonstration, signed_in
from tracker.accreditation.models import Accreditation, SubmissionItem
from tracker.audit.models import AuditEntry
from tracker.headquarters.accreditation_list import FIELDS, entries, fields_for, write_json
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.disclosure import Origin
from tracker.kernel.permissions import Role
from tracker.observers.models import TravelDocument

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "accreditation-list.schema.json").read_text(encoding="utf-8"))
ENTRY = SCHEMA["$defs"]["entry"]
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
PATH = "/e/kz-2022/accreditation-list"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def whole(app):
    """The list as JSON, as the commission takes it."""
    answer = signed_in(app, Role.COMMISSION).get(f"{PATH}.json")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    return json.loads(answer.data)


def test_the_schema_is_one_and_the_list_is_as_it_says(whole):
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in VALIDATOR.iter_errors(whole)] == []
    assert whole["count"] == len(whole["entries"]) > 600


@pytest.mark.parametrize(
    "change",
    [
        {"status": "thinking"},
        {"submitted_at": "2022-11-10"},
        {"accreditation": "7"},
        {"certificate": 0},
        {"citizenship": "Turkey"},
        {"document_expires_on": "2022-13-40"},
        {"surname": None},
    ],
)
def test_the_schema_refuses_what_is_not_so(whole, change):
    assert not VALIDATOR.is_valid(whole | {"entries": [whole["entries"][0] | change]})


@pytest.mark.parametrize("name", ENTRY["required"])
def test_no_field_may_be_missing(whole, name):
    entry = {key: value for key, value in whole["entries"][0].items() if key != name}
    assert not VALIDATOR.is_valid(whole | {"entries": [entry]})


def test_the_schema_and_the_page_name_every_field():
    names = [each.name for each in FIELDS]
    assert list(ENTRY["properties"]) == names
    text = (DOCS / "accreditation-list.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \|", text, re.M)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(names)


def test_everybody_who_was_presented_and_nobody_else(app, whole):
    with app.app_context():
        presented = sa.select(Accreditation.id).join(
            SubmissionItem, SubmissionItem.accreditation_id == Accreditation.id
        )
        election = sa.select(records.Election.id).where(records.Election.slug == "kz-2022")
        ids = db.session.scalars(
            presented.where(Accreditation.election_id.in_(election)).distinct()
        ).all()
        db.session.rollback()
    assert sorted(entry["accreditation"] for entry in whole["entries"]) == sorted(ids)


def test_the_csv_says_the_same(app, whole):
    answer = signed_in(app, Role.COMMISSION).get(f"{PATH}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == whole["count"]
    for row, entry in zip(rows, whole["entries"], strict=True):
        found = {name: row[name].removeprefix("'") for name in entry}
        assert found == {name: "" if value is None else str(value) for name, value in entry.items()}


def test_numbers_and_births_for_those_alone_who_may_see_them(app):
    with app.app_context():
        numbers = set(db.session.scalars(sa.select(TravelDocument.number).limit(50)))
        db.session.rollback()
    for role, sees in ((Role.COMMISSION, True), (Role.COORDINATOR, False)):
        for form in ("json", "csv"):
            text = signed_in(app, role).get(f"{PATH}.{form}").get_data(as_text=True)
            assert ("document_number" in text) is sees
            assert ("birth_date" in text) is sees
            assert any(number in text for number in numbers) is sees
    taken = json.loads(signed_in(app, Role.COORDINATOR).get(f"{PATH}.json").data)
    assert VALIDATOR.is_valid(taken)
    assert signed_in(app, Role.OFFICIAL).get(f"{PATH}.json").status_code == 403
    assert signed_in(app, Role.FOCAL_POINT).get(f"{PATH}.json").status_code == 403


def test_it_goes_on_record_with_its_mark(app):
    taken = json.loads(signed_in(app, Role.COMMISSION).get(f"{PATH}.json").data)
    with app.app_context():
        query = sa.select(AuditEntry.after).filter_by(action="export", record_id=taken["mark"])
        [entry] = db.session.scalars(query)
        db.session.rollback()
    assert (entry["format"], entry["rows"]) == ("json", taken["count"])


def test_it_is_found_from_both_pages(app):
    client = signed_in(app, Role.COMMISSION)
    for path in ("/e/kz-2022/observers/", "/e/kz-2022/submissions/"):
        assert f"{PATH}.json" in client.get(path).text


def test_memory_does_not_grow_with_the_list(app, whole):
    """A hundred thousand entries are written as they come."""
    election, entry = records.Election(slug="kz"), whole["entries"][0]

    def peak(count):
        with open("/dev/null", "wb") as file:
            tracemalloc.start()
            origin = Origin("list", "somebody", datetime.now(UTC), "0000-0000")
            write_json(file, election, (dict(entry) for _number in range(count)), origin)
            _now, found = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert origin.rows == count
        return found

    assert peak(50_000) < peak(500) + 100_000


def test_one_statement_however_many(app):
    with app.app_context():
        election = db.session.scalars(sa.select(records.Election).filter_by(slug="kz-2022")).one()
        with counted(app) as statements:
            assert len(list(entries(election, fields_for(SYSTEM)))) > 600
        db.session.rollback()
    assert len(statements) == 1
