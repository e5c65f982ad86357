"""How hours, days, languages and blocked times are written."""

from datetime import date, time, timedelta

from babel.dates import get_day_names
from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import N_, language, localized
from tracker.kernel.text import sort_key
from tracker.officials.models import BlockedTime, BlockSource, Interpreter, Official
from tracker.officials.rules import LANGUAGES, Weekly, in_short, written_hours

DAY_NAMES = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday")),
    *(N_("Friday"), N_("Saturday"), N_("Sunday")),
)

SOURCES = {
    BlockSource.TYPED: N_("Entered on a page"),
    BlockSource.CALENDAR: N_("From a calendar"),
}


def post_of(row: Official) -> str:
    """The position of an official and of which institution it is."""
    return f"{localized(row, 'position')}, {localized(row.institution, 'name')}"


def official_line(row: Official) -> str:
    """An official as lists to choose from name them: many are chairmen or deputy ministers."""
    return f"{localized(row, 'name')}, {post_of(row)}"


def _week(row: Official | Interpreter) -> list[Weekly]:
    return [(span.weekday, span.starts, span.ends) for span in row.hours]


def hours_in_short(row: Official | Interpreter) -> str:
    """The weekly hours on one line: Mon–Thu 09:00–18:00; Fri 09:00–12:00."""
    names = get_day_names("abbreviated", context="stand-alone", locale=get_locale())
    parts = []
    for first, last, spans in in_short(_week(row)):
        days = names[first] if first == last else f"{names[first]}–{names[last]}"
        parts.append(f"{days} {written_hours(spans)}")
    return "; ".join(parts) or _("at any time")


def hours_by_day(row: Official | Interpreter) -> list[tuple[str, str]]:
    """Each day of the week and its hours; nothing without weekly hours."""
    week = _week(row)
    return [
        (_(name), written_hours((a, b) for day, a, b in week if day == weekday))
        for weekday, name in enumerate(DAY_NAMES)
        if week
    ]


def language_choices() -> list[tuple[str, str]]:
    """Codes and names of languages in the reader's language, by name."""
    names = get_locale().languages
    found = [(code, str(names[code])) for code in LANGUAGES]
    return sorted(found, key=lambda pair: sort_key(pair[1], language()))


def languages_of(row: Interpreter) -> str:
    """The names of an interpreter's languages, as a list begins."""
    names = get_locale().languages
    text = format_list([names[code] for code in row.language_codes], locale=get_locale())
    return text[:1].upper() + text[1:]


def named_day(day: date) -> str:
    """A date with its day of the week."""
    return dated(day, "EEE, d MMM y")


def when(row: BlockedTime, time_zone: str) -> str:
    """From when to when somebody is blocked, in local time; whole days without hours."""
    starts, ends = (clock.local(moment, time_zone) for moment in (row.starts_at, row.ends_at))
    first, last = starts.date(), ends.date()
    if starts.time() == ends.time() == time(0):
        days = sorted({first, last - timedelta(days=1)})
        return ", ".join((" – ".join(map(named_day, days)), _("all day")))
    begins = f"{named_day(first)}, {starts:%H:%M}"
    if first == last:
        return f"{begins}–{ends:%H:%M}"
    return f"{begins} – {named_day(last)}, {ends:%H:%M}"
