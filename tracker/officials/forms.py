"""What a coordinator types about institutions, officials, halls and interpreters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from tracker.kernel.clock import exists_locally
from tracker.kernel.forms import (
    FILL_IN,
    LOCAL_FORMATS,
    Boxes,
    Form,
    VersionedForm,
    chosen_number,
    line,
)
from tracker.officials.busy import MAX_BYTES
from tracker.officials.labels import language_choices
from tracker.officials.models import Hall, Institution, Interpreter, Official
from tracker.officials.operations import (
    HallDetails,
    InstitutionDetails,
    InterpreterDetails,
    OfficialDetails,
)
from tracker.officials.rules import (
    DAYS,
    LONGEST_BUFFER,
    LONGEST_WAY,
    MOST_MEETINGS,
    Pair,
    version_of,
    written_hours,
)


def _number(
    label: Any, least: int, most: int, says: Any, *, is_required: bool = True, **more: Any
) -> IntegerField:
    first = InputRequired(says) if is_required else Optional()
    return IntegerField(label, [first, NumberRange(least, most, says)], **more)


class WeekForm(VersionedForm):
    """A record with weekly hours."""

    monday = line(_l("Monday"), 100)
    tuesday = line(_l("Tuesday"), 100)
    wednesday = line(_l("Wednesday"), 100)
    thursday = line(_l("Thursday"), 100)
    friday = line(_l("Friday"), 100)
    saturday = line(_l("Saturday"), 100)
    sunday = line(_l("Sunday"), 100)

    def show_week(self, row: Official | Interpreter) -> None:
        """Fill the days from a stored record."""
        for weekday, name in enumerate(DAYS):
            spans = [(span.starts, span.ends) for span in row.hours if span.weekday == weekday]
            self[name].data = written_hours(spans)

    @property
    def week(self) -> tuple[str, ...]:
        """The hours as typed, Monday first."""
        return tuple(self[name].data or "" for name in DAYS)


class InstitutionForm(VersionedForm):
    """Create or change an institution."""

    name_en = line(_l("Name in English"), 200, required=FILL_IN)
    name_ru = line(_l("Name in Russian"), 200, required=FILL_IN)
    name_kk = line(_l("Name in Kazakh"), 200, required=FILL_IN)
    address = line(_l("Address"), 300)
    # A zone that is not in the list is refused by the operation, which names it.
    time_zone = SelectField(
        _l("Time zone"),
        validate_choice=False,
        description=_l("Hours and halls of the institution are in this zone."),
    )

    def offer(self) -> None:
        """Fill the list of zones."""
        zones = [(name, name) for name in sorted(available_timezones())]
        self.time_zone.choices = [("", _("As the election")), *zones]

    def show(self, row: Institution) -> None:
        """Fill the form from a stored institution."""
        self.process(obj=row)
        self.offer()
        self.version.data = str(row.version)

    def details(self) -> InstitutionDetails:
        """What was typed."""
        names = ("name_en", "name_ru", "name_kk", "address")
        values = {name: self[name].data for name in names}
        return InstitutionDetails(**values, time_zone=self.time_zone.data or None)


OFFICIAL_VALUES = (
    *("institution_id", "name_en", "name_ru", "name_kk"),
    *("position_en", "position_ru", "position_kk", "precedence"),
    *("assistant_contact", "assistant_email", "buffer_minutes", "most_a_day", "is_active"),
)


class OfficialForm(WeekForm):
    """Create or change an official."""

    institution_id = SelectField(_l("Institution"), coerce=int)
    deputy_of_id = SelectField(_l("Deputy of"), coerce=chosen_number)
    name_en = line(_l("Full name in English"), 200, required=FILL_IN)
    name_ru = line(_l("Full name in Russian"), 200, required=FILL_IN)
    name_kk = line(_l("Full name in Kazakh"), 200, required=FILL_IN)
    position_en = line(_l("Position in English"), 200, required=FILL_IN)
    position_ru = line(_l("Position in Russian"), 200, required=FILL_IN)
    position_kk = line(_l("Position in Kazakh"), 200, required=FILL_IN)
    precedence = _number(
        _l("Order of precedence"),
        1,
        999,
        _l("Give a number from 1 to 999."),
        description=_l("Lower numbers are listed first."),
        default=100,
    )
    assistant_contact = line(_l("Assistant’s contact"), 200)
    assistant_email = line(
        _l("Assistant’s e-mail address"), 254, _l("Invitations to meetings go there.")
    )
    buffer_minutes = _number(
        _l("Break between meetings, minutes"),
        0,
        LONGEST_BUFFER,
        _l("Give a number from 0 to 240."),
        description=_l("The shortest allowed, from 0 to 240."),
        default=0,
    )
    most_a_day = _number(
        _l("Most meetings a day"),
        1,
        MOST_MEETINGS,
        _l("Give a number from 1 to 30."),
        is_required=False,
        description=_l("Left empty: as many as fit."),
    )
    is_active = BooleanField(_l("In office"), default=True)

    def offer(self, institutions: list[tuple[int, str]], officials: list[tuple[int, str]]) -> None:
        """Fill the lists to choose from."""
        self.institution_id.choices = institutions
        self.deputy_of_id.choices = [(0, "—"), *officials]

    def show(self, row: Official) -> None:
        """Fill the form from a stored official."""
        for name in OFFICIAL_VALUES:
            self[name].data = getattr(row, name)
        self.deputy_of_id.data = row.deputy_of_id or 0
        self.show_week(row)
        self.version.data = str(row.version)

    def details(self) -> OfficialDetails:
        """What was typed."""
        values = {name: self[name].data for name in OFFICIAL_VALUES}
        return OfficialDetails(
            **values, deputy_of_id=self.deputy_of_id.data or None, hours=self.week
        )


HALL_VALUES = ("institution_id", "name_en", "name_ru", "name_kk", "capacity", "is_active")


class HallForm(VersionedForm):
    """Create or change a hall."""

    institution_id = SelectField(_l("Institution"), coerce=int)
    name_en = line(_l("Name in English"), 200, required=FILL_IN)
    name_ru = line(_l("Name in Russian"), 200, required=FILL_IN)
    name_kk = line(_l("Name in Kazakh"), 200, required=FILL_IN)
    capacity = _number(_l("Seats"), 1, 5_000, _l("Give a number from 1 to 5,000."))
    is_active = BooleanField(_l("In use"), default=True)

    def offer(self, institutions: list[tuple[int, str]]) -> None:
        """Fill the list of institutions."""
        self.institution_id.choices = institutions

    def show(self, row: Hall) -> None:
        """Fill the form from a stored hall."""
        for name in HALL_VALUES:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> HallDetails:
        """What was typed."""
        return HallDetails(**{name: self[name].data for name in HALL_VALUES})


class InterpreterForm(WeekForm):
    """Create or change an interpreter."""

    name = line(_l("Name"), 200, required=FILL_IN)
    languages = Boxes(_l("Languages"))
    phone = line(_l("Telephone"), 60)
    email = line(_l("E-mail address"), 254)
    is_active = BooleanField(_l("Available"), default=True)

    def offer(self, chosen: Sequence[str] = ()) -> None:
        """Fill the list of languages, those of the record first."""
        names = language_choices()
        self.languages.choices = sorted(names, key=lambda pair: pair[0] not in chosen)

    def show(self, row: Interpreter) -> None:
        """Fill the form from a stored interpreter."""
        for name in ("name", "phone", "email", "is_active"):
            self[name].data = getattr(row, name)
        self.languages.data = list(row.language_codes)
        self.show_week(row)
        self.version.data = str(row.version)

    def details(self) -> InterpreterDetails:
        """What was typed."""
        values = {name: self[name].data for name in ("name", "phone", "email", "is_active")}
        return InterpreterDetails(
            **values, languages=tuple(self.languages.data or ()), hours=self.week
        )


class DayForm(Form):
    """A day on which an official receives at other hours, or not at all."""

    on = DateField(_l("Day"), [DataRequired(_l("Give a day."))])
    hours = line(
        _l("Receives (local time)"),
        100,
        _l("For example 09:00–12:00. Left empty: does not receive."),
    )
    why = line(_l("Why"), 200)


class BlockForm(Form):
    """A time at which somebody or a hall is not to be had; local times of `time_zone`."""

    starts = DateTimeLocalField(
        _l("From"), [DataRequired(_l("Give a time."))], format=LOCAL_FORMATS
    )
    ends = DateTimeLocalField(_l("To"), [DataRequired(_l("Give a time."))], format=LOCAL_FORMATS)
    label = line(_l("What for"), 200)

    time_zone = "UTC"

    def _check_exists(self, typed: datetime | None) -> None:
        if typed and not exists_locally(typed, self.time_zone):
            raise ValidationError(_("The clocks skip this time on that day."))

    def validate_starts(self, field: DateTimeLocalField) -> None:
        """Refuse a time that the clocks skip on that day."""
        self._check_exists(field.data)

    def validate_ends(self, field: DateTimeLocalField) -> None:
        """The same for the end."""
        self._check_exists(field.data)

    def values(self) -> dict[str, Any]:
        """What was typed, as moments."""
        zone = ZoneInfo(self.time_zone)
        starts, ends = (
            field.data.replace(tzinfo=zone).astimezone(UTC)  # type: ignore[union-attr]
            for field in (self.starts, self.ends)
        )
        return {"starts_at": starts, "ends_at": ends, "label": self.label.data}


class CalendarForm(Form):
    """Somebody's own calendar as a file."""

    calendar = FileField(
        _l("Calendar"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "An .ics file, up to 2 megabytes. What it says from now to a year ahead replaces what "
            "an earlier file said."
        ),
    )

    def content(self) -> bytes:
        """What was sent, as far as it can be read; one byte too many tells that it is too long."""
        with self.calendar.data.stream as stream:
            content: bytes = stream.read(MAX_BYTES + 1)
        return content


class TravelForm(VersionedForm):
    """The ways between institutions; `travel_form` adds a field for each."""

    pairs: tuple[Pair, ...] = ()

    def show(self, minutes: Mapping[Pair, int]) -> None:
        """Fill the form from the stored ways."""
        for pair in self.pairs:
            self.way(pair).data = minutes.get(pair)
        self.see(minutes)

    def see(self, minutes: Mapping[Pair, int]) -> None:
        """Note which ways the person has seen."""
        self.version.data = str(version_of(minutes))

    def way(self, pair: Pair) -> Any:
        """The field of a pair of institutions."""
        return self[f"way_{pair[0]}_{pair[1]}"]

    def minutes(self) -> dict[Pair, int | None]:
        """What was typed."""
        return {pair: self.way(pair).data for pair in self.pairs}


def travel_form(names: Mapping[Pair, str]) -> TravelForm:
    """The form for these ways, each with what it is called."""
    says = _("Give a number from 0 to 600.")
    fields: dict[str, Any] = {
        f"way_{first}_{last}": _number(name, 0, LONGEST_WAY, says, is_required=False)
        for (first, last), name in names.items()
    }
    form: TravelForm = type("Ways", (TravelForm,), {"pairs": tuple(names), **fields})()
    return form
