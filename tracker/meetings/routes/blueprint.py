"""The blueprint of meetings, and what several of its pages share."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, time
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.i18n import language, language_name, localized, say
from tracker.kernel.text import sort_key
from tracker.kernel.web import actor
from tracker.meetings import queries
from tracker.meetings.events import place_of
from tracker.meetings.forms import MeetingForm
from tracker.meetings.models import Meeting
from tracker.meetings.operations import in_the_way
from tracker.meetings.planning import hall_name
from tracker.officials.labels import official_line
from tracker.officials.queries import halls, interpreters, officials
from tracker.organizations.labels import sender_name

blueprint = Blueprint("meetings", __name__)


def today(election: Election) -> date:
    """The present day where the election is."""
    return clock.today(election.time_zone)


def shown_meeting(row: Meeting, election: Election) -> dict[str, Any]:
    """A meeting as lists show it, in local time."""
    senders = [item.organization for item in row.delegations]
    return {
        "meeting": row,
        "starts": clock.local(row.starts_at, election.time_zone),
        "ends": clock.local(row.ends_at, election.time_zone),
        "officials": ", ".join(localized(item, "name") for item in row.officials),
        "place": ", ".join(place_of(row)),
        "delegations": ", ".join(sender_name(item) for item in senders),
    }


def language_names(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Codes and names of languages in the reader's language, by name."""
    pairs = ((code, language_name(code)) for code in set(codes))
    return sorted(pairs, key=lambda pair: sort_key(pair[1], language()))


def spoken_languages() -> list[tuple[str, str]]:
    """The languages from which somebody interprets."""
    return language_names(
        [code for row in interpreters(only_active=True) for code in row.language_codes]
    )


def meeting_form(election: Election, delegation_ids: Sequence[int] = ()) -> MeetingForm:
    """The form with its lists; members of `delegation_ids` may be named as participants."""
    form = MeetingForm()
    speaking = interpreters(only_active=True)
    names = delegation_names(actor(), election.id)
    form.offer(
        officials=[(row.id, official_line(row)) for row in officials(only_active=True)],
        delegations=list(names.items()),
        halls=[(row.id, hall_name(row)) for row in halls(only_active=True)],
        interpreters=[
            (row.id, f"{row.name} ({', '.join(_spoken(row.language_codes))})") for row in speaking
        ],
        languages=language_names([code for row in speaking for code in row.language_codes]),
        participants=[
            (each.accreditation_id, f"{each.name}, {names[each.delegation_id]}")
            for each in queries.who_may_come(delegation_ids)
            if each.delegation_id in names
        ],
        time_zone=election.time_zone,
    )
    return form


def _spoken(codes: Sequence[str]) -> list[str]:
    return [name for _code, name in language_names(codes)]


def prefill(form: MeetingForm, election: Election) -> None:
    """Take over what a link says: the delegation, a place in the schedule, or a whole proposal."""
    said = request.args
    form.day.data = today(election)
    form.starts.data, form.ends.data = time(10), time(10, 45)
    form.delegations.data = said.getlist("delegation", type=int)
    form.title.data = said.get("title", "")[:200]
    form.language.data = said.get("language", "")
    form.people.data = said.get("people", type=int)
    take_time(form, said)


def take_time(form: MeetingForm, said: MultiDict[str, str]) -> None:
    """Put in a time of the schedule or of a proposal, and who and what is free then."""
    form.officials.data = said.getlist("official", type=int)
    form.hall_id.data = said.get("hall", 0, type=int)
    form.interpreter_id.data = said.get("interpreter", 0, type=int)
    with suppress(ValueError):
        form.day.data = date.fromisoformat(said.get("day", ""))
        form.starts.data = form.ends.data = time.fromisoformat(said.get("starts", ""))
        form.last(45)
        form.ends.data = time.fromisoformat(said.get("ends", ""))
    for field in (form.day, form.starts, form.ends):
        field.raw_data = None  # or the page would show what was typed before


def looked_ahead(
    form: MeetingForm, election: Election, meeting: Meeting | None = None
) -> list[str]:
    """Why the place that a link suggests would not do, said before it is asked for."""
    if request.method != "GET" or not {"day", "starts"} & request.args.keys():
        return []
    found = in_the_way(election=election, details=form.details(), meeting=meeting)
    return [say(each.message, each.params) for each in found]
