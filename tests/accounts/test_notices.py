"""What each person is told of: defaults of roles, their own choice, the page of the account."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import accounts
from tracker.accounts.labels import DELIVERIES, NOTICES
from tracker.accounts.models import Delivery, Notice, NoticePreference
from tracker.accounts.notice_kinds import DEFAULTS, delivery_of, kinds_for, next_summary
from tracker.accounts.operations import choose_notices
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role

ROLES = st.frozensets(st.sampled_from(Role))
CHOSEN = st.dictionaries(st.sampled_from(Notice), st.sampled_from(Delivery))


def test_every_kind_has_a_name_and_somebody_who_is_told():
    assert set(DEFAULTS) == set(Notice) == set(NOTICES)
    assert set(DELIVERIES) == set(Delivery)
    assert all(DEFAULTS.values())


@given(st.sampled_from(Notice), ROLES, CHOSEN)
def test_what_is_chosen_holds_for_who_is_told_at_all(kind, roles, chosen):
    found = delivery_of(kind, roles, chosen)
    if kind not in kinds_for(roles):
        assert found is Delivery.NEVER
    else:
        assert found is chosen.get(kind, found)
        assert chosen or found is not Delivery.NEVER  # nobody is left out without having said so


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_the_letter_of_a_day_leaves_at_eight_within_a_day(now):
    for zone in ("Asia/Almaty", "America/New_York", "UTC"):
        found = next_summary(now, zone)
        assert now < found
        assert found.astimezone(ZoneInfo(zone)).hour == 8
        assert (found.astimezone(UTC) - now).total_seconds() <= 25 * 3600  # clocks are changed


def test_on_the_page_each_role_chooses_among_its_own(app, sign_in):
    client = sign_in(Role.FOCAL_POINT)
    page = client.get("/account").text
    for kind in Notice:
        assert (f'name="{kind.value}"' in page) == (Role.FOCAL_POINT in DEFAULTS[kind])
    form = {
        "lists": "daily",
        "followed": "daily",
        "decisions": "never",
        "answers": "at_once",
        "meetings": "daily",
        "messages": "never",
    }
    answer = client.post("/account/notices", data=form, follow_redirects=True)
    assert "Your choice of notices was saved." in answer.text
    with app.app_context():
        rows = db.session.scalars(sa.select(NoticePreference)).all()
        assert {row.kind.value: row.delivery.value for row in rows} == form
    page = client.get("/account").text
    assert page.count("selected") >= len(form)
    client.post("/account/notices", data=form | {"decisions": "at_once"})
    with app.app_context():
        kept = db.session.scalars(sa.select(NoticePreference.delivery)).all()
        assert list(kept).count(Delivery.NEVER) == 1
        assert len(kept) == len(form)


def test_what_is_no_choice_is_refused_beside_its_field_and_nothing_is_kept(app, sign_in):
    client = sign_in(Role.COMMISSION)
    answer = client.post("/account/notices", data={"submissions": "sometimes"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with app.app_context():
        assert db.session.query(NoticePreference).count() == 0


def test_who_is_told_nothing_chooses_nothing(sign_in):
    client = sign_in(Role.AUDITOR)
    assert 'id="notices"' not in client.get("/account").text
    assert client.post("/account/notices", data={"submissions": "daily"}).status_code == 302


def test_nobody_chooses_what_their_role_is_not_told_of(session):
    user = accounts.user(Role.AUDITOR)
    actor = Actor(user.id, user.name, frozenset({Role.AUDITOR}))
    with pytest.raises(Refused):
        choose_notices(actor=actor, chosen={Notice.SUBMISSIONS: Delivery.DAILY})
