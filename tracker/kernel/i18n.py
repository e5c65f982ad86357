"""Three languages: which one a reader gets, and how values are written in it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from babel.units import format_unit
from flask import Flask, g, has_request_context, request
from flask_babel import (
    Babel,
    force_locale,
    format_decimal,
    get_locale,
    get_translations,
    gettext,
)
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context

from tracker.kernel.actor import NOBODY, SYSTEM
from tracker.kernel.days import dated, short_moment, span
from tracker.kernel.errors import Words
from tracker.kernel.text import sort_key

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
LANGUAGE_LABELS = {"kk": "ҚАЗ", "ru": "РУС", "en": "ENG"}
LANGUAGE_COOKIE = "language"

UNIONS = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})  # in CLDR, yet not countries

babel = Babel()
_catalogues: dict[str, Translations | NullTranslations] = {}


def N_(message: str) -> str:  # noqa: N802 - the usual gettext marker
    """Mark `message` for translation where it is defined; it is translated where it is shown."""
    return message


def _from_request() -> str:
    """The address's, the user's setting, this browser's choice, its languages, English."""
    if not has_request_context():
        return "en"
    if "reader_language" in g:  # of a program, which has neither setting nor choice
        return str(g.reader_language)
    addressed = (request.view_args or {}).get("lang")
    if addressed in LANGUAGES:  # nobody is looked up for a page that is the same for all
        return str(addressed)
    chosen = getattr(current_user, "language", None) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> str:
    """The two-letter code of the language in use."""
    locale = get_locale()
    return locale.language if locale else "en"


def language_asked() -> str:
    """The language in the address, where it is one of ours; else the reader's."""
    wanted = request.args.get("language", "")
    return wanted if wanted in LANGUAGES else language()


def language_name(code: str) -> str:
    """What a language (ISO 639-1) is called in the reader's language."""
    return str((get_locale() or Locale("en")).languages.get(code, code))


def localized(record: Any, attribute: str) -> str:
    """`record`'s value of `attribute` in the reader's language (`name` → `name_ru`)."""
    return str(getattr(record, f"{attribute}_{language()}") or getattr(record, f"{attribute}_en"))


def by_name(rows: Iterable[Any], attribute: str = "name") -> list[Any]:
    """Records by their names in the reader's language and its alphabet, whatever the order of a
    database is; for tables of which there are few rows."""
    return sorted(rows, key=lambda row: (sort_key(localized(row, attribute), language()), row.id))


def say(message: str, params: dict[str, Any] | None = None) -> str:
    """Translate a msgid and write its parameters as the reader's language does."""
    return str(gettext(message, **{name: written(value) for name, value in (params or {}).items()}))


def written(value: Any) -> Any:
    """A parameter as text: numbers, dates, moments (in their own zone), lists of those; of texts
    by language the reader's."""
    match value:
        case StrEnum():
            return gettext(value.value)
        case Words():
            return format_list([gettext(word) for word in value], locale=get_locale())
        case datetime():
            return dated(value, "d MMMM y, HH:mm")
        case date():
            return dated(value, "d MMMM y")
        case bool() | str() | None:
            return value
        case int():
            return format_decimal(value)
        case Mapping():
            return value[language()]
        case Iterable():
            return format_list([str(written(item)) for item in value], locale=get_locale())
    return str(value)


def whose(name: str | None) -> str:
    """Who did something, as kept beside it: a person's name, the program, or nobody known."""
    if name == NOBODY:
        return str(gettext("somebody not signed in"))
    return gettext("the system") if name == SYSTEM.name else name or ""


def iso_day(text: str) -> str:
    """A day that is kept as text; as it is, where only a year or a month is known."""
    try:
        return dated(date.fromisoformat(text), "d MMM y")
    except ValueError:
        return text


def machine_readable(value: date | datetime) -> str:
    """A day or a moment as the `datetime` of HTML's `time` takes it: with a second's fraction of at
    most three digits (HTML Living Standard, 2.3.5.7)."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return value.isoformat()


def size(count: int) -> str:
    """So many bytes, in the unit that people would use."""
    units = ((1024**3, "gigabyte"), (1024**2, "megabyte"), (1024, "kilobyte"), (1, "byte"))
    factor, unit = next((each for each in units if count >= each[0]), units[-1])
    value = round(count / factor, 1 if count < 10 * factor else None)
    return str(format_unit(value, f"digital-{unit}", length="short", locale=get_locale()))


def countries() -> list[tuple[str, str]]:
    """Codes and names of all countries in the reader's language, by name."""
    names = get_locale().territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code not in UNIONS]
    return sorted(found, key=lambda pair: sort_key(pair[1], language()))


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """The words for so many; `num` in them is the number as the reader's language writes it."""
    found: str = _catalogue().ungettext(one, many, number)
    return found % ({"num": format_decimal(number)} | values)


def _catalogue() -> Translations | NullTranslations:
    """The words of the reader's language; the library looks for their files at every word of a
    page, which takes a tenth of the time of making it."""
    locale = get_locale()
    if locale is None:
        return NullTranslations()
    if (found := _catalogues.get(locale.language)) is None:
        found = _catalogues[locale.language] = get_translations()
    return found


def init_app(app: Flask) -> None:
    """Install the languages."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "locale")
    babel.init_app(app, locale_selector=_from_request)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    found: Any = app.jinja_env.globals["ngettext"]

    @pass_context
    def counted(context: Context, one: str, many: str, number: int, /, **values: Any) -> Any:
        return found(context, one, many, number, **{"num": format_decimal(number)} | values)

    app.jinja_env.globals |= {
        "ngettext": counted,
        "localized": localized,
        "language": language,
        "say": say,
        "day_span": span,
        "short_moment": short_moment,
    }
    app.jinja_env.filters |= {
        "number": format_decimal,
        "change": lambda value: format_decimal(value, "+#,##0;-#,##0"),
        "day": lambda value: dated(value, "d MMM y"),
        "moment": lambda value: dated(value, "d MMM y, HH:mm"),
        "weekday": lambda value: dated(value, "EEE"),
        "said": written,
        "whose": whose,
        "iso_day": iso_day,
        "iso": machine_readable,
        "size": size,
    }


__all__ = ["LANGUAGES", "N_", "babel", "force_locale", "init_app", "language", "localized", "say"]
