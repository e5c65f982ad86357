"""What one shift tells the next, in words: the same on the page and in the note of the log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import short_moment
from tracker.kernel.i18n import ngettext
from tracker.logistics.board import route_text, shown_movement
from tracker.logistics.labels.duty import FUNCTIONS
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.models.duty import DutyNote, DutyShift
from tracker.logistics.models.movements import Movement
from tracker.logistics.queries.hand_overs import Matters
from tracker.logistics.rules.assistance import is_overdue
from tracker.meetings.models import Meeting
from tracker.organizations.labels import sender_name

SHORT = 160  # letters of a note that are repeated where it is handed over
At = Callable[[datetime], str]


@dataclass(frozen=True)
class Item:
    """One line, and the record that it is about."""

    text: str
    record_id: int


@dataclass(frozen=True)
class Section:
    """The lines of one sort under their title; `key` says of what records."""

    key: str
    title: str
    items: list[Item]


def sections(found: Matters, election: Election, now: datetime) -> list[Section]:
    """Everything that is handed over, in the reader's language and in local time."""
    today = clock.local(now, election.time_zone).date()

    def at(moment: datetime) -> str:
        return short_moment(clock.local(moment, election.time_zone), today)

    return [
        Section(key, str(title), [Item(text, row_id) for text, row_id in lines])
        for key, title, lines in (
            ("notes", _("Open notes"), [(_note(row, at), row.id) for row in found.notes]),
            (
                "requests",
                _("Assistance requests that press"),
                [(_request(row, at, now), row.id) for row in found.requests],
            ),
            (
                "meetings",
                _("Meetings of the next 12 hours"),
                [(_meeting(row, at), row.id) for row in found.meetings],
            ),
            (
                "arrivals",
                _("Arrivals of the next 12 hours"),
                [(_arrival(row, at, election), row.id) for row in found.arrivals],
            ),
            ("shifts", _("Coming on duty"), [(_shift(row, at), row.id) for row in found.next]),
        )
    ]


def hand_over_text(word: str, parts: list[Section]) -> str:
    """What the note of the log says: the word of whoever signs, then everything handed over."""
    lines = [word]
    for part in parts:
        lines += ["", f"{part.title}: {len(part.items)}"]
        lines += [f"– {item.text}" for item in part.items]
    return "\n".join(lines)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _note(row: DutyNote, at: At) -> str:
    text = " ".join(row.text.split())
    text = text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"
    return _joined(_("No. %(number)s", number=row.number), at(row.happened_at), text)


def _request(row: AssistanceRequest, at: At, now: datetime) -> str:
    late = is_overdue(row.status, row.due_at, now)
    return _joined(
        _("No. %(number)s", number=row.number),
        sender_name(row.delegation.organization),
        row.title,
        _("overdue since %(time)s", time=at(row.due_at))
        if late
        else _("owed by %(time)s", time=at(row.due_at)),
    )


def _meeting(row: Meeting, at: At) -> str:
    senders = ", ".join(sender_name(each.organization) for each in row.delegations)
    return _joined(at(row.starts_at), row.title, senders)


def _arrival(row: Movement, at: At, election: Election) -> str:
    met = _("Met by: %(name)s", name=row.met_by) if row.met_by else _("Nobody meets them yet")
    return _joined(
        at(row.moves_at),
        sender_name(row.delegation.organization),
        ngettext("%(num)s person", "%(num)s people", row.people),
        row.number,
        route_text(shown_movement(row, election)),
        met,
    )


def _shift(row: DutyShift, at: At) -> str:
    times = f"{at(row.starts_at)}–{at(row.ends_at)}"
    return _joined(times, str(_(FUNCTIONS[row.function])), row.person, row.phone)
