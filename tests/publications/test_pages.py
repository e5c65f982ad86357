"""The pages on which two people write, approve and publish, and what everybody else sees."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image
from pypdf import PdfReader

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingKind, MeetingStatus
from tracker.publications.models import Bulletin, PressNote

BASE = "/e/kz-2022/bulletins/"
NOTES = "/e/kz-2022/press-notes/"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def meeting(app):
    """The id of a meeting that took place, in an election with two accredited observers."""
    with app.app_context():
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election, records.state("TR", "Türkiye"))
        for _ in range(2):
            records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
        row = Meeting(
            election_id=election.id,
            kind=MeetingKind.BILATERAL,
            status=MeetingStatus.HELD,
            title="Courtesy call",
            starts_at=NOW.replace(hour=3),
            ends_at=NOW.replace(hour=4),
            officials=[records.official()],
            delegations=[delegation],
        )
        db.session.add(row)
        db.session.commit()
        return row.id


@pytest.fixture
def two(sign_in, meeting):
    """Two coordinators."""
    return sign_in(Role.COORDINATOR), sign_in(Role.COORDINATOR)


def text_of(response):
    return response.get_data(as_text=True)


def published(two):
    writer, second = two
    writer.post(BASE)
    second.post(f"{BASE}1/approve")
    second.post(f"{BASE}1/publish")


def test_a_bulletin_goes_from_draft_to_paper(app, two):
    writer, second = two
    assert "Nothing is published yet" in text_of(writer.get(BASE))
    assert writer.post(BASE, data={"as_of": "2030-01-01T00:00"}).status_code == 422
    page = writer.post(BASE, follow_redirects=True)
    assert "2 observers have been accredited from 1 foreign state." in text_of(page)
    assert "Another person than you has to approve it" in text_of(page)
    assert writer.post(f"{BASE}1/approve").status_code == 409
    texts = {f"text_{code}": f"Said in {code}" for code in ("en", "ru", "kk")}
    wrong = writer.post(f"{BASE}1/edit", data=texts | {"text_kk": "", "version": "1"})
    assert 'id="text_kk-error"' in text_of(wrong)
    assert "Said in ru" in text_of(wrong)
    assert writer.post(f"{BASE}1/edit", data=texts | {"version": "1"}).status_code == 302
    assert second.post(f"{BASE}1/publish").status_code == 409
    second.post(f"{BASE}1/approve")
    done = text_of(second.post(f"{BASE}1/publish", follow_redirects=True))
    assert "Bulletin no. 1" in done
    assert second.get(f"{BASE}1/edit").status_code == 302
    assert "the same list and the same figures" in text_of(writer.get(f"{BASE}1?recount=1"))
    paper = PdfReader(io.BytesIO(second.get(f"{BASE}1/print?language=ru").data))
    text = " ".join(paper.pages[0].extract_text().split())
    assert "Бюллетень № 1" in text
    assert "Said in ru" in text
    assert len(text_of(writer.get(f"{BASE}?format=csv")).splitlines()) == 2


def test_a_correction_says_what_it_corrects(two):
    published(two)
    writer, second = two
    page = writer.post(BASE, data={"corrects": "1"}, follow_redirects=True)
    assert "Corrects bulletin no. 1." in text_of(page)
    assert second.post(f"{BASE}2/approve").status_code == 409
    texts = {f"text_{code}": "Said" for code in ("en", "ru", "kk")}
    texts |= {f"correction_{code}": "A name" for code in ("en", "ru", "kk")}
    writer.post(f"{BASE}2/edit", data=texts | {"version": "1"})
    second.post(f"{BASE}2/approve")
    second.post(f"{BASE}2/publish")
    assert "Corrected by bulletin no. 2." in text_of(writer.get(f"{BASE}1"))


def test_drafts_are_for_those_who_write(two, sign_in):
    writer, _second = two
    writer.post(BASE)
    official = sign_in(Role.OFFICIAL)
    assert official.get(f"{BASE}1").status_code == 404
    assert "Under way" not in text_of(official.get(BASE))
    assert official.post(BASE).status_code == 403
    assert sign_in(Role.REGISTRAR).post(f"{BASE}1/approve").status_code == 403
    assert sign_in(Role.FOCAL_POINT).get(BASE).status_code == 403
    assert writer.get(f"{BASE}99").status_code == 404
    writer.post(f"{BASE}1/discard")
    with writer.application.app_context():
        assert db.session.scalars(sa.select(Bulletin.status)).all() == ["discarded"]


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "#345").save(buffer, "JPEG")
    return io.BytesIO(buffer.getvalue()), "photo.jpg"


def test_a_note_goes_from_a_meeting_to_the_public_and_is_corrected(app, two, meeting, sign_in):
    writer, second = two
    assert "Courtesy call" in text_of(writer.get(NOTES))
    page = text_of(writer.post(NOTES, data={"meeting": meeting}, follow_redirects=True))
    assert "2 observers from 1 foreign country have been accredited." in page
    assert sign_in(Role.OFFICIAL).get(f"{NOTES}1").status_code == 404
    wrong = writer.post(f"{NOTES}1/photo", data={"photo": (io.BytesIO(b"x"), "a.jpg")})
    assert wrong.status_code == 422
    assert writer.post(f"{NOTES}1/photo", data={"photo": photo()}).status_code == 302
    assert writer.get(f"{NOTES}1/photo").mimetype == "image/jpeg"
    assert second.post(f"{NOTES}1/approve").status_code == 409  # no credit, no description
    texts = {
        f"{name}_{code}": f"{name} {code}"
        for name in ("title", "text", "photo_alt")
        for code in ("en", "ru", "kk")
    }
    version = note_version(app)
    more = {"photo_credit": "A. Photographer", "version": version}
    assert writer.post(f"{NOTES}1/edit", data=texts | more).status_code == 302
    second.post(f"{NOTES}1/approve")
    second.post(f"{NOTES}1/publish")
    official = text_of(sign_in(Role.OFFICIAL).get(f"{NOTES}1"))
    assert "text en" in official
    corrected = texts | {"text_en": "Mended", "version": note_version(app)}
    writer.post(f"{NOTES}1/edit", data=corrected)
    assert "Mended" not in text_of(sign_in(Role.OFFICIAL).get(f"{NOTES}1"))
    assert second.post(f"{NOTES}1/approve").status_code == 409
    writer.post(f"{NOTES}1/discard")
    with app.app_context():
        assert db.session.scalars(sa.select(PressNote.status)).all() == ["published"]


def test_a_meeting_that_has_a_note_leads_to_it_and_says_so(app, two, meeting):
    writer, second = two
    writer.post(NOTES, data={"meeting": meeting})
    again = second.post(NOTES, data={"meeting": meeting})
    assert again.location == f"{NOTES}1"
    assert "There is a press note of this meeting already" in text_of(second.get(again.location))
    writer.post(f"{NOTES}1/discard")
    anew = text_of(second.post(NOTES, data={"meeting": meeting}, follow_redirects=True))
    assert "There is a press note of this meeting already" not in anew


def note_version(app):
    with app.app_context():
        return str(db.session.scalar(sa.select(PressNote.version)))


@pytest.mark.parametrize("step", ["approve", "publish"])
def test_nobody_approves_or_publishes_what_they_did_not_see(app, two, meeting, step):
    writer, second = two
    writer.post(NOTES, data={"meeting": meeting})
    with app.app_context():
        expect_writes(True)
        row = db.session.scalars(sa.select(PressNote)).one()
        seen = row.version
        row.title_en = "Another title"
        db.session.commit()
        assert row.version != seen
    answer = second.post(f"{NOTES}1/{step}", data={"version": str(seen)})
    assert answer.status_code == 409
    assert "Somebody else changed this record" in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(PressNote.approved_at)).one() is None
