"""What people type about delegations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from tracker.delegations.labels import FORMATS, STATUSES
from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.delegations.operations import DelegationDetails
from tracker.kernel.forms import Form, VersionedForm, one_line, several_lines

NAMES = (
    "format",
    "invited_on",
    "invited_to",
    "note_verbale_number",
    "note_verbale_on",
    "liaison_officer",
    "liaison_phone",
    "planned_core",
    "planned_long_term",
    "planned_short_term",
    "arrival_on",
    "departure_on",
    "remarks",
)


def _text(label: Any, length: int, *, is_required: bool = False) -> StringField:
    first = DataRequired(_l("Fill this in.")) if is_required else Optional()
    return StringField(label, [first, Length(max=length)], filters=[one_line])


def _day(label: Any, *, is_required: bool = False) -> DateField:
    return DateField(label, [DataRequired(_l("Give a day.")) if is_required else Optional()])


def _planned(label: Any) -> IntegerField:
    bounds = NumberRange(0, 10_000, _l("Give a number from 0 to 10,000."))
    return IntegerField(label, [Optional(), bounds], default=0)


class DelegationForm(VersionedForm):
    """Create or change a delegation."""

    organization = SelectField(_l("Organization or state"), validate_choice=False)
    format = SelectField(_l("Format"), coerce=DelegationFormat)
    invited_on = _day(_l("Invited on"))
    invited_to = _text(_l("Invitation sent to"), 200)
    note_verbale_number = _text(_l("Number of the note verbale"), 60)
    note_verbale_on = _day(_l("Date of the note verbale"))
    scan = FileField(_l("Scan of the note verbale"), description=_l("PDF, JPEG or PNG."))
    liaison_officer = _text(_l("Liaison officer"), 200)
    liaison_phone = _text(_l("Telephone of the liaison officer"), 60)
    planned_core = _planned(_l("Planned: core team"))
    planned_long_term = _planned(_l("Planned: long-term observers"))
    planned_short_term = _planned(_l("Planned: short-term observers"))
    arrival_on = _day(_l("Arrival"))
    departure_on = _day(_l("Departure"))
    remarks = TextAreaField(_l("Remarks"), [Optional(), Length(max=2000)], filters=[several_lines])

    def offer(self) -> None:
        """Fill the list of formats."""
        self.format.choices = [(key.value, _(label)) for key, label in FORMATS.items()]

    def show(self, row: Delegation) -> None:
        """Fill the form from a stored delegation."""
        for name in NAMES:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> DelegationDetails:
        """What was typed."""
        values = {name: self[name].data for name in NAMES}
        for name in ("planned_core", "planned_long_term", "planned_short_term"):
            values[name] = values[name] or 0
        return DelegationDetails(**values)


class StepForm(Form):
    """The next step of a delegation's life."""

    to_status = SelectField(_l("Next step"), coerce=DelegationStatus)
    effective_on = _day(_l("On"), is_required=True)
    remark = _text(_l("Remark"), 500)

    def offer(self) -> None:
        """Fill the list of steps; the rules say which one is possible."""
        self.to_status.choices = [(key.value, _(label)) for key, label in STATUSES.items()]


class HeadForm(Form):
    """Who heads the delegation from a day on."""

    name = _text(_l("Name"), 200, is_required=True)
    title = _text(_l("Title"), 200)
    effective_on = _day(_l("From"), is_required=True)


class ContactForm(Form):
    """A contact of the delegation."""

    name = _text(_l("Name"), 200, is_required=True)
    duty = _text(_l("Duty"), 200)
    email = _text(_l("E-mail address"), 254)
    phone = _text(_l("Telephone"), 60)
    effective_on = _day(_l("From"), is_required=True)


class MergeForm(Form):
    """Which organization a duplicate is merged into."""

    into = SelectField(_l("Keep this one"), coerce=int)


class FocalPointForm(Form):
    """Which account may see the delegation."""

    user = SelectField(_l("Account"), coerce=int)
