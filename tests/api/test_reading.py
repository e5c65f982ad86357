"""Reading: lists page by page, filters, tags, personal data on record, the numbers of pages."""

import re

import pytest
import sqlalchemy as sa

from tests.api.conftest import ELECTION
from tests.conftest import NOW
from tests.factories import records
from tracker.accounts.models import Scope
from tracker.audit.models import AuditEntry
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

OBSERVERS = f"{ELECTION}/observers"
LISTS = (
    "/api/v1/elections",
    "/api/v1/organizations",
    "/api/v1/institutions",
    "/api/v1/officials",
    *(
        f"{ELECTION}/{name}"
        for name in ("delegations", "observers", "submissions", "certificates", "meetings")
    ),
    *(f"{ELECTION}/{name}" for name in ("meeting-requests", "assistance-requests", "movements")),
)


@pytest.mark.parametrize("path", LISTS)
def test_every_list_answers(registrar, path):
    response = registrar.get(path)
    assert response.status_code == 200, response.data
    assert set(response.json) == {"items", "next"}
    assert response.headers["Vary"].startswith("Authorization, Accept-Language")
    assert registrar.get(f"{path}?zq=1").status_code == 422


def test_a_list_is_gone_through_by_its_next_addresses(app, world, registrar):
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = db.session.get_one(Delegation, world.own)
        for _number in range(12):
            records.accreditation(delegation)
    found, path = [], f"{OBSERVERS}?size=5&status=registered"
    while path:
        answer = registrar.get(path).json
        assert len(answer["items"]) <= 5
        found += [row["id"] for row in answer["items"]]
        path = answer["next"]
    assert len(found) == len(set(found)) == 14  # one of the delegation and one of the other


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=draft", 1),
        ("status=accredited", 1),
        ("figure=observers", 1),
        ("citizenship=TR", 4),
        ("citizenship=AD", 0),
        ("function=short_term_observer", 4),
        ("function=head", 0),
        ("sex=F", 4),
        ("sex=M", 0),
        ("missing=portrait", 0),
        ("q=anna", 4),
        ("q=nobodyofthisname", 0),
        ("as_of=2022-10-01T00:00:00Z", 0),
        ("as_of=2022-11-09T00:00:00%2B06:00", 4),
        ("known_at=2022-10-01T00:00:00Z", 0),
    ],
)
def test_filters_are_those_of_the_page(registrar, query, count):
    answer = registrar.get(f"{OBSERVERS}?{query}")
    assert answer.status_code == 200, answer.data
    assert len(answer.json["items"]) == count


def test_of_a_delegation(world, registrar):
    found = registrar.get(f"{OBSERVERS}?delegation={world.other}").json["items"]
    assert [row["id"] for row in found] == [world.stranger]


def test_one_observer_with_personal_data_on_record(app, world, registrar):
    response = registrar.get(f"{OBSERVERS}/{world.stranger}")
    assert response.status_code == 200, response.data
    found = response.json
    assert found["birth_date"] == "1980-01-02"
    assert re.fullmatch(r"\w{4}", found["document"]["number_ending"])
    assert "number" not in found["document"]
    assert [step["to_status"] for step in found["history"]] == ["registered"]
    number = registrar.get(f"{OBSERVERS}/{world.stranger}/document").json["number"]
    assert number.startswith("ZZ")
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == "read").order_by(AuditEntry.id)
        first, second = db.session.scalars(query).all()
        assert (first.record_table, first.after) == ("observers", {"shown": "birth_date"})
        assert (second.record_table, second.after) == ("travel_documents", {"shown": "number"})
        assert first.actor_id == second.actor_id == registrar.user_id
        assert first.actor_name.endswith("(Program)")


def test_without_the_scope_personal_data_is_not_there(app, world, program):
    for client in (program(Role.REGISTRAR, scopes=[Scope.READ]), program(Role.COORDINATOR)):
        found = client.get(f"{OBSERVERS}/{world.stranger}").json
        assert (found["birth_date"], found["email"], found["phone"]) == (None, None, None)
        assert client.get(f"{OBSERVERS}/{world.stranger}/document").status_code == 403
    with app.app_context():
        read = sa.select(sa.func.count()).where(AuditEntry.action == "read")
        assert db.session.scalar(read) == 0


def test_what_is_known_already_is_not_sent_again(app, world, registrar):
    path = f"{OBSERVERS}/{world.stranger}"
    first = registrar.get(path)
    version, _dot, digest = first.headers["ETag"].strip('"').partition(".")
    assert version.isdecimal()
    assert len(digest) == 16
    again = registrar.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = registrar.get(path, headers={"If-None-Match": f'"{version}.0000000000000000"'})
    assert other.status_code == 200
    known = registrar.get(OBSERVERS).headers["ETag"]
    assert registrar.get(OBSERVERS, headers={"If-None-Match": known}).status_code == 304
    with app.app_context(), unit_of_work(SYSTEM):
        records.accreditation(db.session.get_one(Delegation, world.own))
    assert registrar.get(OBSERVERS, headers={"If-None-Match": known}).status_code == 200


def test_totals_are_those_of_the_page(app, world, program, sign_in):
    client, browser = program(Role.OFFICIAL), sign_in(Role.OFFICIAL)
    found = client.get(f"{ELECTION}/totals").json
    sentence = found.pop("sentence")
    page = browser.get("/e/kz-2022/totals.json").json
    assert {**page, "as_of": None, "known_at": None} == found
    assert found["observers"] == 1
    assert sentence["en"].startswith("1 observer has been accredited")
    assert sentence["ru"].startswith("Аккредитован 1 наблюдатель")
    before = client.get(f"{ELECTION}/totals?as_of=2022-10-01T00:00:00Z").json
    assert before["observers"] == 0
    assert before["as_of"].startswith("2022-10-01T06:00:00+06:00")
    unknown = client.get(f"{ELECTION}/totals?known_at=2022-10-01T00:00:00Z").json
    assert unknown["observers"] == 0
    listed = client.get(f"{OBSERVERS}?figure=observers").json["items"]
    assert len(listed) == found["observers"]


def test_one_delegation_and_its_numbers(world, registrar):
    found = registrar.get(f"{ELECTION}/delegations/{world.own}").json
    assert found["observers"] == {"draft": 1, "registered": 1, "submitted": 0, "accredited": 1}
    assert found["note_verbale_number"] == "NV-1"


def test_everybody_reads_what_is_public(app, world):
    stranger = app.test_client()
    for name in ("bulletins", "register"):
        answer = stranger.get(f"/api/v1/public/elections/kz-2022/{name}")
        assert answer.status_code == 200, answer.data
    register = answer.json["items"]
    assert [row["observers"] for row in register] == [1]
    answer = stranger.get("/api/v1/public/elections/kz-2022/revocations")
    assert (answer.status_code, answer.location) == (307, "/verify/kz-2022/revocations")
    assert stranger.get("/api/v1/public/elections/none/register").status_code == 404


def test_the_page_describes_the_interface_in_each_language(app):
    for language, words in (("en", "The interface for programs"), ("ru", "программ")):
        client = app.test_client()
        client.set_cookie("language", language)
        response = client.get("/api/v1/")
        assert words in response.get_data(as_text=True)
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert "/api/v1/elections/{election}/observers" in response.get_data(as_text=True)


def test_statements_do_not_grow_with_rows(app, world, registrar):
    def statements():
        count = 0

        def note(*_arguments):
            nonlocal count
            count += 1

        sa.event.listen(db.engine, "before_cursor_execute", note)
        assert registrar.get(OBSERVERS).status_code == 200
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return count

    with app.app_context():
        few = statements()
        with unit_of_work(SYSTEM):
            for _number in range(20):
                records.accreditation(db.session.get_one(Delegation, world.own))
        assert statements() == few <= 8


def test_nothing_is_written_by_reading(app, world, registrar):
    with app.app_context(), clock.at(NOW):
        before = db.session.scalar(sa.select(sa.func.max(AuditEntry.position)))
    for path in LISTS:
        registrar.get(path)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.max(AuditEntry.position))) == before
