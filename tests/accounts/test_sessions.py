"""Sessions: listed, ended here and elsewhere, by disuse and at their longest; fresh sign-in."""

import re
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from tests.factories import accounts
from tracker.accounts.models import SignInSession, User
from tracker.accounts.rules import FRESH, SessionLimits
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role

LIMITS = SessionLimits()
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def email(app):
    with app.app_context(), unit_of_work(SYSTEM):
        return accounts.user(Role.AUDITOR).email


def enter(app, email, password=accounts.PASSWORD, agent=FIREFOX):
    client = app.test_client()
    client.post(
        "/sign-in", data={"email": email, "password": password}, headers={"User-Agent": agent}
    )
    return client


def is_in(client):
    return client.get("/account").status_code == 200


def test_a_session_is_listed_and_ended_from_elsewhere(app, email):
    here, there = enter(app, email), enter(app, email, agent="Mozilla/5.0 (iPhone) Safari/605")
    page = here.get("/account").get_data(as_text=True)
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page
    assert page.count("this browser") == 1
    assert page.count(">Sign out<") == 1 + 1  # the other session, and the menu
    [path] = re.findall(r'action="(/account/sessions/\d+/end)"', page)
    assert here.post(path).status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_sign_out_everywhere_else(app, email):
    clients = [enter(app, email) for _number in range(3)]
    answer = clients[0].post("/account/sessions/end-others", follow_redirects=True)
    assert "2 other sessions were ended." in answer.text
    assert [is_in(client) for client in clients] == [True, False, False]


def test_sessions_are_ended_only_soon_after_sign_in(app, email):
    here, there = enter(app, email), enter(app, email)
    stale(here)
    answer = here.post(
        "/account/sessions/end-others", headers={"Referer": "http://localhost/account"}
    )
    assert answer.headers["Location"] == "/account/verify?next=/account"
    assert is_in(there)
    here.post(answer.headers["Location"], data={"password": accounts.PASSWORD})
    here.post("/account/sessions/end-others")
    assert not is_in(there)


def test_an_administrator_signs_somebody_out_everywhere(app, email, sign_in):
    clients = [enter(app, email) for _number in range(2)]
    with app.app_context():
        user_id = db.session.scalars(sa.select(User.id).where(User.email == email)).one()
    administrator, address = sign_in(Role.ADMINISTRATOR), f"/users/{user_id}"
    assert "End all sessions" in administrator.get(address).text
    assert sign_in(Role.AUDITOR).post(f"{address}/end-sessions").status_code == 403
    assert all(is_in(client) for client in clients)
    answer = administrator.post(f"{address}/end-sessions", follow_redirects=True)
    assert "2 sessions were ended." in answer.text
    assert "End all sessions" not in answer.text
    assert not any(is_in(client) for client in clients)
    assert is_in(enter(app, email))  # the account stays open
    assert is_in(administrator)


def test_nobody_ends_a_session_of_somebody_else(app, email, sign_in):
    mine = enter(app, email)
    with app.app_context():
        session_id = db.session.scalar(sa.select(SignInSession.id))
    other = sign_in(Role.ADMINISTRATOR)
    assert other.post(f"/account/sessions/{session_id}/end").status_code == 404
    assert is_in(mine)


def test_a_cookie_kept_from_before_sign_out_opens_nothing(app, email):
    client = enter(app, email)
    kept = client.get_cookie("tracker_session").value
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("tracker_session", kept)
    assert not is_in(thief)


def test_a_session_ends_by_disuse_and_background_questions_are_no_use(app, email):
    with time_machine.travel(clock.world(), tick=False) as traveller:
        client, board = enter(app, email), enter(app, email)
        for _step in range(3):  # used every now and then it stands
            traveller.shift(LIMITS.idle - timedelta(minutes=1))
            assert is_in(client)
            board.get("/account", headers={"X-Background": "1"})
        assert not is_in(board)
        traveller.shift(LIMITS.idle)
        assert not is_in(client)


def test_a_session_ends_at_its_longest_however_used(app, email):
    with time_machine.travel(clock.world(), tick=False) as traveller:
        client = enter(app, email)
        steps = LIMITS.longest // timedelta(minutes=30)
        for _step in range(steps - 1):
            traveller.shift(timedelta(minutes=30))
            assert is_in(client)
        traveller.shift(timedelta(minutes=30))
        assert not is_in(client)


def test_the_clock_of_a_demonstration_ends_no_session(app, email):
    client = enter(app, email)
    clock.set_offset(timedelta(days=-1400))
    try:
        assert is_in(client)
    finally:
        clock.set_offset(timedelta())


def test_a_new_password_ends_every_other_session_and_is_told(app, email):
    here, there = enter(app, email), enter(app, email)
    new = "eleven plain oranges"
    answer = here.post(
        "/account/password",
        data={
            "password": accounts.PASSWORD,
            "new_password": new,
            "new_password_confirm": new,
        },
    )
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    with app.app_context():
        [letter] = db.session.scalars(sa.select(OutboxMessage))
        assert letter.recipient == email
        assert "password of your account was changed" in letter.text


def test_what_a_person_chooses_is_checked_as_what_is_given(app, email):
    client = enter(app, email)
    for bad, why in (("short", "12 characters"), ("passwordpassword", "stolen lists")):
        values = {"password": accounts.PASSWORD, "new_password": bad, "new_password_confirm": bad}
        page = client.post("/account/password", data=values).get_data(as_text=True)
        assert why in page


def test_signing_in_and_out_goes_on_record_without_key_or_address(app, email):
    client = enter(app, email)
    client.post("/sign-out")
    with app.app_context():
        rows = db.session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.record_table == "sign_in_sessions")
            .order_by(AuditEntry.position)
        ).all()
        assert [row.action for row in rows] == ["insert", "update"]
        assert rows[0].after["key_digest"] == rows[0].after["address"] == "[redacted]"
        assert all(row.actor_name.startswith("Person") for row in rows)


def stale(client):
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - FRESH.total_seconds() - 60
        session.pop("fs_gexp", None)


def test_what_needs_a_fresh_sign_in_asks_for_it_and_comes_back(app, sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    assert client.get("/users/?format=csv").status_code == 200
    stale(client)
    answer = client.get("/users/?format=csv")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/verify?next=/users/?format%3Dcsv"
    wrong = client.post(answer.headers["Location"], data={"password": "wrong password!"})
    assert "The password is not right" in wrong.text
    right = client.post(answer.headers["Location"], data={"password": accounts.PASSWORD})
    assert right.headers["Location"] == "/users/?format=csv"
    assert client.get("/users/?format=csv").status_code == 200


def test_confirming_who_one_is_makes_a_copied_cookie_useless(app, email):
    owner, thief = enter(app, email), app.test_client()
    copied = owner.get_cookie("tracker_session").value
    thief.set_cookie("tracker_session", copied)
    assert is_in(thief)
    for password in ("wrong password!", accounts.PASSWORD):
        assert is_in(thief)
        owner.post("/account/verify", data={"password": password})
        thief.set_cookie("tracker_session", copied)
    assert is_in(owner)
    assert not is_in(thief)
    with app.app_context():
        assert db.session.query(SignInSession).count() == 1  # the same session, since the same time


def test_a_stale_change_changes_nothing_and_leads_back_to_its_page(app, sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    with app.app_context(), unit_of_work(SYSTEM):
        user_id = accounts.user(Role.OFFICIAL).id
    stale(client)
    answer = client.post(
        f"/users/{user_id}/active", headers={"Referer": f"http://localhost/users/{user_id}"}
    )
    assert answer.headers["Location"] == f"/account/verify?next=/users/{user_id}"
    elsewhere = client.post(f"/users/{user_id}/active", headers={"Referer": "http://evil.example/"})
    assert elsewhere.headers["Location"] == "/account/verify?next=/"
    with app.app_context():
        assert db.session.get_one(User, user_id).active


def test_a_role_that_needs_more_than_a_password_sets_it_up_first(app, sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    assert client.get("/users/").status_code == 200
    with app.app_context(), unit_of_work(SYSTEM):
        user = db.session.scalars(sa.select(User).where(User.tf_primary_method.is_not(None))).one()
        user.tf_primary_method = None
    answer = client.get("/users/")
    assert answer.headers["Location"] == "/account"
    page = client.get("/account").get_data(as_text=True)
    assert "a password alone is not enough" in page
    assert client.get("/account/second-factor").status_code == 200
    assert client.post("/users/new", data={}).headers["Location"] == "/account"


def test_the_field_that_will_not_do_has_the_focus(sign_in):
    client = sign_in(Role.REGISTRAR)
    data = {"password": accounts.PASSWORD, "new_password": "", "new_password_confirm": ""}
    page = client.post("/account/password", data=data).get_data(as_text=True)
    field = re.search(r'<input[^>]*name="new_password"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in field
    assert " autofocus" in field
    assert " autofocus" not in client.get("/account/password").get_data(as_text=True)


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [("", "", 2), ("short", "short", 1), ("long enough for all", "another one", 1)],
)
def test_all_that_is_wrong_with_a_change_of_the_password_is_said_together(
    sign_in, new, again, said
):
    client = sign_in(Role.REGISTRAR)
    data = {"password": " ", "new_password": new, "new_password_confirm": again}
    page = client.post("/account/password", data=data).get_data(as_text=True)
    errors = re.findall(r'<span class="err" id="(\w+)-error">[^<]+</span>', page)
    assert errors[0] == "password"
    assert len(errors) == 1 + said
