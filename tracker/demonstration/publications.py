"""What the demonstration's headquarters said in public: five bulletins and one press note.

The bulletins are of the moments whose numbers the press printed; the note is of 18 November, in the
project's own words.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.queries import actor_of
from tracker.demonstration.pictures import draw_meeting
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.meetings.models import Meeting
from tracker.meetings.operations.record import Record, keep_record
from tracker.publications.operations import (
    NoteTexts,
    approve_bulletin,
    approve_note,
    draft_bulletin,
    draft_note,
    edit_note,
    publish_bulletin,
    publish_note,
    put_note_photo,
)

MOMENTS = (
    "2022-10-17T23:59",
    "2022-10-31T12:00",
    "2022-10-31T23:59",
    "2022-11-08T23:59",
    "2022-11-14T18:00",
)
MEETING = "Meeting of the Chairman of the Senate with the TURKPA observers"
OUTCOME = "The delegation was told how the election is prepared and how observers work on the day."
TITLE = {
    "en": "The Chairman of the Senate received the observers of TURKPA",
    "ru": "Председатель Сената принял наблюдателей ТЮРКПА",
    "kk": "Сенат Төрағасы ТүркПА байқаушыларын қабылдады",
}
TEXT = {
    "en": "The Chairman of the Senate received the observers of the Parliamentary Assembly of "
    "Turkic States, who had come for the early presidential election.\n\n"
    "They spoke about how the election is prepared, and about what observers will see on "
    "election day.",
    "ru": "Председатель Сената принял наблюдателей Парламентской ассамблеи тюркских государств, "
    "прибывших на внеочередные выборы Президента.\n\n"
    "Речь шла о подготовке выборов и о том, что увидят наблюдатели в день голосования.",
    "kk": "Сенат Төрағасы кезектен тыс Президент сайлауына келген Түркі мемлекеттерінің "
    "Парламенттік Ассамблеясының байқаушыларын қабылдады.\n\n"
    "Сайлауға дайындық және байқаушылардың сайлау күні нені көретіні туралы айтылды.",
}
PICTURE = {
    "en": "Drawing: two groups of people face each other at a long table.",
    "ru": "Рисунок: две группы людей сидят друг против друга за длинным столом.",
    "kk": "Сурет: ұзын үстелдің екі жағында адамдар бір-біріне қарап отыр.",
}


def build_publications(election: Election, moment: Callable[[str], datetime]) -> None:
    """Draft, approve and publish, each at its moment and by two people."""
    writer, second = _actor("coordinator"), _actor("administrator")
    for text in MOMENTS:
        as_of = moment(text)
        with clock.at(as_of + timedelta(minutes=5)):
            row = draft_bulletin(actor=writer, election=election, as_of=as_of)
        with clock.at(as_of + timedelta(minutes=20)):
            approve_bulletin(actor=second, bulletin=row)
            publish_bulletin(actor=second, election=election, bulletin=row)
    _note(election, moment, writer, second)


def _actor(name: str) -> Actor:
    query = sa.select(User.id).where(User.email == f"{name}@example.org")
    return actor_of(db.session.scalars(query).one())


def _note(
    election: Election, moment: Callable[[str], datetime], writer: Actor, second: Actor
) -> None:
    query = sa.select(Meeting).where(Meeting.election_id == election.id, Meeting.title == MEETING)
    meeting = db.session.scalars(query).unique().one()
    with clock.at(moment("2022-11-18T10:32")):
        keep_record(actor=writer, meeting=meeting, record=Record(outcome=OUTCOME))
        row = draft_note(actor=writer, election=election, meeting=meeting)
        put_note_photo(actor=writer, note=row, upload=draw_meeting())
        texts = NoteTexts(
            title=TITLE,
            text=TEXT,
            photo_alt=PICTURE,
            correction={},
            photo_credit="Drawing for the demonstration",
            press_contact="press@mfa.example.org",
        )
        edit_note(actor=writer, note=row, texts=texts, seen_version=row.version)
    with clock.at(moment("2022-11-18T10:38")):
        approve_note(actor=second, note=row)
        publish_note(actor=second, election=election, note=row)
