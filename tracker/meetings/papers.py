"""Meetings on paper: the day card of an official, the itinerary of a delegation."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import language_name, localized
from tracker.kernel.printing import render_pdf
from tracker.meetings.events import place_of
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import Participant
from tracker.officials.labels import post_of
from tracker.officials.models import Official
from tracker.organizations.labels import sender_name

People = dict[int, list[Participant]]


def day_card(
    election: Election,
    official: Official,
    day: date,
    meetings: Sequence[Meeting],
    people: People,
    language: str,
) -> bytes:
    """One official's day: whom they receive, where, about what, who interprets."""
    with force_locale(language):
        name = localized(official, "name")
        rows = [_row(election, each, people, for_official=True) for each in meetings]
        data = {
            "heading": name,
            "lead": [
                post_of(official),
                _date(day),
            ],
            "days": [{"title": str(_("Meetings of the day")), "rows": rows}] if rows else [],
            "columns": [str(_("Time")), str(_("With")), str(_("Place"))],
        }
        return _printed(election, data, title=f"{name}, {_date(day)}", language=language)


def itinerary(
    election: Election,
    delegation: Delegation,
    meetings: Sequence[Meeting],
    people: People,
    language: str,
) -> bytes:
    """All meetings of a delegation, by day."""
    with force_locale(language):
        name = localized(delegation.organization, "name")
        lead = [localized(election, "name")]
        if delegation.liaison_officer:
            contact = ", ".join(
                filter(None, (delegation.liaison_officer, delegation.liaison_phone))
            )
            lead.append(str(_("Liaison officer: %(contact)s", contact=contact)))
        days = groupby(
            meetings, key=lambda each: clock.local(each.starts_at, election.time_zone).date()
        )
        data = {
            "heading": name,
            "lead": lead,
            "days": [
                {
                    "title": _date(day),
                    "rows": [_row(election, each, people, for_official=False) for each in found],
                }
                for day, found in days
            ],
            "columns": [str(_("Time")), str(_("With")), str(_("Place"))],
        }
        title = str(_("Itinerary: %(name)s", name=sender_name(delegation.organization)))
        return _printed(election, data, title=title, language=language)


def _printed(election: Election, data: dict[str, Any], *, title: str, language: str) -> bytes:
    moment = clock.local(clock.now(), election.time_zone)
    more = {
        "running": str(
            _(
                "As of %(day)s, %(time)s",
                day=dated(moment.date(), "d MMMM y"),
                time=f"{moment:%H:%M}",
            )
        ),
        "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
        "empty": str(_("No meetings.")),
    }
    return render_pdf("programme", data | more, language=language, title=title)


def _date(day: date) -> str:
    return dated(day, "EEEE, d MMMM y")


def _row(
    election: Election, meeting: Meeting, people: People, *, for_official: bool
) -> dict[str, Any]:
    start = clock.local(meeting.starts_at, election.time_zone)
    end = clock.local(meeting.ends_at, election.time_zone)
    hosts = [f"{localized(row, 'name')}, {localized(row, 'position')}" for row in meeting.officials]
    guests = [localized(row.organization, "name") for row in meeting.delegations]
    whom = (guests or [str(_("All missions"))]) if for_official else hosts
    lines = [meeting.title]
    if meeting.status is MeetingStatus.PROPOSED:
        lines.append(str(_("Proposed, not confirmed yet")))
    if meeting.agenda:
        lines += meeting.agenda.splitlines()
    if named := people.get(meeting.id):
        names = ", ".join(each.name for each in named)
        lines.append(str(_("Participants: %(names)s", names=names)))
    return {
        "time": f"{start:%H:%M}–{end:%H:%M}",
        "title": "; ".join(whom),
        "lines": lines,
        "place": _place(meeting),
    }


def _place(meeting: Meeting) -> list[str]:
    found = place_of(meeting)
    if meeting.hall and meeting.hall.institution.address:
        found.append(meeting.hall.institution.address)
    if meeting.interpreter:
        spoken = language_name(meeting.language) if meeting.language else None
        who = ", ".join(filter(None, (meeting.interpreter.name, spoken)))
        found.append(str(_("Interpreter: %(who)s", who=who)))
    attending = [
        str(word)
        for is_there, word in (
            (meeting.protocol_attends, _("Protocol")),
            (meeting.press_attends, _("Press")),
        )
        if is_there
    ]
    return found + ([", ".join(attending)] if attending else [])
