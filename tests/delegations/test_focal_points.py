"""A focal point is invited by mail, opens the account once, and sees one delegation."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import accounts, records
from tests.factories.mail import mail_server
from tracker.accounts.models import AccountLink, User
from tracker.accounts.queries import allows_linking
from tracker.accounts.rules import INVITATION_LASTS
from tracker.delegations.focal_points import Addresses, Invited, invite_focal_point
from tracker.delegations.models import Delegation, FocalPoint
from tracker.elections.models import Election
from tracker.kernel import clock, outbox
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

PERSON = {"name": "Erol Kaya", "email": "erol@example.org", "language": "ru"}
PASSWORD = "eleven plain oranges"


@pytest.fixture
def own(app):
    with app.app_context(), unit_of_work(SYSTEM):
        election = records.election()
        records.delegation(election, records.state("TR", "Türkiye"))
        return records.delegation(election).id


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def page(own):
    return f"/e/kz-2022/delegations/{own}/focal-points"


def letters(app):
    """What leaves now, as the recipients' server takes it."""
    with app.app_context(), mail_server() as inbox:
        outbox.send_due()
    return [received.letter for received in inbox.received]


def link_in(letter):
    text = letter.get_payload(decode=True).decode()
    return re.search(r"http://localhost(/account/link/\S+)", text)[1]


def test_an_invitation_opens_an_account_that_sees_one_delegation(app, sign_in, client, own, page):
    registrar = sign_in(Role.REGISTRAR)
    assert registrar.post(page, data=PERSON).location == page
    assert "erol@example.org" in registrar.get(page).text
    [letter] = letters(app)
    assert letter["To"].endswith("<erol@example.org>")
    assert "Kaya" not in letter["Subject"]
    assert "Откройте этот адрес" in letter.get_payload(decode=True).decode()
    address = link_in(letter)
    assert client.post(address, data={"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert client.get(address).status_code == 404, "the link works once"
    client.post("/sign-in", data={"email": PERSON["email"], "password": PASSWORD})
    assert client.get("/e/kz-2022/portal/").location == f"/e/kz-2022/portal/{own}"
    assert client.get("/e/kz-2022/").status_code == 403
    assert "Has an account" in registrar.get(page).text


def test_without_a_mail_server_no_letter_is_said_to_have_left(app, sign_in, page):
    registrar = sign_in(Role.REGISTRAR)
    said = registrar.post(page, data=PERSON, follow_redirects=True).text
    assert "the letter waits for a mail server" in said
    assert "Invited; the letter waits" in said
    assert "Invitation sent" not in said
    assert "leaves now" not in said
    with mail_server():
        assert "Invitation sent" in registrar.get(page).text


def test_another_invitation_takes_the_former_back_and_all_run_out(app, sign_in, client, page):
    registrar = sign_in(Role.REGISTRAR)
    for _time in range(2):
        registrar.post(page, data=PERSON)
    first, second = map(link_in, letters(app))
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    with clock.at(NOW + INVITATION_LASTS + timedelta(seconds=1)):
        assert client.get(second).status_code == 404
        assert "The link has run out" in registrar.get(page).text


def test_who_has_an_account_signs_in_with_it(app, sign_in, page, own):
    with app.app_context(), unit_of_work(SYSTEM):
        email = accounts.user(Role.FOCAL_POINT).email
    sign_in(Role.REGISTRAR).post(page, data=PERSON | {"email": email.upper()})
    [letter] = letters(app)
    text = letter.get_payload(decode=True).decode()
    assert "/account/link/" not in text
    assert "http://localhost/" in text
    with app.app_context():
        assert db.session.scalars(sa.select(FocalPoint.delegation_id)).all() == [own]
        assert db.session.scalars(sa.select(AccountLink)).all() == []


def test_nobody_of_headquarters_becomes_a_focal_point_so(app, sign_in, page):
    with app.app_context(), unit_of_work(SYSTEM):
        email = accounts.user(Role.AUDITOR).email
    answer = sign_in(Role.REGISTRAR).post(page, data=PERSON | {"email": email})
    assert answer.status_code == 422
    assert "no focal point’s" in answer.text
    assert letters(app) == []


@pytest.mark.parametrize("wrong", ["", "erol", "erol@", "a@b@example.org"])
def test_an_address_that_is_none_is_named_beside_its_field(app, sign_in, page, wrong):
    answer = sign_in(Role.REGISTRAR).post(page, data=PERSON | {"email": wrong})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(FocalPoint)).all() == []


def test_who_is_removed_sees_nothing_at_once(app, sign_in, page, own):
    focal, registrar = sign_in(Role.FOCAL_POINT, delegation_ids=(own,)), sign_in(Role.REGISTRAR)
    with app.app_context():
        user_id = db.session.scalars(sa.select(FocalPoint.user_id)).one()
    assert focal.get(f"/e/kz-2022/portal/{own}").status_code == 200
    assert registrar.post(f"{page}/{user_id}/end").location == page
    assert focal.get(f"/e/kz-2022/portal/{own}").status_code == 404
    assert registrar.post(f"{page}/{user_id}/end").status_code == 404


def test_a_link_that_was_never_used_is_taken_back_with_its_person(app, sign_in, client, page):
    registrar = sign_in(Role.REGISTRAR)
    registrar.post(page, data=PERSON)
    [letter] = letters(app)
    with app.app_context():
        user_id = db.session.scalars(sa.select(User.id).filter_by(email=PERSON["email"])).one()
    registrar.post(f"{page}/{user_id}/end")
    assert client.get(link_in(letter)).status_code == 404


def test_a_link_stays_while_its_person_serves_another_delegation(app, sign_in, client, own, page):
    registrar = sign_in(Role.REGISTRAR)
    with app.app_context():
        others = sa.select(Delegation.id).where(Delegation.id != own)
        other = f"/e/kz-2022/delegations/{db.session.scalars(others).one()}/focal-points"
    for each in (page, other):
        registrar.post(each, data=PERSON)
    _first, second = map(link_in, letters(app))
    with app.app_context():
        user_id = db.session.scalars(sa.select(User.id).filter_by(email=PERSON["email"])).one()
    registrar.post(f"{other}/{user_id}/end")
    assert client.get(second).status_code == 200, "still invited for the first"
    registrar.post(f"{page}/{user_id}/end")
    assert client.get(second).status_code == 404, "nothing is left to see"


def test_a_registrar_gives_out_no_other_account(app, sign_in):
    registrar = sign_in(Role.REGISTRAR)
    person = {"email": "new@example.org", "name": "New", "roles": ["administrator"]}
    assert registrar.post("/users/new", data=person).status_code == 403
    with app.app_context():
        assert "new@example.org" not in db.session.scalars(sa.select(User.email)).all()


def test_where_the_identity_provider_alone_opens_accounts_it_may_open_this_one(app, own):
    registrar = Actor(1, "Registrar", frozenset({Role.REGISTRAR}))
    with app.app_context(), unit_of_work(registrar):
        delegation = db.session.get_one(Delegation, own)
        user = invite_focal_point(
            actor=registrar,
            election=db.session.get_one(Election, delegation.election_id),
            delegation=delegation,
            person=Invited(**PERSON),
            addresses=Addresses(home="http://localhost/", link=None),
        )
        assert allows_linking(user.id)
    [letter] = letters(app)
    text = letter.get_payload(decode=True).decode()
    assert "/account/link/" not in text
    assert "http://localhost/" in text
