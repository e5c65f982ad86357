"""Bulletins and press notes: two people, frozen numbers, corrections that change nothing old."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.accreditation.operations import revoke_accreditation
from tracker.accreditation.operations.steps import Reason
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused, Stale
from tracker.kernel.permissions import Role
from tracker.meetings.models import MeetingKind
from tracker.meetings.operations import MeetingDetails, schedule_meeting
from tracker.meetings.operations.record import Record, keep_record
from tracker.publications import operations, queries
from tracker.publications.models import PublicationStatus
from tracker.publications.operations import BulletinTexts, NoteTexts
from tracker.publications.rules import (
    BULLETIN_WAYS,
    NOTE_WAYS,
    Step,
    list_hash,
    may_approve,
    steps_from,
)
from tracker.publications.texts import plain

WRITER = Actor(1, "A. Writer", frozenset({Role.COORDINATOR}))
SECOND = Actor(2, "B. Second", frozenset({Role.COORDINATOR}))
WORDS = {"en": "Words", "ru": "Слова", "kk": "Сөздер"}


@pytest.fixture
def election(session):
    return records.election()


def accredited(election, count=3, **values):
    delegation = records.delegation(election, records.state("TR", "Türkiye"))
    return [
        records.accreditation(delegation, status=AccreditationStatus.ACCREDITED, **values)
        for _ in range(count)
    ]


def published(election, **values):
    row = operations.draft_bulletin(actor=WRITER, election=election, **values)
    if row.corrects_id:
        texts = BulletinTexts(text=WORDS, correction=WORDS)
        operations.edit_bulletin(actor=WRITER, bulletin=row, texts=texts, seen_version=row.version)
    operations.approve_bulletin(actor=SECOND, bulletin=row)
    return operations.publish_bulletin(actor=SECOND, election=election, bulletin=row)


def test_a_bulletin_is_drafted_in_three_languages(election):
    accredited(election)
    row = operations.draft_bulletin(actor=WRITER, election=election)
    assert row.text_en == (
        "As of 10 November 2022, 12:00 (UTC+06:00). 3 observers have been accredited from "
        "1 foreign state."
    )
    assert "Аккредитованы 3 наблюдателя от 1 иностранного государства." in row.text_ru
    assert row.text_kk.endswith("1 шет мемлекеттен 3 байқаушы аккредиттелді.")
    assert row.number is None


def test_the_second_person_is_another_one(election):
    row = operations.draft_bulletin(actor=WRITER, election=election)
    with pytest.raises(Refused, match="Another person than A. Writer"):
        operations.approve_bulletin(actor=WRITER, bulletin=row)
    operations.approve_bulletin(actor=SECOND, bulletin=row)
    texts = BulletinTexts(text=WORDS)
    operations.edit_bulletin(actor=SECOND, bulletin=row, texts=texts, seen_version=row.version)
    assert (row.status, row.approved_by) == (PublicationStatus.DRAFT, None)
    with pytest.raises(Refused, match="not possible any more"):
        operations.publish_bulletin(actor=WRITER, election=election, bulletin=row)
    with pytest.raises(Refused, match="Another person than B. Second"):
        operations.approve_bulletin(actor=SECOND, bulletin=row)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}))
def test_others_may_not_publish(election, actor, role):
    with pytest.raises(Forbidden):
        operations.draft_bulletin(actor=actor(role), election=election)


def test_numbers_are_given_at_publication_without_gaps(election):
    dropped = operations.draft_bulletin(actor=WRITER, election=election)
    operations.discard_bulletin(actor=WRITER, bulletin=dropped)
    assert [published(election).number for _ in range(3)] == [1, 2, 3]
    with pytest.raises(NotFound):
        queries.published_bulletin(election.id, 4)


def test_nothing_changes_a_published_bulletin(election):
    rows = accredited(election)
    first = published(election)
    with pytest.raises(Refused):
        operations.edit_bulletin(
            actor=WRITER, bulletin=first, texts=BulletinTexts(text=WORDS), seen_version=1
        )
    with clock.at(NOW + timedelta(hours=1)):
        revoke_accreditation(
            actor=SYSTEM,
            row=rows[0],
            reason=Reason(Ground.INTERFERENCE),
            effective_at=NOW - timedelta(days=1),  # recorded late
        )
        assert queries.proof_of(election, first).is_same_list
        assert queries.proof_of(election, first).figures.observers == 3
        second = published(election, corrects_id=first.id)
        assert (second.as_of, '"observers": 2' in second.figures) == (first.as_of, True)
        assert [row.number for row in queries.corrections_of(first.id)] == [2]


def test_numbers_that_are_known_to_be_wrong_are_not_published(election):
    rows = accredited(election)
    row = operations.draft_bulletin(actor=WRITER, election=election)
    operations.approve_bulletin(actor=SECOND, bulletin=row)
    with clock.at(NOW + timedelta(hours=1)):
        revoke_accreditation(
            actor=SYSTEM,
            row=rows[0],
            reason=Reason(Ground.INTERFERENCE),
            effective_at=NOW - timedelta(minutes=1),
        )
        with pytest.raises(Refused, match="count again"):
            operations.publish_bulletin(actor=SECOND, election=election, bulletin=row)
        operations.recount_bulletin(actor=WRITER, election=election, bulletin=row)
        assert "2 observers" in row.text_en
        operations.approve_bulletin(actor=SECOND, bulletin=row)
        operations.publish_bulletin(actor=SECOND, election=election, bulletin=row)


def test_a_bulletin_speaks_of_no_future_and_says_what_it_corrects(election):
    with pytest.raises(Refused) as refusal:
        operations.draft_bulletin(actor=WRITER, election=election, as_of=NOW + timedelta(seconds=1))
    assert refusal.value.field == "as_of"
    draft = operations.draft_bulletin(actor=WRITER, election=election)
    with pytest.raises(Refused, match="Only a published"):
        operations.draft_bulletin(actor=WRITER, election=election, corrects_id=draft.id)
    first = published(election)
    row = operations.draft_bulletin(actor=WRITER, election=election, corrects_id=first.id)
    with pytest.raises(Refused) as refusal:
        operations.approve_bulletin(actor=SECOND, bulletin=row)
    assert refusal.value.field == "correction_en"


def test_a_text_is_asked_for_in_each_language_and_nobody_is_overwritten(election):
    row = operations.draft_bulletin(actor=WRITER, election=election)
    with pytest.raises(Refused) as refusal:
        operations.edit_bulletin(
            actor=WRITER,
            bulletin=row,
            texts=BulletinTexts(text=WORDS | {"kk": " "}),
            seen_version=row.version,
        )
    assert refusal.value.field == "text_kk"
    with pytest.raises(Stale):
        operations.edit_bulletin(
            actor=WRITER, bulletin=row, texts=BulletinTexts(text=WORDS), seen_version=99
        )


@pytest.fixture
def meeting(election):
    """A meeting of a delegation with one official, which took place."""
    sender = records.organization(name="Assembly", acronym="TURKPA")
    delegation = records.delegation(election, sender)
    starts_at = datetime(2022, 11, 9, 11, tzinfo=ZoneInfo("Asia/Almaty"))
    details = MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Courtesy call",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        official_ids=(records.official().id,),
        delegation_ids=(delegation.id,),
    )
    with clock.at(NOW - timedelta(days=3)):
        made = schedule_meeting(actor=SYSTEM, election=election, details=details)
    return keep_record(actor=SYSTEM, meeting=made, record=Record(outcome="They spoke."))


def note_texts(**values):
    empty = dict.fromkeys(("en", "ru", "kk"), "")
    return NoteTexts(
        **{"title": WORDS, "text": WORDS, "photo_alt": empty, "correction": empty} | values
    )


def photo(size=(800, 600)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "#345").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_note_closes_with_the_totals_of_its_day(election, meeting):
    accredited(election, at=NOW - timedelta(days=8))
    note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    assert "They spoke." in note.text_en
    operations.approve_note(actor=SECOND, note=note)
    operations.publish_note(actor=SECOND, election=election, note=note)
    accredited_later = records.delegation(election, records.state("DE", "Germany"))
    records.accreditation(accredited_later, status=AccreditationStatus.ACCREDITED)
    found = queries.published_note(election.id, 1)
    assert found.content.closing["en"] == (
        "3 observers from 1 foreign country have been accredited."
    )
    assert found.content.delegations["en"] == ["Assembly"]


def test_a_correction_is_another_version_and_the_first_stays(election, meeting):
    note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    with pytest.raises(Refused, match="already"):
        operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    operations.approve_note(actor=SECOND, note=note)
    operations.publish_note(actor=SECOND, election=election, note=note)
    operations.edit_note(actor=WRITER, note=note, texts=note_texts(), seen_version=note.version)
    assert queries.published_note(election.id, 1).version.number == 1
    with pytest.raises(Refused) as refusal:
        operations.approve_note(actor=SECOND, note=note)
    assert refusal.value.field == "correction_en"
    texts = note_texts(correction=WORDS)
    operations.edit_note(actor=WRITER, note=note, texts=texts, seen_version=note.version)
    operations.approve_note(actor=SECOND, note=note)
    operations.publish_note(actor=SECOND, election=election, note=note)
    newest, first = (
        queries.published_note(election.id, 1),
        queries.published_note(election.id, 1, 1),
    )
    assert (newest.version.number, newest.content.correction) == (2, WORDS)
    assert "They spoke." in first.content.text["en"]
    assert [row.number for row in newest.earlier] == [1]


def test_a_photograph_needs_credit_and_words(election, meeting):
    note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    for upload in (b"", b"no picture", photo((300, 300))):
        with pytest.raises(Refused) as refusal:
            operations.put_note_photo(actor=WRITER, note=note, upload=upload)
        assert refusal.value.field == "photo"
    operations.put_note_photo(actor=WRITER, note=note, upload=photo())
    with pytest.raises(Refused) as refusal:
        operations.approve_note(actor=SECOND, note=note)
    assert refusal.value.field == "photo_credit"
    texts = note_texts(photo_alt=WORDS, photo_credit="A. Photographer")
    operations.edit_note(actor=WRITER, note=note, texts=texts, seen_version=note.version)
    operations.approve_note(actor=SECOND, note=note)


def test_a_discarded_note_is_drafted_anew_and_a_dropped_correction_leaves_what_is_public(
    election, meeting
):
    note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    operations.discard_note(actor=WRITER, note=note)
    note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
    operations.approve_note(actor=SECOND, note=note)
    operations.publish_note(actor=SECOND, election=election, note=note)
    operations.edit_note(actor=WRITER, note=note, texts=note_texts(), seen_version=note.version)
    operations.discard_note(actor=WRITER, note=note)
    assert note.status is PublicationStatus.PUBLISHED
    assert len(queries.versions_of(note.id)) == 1
    assert len(db.session.execute(queries.published_notes(election.id)).all()) == 1


@given(st.sampled_from(PublicationStatus), st.sampled_from(Step))
def test_the_tables_of_a_publications_life(status, step):
    for ways in (BULLETIN_WAYS, NOTE_WAYS):
        assert (step in steps_from(ways, status)) == (status in ways[step].sources)
    assert steps_from(BULLETIN_WAYS, PublicationStatus.PUBLISHED) == ()
    assert steps_from(NOTE_WAYS, PublicationStatus.PUBLISHED) == (Step.EDIT,)


@given(st.integers(1, 9) | st.none(), st.integers(1, 9) | st.none())
def test_nobody_approves_what_they_wrote(approver, editor):
    assert may_approve(approver, editor) == (approver is not None and approver != editor)


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 9), st.just("head"), st.just(""))))
def test_the_hash_is_of_the_list_and_not_of_its_order(rows):
    assert list_hash(rows) == list_hash(reversed(rows))
    assert list_hash([*rows, (100, 1, Function.EXPERT.value, "KZ-75")]) != list_hash(rows)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Two < three & more", "Two < three & more"),
        ("<p>Para</p>\n\n\n\n<b>graph</b>", "Para\n\ngraph"),
        ("<script>alert(1)</script>Text<img src=x onerror=alert(1)>", "Text"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("  «Слова»\u202e \u200b", "«Слова»"),
    ],
)
def test_pasted_markup_is_taken_off(pasted, kept):
    assert plain(pasted) == kept
