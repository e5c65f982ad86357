"""Who is let in: who holds a token that stands, as far as they may; nobody by a cookie."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api.conftest import ELECTION
from tests.factories import tokens
from tracker.accounts.models import AccessToken, Scope, User
from tracker.accounts.operations import change_roles, set_active
from tracker.api.limits import EXTENSION
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.limits import Limits
from tracker.kernel.permissions import Role

OBSERVERS = f"{ELECTION}/observers"


def change(app, token_id, **values):
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.get_one(AccessToken, token_id)
        for name, value in values.items():
            setattr(row, name, value)


def refused(response):
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.json["type"] == "/api/v1/#problem-token"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    return True


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer eomt_",
        "Bearer eomt_" + "A" * 43,
        "Bearer " + "A" * 5_000,
        "Bearer \xff\xfe",
        "Basic dXNlcjpwYXNz",
        "eomt_" + "A" * 43,
    ],
)
def test_without_a_token_that_stands_nothing_opens(app, world, value):
    headers = {} if value is None else {"Authorization": value}
    for path in (OBSERVERS, f"{ELECTION}/totals", "/api/v1/elections"):
        assert refused(app.test_client().get(path, headers=headers))
    assert refused(app.test_client().post(OBSERVERS, json={}, headers=headers))


def test_a_session_opens_nothing_here_and_a_token_nothing_elsewhere(app, world, sign_in, registrar):
    for role in Role:
        browser = sign_in(role)
        assert browser.get("/account").status_code == 200
        for path in (OBSERVERS, "/api/v1/elections"):
            assert refused(browser.get(path))
        assert refused(browser.post(OBSERVERS, json={}))
    for path in ("/account", "/e/kz-2022/observers/", "/account/tokens/new"):
        assert registrar.get(path).status_code == 302


def test_a_token_beside_a_session_is_what_counts(app, world, sign_in, program):
    official = program(Role.OFFICIAL)
    header = {"Authorization": official.environ_base["HTTP_AUTHORIZATION"]}
    browser = sign_in(Role.REGISTRAR)
    assert browser.get(OBSERVERS, headers=header).status_code == 200
    assert browser.post(OBSERVERS, json={}, headers=header).status_code == 403


def test_a_token_that_ended_was_revoked_or_whose_owner_is_closed(app, registrar):
    assert registrar.get(OBSERVERS).status_code == 200
    change(app, registrar.token_id, expires_at=clock.world() - timedelta(seconds=1))
    assert refused(registrar.get(OBSERVERS))
    change(app, registrar.token_id, expires_at=clock.world() + timedelta(days=1))
    assert registrar.get(OBSERVERS).status_code == 200
    change(app, registrar.token_id, revoked_at=clock.world())
    assert refused(registrar.get(OBSERVERS))
    change(app, registrar.token_id, revoked_at=None)
    with app.app_context(), unit_of_work(SYSTEM):
        set_active(actor=SYSTEM, user=db.session.get_one(User, registrar.user_id), active=False)
    assert refused(registrar.get(OBSERVERS))


def test_a_role_that_is_taken_away_is_gone_from_the_token(app, registrar):
    assert registrar.post(OBSERVERS, json={}).status_code == 422
    with app.app_context(), unit_of_work(SYSTEM):
        user = db.session.get_one(User, registrar.user_id)
        change_roles(actor=SYSTEM, user=user, roles=[Role.OFFICIAL])
    assert registrar.get(OBSERVERS).status_code == 200
    assert registrar.post(OBSERVERS, json={}).status_code == 403


def test_scopes_narrow_and_never_widen(app, program):
    reader = program(Role.REGISTRAR, scopes=[Scope.READ])
    assert reader.get(OBSERVERS).status_code == 200
    assert reader.post(OBSERVERS, json={}).status_code == 403
    writer = program(Role.REGISTRAR, scopes=[Scope.REGISTER])
    assert writer.get(OBSERVERS).status_code == 403
    assert writer.post(OBSERVERS, json={}).status_code == 422
    official = program(Role.OFFICIAL)
    change(app, official.token_id, scopes=" ".join(Scope))  # as if the table were written into
    assert official.post(OBSERVERS, json={}).status_code == 403
    assert official.post(f"{ELECTION}/submissions", json={}).status_code == 403
    assert official.get(f"{ELECTION}/observers/1/document").status_code == 403


def test_a_token_is_no_way_around_a_second_factor(app, program):
    client = program(Role.REGISTRAR)
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, second_factor_roles=frozenset({Role.REGISTRAR}))
    response = client.get(OBSERVERS)
    assert response.status_code == 403
    assert "second factor" in response.json["detail"]
    with app.app_context(), unit_of_work(SYSTEM):
        db.session.get_one(User, client.user_id).tf_primary_method = "authenticator"
    assert client.get(OBSERVERS).status_code == 200


def test_another_system_does_the_work_of_its_role(app, world):
    with app.app_context(), unit_of_work(SYSTEM):
        number, secret = tokens.service(Role.COMMISSION)
    client = tokens.program(app, secret)
    assert client.get(OBSERVERS).status_code == 200
    assert client.post(OBSERVERS, json={}).status_code == 403
    assert client.get(f"{ELECTION}/observers/{world.stranger}/document").status_code == 200
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "read")).one()
        assert entry.actor_id is None
        assert entry.actor_name == f"System (token {number})"


def test_two_systems_are_each_on_record(app, world):
    path = f"{ELECTION}/observers/{world.stranger}/document"
    for _system in range(2):
        with app.app_context(), unit_of_work(SYSTEM):
            _id, secret = tokens.service(Role.COMMISSION)
        for _time in range(2):
            assert tokens.program(app, secret).get(path).status_code == 200
    with app.app_context():
        query = sa.select(sa.func.count()).where(AuditEntry.action == "read")
        assert db.session.scalar(query) == 2


def test_the_day_of_the_last_use_is_kept_and_written_once(app, registrar):
    change(app, registrar.token_id, last_used_on=None)
    written = []

    def note(_connection, _cursor, statement, *_others):
        if statement.startswith("UPDATE access_tokens"):
            written.append(statement)

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
        for _time in range(3):
            assert registrar.get(OBSERVERS).status_code == 200
        sa.event.remove(db.engine, "before_cursor_execute", note)
        row = db.session.get_one(AccessToken, registrar.token_id)
        assert row.last_used_on == clock.world().date()
    assert len(written) == 1


def test_what_is_asked_too_often_waits(app, registrar, program):
    app.extensions[EXTENSION] = Limits(5, None)
    for left in range(4, -1, -1):
        response = registrar.get("/api/v1/elections")
        assert response.status_code == 200
        assert response.headers["RateLimit-Policy"] == '"minute";q=5;w=60'
        assert response.headers["RateLimit"].startswith(f'"minute";r={left};t=')
    response = registrar.get("/api/v1/elections")
    assert response.status_code == 429
    assert response.json["type"] == "/api/v1/#problem-too-many"
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert program(Role.OFFICIAL).get("/api/v1/elections").status_code == 200
    stranger = app.test_client()
    statuses = [stranger.get("/api/v1/elections").status_code for _time in range(6)]
    assert statuses == [401] * 5 + [429]


def test_a_store_that_is_gone_shuts_nobody_out(app, registrar):
    app.extensions[EXTENSION] = Limits(2, "redis://127.0.0.1:1/0")
    statuses = [registrar.get("/api/v1/elections").status_code for _time in range(3)]
    assert statuses == [200, 200, 429]


def test_a_focal_point_sees_its_own_delegation(world, focal):
    found = focal.get(OBSERVERS).json["items"]
    assert {row["id"] for row in found} == set(world.people.values())
    assert focal.get(f"{OBSERVERS}?delegation={world.other}").json["items"] == []
    assert [row["id"] for row in focal.get(f"{ELECTION}/delegations").json["items"]] == [world.own]
    for path in (
        f"observers/{world.stranger}",
        f"delegations/{world.other}",
        f"assistance-requests/{world.assistance}",
    ):
        assert focal.get(f"{ELECTION}/{path}").status_code == 404
    for path in ("submissions", "totals", "meetings"):
        assert focal.get(f"{ELECTION}/{path}").status_code == 403
    body = {"delegation_id": world.other, "kind": "visa", "title": "Visa"}
    assert focal.post(f"{ELECTION}/assistance-requests", json=body).status_code == 404
    body = {"delegation_id": world.other, "whom": "official", "topics": "x"}
    body["official_id"] = world.official
    assert focal.post(f"{ELECTION}/meeting-requests", json=body).status_code == 404
