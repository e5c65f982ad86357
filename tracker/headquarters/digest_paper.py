"""The digest as it leaves the system: on paper, as a letter, and as text for a terminal."""

from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale, format_decimal
from flask_babel import gettext as _

from tracker.headquarters.digest import (
    DAY,
    Digest,
    MeetingLine,
    Travel,
    change_words,
    short_day,
)
from tracker.kernel.days import dated
from tracker.kernel.printing import render_whatever
from tracker.totals.charts import Curve


@dataclass(frozen=True)
class Section:
    """One part in words; `empty` stands where there is nothing to say."""

    title: str
    lines: tuple[str, ...]
    empty: str = ""


def subject_of(digest: Digest) -> str:
    """What the letter is about."""
    with force_locale(digest.language):
        return str(_("Daily digest of %(day)s: %(election)s", **_names(digest)))


def letter_of(digest: Digest) -> str:
    """The letter that the paper is attached to: what can be said in half a minute."""
    with force_locale(digest.language):
        parts = [_told(_action(digest))] if digest.action is not None else []
        closing = _("The whole digest is attached as a PDF.")
        return "\n\n".join([*_opening(digest), *parts, closing]) + "\n"


def text_of(digest: Digest) -> str:
    """Everything that the paper says."""
    with force_locale(digest.language):
        return "\n\n".join([*_opening(digest), *map(_told, _sections(digest))]) + "\n"


def print_digest(digest: Digest) -> bytes:
    """The paper as a PDF; letters that no font draws are printed as empty squares."""
    with force_locale(digest.language):
        data, title = _data(digest), _("Daily digest of %(day)s: %(election)s", **_names(digest))
    return render_whatever("digest", data, language=digest.language, title=title)


def _names(digest: Digest) -> dict[str, str]:
    day = dated(digest.day, "d MMMM y")
    return {"election": digest.election, "day": day}


def _moment(digest: Digest) -> str:
    offset = digest.moment.isoformat()[-6:]
    return str(_("As of %(time)s (UTC%(offset)s)", time=f"{digest.moment:%H:%M}", offset=offset))


def _weekday(digest: Digest) -> str:
    return dated(digest.day, "EEEE, d MMMM y")


def _opening(digest: Digest) -> list[str]:
    figures = [
        f"{format_decimal(each.value)} {each.label} ({change_words(each.change)})"
        for each in digest.figures
    ]
    heading = [digest.election, f"{_('Daily digest')}, {_weekday(digest)}", _moment(digest)]
    return ["\n".join(heading), digest.sentence, "\n".join(figures)]


def _told(section: Section) -> str:
    lines = section.lines or (section.empty,)
    return "\n".join([section.title.upper(), *lines])


def _action(digest: Digest) -> Section:
    return Section(_("Needs action"), digest.action or (), _("Nothing needs action."))


def _sections(digest: Digest) -> list[Section]:
    pipeline = tuple(f"{label}: {format_decimal(count)}" for label, count in digest.pipeline)
    parts = [Section(_("Accreditation by status"), pipeline), _changes(digest)]
    parts += [_meetings(title, rows) for title, rows in _days(digest)]
    parts += [_travel(digest), Section(_("Assistance requests"), tuple(_requests(digest)))]
    parts += [_action(digest)] if digest.action is not None else []
    return [*parts, _deadlines(digest)]


def _changes(digest: Digest) -> Section:
    return Section(_("Changes of the day"), digest.changes, _("Nothing changed."))


def _days(digest: Digest) -> list[tuple[str, tuple[MeetingLine, ...]]]:
    days = ((digest.day, digest.meetings), (digest.day + DAY, digest.meetings_ahead))
    return [(_("Meetings on %(day)s", day=short_day(day)), rows) for day, rows in days]


def _meetings(title: str, rows: tuple[MeetingLine, ...]) -> Section:
    lines = []
    for row in rows:
        state = f" ({row.state})" if row.state else ""
        told = (f"{row.with_whom}: {row.title}{state}", "; ".join(row.officials), row.place)
        lines.append(f"{row.time}  {'; '.join(filter(None, told))}")
    return Section(title, tuple(lines), _("No meetings."))


def _columns() -> list[str]:
    return [_("People"), _("Delegations"), _("Still expected")]


def _counts(row: Travel) -> tuple[int, int, int]:
    return row.people, row.delegations, row.expected


def _travel(digest: Digest) -> Section:
    names = _columns()
    lines = []
    for row in digest.travel:
        pairs = zip(names, _counts(row), strict=True)
        counts = (f"{name}: {format_decimal(value)}" for name, value in pairs)
        lines.append(f"{row.label}. {'; '.join(counts)}")
    empty = _("No arrivals and no departures.")
    return Section(_("Arrivals and departures"), tuple(lines if _moves(digest) else ()), empty)


def _moves(digest: Digest) -> bool:
    return any(row.people for row in digest.travel)


def _requests(digest: Digest) -> list[str]:
    found = digest.requests
    counts = _(
        "Raised on the day: %(raised)s. Settled: %(settled)s. Open: %(open)s.",
        **{name: format_decimal(value) for name, value in vars(found).items()},
    )
    lines = [str(counts)]
    if digest.overdue:
        lines.append(str(_("Overdue:")))
    return lines + list(digest.overdue or ())


def _deadlines(digest: Digest) -> Section:
    lines = tuple(
        f"{each.label}: {short_day(each.moment.date())}, {each.moment:%H:%M} ({each.left})"
        for each in digest.deadlines
    )
    return Section(_("Deadlines ahead"), lines, _("The election is over."))


def _data(digest: Digest) -> dict[str, Any]:
    """What the template prints: words, numbers and dates as the language writes them."""
    return {
        "election": digest.election,
        "heading": _("Daily digest"),
        "day": _weekday(digest),
        "moment": _moment(digest),
        "sentence": digest.sentence,
        "figures": [
            {
                "value": format_decimal(each.value),
                "label": each.label,
                "change": change_words(each.change),
            }
            for each in digest.figures
        ],
        "lists": [
            vars(each)
            for each in (
                *([_action(digest)] if digest.action is not None else ()),
                _deadlines(digest),
            )
        ],
        "changes": vars(_changes(digest)),
        "meetings": [
            {"title": title, "rows": [vars(row) for row in rows], "empty": _("No meetings.")}
            for title, rows in _days(digest)
        ],
        "travel": {
            "title": _("Arrivals and departures"),
            "columns": ["", *_columns()],
            "rows": [[row.label, *map(format_decimal, _counts(row))] for row in digest.travel],
            "empty": None if _moves(digest) else _("No arrivals and no departures."),
        },
        "requests": vars(Section(_("Assistance requests"), tuple(_requests(digest)))),
        "pipeline": _bars(digest),
        "curve": digest.curve and _drawing(digest.curve),
        "running": f"{_('Daily digest')}, {_names(digest)['day']}",
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _bars(digest: Digest) -> dict[str, Any]:
    most = max((count for _label, count in digest.pipeline), default=0) or 1
    rows = [
        {"label": label, "count": format_decimal(count), "share": count / most}
        for label, count in digest.pipeline
    ]
    return {"title": _("Accreditation by status"), "rows": rows}


def _drawing(curve: Curve) -> dict[str, Any]:
    return {
        "title": _("Observers accredited, by day"),
        "size": [curve.width, curve.height],
        "base": curve.base,
        "line": curve.line,
        "area": curve.area,
        "marks": [[mark.x, mark.y, format_decimal(mark.total)] for mark in curve.marks],
        "ticks": [[x, f"{day:%d.%m}"] for x, day in curve.ticks],
    }
