"""A press note drafted from a meeting's record: facts in whole sentences, in three languages.

Nobody's words are invented: who received whom, when, what was talked about as far as it is
recorded, and the totals of that day with which a note closes.
"""

from dataclasses import dataclass
from datetime import date

from flask_babel import force_locale

from tracker.delegations.queries import heads_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import N_, localized, say
from tracker.meetings.models import Meeting, MeetingKind
from tracker.totals.queries import headline_figures
from tracker.totals.sentences import press_sentence


@dataclass(frozen=True)
class PressNote:
    """One language of the note."""

    language: str
    title: str
    paragraphs: list[str]


def press_notes(election: Election, meeting: Meeting) -> list[PressNote]:
    """The note in English, Russian and Kazakh; totals as of the end of the meeting."""
    day = clock.local(meeting.starts_at, election.time_zone).date()
    heads = {
        key: head.name for key, head in heads_of([d.id for d in meeting.delegations], day).items()
    }
    totals = headline_figures(election, as_of=min(meeting.ends_at, clock.now()))
    notes = []
    for language in ("en", "ru", "kk"):
        with force_locale(language):
            closing = press_sentence(
                language,
                observers=totals.observers,
                organizations=totals.organizations,
                states=totals.states,
            )
            notes.append(_note(meeting, day, heads, language, closing))
    return notes


def _note(
    meeting: Meeting, day: date, heads: dict[int, str], language: str, closing: str
) -> PressNote:
    officials = [
        f"{localized(row, 'position')} {localized(row, 'name')}" for row in meeting.officials
    ]
    senders = [
        say(N_("%(sender)s (headed by %(head)s)"), {"sender": name, "head": heads[row.id]})
        if row.id in heads
        else name
        for row in meeting.delegations
        for name in [localized(row.organization, "name")]
    ]
    params = {
        "day": dated(day, "d MMMM y"),
        "officials": officials,
        "delegations": senders,
    }
    if meeting.kind is MeetingKind.BRIEFING and not senders:
        first = N_("%(day)s: briefing for heads of observer missions. Speaking: %(officials)s.")
    else:
        first = N_("%(day)s: meeting. Host: %(officials)s. Guests: %(delegations)s.")
    paragraphs = [say(first, params)]
    if meeting.agenda:
        agenda = "; ".join(line for line in meeting.agenda.splitlines() if line)
        paragraphs.append(say(N_("Topics: %(topics)s."), {"topics": agenda.rstrip(".")}))
    if meeting.outcome:
        paragraphs += [line for line in meeting.outcome.split("\n\n") if line]
    return PressNote(language, meeting.title, [*paragraphs, closing])
