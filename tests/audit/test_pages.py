"""The auditors' page: it verifies, it gives the anchors out, and it finds an export by its mark."""

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import environment
from tracker.audit.anchors import Lines
from tracker.audit.capture import append
from tracker.audit.jobs import anchor_record
from tracker.audit.operations import record_read
from tracker.cli import main
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.kernel.text import sort_key
from tracker.server import worker_queue


@pytest.fixture
def file(app):
    """The file of anchors of a record that was anchored once."""
    file = app.config["SETTINGS"].anchors_file
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        for name in ("one", "two", "three"):
            election.name_en = name
            db.session.flush()
        db.session.commit()
        anchor_record(file=file)
    return file


def tamper(app, statement):
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text(statement))
        db.session.commit()


def verified(client):
    page = client.post("/audit/verify", follow_redirects=True)
    assert page.status_code == 200
    return html.unescape(page.text)


def test_the_button_says_each_place(app, sign_in, file):
    client = sign_in(Role.AUDITOR)
    assert "The audit record holds" in verified(client)
    assert "vouches for all entries up to 5" in client.get("/audit/").text
    tamper(app, "UPDATE audit_entries SET actor_name = 'x' WHERE position = 2")
    tamper(app, "UPDATE audit_entries SET after = '{}' WHERE position = 3")
    said = verified(client)
    assert "Entry 2: was changed after it was recorded" in said
    assert "Entry 3: has other content than was recorded" in said
    assert "does not hold in 2 places" in said
    tamper(app, "DELETE FROM audit_entries WHERE position > 3")
    said = verified(client)
    assert "Entry 4: is missing, and all up to 5: an anchor of 2022-11-10 06:00 UTC" in said
    file.write_text("nothing\n")
    assert "Line 1 of the anchors: cannot be read" in verified(client)


def test_the_anchors_are_for_auditors(sign_in, file):
    answer = sign_in(Role.AUDITOR).get("/audit/anchors")
    assert answer.data == file.read_bytes()
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit-anchors.txt"
    assert answer.content_type == "text/plain; charset=utf-8"
    assert sign_in(Role.ADMINISTRATOR).get("/audit/anchors").status_code == 403
    file.unlink()
    client = sign_in(Role.AUDITOR)
    assert client.get("/audit/anchors").data == b""
    assert "The record is not anchored yet" in client.get("/audit/").text


@pytest.fixture
def run(app, file):
    around = environment(file.parent)
    return lambda *asked: CliRunner().invoke(main, ["audit", *asked], env=around)


def test_the_command_anchors_and_verifies(app, run, file):
    copy = file.with_name("kept elsewhere.txt")
    copy.write_bytes(file.read_bytes())
    made = run("anchor")
    assert made.exit_code == 0, made.output
    assert made.stdout.strip() == file.read_text().splitlines()[1]
    said = run("verify")
    assert said.exit_code == 0
    assert said.stdout.startswith("The audit record holds: 6 entries.\n2 anchors, the last of")
    assert run("verify", "--anchors", str(copy)).exit_code == 0
    tamper(app, "DELETE FROM audit_entries WHERE position = 3")
    said = run("verify", "--anchors", str(copy))
    assert said.exit_code == 1
    assert said.stderr.splitlines() == [
        "entry 3: is missing",
        "Error: The audit record does not hold in 1 places.",
    ]
    tamper(app, "DELETE FROM audit_entries WHERE position > 3")
    file.unlink()
    assert run("verify").exit_code == 0  # what is left here no longer tells; the copy does
    said = run("verify", "--anchors", str(copy))
    assert "entry 3: is missing, and all up to 5: an anchor of" in said.stderr
    assert run("verify", "--anchors", str(copy.with_name("none"))).exit_code == 2
    file.mkdir()
    assert "The anchors cannot be read" in run("verify").stderr


def test_the_job_process_anchors_once_a_day(app, file):
    (task,) = (
        each
        for each in worker_queue(app)._registry.periodic_tasks
        if each.__class__.__name__ == "anchor"
    )
    with clock.at(NOW):
        task.execute()
    assert len(Lines.of(file).anchors) == 1
    with clock.at(NOW + timedelta(days=1)):
        task.execute()
        task.execute()
    assert len(Lines.of(file).anchors) == 2


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_kinds_of_record_stand_by_the_alphabet_of_the_reader(sign_in, language):
    auditor = sign_in(Role.AUDITOR)
    auditor.post("/language", data={"language": language})
    page = auditor.get("/audit/").get_data(as_text=True)
    menu = page.split('id="record_table"')[1].split("</select>")[0]
    names = [html.unescape(each) for each in re.findall(r">([^<]+)</option>", menu)][1:]
    assert len(names) > 40
    assert names == sorted(names, key=lambda name: sort_key(name, language))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Date of birth", "not shown", "Female", "Name in own script", "In use", "yes"]),
        ("ru", ["Дата рождения", "не показывается", "Женский", "да"]),
        ("kk", ["Туған күні", "көрсетілмейді", "Әйел", "иә"]),
    ],
)
def test_what_changed_is_said_in_words(app, sign_in, language, said):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        delegation = records.delegation(records.election())
        records.accreditation(delegation, person=records.observer(birth_date="1970-04-03"))
        records.hall()
        db.session.commit()
    client = sign_in(Role.AUDITOR)
    client.post("/language", data={"language": language})
    pages = [
        html.unescape(client.get(f"/audit/?record_table={table}").text)
        for table in ("observers", "halls", "elections")
    ]
    assert [words for words in said if not any(words in page for page in pages)] == []
    for name in ("birth_date", "is_active", "polls_open_at", "[redacted]", "None", "True", "1970"):
        assert not any(name in page.split("<tbody>")[1] for page in pages), name


def test_what_was_shown_and_what_is_no_longer_kept_is_said_too(app, sign_in):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        common = {"action": "update", "record_id": "1", "before": {"was": None, "sex": "?"}}
        append(
            db.session(), [common | {"record_table": "observers", "after": {"was": 1, "sex": 2}}]
        )
        append(db.session(), [common | {"record_table": "gone", "after": {"was": [1], "sex": ""}}])
        record_read(actor=SYSTEM, table="observers", record_id=1, what="birth_date, rows")
        db.session.commit()
    page = html.unescape(sign_in(Role.AUDITOR).get("/audit/").text)
    assert "What was shown, To whom" in page
    assert "Date of birth, Rows" in page
    assert "<dt>was</dt><dd><del>—</del> 1</dd><dt>Sex</dt><dd><del>?</del> 2</dd>" in page
    assert "<dt>was</dt><dd><del>—</del> [1]</dd><dt>Sex</dt><dd><del>?</del> —</dd>" in page


def test_the_file_of_the_record_names_columns_as_they_are(app, sign_in):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        records.hall()
        db.session.commit()
    file = sign_in(Role.AUDITOR).get("/audit/?record_table=halls&format=csv").get_data(as_text=True)
    assert "is_active" in file
