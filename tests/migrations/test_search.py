"""Search on both databases: what the migration makes of earlier rows, and what is found by it."""

import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.headquarters.search import find, many
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.words import SearchEnding, SearchWord
from tracker.meetings.models import Meeting, MeetingKind, MeetingRequest, Whom
from tracker.people import Wanted, observers_page

NAMES = ("ZHUMAĞALI", "KHASSANOV", "Мюллер-Шах", "O'NEIL", "QYDYR", "ÅBERG", "FYODOROV 2")


def _filled():
    """People, a meeting, a request of each kind, with names of every spelling."""
    election, official = records.election(), records.official(name_ru="Ерлан Кая")
    delegation = records.delegation(election)
    for name in (*NAMES, "KAYA"):
        person = records.observer(surname=name, native_name="Ержан")
        status = AccreditationStatus.ACCREDITED
        records.accreditation(delegation, person=person, status=status)
    around = {"election_id": election.id, "title": "Встреча с ЦИК"}
    times = {"starts_at": NOW, "ends_at": NOW.replace(hour=8)}
    kind = MeetingKind.BRIEFING
    db.session.add(Meeting(kind=kind, officials=[official], **around, **times))
    records.assistance(delegation, title="Car to Shymkent")
    db.session.add(
        MeetingRequest(
            election_id=election.id,
            delegation_id=delegation.id,
            whom=Whom.OFFICIAL,
            official_id=official.id,
            topics="Voter lists",
            created_by="tests",
        )
    )
    db.session.commit()


def _words():
    found = []
    for table in (SearchWord, SearchEnding):
        found += [tuple(row) for row in db.session.execute(sa.select(*table.__table__.c))]
    return found


def test_the_migration_makes_the_words_that_a_change_would_make(app):
    with app.app_context():
        upgrade()
        expect_writes(True)
        _filled()
        before = sorted(_words(), key=str)
        assert {"khasanov", "zumagali"} & {word for _kind, _id, word in before} == {"zumagali"}
        assert ("observers", "magali", "zumagali") in before
        db.session.remove()
        downgrade(revision="0009")
        upgrade()
        assert sorted(_words(), key=str) == before


def test_a_name_is_found_rare_or_common(app, monkeypatch):
    with app.test_request_context(), clock.at(NOW):
        upgrade()
        expect_writes(True)
        _filled()
        election = db.session.scalars(sa.select(Election)).one()
        for most, small in ((many.MANY, many.SMALL), (1, many.SMALL), (1, 1)):
            monkeypatch.setattr(many, "MANY", most)
            monkeypatch.setattr(many, "SMALL", small)
            for text, expected in (("кая", 1), ("ержан", 8), ("erzhan hasan", 1), ("kaya mul", 0)):
                found = find(SYSTEM, election, [election], text, limit=10)
                groups = {kind.name: hits for kind, hits in found.groups}
                rows = groups["observers"].rows if "observers" in groups else []
                assert len(rows) == expected, (text, most, small)
        groups = find(SYSTEM, election, [election], "кая", limit=9).groups
        found = {kind.name for kind, _hits in groups}
        assert {"officials", "meetings", "meeting_requests"} <= found
        for text, expected in (
            ("fedorov", 1),
            ("edoro", 1),
            ("dorov", 1),
            ("аксан", 0),
            ("асан", 1),
            ("о'нил", 0),
            ("oneil", 0),
            ("o'neil", 1),
            ("", 8),
        ):
            page, count = observers_page(SYSTEM, election, Wanted(text=text), "en", None)
            assert len(page.rows) == count.number == expected, text
