"""What a press note says: drafted from the meeting's record, closed with the totals of its day."""

from flask_babel import force_locale

from tracker.delegations.queries import heads_of
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGES, N_, localized, say
from tracker.meetings.models import Meeting
from tracker.meetings.press import press_notes
from tracker.publications.content import NoteContent
from tracker.publications.models import PressNote
from tracker.totals.queries import headline_figures
from tracker.totals.sentences import press_sentence


def drafted_texts(election: Election, meeting: Meeting) -> dict[str, tuple[str, str]]:
    """Title and text by language, without the closing paragraph, which is never typed."""
    return {
        note.language: (note.title, "\n\n".join(note.paragraphs[:-1]))
        for note in press_notes(election, meeting)
    }


def closing_of(election: Election, note: PressNote) -> dict[str, str]:
    """The closing paragraph by language: the totals as of the note's moment."""
    found = headline_figures(election, as_of=note.totals_as_of)
    return {
        language: press_sentence(
            language,
            observers=found.observers,
            organizations=found.organizations,
            states=found.states,
        )
        for language in LANGUAGES
    }


def content_of(election: Election, note: PressNote) -> NoteContent:
    """The note as its next version would read."""
    meeting = db.session.get_one(Meeting, note.meeting_id)
    found = heads_of([row.id for row in meeting.delegations], note.happened_on)
    heads = {key: head.name for key, head in found.items()}
    officials, delegations = {}, {}
    for language in LANGUAGES:
        with force_locale(language):
            officials[language] = [
                f"{localized(row, 'position')} {localized(row, 'name')}"
                for row in meeting.officials
            ]
            delegations[language] = [
                say(
                    N_("%(sender)s (headed by %(head)s)"),
                    {"sender": name, "head": heads[row.id]},
                )
                if row.id in heads
                else name
                for row in meeting.delegations
                for name in [localized(row.organization, "name")]
            ]
    return NoteContent(
        happened_on=note.happened_on.isoformat(),
        title=_by_language(note, "title"),
        officials=officials,
        delegations=delegations,
        text=_by_language(note, "text"),
        closing=closing_of(election, note),
        photo=note.photo,
        photo_credit=note.photo_credit,
        photo_alt=_by_language(note, "photo_alt") if note.photo else None,
        press_contact=note.press_contact,
        correction=_by_language(note, "correction") if note.correction_en else None,
    )


def _by_language(note: PressNote, name: str) -> dict[str, str]:
    return {language: getattr(note, f"{name}_{language}") or "" for language in LANGUAGES}
