"""Bulletins and press notes as two people publish and correct them."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PIL import Image

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.permissions import Role
from tracker.meetings.models import MeetingKind
from tracker.meetings.operations import MeetingDetails, schedule_meeting
from tracker.meetings.operations.record import Record, keep_record
from tracker.publications import operations
from tracker.publications.operations import BulletinTexts, NoteTexts

WRITER = Actor(1, "A. Writer", frozenset({Role.COORDINATOR}))
SECOND = Actor(2, "B. Second", frozenset({Role.COORDINATOR}))
WORDS = {"en": "Words", "ru": "Слова", "kk": "Сөздер"}
NASTY = dict.fromkeys(("en", "ru", "kk"), 'Two < three & "four" &lt;script&gt;')
LANGUAGES = ("en", "ru", "kk")


def publish_bulletin(election, **values):
    """Draft, approve and publish; a correction says what it corrects."""
    row = operations.draft_bulletin(actor=WRITER, election=election, **values)
    if row.corrects_id:
        texts = {code: getattr(row, f"text_{code}") for code in LANGUAGES}
        wanted = BulletinTexts(text=texts, correction=NASTY)
        operations.edit_bulletin(actor=WRITER, bulletin=row, texts=wanted, seen_version=row.version)
    operations.approve_bulletin(actor=SECOND, bulletin=row)
    return operations.publish_bulletin(actor=SECOND, election=election, bulletin=row)


def drafted_note(election, title="Courtesy call"):
    """The draft of a press note of a meeting that was held."""
    sender = records.organization(name="Assembly")
    starts_at = datetime(2022, 11, 9, 11, tzinfo=ZoneInfo("Asia/Almaty"))
    details = MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        official_ids=(records.official().id,),
        delegation_ids=(records.delegation(election, sender).id,),
    )
    with clock.at(NOW - timedelta(days=3)):
        made = schedule_meeting(actor=SYSTEM, election=election, details=details)
    meeting = keep_record(actor=SYSTEM, meeting=made, record=Record(outcome="They spoke."))
    return operations.draft_note(actor=WRITER, election=election, meeting=meeting)


def publish_note(election, note, **texts):
    """Write, approve and publish the next version."""
    plain = {"title": WORDS, "text": WORDS, "photo_alt": WORDS, "photo_credit": "A. Photographer"}
    empty = {"correction": dict.fromkeys(LANGUAGES, "")}
    wanted = NoteTexts(**plain | empty | texts)
    operations.edit_note(actor=WRITER, note=note, texts=wanted, seen_version=note.version)
    operations.approve_note(actor=SECOND, note=note)
    operations.publish_note(actor=SECOND, election=election, note=note)


def photograph():
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "#345").save(buffer, "PNG")
    return buffer.getvalue()
