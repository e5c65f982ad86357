"""A typed client, generated from the description, does a day's work on a served installation."""

import base64
import importlib
import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar

from tests.factories import accounts, records, tokens
from tests.factories.lists import sixty
from tests.factories.portraits import picture_in_json
from tests.factories.served import Served
from tests.journeys.demonstration import empty
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

PACKAGE = "generated_tracker_client"


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A served installation whose accreditation is open today; tokens by role, the delegation."""
    folder = tmp_path_factory.mktemp("installation")
    app, now = empty(folder), datetime.now(UTC)
    with app.app_context():
        with unit_of_work(SYSTEM):
            election = records.election(
                slug="today",
                election_on=now.date() + timedelta(days=20),
                opens_at=now - timedelta(days=20),
                closes_at=now + timedelta(days=10),
                ends_at=now + timedelta(days=22),
            )
            delegation, other = records.delegation(election).id, records.delegation(election).id
            records.official()
            secrets = {
                role: tokens.personal(accounts.user(role))[1]
                for role in (Role.REGISTRAR, Role.COORDINATOR, Role.COMMISSION, Role.OFFICIAL)
            }
            for name, own in (("focal point", delegation), ("stranger", other)):
                person = accounts.user(Role.FOCAL_POINT, delegation_ids=[own])
                secrets[name] = tokens.personal(person)[1]
        description = app.test_client().get("/api/v1/openapi.json").json
    served = Served(folder, lambda _folder: app)
    served.start()
    yield served.address, secrets, delegation, description
    served.stop()


@pytest.fixture(scope="module")
def client(installation, tmp_path_factory):
    """The generated package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(installation[3]))
    (folder / "config.yaml").write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", "openapi.json", "--output-path", PACKAGE, "--config", "config.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr, done.stdout
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}" if name else PACKAGE)
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def of(installation, client):
    """The caller of somebody who has a token."""
    address, secrets, *_more = installation
    return lambda who: client("client").AuthenticatedClient(base_url=address, token=secrets[who])


@pytest.fixture(scope="module")
def ask(client, of):
    """Calls an operation of the client as somebody, whatever is answered."""

    def asked(who, module, **named):
        with of(who) as caller:
            operation = client(f"api.{module}")
            return operation.sync_detailed(election="today", client=caller, **named)

    return asked


@pytest.fixture(scope="module")
def call(ask):
    """The same, where it must be done."""

    def called(who, module, **named):
        answer = ask(who, module, **named)
        assert answer.status_code < 300, answer.content
        return answer

    return called


def test_a_day(installation, client, of, call):
    _address, _secrets, delegation, _description = installation
    models = client("models")
    person = models.NewObserver(
        delegation_id=delegation,
        surname="ERIKSEN",
        given_names="KAREN",
        birth_date=date(1975, 5, 17),
        citizenship="NO",
        document_number="NO1234567",
        issuing_state="NOR",
        document_expires_on=date.today() + timedelta(days=2_000),
        function=models.Function.SHORT_TERM_OBSERVER,
        pledge_signed_on=date.today(),
    )
    made = call(Role.REGISTRAR, "observers.create_observer", body=person, idempotency_key="first")
    assert made.parsed.status == models.AccreditationStatus.DRAFT
    assert made.parsed.missing == [models.Missing.PORTRAIT]
    key = made.parsed.id
    corrected = call(
        Role.REGISTRAR,
        "observers.correct_observer",
        accreditation_id=key,
        body=models.Details(portrait=picture_in_json()),
        if_match=made.headers["ETag"],
    )
    registered = call(
        Role.REGISTRAR,
        "observers.register_observer",
        accreditation_id=key,
        body=models.Empty(),
        if_match=corrected.headers["ETag"],
    )
    assert registered.parsed.status == models.AccreditationStatus.REGISTERED
    submission = call(
        Role.REGISTRAR,
        "submissions.submit_observers",
        body=models.NewSubmission(observers=[key]),
    ).parsed
    decision = models.Decision(observer_id=key, decision=models.DecisionKind.ACCREDITED)
    decided = call(
        Role.COMMISSION,
        "submissions.decide_submission",
        submission_id=submission.id,
        body=models.Decisions(
            decisions=[decision], resolution_number="1", effective_at=datetime.now(UTC)
        ),
    ).parsed
    assert (decided.accredited, decided.waiting) == (1, 0)
    totals = call(Role.OFFICIAL, "totals.totals").parsed
    assert totals.observers == 1
    assert totals.by_citizenship.to_dict() == {"NO": 1}
    assert totals.sentence.en.startswith("1 observer has been accredited")
    listed = call(Role.OFFICIAL, "observers.observers", figure=models.Figure.OBSERVERS).parsed
    assert [row.id for row in listed.items] == [key]
    create = client("api.observers.create_observer")
    with of(Role.OFFICIAL) as caller:
        refused = create.sync_detailed(election="today", client=caller, body=person)
    assert refused.status_code == 403
    assert refused.parsed.type_ == "/api/v1/#problem-forbidden"


def working_day():
    """Midnight in UTC of the next Tuesday that is not today."""
    now = datetime.now(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=(1 - day.weekday()) % 7 or 7)


def test_a_delegation_serves_itself(installation, client, ask, call):
    _address, _secrets, delegation, _description = installation
    models = client("models")

    def waited(who, list_id, is_over):
        for _attempt in range(240):
            answer = call(who, "lists_of_observers.received_list", list_id=list_id)
            if is_over(answer.parsed):
                return answer
            time.sleep(0.25)
        raise AssertionError(answer.parsed)

    content, portraits = (base64.b64encode(each).decode() for each in sixty())
    new = models.NewList(
        delegation_id=delegation,
        filename="observers.csv",
        content=content,
        portraits=portraits,
        pledge_signed_on=date.today(),
    )
    made = call("focal point", "lists_of_observers.deliver_list", body=new)
    key = made.parsed.id
    assert (made.parsed.rows.new, made.parsed.rows.problem) == (58, 2)
    too_soon = {"list_id": key, "body": models.Handing(), "if_match": made.headers["ETag"]}
    assert ask("focal point", "lists_of_observers.send_list", **too_soon).status_code == 409
    broken = call(
        "focal point",
        "lists_of_observers.list_rows",
        list_id=key,
        status=models.RowStatus.PROBLEM,
    )
    assert [row.problems[0].field for row in broken.parsed.items] == ["birth_date"] * 2
    tag = broken.headers["ETag"]
    for row in broken.parsed.items:
        mended = call(
            "focal point",
            "lists_of_observers.mend_row",
            list_id=key,
            number=row.number,
            body=models.RowChange(cells=models.TypedCells(birth_date="1971-02-03")),
            if_match=tag,
        )
        assert mended.parsed.problems == []
        tag = mended.headers["ETag"]
    named = {"list_id": key, "body": models.Handing(), "if_match": tag}
    sent = call("focal point", "lists_of_observers.send_list", **named).parsed
    assert (sent.is_with_delegation, sent.rows) == (False, None)

    taken = call(Role.REGISTRAR, "lists_of_observers.received_list", list_id=key)
    assert (taken.parsed.rows.new, taken.parsed.rows.problem) == (60, 0)
    named["if_match"] = taken.headers["ETag"]
    call(Role.REGISTRAR, "lists_of_observers.accept_list", **named)
    waited(Role.REGISTRAR, key, lambda found: found.status == models.ListStatus.ACCEPTED)
    registered = call(
        Role.REGISTRAR,
        "observers.observers",
        status=models.AccreditationStatus.REGISTERED,
        q="DEMIR",
        size=100,
    ).parsed.items
    assert len(registered) == 60
    body = models.NewSubmission(observers=[row.id for row in registered])
    submission = call(Role.REGISTRAR, "submissions.submit_observers", body=body).parsed
    body = models.Decisions(
        decisions=[
            models.Decision(observer_id=row.id, decision=models.DecisionKind.ACCREDITED)
            for row in registered
        ],
        resolution_number="2",
        effective_at=datetime.now(UTC),
    )
    call(Role.COMMISSION, "submissions.decide_submission", submission_id=submission.id, body=body)
    rows = call("focal point", "lists_of_observers.list_rows", list_id=key).parsed
    assert {row.observer_status for row in rows.items} == {models.AccreditationStatus.ACCREDITED}

    wish = models.NewMeetingRequest(
        delegation_id=delegation, whom=models.Whom.OFFICIAL, official_id=1, topics="Election day"
    )
    wanted = call("focal point", "meetings.request_meeting", body=wish).parsed
    body = models.Empty()
    feed = call("focal point", "meetings.create_calendar", body=body).parsed.address
    assert "VEVENT" not in httpx.get(feed).text
    starts = working_day() + timedelta(hours=5)
    body = models.NewMeeting(
        title="Election day",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
        official_ids=[1],
        delegation_ids=[delegation],
        answers_request=wanted.id,
    )
    meeting = call(Role.COORDINATOR, "meetings.schedule_meeting", body=body).parsed
    taken = ask(Role.COORDINATOR, "meetings.schedule_meeting", body=body)
    assert taken.status_code == 409, "it answers the request already"
    [event] = Calendar.from_ical(httpx.get(feed).content).walk("VEVENT")
    assert event.decoded("dtstart") == starts
    answered = call("focal point", "meetings.meeting_request", request_id=wanted.id).parsed
    assert answered.meeting_id == meeting.id

    body = models.NewMessage(text="Has our list arrived?")
    here = {"delegation_id": delegation}
    call("focal point", "messages.write_message", body=body, **here)
    body = models.NewMessage(text="Yes: all sixty are accredited.")
    call(Role.REGISTRAR, "messages.write_message", body=body, **here)
    thread = call("focal point", "messages.messages", **here).parsed.items
    assert [each.is_from_headquarters for each in thread] == [True, False]
    own = [
        ("messages.messages", here),
        ("lists_of_observers.received_list", {"list_id": key}),
        ("lists_of_observers.list_rows", {"list_id": key}),
        ("observers.observer", {"accreditation_id": registered[0].id}),
        ("meetings.meeting_request", {"request_id": wanted.id}),
    ]
    for module, named in own:
        assert call("focal point", module, **named)
        assert ask("stranger", module, **named).status_code == 404
    for module in ("lists_of_observers.lists", "observers.observers", "meetings.meeting_requests"):
        assert call("stranger", module).parsed.items == []
