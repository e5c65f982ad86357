"""What a coordinator types about meetings; times are local times of the election."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.elections.rules import exists_locally
from tracker.kernel.forms import Form, VersionedForm, one_line, several_lines
from tracker.meetings.addresses import Subject
from tracker.meetings.labels import KINDS
from tracker.meetings.models import CalendarKind, Meeting, MeetingKind
from tracker.meetings.operations import MeetingDetails


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MeetingForm(VersionedForm):
    """Schedule or change a meeting."""

    kind = SelectField(_l("Kind"), coerce=MeetingKind)
    title = StringField(
        _l("Title"), [DataRequired(_l("Give a title.")), Length(max=200)], filters=[one_line]
    )
    day = DateField(_l("Day"), [DataRequired(_l("Give a day."))])
    starts = TimeField(_l("From (local time)"), [InputRequired(_l("Give a time."))])
    ends = TimeField(_l("To (local time)"), [InputRequired(_l("Give a time."))])
    place = StringField(_l("Place"), [Optional(), Length(max=200)], filters=[one_line])
    hall_id = SelectField(_l("Hall"), coerce=lambda value: int(value or 0))
    people = IntegerField(
        _l("People expected"),
        [Optional(), NumberRange(1, 5_000, _l("Give a number from 1 to 5,000."))],
    )
    officials = Boxes(_l("Officials"), coerce=int)
    delegations = Boxes(_l("Delegations"), coerce=int)
    note = TextAreaField(_l("Note"), [Optional(), Length(max=4000)], filters=[several_lines])

    time_zone = "UTC"

    def offer(
        self,
        *,
        officials: list[tuple[int, str]],
        delegations: list[tuple[int, str]],
        halls: list[tuple[int, str]],
        time_zone: str,
    ) -> None:
        """Fill the lists to choose from, and say whose local time is typed."""
        self.kind.choices = [(key.value, _(label)) for key, label in KINDS.items()]
        self.officials.choices, self.delegations.choices = officials, delegations
        self.hall_id.choices = [(0, "—"), *halls]
        self.time_zone = time_zone

    def validate_starts(self, field: TimeField) -> None:
        """Refuse a time that the clocks skip on that day."""
        if self.day.data and field.data:
            typed = datetime.combine(self.day.data, field.data)
            if not exists_locally(typed, self.time_zone):
                raise ValidationError(_("The clocks skip this time on that day."))

    def show(self, row: Meeting) -> None:
        """Fill the form from a stored meeting."""
        zone = ZoneInfo(self.time_zone)
        starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
        for name in ("kind", "title", "place", "note", "people"):
            self[name].data = getattr(row, name)
        self.hall_id.data = row.hall_id or 0
        self.day.data, self.starts.data, self.ends.data = starts.date(), starts.time(), ends.time()
        self.officials.data = [official.id for official in row.officials]
        self.delegations.data = [delegation.id for delegation in row.delegations]
        self.version.data = str(row.version)

    def details(self) -> MeetingDetails:
        """What was typed."""
        zone = ZoneInfo(self.time_zone)
        day: Any = self.day.data
        return MeetingDetails(
            kind=self.kind.data,
            title=self.title.data,
            starts_at=datetime.combine(day, self.starts.data, zone),
            ends_at=datetime.combine(day, self.ends.data, zone),
            official_ids=tuple(self.officials.data or ()),
            delegation_ids=tuple(self.delegations.data or ()),
            place=self.place.data,
            note=self.note.data,
            hall_id=self.hall_id.data or None,
            people=self.people.data,
        )


class CancelForm(Form):
    """Why a meeting is cancelled."""

    reason = StringField(
        _l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=500)], filters=[one_line]
    )


class HeldForm(Form):
    """What came of a meeting."""

    note = TextAreaField(
        _l("What came of it"), [Optional(), Length(max=4000)], filters=[several_lines]
    )


class CalendarForm(Form):
    """Whose calendar a new address is to show."""

    subject = SelectField(_l("Whose meetings"))

    def offer(self, groups: dict[str, list[tuple[str, str]]]) -> None:
        """Fill the list, by groups."""
        self.subject.choices = groups

    def chosen(self) -> Subject:
        """What was chosen."""
        kind, _colon, number = str(self.subject.data).partition(":")
        key = int(number) if number.isdecimal() else None
        name = CalendarKind(kind)
        ids = {} if name is CalendarKind.ELECTION else {f"{name.value}_id": key}
        return Subject(kind=name, **ids)
