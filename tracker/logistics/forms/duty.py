"""What people on duty type: notes, what became of them, hand-overs, contacts."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    SelectField,
    TimeField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tracker.elections.rules import moment_typed
from tracker.kernel import clock
from tracker.kernel.forms import Choices, Form, VersionedForm, line, lines, one_line
from tracker.logistics.labels.duty import NOTE_KINDS
from tracker.logistics.models.duty import DutyContact, DutyNote, NoteKind
from tracker.logistics.operations.duty_contacts import ContactDetails
from tracker.logistics.operations.duty_log import NoteDetails
from tracker.logistics.rules.movements import clock_fault

POSITION = _l("Give a number from 0 to 9,999.")


def optional_id(value: Any) -> int | None:
    """An id that was chosen; None for nothing."""
    return int(value) if value else None


class NoteForm(Form):
    """A note of the log; without a time it happened now."""

    text = lines(_l("What has happened"), 4000, required=_l("Write what has happened."))
    kind = SelectField(_l("Kind"), coerce=NoteKind)
    day = DateField(_l("Day"), [Optional()])
    at = TimeField(_l("Local time"), [Optional()], description=_l("Empty: now."))
    delegation_id = SelectField(_l("Delegation"), coerce=optional_id)
    reference = line(_l("Refers to"), 60, _l("For example: request No. 17, flight ZZ 123."))
    needs_follow_up = BooleanField(_l("Somebody has to follow it up"))

    time_zone = "UTC"

    def offer(self, *, delegations: Choices, time_zone: str) -> None:
        """Fill the lists to choose from, and say whose local time is typed."""
        written = [(key.value, _(NOTE_KINDS[key])) for key in NOTE_KINDS]
        self.kind.choices = [pair for pair in written if pair[0] != NoteKind.HAND_OVER]
        self.delegation_id.choices = [("", _("None")), *delegations]
        self.time_zone = time_zone

    def validate_day(self, field: DateField) -> None:
        """Refuse a day without a time."""
        if field.data and not any(self.at.raw_data or ()):
            raise ValidationError(_("Give a time."))

    def validate_at(self, field: TimeField) -> None:
        """Refuse a time that the clocks skip or show twice."""
        if field.data and (fault := clock_fault(self._typed(), self.time_zone)):
            raise ValidationError(_(fault))

    def _typed(self) -> datetime:
        return datetime.combine(self.day.data or clock.today(self.time_zone), self.at.data)

    def show(self, row: DutyNote) -> None:
        """Fill the form from the note that is to be corrected."""
        for name in ("text", "kind", "delegation_id", "reference"):
            self[name].data = getattr(row, name)
        self.needs_follow_up.data = row.is_open
        moment = clock.local(row.happened_at, self.time_zone)
        self.day.data, self.at.data = moment.date(), moment.time()

    def details(self) -> NoteDetails:
        """What was typed."""
        names = ("kind", "text", "delegation_id", "reference", "needs_follow_up")
        moment = moment_typed(self._typed(), self.time_zone, clock.now()) if self.at.data else None
        return NoteDetails(**{name: self[name].data for name in names}, happened_at=moment)


class WordForm(Form):
    """How a note was followed up, or why it is struck out."""

    word = line(_l("In a word"), 500, required=_l("Say it in a word."))


class HandOverForm(Form):
    """What the one who leaves says to the one who comes."""

    shift_id = SelectField(_l("Shift"), coerce=optional_id)
    word = lines(
        _l("Your word to the next shift"),
        2000,
        _l("The lists on this page are written into the log under it."),
        required=_l("Say it in a word."),
    )


class DutyContactForm(VersionedForm):
    """An entry of the contacts sheet."""

    name_en = line(
        _l("Name in English"),
        200,
        _l("Or the one name, in whatever language it is."),
        required=_l("Give a name."),
    )
    name_ru = line(_l("Name in Russian"), 200)
    name_kk = line(_l("Name in Kazakh"), 200)
    duty = line(_l("Function"), 200)
    phone = line(_l("Telephone"), 60, required=_l("Give a telephone number."))
    email = EmailField(_l("E-mail address"), [Optional(), Length(max=254)], filters=[one_line])
    note = line(_l("Note"), 500)
    position = IntegerField(
        _l("Order"),
        [InputRequired(POSITION), NumberRange(0, 9999, POSITION)],
        default=100,
        description=_l("Lower numbers stand first."),
    )

    def show(self, row: DutyContact) -> None:
        """Fill the form from a stored contact."""
        for name in ContactDetails.__dataclass_fields__:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> ContactDetails:
        """What was typed."""
        return ContactDetails(
            **{name: self[name].data for name in ContactDetails.__dataclass_fields__}
        )
