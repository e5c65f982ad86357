"""Writing: a day's work by programs, versions, keys by which a thing happens once, refusals."""

import threading

import pytest
import sqlalchemy as sa

from tests.api.conftest import ELECTION
from tests.factories.portraits import picture_in_json
from tracker.accounts.models import Scope
from tracker.accreditation.models import Accreditation, AccreditationStatus, Submission
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

OBSERVERS = f"{ELECTION}/observers"
PERSON = {
    "surname": "ERIKSEN",
    "given_names": "KAREN",
    "sex": "F",
    "birth_date": "1975-05-17",
    "citizenship": "NO",
    "document_kind": "passport",
    "document_number": "NO1234567",
    "issuing_state": "NOR",
    "document_expires_on": "2030-01-01",
    "function": "short_term_observer",
    "region": "KZ-75",
    "pledge_signed_on": "2022-11-01",
}


def count(app, model=Accreditation):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def create(client, world, **change):
    return client.post(OBSERVERS, json=PERSON | {"delegation_id": world.own} | change)


def seen(response):
    return {"If-Match": response.headers["ETag"]}


def test_a_days_work(app, world, registrar, program):
    made = create(registrar, world)
    assert made.status_code == 201, made.data
    assert made.json["status"] == "draft"
    assert made.json["missing"] == ["portrait"]
    path = made.location
    assert path == f"{OBSERVERS}/{made.json['id']}"

    early = registrar.post(f"{path}/register", headers=seen(made))
    assert early.status_code == 409
    assert "portrait" in early.json["detail"]
    change = {"portrait": picture_in_json(), "native_name": "Karen Eriksen", "region": None}
    corrected = registrar.patch(path, json=change, headers=seen(made))
    assert corrected.status_code == 200, corrected.data
    assert (corrected.json["has_portrait"], corrected.json["region"]) == (True, None)
    assert corrected.json["surname"] == "ERIKSEN"
    assert corrected.json["birth_date"] == "1975-05-17"
    assert corrected.json["document"]["number_ending"] == "4567"
    registered = registrar.post(f"{path}/register", headers=seen(corrected))
    assert registered.status_code == 200, registered.data
    assert registered.json["status"] == "registered"

    submission = registrar.post(f"{ELECTION}/submissions", json={"observers": [made.json["id"]]})
    assert submission.status_code == 201, submission.data
    assert submission.json["waiting"] == 1
    commission = program(Role.COMMISSION)
    decide = f"{submission.location}/decide"
    body = {
        "decisions": [{"observer_id": made.json["id"], "decision": "accredited"}],
        "resolution_number": "12/34",
        "effective_at": "2022-11-10T12:00:00+06:00",
    }
    assert registrar.post(decide, json=body).status_code == 403
    decided = commission.post(decide, json=body)
    assert decided.status_code == 200, decided.data
    assert (decided.json["waiting"], decided.json["accredited"]) == (0, 1)
    [candidate] = commission.get(f"{submission.location}/candidates").json["items"]
    assert (candidate["decision"], candidate["resolution"]) == ("accredited", "12/34")
    totals = commission.get(f"{ELECTION}/totals").json
    assert totals["observers"] == 2
    assert totals["by_citizenship"] == {"NO": 1, "TR": 1}

    found = commission.get(path)
    revoked = commission.post(
        f"{path}/revoke", json={"ground": "interference"}, headers=seen(found)
    )
    assert revoked.json["status"] == "revoked"
    assert [step["to_status"] for step in revoked.json["history"]] == [
        *("draft", "registered", "submitted", "accredited", "revoked")
    ]
    assert all("(Program)" in step["by"] for step in revoked.json["history"])


def test_what_is_written_is_on_record_with_the_token(app, world, registrar):
    made = create(registrar, world)
    with app.app_context():
        entry = db.session.scalars(
            sa.select(AuditEntry).where(
                AuditEntry.record_table == "accreditations",
                AuditEntry.record_id == str(made.json["id"]),
            )
        ).one()
        assert entry.actor_id == registrar.user_id
        assert entry.actor_name.endswith("(Program)")


def test_a_version_has_to_be_named_and_to_be_the_present_one(app, world, registrar):
    path = f"{OBSERVERS}/{world.people[AccreditationStatus.DRAFT]}"
    first = registrar.get(path)
    missing = registrar.patch(path, json={"occupation": "Judge"})
    assert missing.status_code == 428
    assert missing.json["type"] == "/api/v1/#problem-no-version"
    for tag in ('"0.0"', '"zq"', 'W/"1"'):
        stale = registrar.patch(path, json={"occupation": "Judge"}, headers={"If-Match": tag})
        assert stale.status_code == 412, tag
    saved = registrar.patch(path, json={"occupation": "Judge"}, headers=seen(first))
    assert saved.status_code == 200, saved.data
    assert saved.headers["ETag"] != first.headers["ETag"]
    again = registrar.patch(path, json={"occupation": "Clerk"}, headers=seen(first))
    assert again.status_code == 412
    assert registrar.get(path).json["occupation"] == "Judge"
    for step in ("register", "withdraw"):
        body = {} if step == "register" else {"ground": "own_request"}
        assert registrar.post(f"{path}/{step}", json=body).status_code == 428
        stale = registrar.post(f"{path}/{step}", json=body, headers=seen(first))
        assert stale.status_code == 412
    star = registrar.patch(path, json={"occupation": "Clerk"}, headers={"If-Match": "*"})
    assert star.status_code == 200


def test_a_key_makes_it_happen_once(app, world, registrar, program):
    key = {"Idempotency-Key": "a-1"}
    body = PERSON | {"delegation_id": world.own}
    first = registrar.post(OBSERVERS, json=body, headers=key)
    before = count(app)
    again = registrar.post(OBSERVERS, json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    other = registrar.post(OBSERVERS, json=body | {"surname": "OLSEN"}, headers=key)
    assert other.status_code == 422
    assert other.json["type"] == "/api/v1/#problem-key-reused"
    elsewhere = registrar.post(f"{ELECTION}/submissions", json={"observers": [1]}, headers=key)
    assert elsewhere.status_code == 422
    assert count(app) == before
    stranger = program(Role.REGISTRAR)  # the same key of another token is another key
    taken = stranger.post(OBSERVERS, json=body, headers=key)
    assert taken.status_code == 422
    assert taken.json["errors"][0]["field"] == "document_number"


def test_what_was_refused_may_be_put_right_with_the_same_key(app, world, registrar):
    key = {"Idempotency-Key": "b-1"}
    body = PERSON | {"delegation_id": world.own}
    assert (
        registrar.post(OBSERVERS, json=body | {"region": "KZ-99"}, headers=key).status_code == 422
    )
    assert registrar.post(OBSERVERS, json=body, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "é"])
def test_a_key_that_is_none(world, registrar, key):
    body = PERSON | {"delegation_id": world.own}
    response = registrar.post(OBSERVERS, json=body, headers={"Idempotency-Key": key})
    assert response.status_code == 400


def test_the_same_at_the_same_moment_happens_once(app, world, registrar):
    before, answers = count(app), []

    def send():
        client = app.test_client(use_cookies=False)
        client.environ_base |= registrar.environ_base
        body = PERSON | {"delegation_id": world.own}
        answers.append(client.post(OBSERVERS, json=body, headers={"Idempotency-Key": "c-1"}))

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json["id"] for answer in answers}) == 1
    assert count(app) == before + 1


def test_a_pledge_of_a_day_to_come_is_a_problem_of_its_field(app, world, registrar):
    before = count(app)
    answer = create(registrar, world, pledge_signed_on="2099-01-01")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == ["pledge_signed_on"]
    assert count(app) == before


def test_a_person_like_one_recorded_is_asked_about(app, world, registrar):
    twin = PERSON | {"document_number": "NO7654321", "delegation_id": world.other}
    assert create(registrar, world).status_code == 201
    asked = registrar.post(OBSERVERS, json=twin)
    assert asked.status_code == 409
    assert asked.json["type"] == "/api/v1/#problem-likeness"
    assert registrar.post(OBSERVERS, json=twin | {"is_other_person": True}).status_code == 201


def test_a_second_live_accreditation_is_refused(app, world, registrar):
    create(registrar, world)
    before = count(app)
    second = create(registrar, world, delegation_id=world.other)
    assert second.status_code == 422
    assert "already has a live accreditation" in second.json["errors"][0]["message"]
    assert count(app) == before


@pytest.mark.parametrize("name", ["status", "id", "election_id", "created_at", "roles", "is_live"])
def test_what_no_program_may_set_is_refused(app, world, registrar, name):
    before = count(app)
    assert create(registrar, world, **{name: 1}).status_code == 422
    path = f"{OBSERVERS}/{world.people[AccreditationStatus.DRAFT]}"
    for field in (name, "delegation_id", "replaces_id"):
        changed = registrar.patch(path, json={field: 1}, headers={"If-Match": "*"})
        assert changed.status_code == 422
    assert count(app) == before


def test_identity_is_locked_once_submitted(world, registrar):
    path = f"{OBSERVERS}/{world.people[AccreditationStatus.ACCREDITED]}"
    first = registrar.get(path)
    saved = registrar.patch(path, json={"phone": "+7 700"}, headers=seen(first))
    assert saved.json["phone"] == "+7 700"
    for name, value in {
        "surname": "OTHER",
        "document_number": "X1234567",
        "pledge_signed_on": "2022-10-02",
    }.items():
        tried = registrar.patch(path, json={name: value}, headers=seen(saved))
        assert tried.status_code == 422
        assert tried.json["errors"][0]["field"] == name
        assert "has been submitted" in tried.json["errors"][0]["message"]
    same = registrar.patch(path, json={"surname": first.json["surname"]}, headers=seen(saved))
    assert same.status_code == 200


def test_steps_that_the_table_does_not_have(world, registrar, program):
    draft = f"{OBSERVERS}/{world.people[AccreditationStatus.DRAFT]}"
    found = registrar.get(draft)
    commission = program(Role.COMMISSION)
    response = commission.post(
        f"{draft}/revoke", json={"ground": "interference"}, headers=seen(found)
    )
    assert response.status_code == 409
    assert response.json["type"] == "/api/v1/#problem-refused"
    wrong = registrar.post(f"{draft}/withdraw", json={"ground": "late"}, headers=seen(found))
    assert wrong.status_code == 422
    assert wrong.json["errors"][0]["field"] == "ground"
    later = {"ground": "own_request", "effective_at": "2022-12-01T00:00:00Z"}
    ahead = registrar.post(f"{draft}/withdraw", json=later, headers=seen(found))
    assert ahead.json["errors"][0]["field"] == "effective_at"


def test_decisions_that_will_not_do(app, world, registrar, program):
    number = world.people[AccreditationStatus.REGISTERED]
    made = registrar.post(f"{ELECTION}/submissions", json={"observers": [number]})
    assert made.status_code == 201, made.data
    commission, path = program(Role.COMMISSION), f"{made.location}/decide"
    good = {"observer_id": number, "decision": "accredited"}
    resolved = {"resolution_number": "1", "effective_at": "2022-11-10T12:00:00+06:00"}
    for decisions, more, field in (
        ([good], {}, "resolution_number"),
        ([good | {"observer_id": world.stranger}], resolved, "decisions"),
        ([good, good], resolved, "decisions"),
        ([good | {"decision": "refused"}], resolved, "ground"),
        ([good], resolved | {"effective_at": "2023-01-01T00:00:00Z"}, "effective_at"),
        ([], resolved, "decisions"),
    ):
        response = commission.post(path, json={"decisions": decisions, **more})
        assert response.status_code == 422, response.data
        assert response.json["errors"][0]["field"] == field
    assert commission.post(path, json={"decisions": [good], **resolved}).status_code == 200
    twice = commission.post(path, json={"decisions": [good], **resolved})
    assert twice.status_code == 409


def test_a_submission_is_whole_or_not_at_all(app, world, registrar):
    mixed = list(world.people.values())
    response = registrar.post(f"{ELECTION}/submissions", json={"observers": mixed})
    assert response.status_code == 422
    assert count(app, Submission) == 0
    for observers in ([], [0], ["1"], [1] * 5_001, [10**12]):
        response = registrar.post(f"{ELECTION}/submissions", json={"observers": observers})
        assert response.status_code == 422, observers


def test_meetings_and_assistance_are_asked_for(world, focal):
    wish = {
        "delegation_id": world.own,
        "whom": "official",
        "official_id": world.official,
        "topics": "Lists of voters",
        "days": ["2022-11-17"],
        "people": 2,
    }
    asked = focal.post(f"{ELECTION}/meeting-requests", json=wish)
    assert asked.status_code == 201, asked.data
    assert asked.json["days"] == ["2022-11-17"]
    assert focal.get(asked.location).json == asked.json
    for change, field in (
        ({"institution_id": 1}, "whom"),
        ({"official_id": 99_999}, "whom"),
        ({"days": ["2022-11-01"]}, "days"),
        ({"people": 501}, "people"),
        ({"needs_hall": 1}, "needs_hall"),
    ):
        refused = focal.post(f"{ELECTION}/meeting-requests", json=wish | change)
        assert refused.status_code == 422, refused.data
        assert refused.json["errors"][0]["field"] == field
    need = {"delegation_id": world.own, "kind": "visa", "title": "Visa for two", "priority": "high"}
    helped = focal.post(f"{ELECTION}/assistance-requests", json=need | {"text": "Urgent\n\nplease"})
    assert helped.status_code == 201, helped.data
    assert focal.get(helped.location).json["text"] == "Urgent\n\nplease"
    other = focal.post(
        f"{ELECTION}/assistance-requests", json=need | {"observer_id": world.stranger}
    )
    assert other.json["errors"][0]["field"] == "observer_id"


def test_a_token_to_read_writes_nothing(app, world, program):
    reader = program(Role.REGISTRAR, scopes=[Scope.READ, Scope.PERSONAL])
    before = count(app)
    path = f"{OBSERVERS}/{world.people[AccreditationStatus.DRAFT]}"
    assert create(reader, world).status_code == 403
    assert reader.patch(path, json={}, headers={"If-Match": "*"}).status_code == 403
    assert reader.post(f"{path}/register", headers={"If-Match": "*"}).status_code == 403
    assert reader.post(f"{ELECTION}/submissions", json={"observers": [1]}).status_code == 403
    assert count(app) == before
