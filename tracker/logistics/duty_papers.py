"""Papers of headquarters on duty: the log of a day, and the sheet of whom to call."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated, short_moment
from tracker.kernel.i18n import localized
from tracker.kernel.printing import Unprintable, render_pdf
from tracker.logistics.labels.duty import FUNCTIONS, NOTE_KINDS, NOTE_STEPS
from tracker.logistics.models.duty import DutyFunction, NoteStepKind
from tracker.logistics.queries.duty_contacts import Line, Sheet
from tracker.logistics.queries.duty_log import Entry
from tracker.organizations.labels import sender_name


def _date(day: date) -> str:
    return dated(day, "EEEE, d MMMM y")


def _frame(election: Election, heading: str, *more: str) -> dict[str, Any]:
    moment = clock.local(clock.now(), election.time_zone)
    as_of = _("As of %(day)s, %(time)s", day=_date(moment.date()), time=f"{moment:%H:%M}")
    return {
        "heading": heading,
        "lead": [localized(election, "name"), *more],
        "running": str(as_of),
        "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
    }


def _printed(template: str, data: dict[str, Any], language: str, title: str) -> bytes:
    """The paper; a letter that no font draws is written as its code point, [U+1F44D].

    A note is never changed again, so that one such letter would keep its day from paper for good.
    """
    try:
        return render_pdf(template, data, language=language, title=title)
    except Unprintable as problem:
        text = json.dumps(data, ensure_ascii=False)
        for letter in problem.letters:
            text = text.replace(letter, "".join(f"[U+{ord(each):04X}]" for each in letter))
        return render_pdf(template, json.loads(text), language=language, title=title)


def log_sheet(election: Election, day: date, rows: Sequence[Entry], language: str) -> bytes:
    """The log of one day in the order of events, with what was struck out and corrected."""
    with force_locale(language):
        heading = str(_("Duty log"))
        lines = [_note(row, election) for row in rows]
        data = _frame(election, heading, *([] if lines else [_date(day)])) | {
            "days": [{"title": _date(day), "rows": lines}] if lines else [],
            "widths": [18, 42],
            "is_long": True,
            "columns": [str(_("Time")), str(_("What has happened")), str(_("Written by"))],
            "empty": str(_("Nothing was written on this day.")),
        }
        return _printed("programme", data, language, f"{heading}, {_date(day)}")


def _note(entry: Entry, election: Election) -> dict[str, Any]:
    note = entry.note

    def local(moment: Any) -> Any:
        return clock.local(moment, election.time_zone)

    title = [_("No. %(number)s", number=note.number), _(NOTE_KINDS[note.kind])]
    if note.delegation:
        title.append(sender_name(note.delegation.organization))
    if note.reference:
        title.append(note.reference)
    lines = note.text.split("\n") + outcome_lines(entry, election)
    happened, recorded = local(note.happened_at), local(note.recorded_at)
    place = [note.author_name]
    if recorded.strftime("%F %R") != happened.strftime("%F %R"):
        place.append(_("written %(time)s", time=short_moment(recorded)))
    return {
        "time": f"{happened:%H:%M}",
        "title": " · ".join(str(part) for part in title),
        "lines": lines,
        "place": [str(part) for part in place],
    }


def outcome_lines(entry: Entry, election: Election) -> list[str]:
    """What became of a note, a line each."""
    lines = []
    if entry.corrects:
        lines.append(_("In place of No. %(number)s", number=entry.corrects))
    for kind in NoteStepKind:
        if step := entry.steps.get(kind):
            at = clock.local(step.recorded_at, election.time_zone)
            words = (_(NOTE_STEPS[kind]), step.actor_name, short_moment(at))
            lines.append(f"{', '.join(map(str, words))}: {step.word}")
    if entry.corrected_by:
        lines.append(_("Corrected by No. %(number)s", number=entry.corrected_by))
    if entry.note.is_open:
        lines.append(_("To be followed up"))
    return [str(line) for line in lines]


def contacts_paper(election: Election, sheet: Sheet, language: str) -> bytes:
    """The sheet of whom to call; made in the language that the sheet was read in."""
    heading = str(_("Whom to call"))
    parts = [
        (_("On duty now"), sheet.on_duty),
        (_("Services and desks"), sheet.own),
        *sheet.delegations,
        (_("Offices of officials"), sheet.officials),
        (_("Halls"), sheet.halls),
        (_("Interpreters"), sheet.interpreters),
    ]
    data = _frame(election, heading) | {
        "parts": [
            {"title": str(title), "rows": [_contact(line) for line in lines]}
            for title, lines in parts
            if lines
        ],
        "columns": [str(_("Name")), str(_("Function")), str(_("Telephone, e-mail"))],
        "empty": str(_("Nobody is entered yet.")),
    }
    return _printed("contacts", data, language, heading)


def function_text(line: Line) -> str:
    """What somebody does, where it is stored as a word of the system."""
    named = {each.value: _(FUNCTIONS[each]) for each in DutyFunction}
    named |= {"head": _("Head of delegation"), "liaison_officer": _("Liaison officer")}
    return ", ".join(str(part) for part in (named.get(line.function), line.duty) if part)


def _contact(line: Line) -> dict[str, Any]:
    ways = [way for way in (line.phone, line.email) if way]
    return {"name": line.name, "note": line.note, "duty": function_text(line), "ways": ways}
