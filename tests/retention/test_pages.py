"""Pages on retention: who sees them, the dry run, the typed confirmation, the report."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.jobs import work
from tests.factories.portraits import portrait
from tracker.accreditation.models import AccreditationStatus
from tracker.audit.queries import last_position
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role
from tracker.observers.models import Observer
from tracker.retention import operations
from tracker.retention.jobs import resume
from tracker.retention.models import Category, PurgeStatus, RetentionPeriod, RetentionPurge

LATER = datetime(2026, 6, 1, 6, tzinfo=UTC)
PURGE = "/retention/elections/kz-2022/purge"


@pytest.fixture(autouse=True)
def election(app):
    with app.app_context():
        expect_writes(True)
        delegation = records.delegation(records.election())
        person = records.observer(surname="KAYA", portrait=portrait())
        records.accreditation(delegation, status=AccreditationStatus.ACCREDITED, person=person)
        db.session.commit()
    with clock.at(LATER):
        yield


@pytest.fixture
def administrator(sign_in):
    return sign_in(Role.ADMINISTRATOR)


def one_purge():
    return db.session.scalars(sa.select(RetentionPurge)).one()


@pytest.mark.parametrize("role", Role)
def test_administrators_purge_and_auditors_look(app, sign_in, role):
    client = sign_in(role)
    may_see = role in {Role.ADMINISTRATOR, Role.AUDITOR}
    may_purge = role is Role.ADMINISTRATOR
    for path in ("/retention/", "/retention/elections/kz-2022"):
        assert client.get(path).status_code == (200 if may_see else 403)
    for path in (PURGE, "/retention/periods/0"):
        assert client.get(path).status_code == (200 if may_purge else 403)
        wrong = client.post(path, data={"slug": "kz"})
        assert wrong.status_code == (422 if may_purge else 403)
    page = client.get("/retention/elections/kz-2022").get_data(as_text=True)
    assert (f'href="{PURGE}"' in page) == may_purge


def test_looking_changes_nothing(app, administrator):
    with app.app_context():
        position = last_position()
    for path in ("/retention/", "/retention/elections/kz-2022", PURGE):
        page = administrator.get(path).get_data(as_text=True)
        assert "KAYA" not in page
    with app.app_context():
        assert last_position() == position
        assert db.session.scalars(sa.select(RetentionPurge)).all() == []


def test_what_is_due_is_a_flag_on_the_page(app, administrator):
    assert "16 categories are due" in administrator.get("/retention/").get_data(as_text=True)
    with clock.at(datetime(2022, 12, 1, tzinfo=UTC)):
        page = administrator.get("/retention/").get_data(as_text=True)
    assert "Nothing is due" in page
    assert 'datetime="2022-12-20"' in page


@pytest.mark.parametrize("typed", ["", "kz-2023", "KZ-2022", " kz-2022 x"])
def test_a_purge_wants_the_name_typed(app, administrator, typed):
    assert administrator.post(PURGE, data={"slug": typed}).status_code == 422
    with app.app_context():
        assert db.session.scalars(sa.select(RetentionPurge)).all() == []
    assert jobs.huey.pending_count() == 0


def test_a_purge_from_its_page_to_its_report(app, administrator):
    response = administrator.post(PURGE, data={"slug": "kz-2022"})
    assert (response.status_code, response.location) == (302, "/retention/purges/1")
    assert "Waiting" in administrator.get(response.location).get_data(as_text=True)
    twice = administrator.post(PURGE, data={"slug": "kz-2022"})
    assert twice.status_code == 422
    assert "under way" in twice.get_data(as_text=True)
    [waiting] = jobs.huey.pending()
    assert waiting.args == ("retention_purge", {"purge_id": 1})  # ids alone
    work()
    page = administrator.get("/retention/purges/1").get_data(as_text=True)
    assert "Done, totals unchanged" in page
    assert "1 observer at the close of polls" in page
    with app.app_context():
        purge = one_purge()
        assert purge.status is PurgeStatus.DONE
        assert purge.requested_by == administrator_name()
        assert db.session.scalars(sa.select(Observer.surname)).one() == "№ 1"
    for format_, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("txt", b"Purge no. 1")):
        file = administrator.get(f"/retention/purges/1?format={format_}")
        assert file.status_code == 200
        assert file.data.startswith(start)
    assert administrator.get("/retention/purges/1?format=exe").status_code == 403
    assert "Nothing is due" in administrator.get("/retention/").get_data(as_text=True)


def test_a_purge_under_way_says_how_far_it_is(app, administrator):
    administrator.post(PURGE, data={"slug": "kz-2022"})
    page = administrator.get("/retention/purges/1").get_data(as_text=True)
    with app.app_context():
        expected = one_purge().expected
    assert f"<p>0 of {expected}</p>" in page
    with app.app_context(), unit_of_work(SYSTEM):
        operations.begin_purge(actor=SYSTEM, purge=one_purge())
        operations.advance_purge(actor=SYSTEM, purge=one_purge(), place=0)
        done, total = one_purge().progress
    assert 0 < done < total == expected
    page = administrator.get("/retention/purges/1").get_data(as_text=True)
    live = page.split("data-live")[1].split("</section>")[0]
    assert f'max="{total}" value="{done}"' in live
    assert f"<p>{done} of {total}</p>" in live
    assert "Look again" in live
    work()
    assert "data-live" not in administrator.get("/retention/purges/1").get_data(as_text=True)
    with app.app_context():
        purge = one_purge()
        assert purge.progress == (expected, expected)
        purge.expected = 0  # of one that was asked for before it was counted
        assert purge.progress is None
        purge.expected = 1
        assert purge.progress == (expected, expected)
        db.session.rollback()


def administrator_name():
    query = sa.text("SELECT actor_name FROM audit_entries WHERE record_table = 'retention_purges'")
    return db.session.scalars(query).first()


def test_a_purge_that_was_left_behind_is_given_out_again(app, administrator):
    administrator.post(PURGE, data={"slug": "kz-2022"})
    jobs.huey.storage.flush_queue()
    with app.app_context():
        assert resume() == 1
    work()
    with app.app_context():
        assert one_purge().status is PurgeStatus.DONE
        assert resume() == 0


def test_a_period_is_set_within_what_the_law_says(app, administrator):
    place = list(Category).index(Category.PORTRAITS)
    path = f"/retention/periods/{place}"
    values = {"days": "60", "least_days": "30", "most_days": "90", "source": "Law", "version": "0"}
    assert administrator.post(path, data=values).status_code == 302
    with app.app_context():
        row = db.session.scalars(sa.select(RetentionPeriod)).one()
        assert (row.category, row.days, row.most_days) == (Category.PORTRAITS, 60, 90)
    stale = administrator.post(path, data=values | {"days": "61"})
    assert stale.status_code == 422
    assert "was changed meanwhile" in stale.get_data(as_text=True)
    over = administrator.post(path, data=values | {"days": "91", "version": "1"})
    assert "allows at most 90 days" in over.get_data(as_text=True)
    assert "at most 90" in administrator.get("/retention/").get_data(as_text=True)
    assert administrator.get("/retention/periods/99").status_code == 404


def test_lists_come_as_files(app, administrator):
    for path in ("/retention/", "/retention/elections/kz-2022"):
        for kind, magic in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            response = administrator.get(f"{path}?format={kind}")
            assert response.data.startswith(magic), path
