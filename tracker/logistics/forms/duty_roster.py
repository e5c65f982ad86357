"""What people type about the roster: one shift, or the same turns on many days; local times."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FormField, SelectField, TimeField, ValidationError
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Optional

from tracker.kernel import clock
from tracker.kernel.forms import Choices, Form, VersionedForm, line
from tracker.logistics.forms.duty import optional_id
from tracker.logistics.labels.duty import FUNCTIONS
from tracker.logistics.models.duty import DutyFunction, DutyShift
from tracker.logistics.operations.duty_roster import Person, ShiftDetails
from tracker.logistics.rules.duty import Turn
from tracker.logistics.rules.movements import clock_fault


class ShiftForm(VersionedForm):
    """One shift; one that ends no later than it starts ends on the next day."""

    function = SelectField(_l("Function"), coerce=DutyFunction)
    user_id = SelectField(_l("Account"), coerce=optional_id)
    name = line(_l("Or a name"), 200, _l("Of somebody without an account."))
    phone = line(_l("Telephone"), 60)
    day = DateField(_l("Day"), [DataRequired(_l("Give a day."))])
    starts = TimeField(_l("From"), [InputRequired(_l("Give a time."))])
    ends = TimeField(
        _l("To"),
        [InputRequired(_l("Give a time."))],
        description=_l("A time no later than the first is one of the next day."),
    )

    time_zone = "UTC"

    def offer(self, *, people: Choices, time_zone: str) -> None:
        """Fill the lists to choose from, and say whose local time is typed."""
        self.function.choices = [(key.value, _(label)) for key, label in FUNCTIONS.items()]
        self.user_id.choices = [("", _("None")), *people]
        self.time_zone = time_zone

    def _typed(self) -> tuple[datetime, datetime]:
        starts = datetime.combine(self.day.data, self.starts.data)
        ends = datetime.combine(self.day.data, self.ends.data)
        return starts, ends if ends > starts else ends + timedelta(days=1)

    def validate_ends(self, field: TimeField) -> None:
        """Refuse times that the clocks skip or show twice."""
        if self.day.data and self.starts.data and field.data:
            for typed in self._typed():
                if fault := clock_fault(typed, self.time_zone):
                    raise ValidationError(_(fault))

    def show(self, row: DutyShift) -> None:
        """Fill the form from a stored shift."""
        for name in ("function", "user_id", "name", "phone"):
            self[name].data = getattr(row, name)
        starts, ends = (clock.local(each, self.time_zone) for each in (row.starts_at, row.ends_at))
        self.day.data, self.starts.data, self.ends.data = starts.date(), starts.time(), ends.time()
        self.version.data = str(row.version)

    def details(self) -> ShiftDetails:
        """What was typed."""
        zone = ZoneInfo(self.time_zone)
        starts, ends = (typed.replace(tzinfo=zone) for typed in self._typed())
        person = Person(user_id=self.user_id.data, name=self.name.data, phone=self.phone.data)
        return ShiftDetails(
            function=self.function.data, person=person, starts_at=starts, ends_at=ends
        )


class TurnForm(PlainForm):
    """One turn of each day, and whose it is; it counts where it has a person."""

    starts = TimeField(_l("From"), [Optional()])
    ends = TimeField(_l("To"), [Optional()])
    user_id = SelectField(_l("Account"), coerce=optional_id)
    name = line(_l("Or a name"), 200)
    phone = line(_l("Telephone"), 60)

    @property
    def counts(self) -> bool:
        """Whether anything says who is on duty."""
        return bool(self.user_id.data or self.name.data or self.phone.data)

    def fault(self) -> str | None:
        """What is missing, in the reader's language."""
        if self.starts.data is None or self.ends.data is None:
            return str(_("Give both times of the turn."))
        if bool(self.user_id.data) == bool(self.name.data):
            return str(_("Choose an account or give a name, one of them."))
        return None


class RepeatForm(Form):
    """The same turns on each of several days."""

    function = SelectField(_l("Function"), coerce=DutyFunction)
    first = DateField(_l("First day"), [DataRequired(_l("Give a day."))])
    last = DateField(_l("Last day"), [DataRequired(_l("Give a day."))])
    turn_1 = FormField(TurnForm, _l("First turn"), default=Turn(time(9), time(21)))
    turn_2 = FormField(TurnForm, _l("Second turn"), default=Turn(time(21), time(9)))
    turn_3 = FormField(TurnForm, _l("Third turn"))

    @property
    def turn_fields(self) -> tuple["FormField[TurnForm]", ...]:
        """The turns, for the page."""
        return (self.turn_1, self.turn_2, self.turn_3)

    def offer(self, *, people: Choices) -> None:
        """Fill the lists to choose from."""
        self.function.choices = [(key.value, _(label)) for key, label in FUNCTIONS.items()]
        for field in self.turn_fields:
            field.form.user_id.choices = [("", _("None")), *people]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each turn that has a person has both times, and there is one such turn at least."""
        is_good = super().validate(extra_validators)
        counting = [field for field in self.turn_fields if field.form.counts]
        for field in counting:
            if fault := field.form.fault():
                self.form_errors.append(f"{field.label.text}: {fault}")
        if not counting:
            self.form_errors.append(_("Say who is on duty in one turn at least."))
        return is_good and not self.form_errors

    def turns(self) -> list[tuple[Turn, Person]]:
        """What was typed."""
        names = ("user_id", "name", "phone")
        forms = [field.form for field in self.turn_fields if field.form.counts]
        return [
            (
                Turn(form.starts.data, form.ends.data),
                Person(**{name: form[name].data for name in names}),
            )
            for form in forms
        ]
