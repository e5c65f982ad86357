"""Tokens: made soon after sign-in, shown once, never more than their holder may, ended."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import accounts, tokens
from tracker.accounts.models import AccessToken, LinkKind, Scope, User
from tracker.accounts.operations import (
    confirm_recovery,
    create_personal_token,
    create_service_token,
    start_recovery,
    use_link,
)
from tracker.accounts.queries import actor_of, link_by, standing_token
from tracker.accounts.rules import SCOPES, SERVICE_ROLES, TOKEN_PREFIX, capabilities_in, scopes_for
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.permissions import Capability, Role

FORM = {"name": "Export", "days": "30", "scopes": ["read"]}


def secret_in(page):
    return re.search(rf'value="({TOKEN_PREFIX}[\w-]{{43}})"', page)[1]


def stored(app):
    with app.app_context():
        rows = db.session.scalars(sa.select(AccessToken).order_by(AccessToken.id)).all()
        return [(row.name, row.scopes, row.revoked_at is not None) for row in rows]


def test_a_token_of_ones_own_is_shown_once_and_kept_as_a_digest(app, sign_in):
    client = sign_in(Role.REGISTRAR)
    page = client.post("/account/tokens/new", data=FORM)
    secret = secret_in(page.get_data(as_text=True))
    assert page.headers["Cache-Control"] == "private, no-store"
    assert secret not in client.get("/account").get_data(as_text=True)
    assert "Export" in client.get("/account").get_data(as_text=True)
    with app.app_context():
        row = standing_token(secret)
        assert row.scope_set == {Scope.READ}
        assert secret not in str(vars(row))
        assert timedelta(days=29) < row.expires_at - clock.world() <= timedelta(days=30)
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.record_table == "access_tokens")
        ).one()
        assert entry.action == "insert"
        assert row.secret_digest not in str(entry.after)


def test_a_token_needs_a_fresh_sign_in(app, sign_in):
    for role, path in (
        (Role.REGISTRAR, "/account/tokens/new"),
        (Role.ADMINISTRATOR, "/tokens/new"),
    ):
        client = sign_in(role)
        with client.session_transaction() as session:
            session["fs_paa"] = 0
        response = client.post(path, data=FORM)
        assert response.status_code == 302
        assert "/account/verify" in response.location
    assert stored(app) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Say what the token is for."),
        ({"name": "x" * 81}, "80"),
        ({"scopes": [], "name": ""}, "Choose what the token may be used for."),
        ({"scopes": ["decide"]}, "not a valid choice"),
        ({"scopes": ["everything"]}, "Invalid choice"),
        ({"days": "0"}, "Give a number from 1 to 365."),
        ({"days": "366"}, "Give a number from 1 to 365."),
        ({"days": "many"}, "Not a valid integer value."),
    ],
)
def test_what_will_not_do_is_said(app, sign_in, change, words):
    response = sign_in(Role.REGISTRAR).post("/account/tokens/new", data=FORM | change)
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)
    assert stored(app) == []


def test_the_operation_itself_gives_no_more_than_the_roles_have(session):
    user = accounts.user(Role.REGISTRAR)
    person = actor_of(user.id)
    for scopes in ([Scope.DECIDE], [Scope.READ, Scope.MEETINGS]):
        with pytest.raises(Refused, match="may not do all of this"):
            create_personal_token(actor=person, user=user, name="x", scopes=scopes, days=1)
    with pytest.raises(Refused, match="may not do all of this"):
        create_service_token(
            actor=SYSTEM, role=Role.OFFICIAL, name="x", scopes=[Scope.REGISTER], days=1
        )
    for days in (0, 366, -1):
        with pytest.raises(Refused, match="lives from one to"):
            create_personal_token(actor=person, user=user, name="x", scopes=[Scope.READ], days=days)
    for role in set(Role) - set(SERVICE_ROLES):
        with pytest.raises(Refused):
            create_service_token(actor=SYSTEM, role=role, name="x", scopes=[Scope.READ], days=1)


def test_nobody_makes_a_token_for_somebody_else_or_with_a_token(session):
    one, other = accounts.user(Role.REGISTRAR), accounts.user(Role.REGISTRAR)
    person = actor_of(one.id)
    with pytest.raises(NotFound):
        create_personal_token(actor=person, user=other, name="x", scopes=[Scope.READ], days=1)
    narrowed = Actor(one.id, "x", person.roles, at_most=capabilities_in(Scope))
    with pytest.raises(NotFound):
        create_personal_token(actor=narrowed, user=one, name="x", scopes=[Scope.READ], days=1)
    with pytest.raises(Forbidden):
        create_service_token(
            actor=person, role=Role.REGISTRAR, name="x", scopes=[Scope.READ], days=1
        )


def test_scopes_hold_no_capability_that_only_a_person_should_use():
    reach = capabilities_in(Scope)
    assert reach.isdisjoint(
        {
            Capability.ADMINISTER,
            Capability.OVERRIDE_DEADLINES,
            Capability.MANAGE_SIGNING_KEYS,
            Capability.APPROVE_PUBLICATIONS,
            Capability.GIVE_ACCESS,
            Capability.VIEW_AUDIT,
            Capability.EXPORT_LISTS,
        }
    )
    assert set(SCOPES) == set(Scope)
    assert scopes_for([Role.FOCAL_POINT]) == (
        Scope.READ,
        Scope.REGISTER,
        Scope.MEETINGS,
        Scope.ASSISTANCE,
    )
    assert Scope.PERSONAL not in scopes_for([Role.COORDINATOR, Role.OFFICIAL])


def test_administrators_see_who_made_what_and_end_it(app, sign_in):
    admin, owner = sign_in(Role.ADMINISTRATOR), sign_in(Role.REGISTRAR)
    secret_in(owner.post("/account/tokens/new", data=FORM).get_data(as_text=True))
    made = admin.post("/tokens/new", data=FORM | {"name": "CEC", "role": "commission"})
    secret = secret_in(made.get_data(as_text=True))
    page = admin.get("/tokens/").get_data(as_text=True)
    assert "CEC" in page
    assert "Export" in page
    assert "another system" in page
    assert owner.get("/tokens/").status_code == 403
    assert owner.post("/tokens/2/revoke").status_code == 403
    assert owner.post("/account/tokens/2/revoke").status_code == 404  # of no person
    for token_id in (1, 2):
        assert admin.post(f"/tokens/{token_id}/revoke").status_code == 302
    assert admin.post("/tokens/2/revoke").status_code == 409
    assert [each[2] for each in stored(app)] == [True, True]
    with app.app_context():
        assert standing_token(secret) is None


def test_the_list_of_tokens_is_a_file_too_without_what_opens_anything(app, sign_in):
    admin = sign_in(Role.ADMINISTRATOR)
    made = admin.post("/tokens/new", data=FORM | {"name": "CEC", "role": "commission"})
    secret = secret_in(made.get_data(as_text=True))
    page = admin.get("/tokens/").get_data(as_text=True)
    assert "/tokens/?format=csv" in page
    text = admin.get("/tokens/?format=csv").get_data(as_text=True)
    head, row = (line.split(",") for line in text.lstrip("\ufeff").splitlines())
    assert head[:4] == ["What it is for", "Whose", "May be used for", "Made by"]
    assert row[:3] == ["CEC", "another system · Election commission", "read"]
    assert secret not in text
    assert admin.get("/tokens/?format=xlsx").status_code == 200
    admin.post("/tokens/1/revoke")
    assert "revoked by Person" in admin.get("/tokens/?format=csv").get_data(as_text=True)


def test_an_owner_ends_a_token_of_theirs_and_nobody_else_does(app, sign_in):
    owner, other = sign_in(Role.REGISTRAR), sign_in(Role.REGISTRAR)
    owner.post("/account/tokens/new", data=FORM)
    assert other.post("/account/tokens/1/revoke").status_code == 404
    assert stored(app) == [("Export", "read", False)]
    assert owner.post("/account/tokens/1/revoke").status_code == 302
    assert stored(app) == [("Export", "read", True)]
    assert owner.post("/account/tokens/999999999/revoke").status_code == 404


def test_a_service_token_is_of_a_role_that_the_scopes_fit(app, sign_in):
    admin = sign_in(Role.ADMINISTRATOR)
    form = FORM | {"name": "CEC", "role": "commission", "scopes": ["read", "register"]}
    response = admin.post("/tokens/new", data=form)
    assert response.status_code == 422
    assert "may not do all of this" in response.get_data(as_text=True)
    for role in ("administrator", "focal_point", "system", ""):
        assert admin.post("/tokens/new", data=form | {"role": role}).status_code == 422
    assert stored(app) == []


def test_a_recovered_account_has_no_tokens_left(app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            user = accounts.user(Role.REGISTRAR)
            _id, secret = tokens.personal(user)
            link = start_recovery(
                actor=SYSTEM, user=user, kind=LinkKind.PASSWORD, reason="Lost, called"
            )
            key = confirm_recovery(actor=SYSTEM, link=link)
        assert standing_token(secret) is not None
        with unit_of_work(SYSTEM):
            use_link(link=link_by(key), password="eleven plain oranges")
        assert standing_token(secret) is None


def test_a_token_ends_with_its_account(app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            user = accounts.user(Role.REGISTRAR)
            _id, secret = tokens.personal(user)
        assert standing_token(secret).user_id == user.id
        with unit_of_work(SYSTEM):
            db.session.get_one(User, user.id).active = False
        assert standing_token(secret) is None
