"""Dates as each language writes them: in Kazakh the year comes first."""

from datetime import date, datetime

from flask_babel import format_date, format_datetime, get_locale

# Pattern by pattern, the longer first: «2022 жылғы 18 қараша», as laws and letters have it.
KAZAKH = {
    "EEEE, d MMMM y": "y 'жылғы' d MMMM, EEEE",
    "EEE, d MMM y": "y 'ж'. d MMM, EEE",
    "d MMMM y": "y 'жылғы' d MMMM",
    "d MMM y": "y 'ж'. d MMM",
}


def _is_kazakh() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "kk"


def dated(value: date, pattern: str) -> str:
    """A day, or a moment in its own zone, by a pattern of CLDR in the order of English."""
    if _is_kazakh():
        usual = next((part for part in KAZAKH if part in pattern), "")
        pattern = pattern.replace(usual, KAZAKH.get(usual, ""))
    written = format_datetime if isinstance(value, datetime) else format_date
    return str(written(value, pattern, rebase=False))


def span(first: date, last: date, *, has_year: bool = True) -> str:
    """Days from one to the other, as short as they can be said: 18–21 Nov 2022."""
    if first.year != last.year:
        return f"{dated(first, 'd MMM y')} – {dated(last, 'd MMM y')}"
    if first == last:
        return dated(last, "d MMM y" if has_year else "d MMM")
    start = f"{first.day}–" if first.month == last.month else f"{dated(first, 'd MMM')} – "
    days = f"{start}{dated(last, 'd MMM')}"
    if not has_year:
        return days
    return f"{last.year} ж. {days}" if _is_kazakh() else f"{days} {last.year}"


def short_moment(value: datetime, today: date | None = None) -> str:
    """The time alone where the day goes without saying; else with the day, in its own zone."""
    return dated(value, "HH:mm" if value.date() == today else "d MMM, HH:mm")
