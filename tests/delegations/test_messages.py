"""A thread waits for who did not write last; what nobody has read is not settled with the rest."""

import re

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.delegations.messages import waiting_count
from tracker.delegations.models import DelegationMessage
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def own(app):
    with app.app_context(), unit_of_work(SYSTEM):
        return records.delegation(records.election()).id


@pytest.fixture
def thread(own):
    return f"/e/kz-2022/delegations/{own}/messages"


def asked(page):
    """What the button "No answer needed" of a page sends."""
    [form] = re.findall(r'action="[^"]+/settle">((?:(?!</form>).)*)</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def waiting(app):
    with app.app_context():
        election_id = db.session.scalars(sa.select(Election.id)).one()
        settled = sa.select(sa.func.count()).where(DelegationMessage.settled_at.is_not(None))
        return db.session.scalar(sa.select(waiting_count(election_id))), db.session.scalar(settled)


def test_a_message_that_came_meanwhile_is_not_settled_unread(app, sign_in, own, thread):
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    registrar = sign_in(Role.REGISTRAR)
    focal.post(thread, data={"text": "Thank you."})
    shown = asked(registrar.get(thread).text)
    focal.post(thread, data={"text": "Our observer is in hospital!"})
    answer = registrar.post(f"{thread}/settle", data=shown, follow_redirects=True)
    assert answer.request.path == thread
    assert "Another message was written meanwhile" in answer.text
    assert "Our observer is in hospital!" in answer.text
    assert waiting(app) == (1, 0)
    assert registrar.post(f"{thread}/settle", data=asked(answer.text)).location == thread
    assert waiting(app) == (0, 1)


def test_what_was_shown_is_always_said(app, sign_in, own, thread):
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    registrar = sign_in(Role.REGISTRAR)
    focal.post(thread, data={"text": "When do badges come?"})
    for wrong in ({}, {"message": "x"}, {"message": "99999999999999999999"}):
        answer = registrar.post(f"{thread}/settle", data=wrong, follow_redirects=True)
        assert "Another message was written meanwhile" in answer.text
    assert waiting(app) == (1, 0)


def test_an_answer_that_came_since_keeps_what_was_settled_before_it(app, sign_in, own, thread):
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    registrar = sign_in(Role.REGISTRAR)
    focal.post(thread, data={"text": "Thank you."})
    shown = asked(registrar.get(thread).text)
    registrar.post(f"{thread}/settle", data=shown)
    focal.post(thread, data={"text": "One thing more:"})
    answer = registrar.post(
        f"{thread}/settle", data=shown | {"settled": "0"}, follow_redirects=True
    )
    assert "Another message was written meanwhile" in answer.text
    assert waiting(app) == (1, 1)
