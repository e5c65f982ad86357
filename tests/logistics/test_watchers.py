"""Who follows a request is told of it by mail, in their language, and never what is not theirs."""

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import accounts, records
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Forbidden
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role
from tracker.logistics.operations.assistance import (
    advance_assistance,
    assign_assistance,
    comment_on_assistance,
    take_assistance,
)
from tracker.logistics.operations.watchers import watch_assistance
from tracker.logistics.queries.assistance import watchers_of


@pytest.fixture
def request_(session):
    return records.assistance(records.delegation(records.election()), due_at=NOW)


def person(*roles, delegation_ids=(), language=None):
    user = accounts.user(*roles, delegation_ids=delegation_ids)
    user.language = language
    db.session.flush()
    ids = frozenset(delegation_ids) or None
    actor = Actor(user_id=user.id, name=user.name, roles=frozenset(roles), delegation_ids=ids)
    return user, actor


def letters(user):
    rows = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.subject, row.text) for row in rows if row.recipient == user.email]


def test_followers_are_told_what_others_did(request_):
    request_.number = 1_234  # the name of a paper: no thousands in it
    user, actor = person(Role.REGISTRAR, language="ru")
    colleague, other = person(Role.COORDINATOR)
    watch_assistance(actor=actor, request=request_, is_watching=True)
    watch_assistance(actor=actor, request=request_, is_watching=True)
    assert [key for key, _name in watchers_of(request_.id)] == [user.id]
    take_assistance(actor=other, request=request_)
    [(subject, text)] = letters(user)
    assert subject == "Заявки, за которыми вы следите или которые ведёте"
    assert "Заявка №\u00a01234: A car" in text
    assert f"{colleague.name}: Назначена" in text
    assert letters(colleague) == [], "who did it knows it"
    comment_on_assistance(actor=actor, request=request_, text="Which terminal?")
    [(_subject, text)] = letters(colleague)
    assert f"{user.name} wrote:\nWhich terminal?" in text, "who sees to it is told as well"
    watch_assistance(actor=actor, request=request_, is_watching=False)
    advance_assistance(actor=other, request=request_, name="finish")
    assert len(letters(user)) == 1


def test_a_delegation_is_not_told_what_headquarters_says_to_itself(request_):
    user, actor = person(Role.FOCAL_POINT, delegation_ids=(request_.delegation_id,))
    stranger, elsewhere = person(Role.FOCAL_POINT)
    _colleague, other = person(Role.COORDINATOR)
    for each in (actor, elsewhere):
        watch_assistance(actor=each, request=request_, is_watching=True)
    comment_on_assistance(actor=other, request=request_, text="They ask a lot", is_internal=True)
    assert letters(user) == []
    comment_on_assistance(actor=other, request=request_, text="A car is on its way")
    assert len(letters(user)) == 1
    assert letters(stranger) == [], "whose delegation it is not any more"


def test_who_is_given_a_request_is_told(request_):
    user, _actor = person(Role.REGISTRAR)
    _colleague, other = person(Role.COORDINATOR)
    assign_assistance(actor=other, request=request_, assignee_id=user.id)
    assert len(letters(user)) == 1


def test_not_everybody_follows(request_):
    with pytest.raises(Forbidden):
        watch_assistance(actor=person(Role.OFFICIAL)[1], request=request_, is_watching=True)


def test_the_page_offers_it_and_takes_it_back(app, sign_in):
    with app.app_context():
        expect_writes(True)
        row = records.assistance(records.delegation(records.election()))
        db.session.commit()
        path = f"/e/kz-2022/requests/{row.id}"
    client = sign_in(Role.COORDINATOR)
    assert b"Follow no more" not in client.get(path).data
    page = client.post(f"{path}/watch", follow_redirects=True).data
    assert b"Follow no more" in page
    page = client.post(f"{path}/unwatch", follow_redirects=True).data
    assert b"Follow no more" not in page
