"""The situation of a day, for a reader of ten minutes: one moment, one language, plain data.

As of a past moment it holds what has a history, as that was then; what is known for now alone is
left out. Paper, mail and the command line are made from it by `digest_paper`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import force_locale, format_decimal
from flask_babel import gettext as _

from tracker.accreditation.labels import STATUSES
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.elections.queries import deadlines_of
from tracker.headquarters import queries
from tracker.headquarters.changes import changes_between
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.clock import local_moment
from tracker.kernel.days import dated
from tracker.kernel.i18n import N_, localized, ngettext
from tracker.logistics.labels.attention import headline
from tracker.logistics.models.movements import Direction
from tracker.logistics.queries.assistance import DayCounts, day_counts, overdue_requests
from tracker.logistics.queries.movements import Crossing, crossings_as_of
from tracker.meetings.events import place_of
from tracker.meetings.labels import STATUSES as MEETING_STATUSES
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import meetings_on
from tracker.organizations.labels import sender_name
from tracker.totals.charts import Curve, drawn
from tracker.totals.figures import Figures
from tracker.totals.queries import curve, headline_figures
from tracker.totals.sentences import sentence

MOST_OVERDUE, MOST_CHANGES = 8, 12
DAY = timedelta(days=1)
DEADLINES = {
    "opens": N_("Accreditation opens"),
    "closes": N_("Accreditation closes"),
    "polls_open": N_("Polling stations open"),
    "polls_close": N_("Polling stations close"),
    "ends": N_("Accreditations expire"),
}
FIGURES = ("observers", "organizations", "states", "awaiting_decision")


@dataclass(frozen=True)
class Figure:
    """A number that is said aloud, and by how much the day has changed it."""

    value: int
    label: str
    change: int


@dataclass(frozen=True)
class MeetingLine:
    """One meeting; `state` where it is not plain from the time."""

    time: str
    with_whom: str
    title: str
    officials: tuple[str, ...]
    place: str
    state: str


@dataclass(frozen=True)
class Travel:
    """Who arrives or leaves on a day; `expected` are people of whom it is not recorded yet."""

    label: str
    people: int
    delegations: int
    expected: int


@dataclass(frozen=True)
class Deadline:
    """A moment of the election's calendar that lies ahead."""

    label: str
    moment: datetime
    left: str


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What is said of one election as of one moment, written in one language."""

    language: str
    slug: str
    election: str
    moment: datetime  # local
    sentence: str
    figures: tuple[Figure, ...]
    pipeline: tuple[tuple[str, int], ...]
    curve: Curve | None
    changes: tuple[str, ...]
    meetings: tuple[MeetingLine, ...]
    meetings_ahead: tuple[MeetingLine, ...]
    travel: tuple[Travel, ...]
    requests: DayCounts
    overdue: tuple[str, ...] | None  # None, as below: not known
    action: tuple[str, ...] | None
    deadlines: tuple[Deadline, ...]

    @property
    def day(self) -> date:
        """The local day that it is about."""
        return self.moment.date()


def digest_of(election: Election, language: str, as_of: datetime | None = None) -> Digest:
    """The digest as of a moment; of now without one, and where it lies ahead."""
    now = clock.now()
    is_now = as_of is None or as_of >= now
    moment = now if is_now or as_of is None else as_of
    local = clock.local(moment, election.time_zone)
    start = local_moment(local.date(), time(0), election.time_zone)
    current = headline_figures(election, as_of=None if is_now else moment)
    before = headline_figures(election, as_of=start - timedelta(microseconds=1))
    tomorrow = local.date() + DAY
    with force_locale(language):
        return Digest(
            language=language,
            slug=election.slug,
            election=localized(election, "name"),
            moment=local,
            sentence=_sentence(current, language),
            figures=_figures(current, before),
            pipeline=tuple(
                (_(STATUSES[AccreditationStatus(status)]), count)
                for status, count in current.pipeline.items()
            ),
            curve=drawn(election, curve(election, until=moment), moment),
            changes=shortened(
                [each.text for each in changes_between(election, start, moment)], MOST_CHANGES
            ),
            meetings=_meetings(election, local.date(), moment, language, is_now=is_now),
            meetings_ahead=_meetings(election, tomorrow, moment, language, is_now=is_now),
            travel=_travel(election, local.date(), moment),
            requests=day_counts(election.id, start, moment),
            overdue=_overdue(election, moment) if is_now else None,
            action=_action(election, moment) if is_now else None,
            deadlines=_deadlines(election, moment),
        )


def _sentence(found: Figures, language: str) -> str:
    names = ("observers", "organizations", "states")
    split = ("observers_from_organizations", "observers_from_states")
    return sentence(language, **{name: getattr(found, name) for name in names + split})


def _figures(current: Figures, before: Figures) -> tuple[Figure, ...]:
    labels = (
        ngettext("observer accredited", "observers accredited", current.observers),
        ngettext(
            "international organization", "international organizations", current.organizations
        ),
        ngettext("foreign state", "foreign states", current.states),
        ngettext(
            "candidate awaiting decision", "candidates awaiting decision", current.awaiting_decision
        ),
    )
    return tuple(
        Figure(getattr(current, name), str(label), getattr(current, name) - getattr(before, name))
        for name, label in zip(FIGURES, labels, strict=True)
    )


def _is_known(row: Meeting, moment: datetime, *, is_now: bool) -> bool:
    """Whether the meeting stood at the moment as it stands now.

    What has begun took place as recorded. What lies ahead is a plan: as of a past moment it counts
    where it was made by then and has not been changed since.
    """
    if row.starts_at <= moment:
        return row.status in {MeetingStatus.SCHEDULED, MeetingStatus.HELD}
    is_unchanged = max(row.created_at, row.changed_at or row.created_at) <= moment
    return row.status is not MeetingStatus.CANCELLED and (is_now or is_unchanged)


def _meetings(
    election: Election, day: date, moment: datetime, language: str, *, is_now: bool
) -> tuple[MeetingLine, ...]:
    is_today = clock.local(moment, election.time_zone).date() == day
    found = []
    for row in meetings_on(election, day):
        if not _is_known(row, moment, is_now=is_now):
            continue
        starts, ends = (
            clock.local(each, election.time_zone) for each in (row.starts_at, row.ends_at)
        )
        status = row.status if is_now or row.starts_at > moment else None
        says = status in {MeetingStatus.PROPOSED, MeetingStatus.HELD}
        says = says or (is_today and row.starts_at > moment)
        found.append(
            MeetingLine(
                time=f"{starts:%H:%M}–{ends:%H:%M}",
                with_whom=queries.with_whom(row, language) or _("All missions"),
                title=row.title,
                officials=tuple(
                    f"{localized(each, 'name')}, {localized(each, 'position')}"
                    for each in row.officials
                ),
                place=", ".join(place_of(row)),
                state=_(MEETING_STATUSES[status]) if says and status else "",
            )
        )
    return tuple(found)


def _travel(election: Election, day: date, moment: datetime) -> tuple[Travel, ...]:
    found = crossings_as_of(election, day, 2, moment)
    titles = ((Direction.ARRIVAL, _("Arrivals")), (Direction.DEPARTURE, _("Departures")))
    lines = []
    for each in (day, day + DAY):
        rows = [
            row for row in found if clock.local(row.moves_at, election.time_zone).date() == each
        ]
        for direction, title in titles:
            label = f"{title}, {short_day(each)}"
            lines.append(_counted(label, [row for row in rows if row.direction is direction]))
    return tuple(lines)


def _counted(label: str, rows: Sequence[Crossing]) -> Travel:
    return Travel(
        label,
        people=sum(row.people for row in rows),
        delegations=len({row.delegation_id for row in rows}),
        expected=sum(row.people for row in rows if not row.is_done),
    )


def _overdue(election: Election, now: datetime) -> tuple[str, ...]:
    lines = []
    for row in overdue_requests(SYSTEM, election.id, now):
        due = clock.local(row.due_at, election.time_zone)
        values = {"delegation": sender_name(row.delegation.organization), "title": row.title}
        moment = f"{short_day(due.date())}, {due:%H:%M}"
        lines.append(_("%(delegation)s: %(title)s (due %(moment)s)", **values, moment=moment))
    return shortened(lines, MOST_OVERDUE)


def shortened(lines: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many lines, and how many more there are."""
    rest = len(lines) - most
    if rest <= 0:
        return tuple(lines)
    return (*lines[:most], ngettext("and %(num)s more", "and %(num)s more", rest))


def _action(election: Election, now: datetime) -> tuple[str, ...]:
    found = queries.matters_now(election, now)
    return tuple(headline(matter) for matter in found if matter.snooze is None)


def _deadlines(election: Election, moment: datetime) -> tuple[Deadline, ...]:
    today = clock.local(moment, election.time_zone).date()
    ahead = [
        (name, clock.local(each, election.time_zone))
        for name, each in deadlines_of(election).items()
        if each > moment
    ]
    return tuple(
        Deadline(_(DEADLINES[name]), local, _left(local.date() - today)) for name, local in ahead
    )


def _left(span: timedelta) -> str:
    if span.days < 2:
        return str(_("tomorrow") if span.days else _("today"))
    return ngettext("in %(num)s day", "in %(num)s days", span.days)


def short_day(day: date) -> str:
    """A day as a reader of the same year writes it: 18 November."""
    return dated(day, "d MMMM")


def change_words(change: int) -> str:
    """By how much the day has changed a figure."""
    if not change:
        return str(_("no change on the day"))
    sign = "+" if change > 0 else "−"
    return str(_("%(change)s on the day", change=f"{sign}{format_decimal(abs(change))}"))
