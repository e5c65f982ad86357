"""What a coordinator types about institutions and officials."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from tracker.kernel.forms import VersionedForm, one_line
from tracker.officials.models import Hall, Institution, Official
from tracker.officials.operations import HallDetails, InstitutionDetails, OfficialDetails
from tracker.officials.rules import DAYS, written_hours


def _text(label: Any, *, length: int = 200, is_required: bool = True) -> StringField:
    first = DataRequired(_l("Fill this in.")) if is_required else Optional()
    return StringField(label, [first, Length(max=length)], filters=[one_line])


class InstitutionForm(VersionedForm):
    """Create or change an institution."""

    name_en = _text(_l("Name in English"))
    name_ru = _text(_l("Name in Russian"))
    name_kk = _text(_l("Name in Kazakh"))
    address = _text(_l("Address"), length=300, is_required=False)

    def show(self, row: Institution) -> None:
        """Fill the form from a stored institution."""
        self.process(obj=row)
        self.version.data = str(row.version)

    def details(self) -> InstitutionDetails:
        """What was typed."""
        names = ("name_en", "name_ru", "name_kk", "address")
        return InstitutionDetails(**{name: self[name].data for name in names})


OFFICIAL_TEXTS = (
    "name_en",
    "name_ru",
    "name_kk",
    "position_en",
    "position_ru",
    "position_kk",
    "assistant_contact",
)


class OfficialForm(VersionedForm):
    """Create or change an official."""

    institution_id = SelectField(_l("Institution"), coerce=int)
    name_en = _text(_l("Name in English"))
    name_ru = _text(_l("Name in Russian"))
    name_kk = _text(_l("Name in Kazakh"))
    position_en = _text(_l("Position in English"))
    position_ru = _text(_l("Position in Russian"))
    position_kk = _text(_l("Position in Kazakh"))
    precedence = IntegerField(
        _l("Order of precedence"),
        [
            InputRequired(_l("Give a number from 1 to 999.")),
            NumberRange(1, 999, _l("Give a number from 1 to 999.")),
        ],
        description=_l("Lower numbers are listed first."),
        default=100,
    )
    assistant_contact = _text(_l("Assistant’s contact"), is_required=False)
    is_active = BooleanField(_l("In office"), default=True)
    monday = _text(_l("Monday"), length=100, is_required=False)
    tuesday = _text(_l("Tuesday"), length=100, is_required=False)
    wednesday = _text(_l("Wednesday"), length=100, is_required=False)
    thursday = _text(_l("Thursday"), length=100, is_required=False)
    friday = _text(_l("Friday"), length=100, is_required=False)
    saturday = _text(_l("Saturday"), length=100, is_required=False)
    sunday = _text(_l("Sunday"), length=100, is_required=False)

    def offer(self, institutions: list[tuple[int, str]]) -> None:
        """Fill the list of institutions."""
        self.institution_id.choices = institutions

    def show(self, row: Official) -> None:
        """Fill the form from a stored official."""
        choices = self.institution_id.choices
        self.process(obj=row)
        self.institution_id.choices = choices
        for weekday, name in enumerate(DAYS):
            spans = [(span.starts, span.ends) for span in row.hours if span.weekday == weekday]
            self[name].data = written_hours(spans)
        self.version.data = str(row.version)

    def details(self) -> OfficialDetails:
        """What was typed."""
        texts = {name: self[name].data for name in OFFICIAL_TEXTS}
        return OfficialDetails(
            **texts,
            institution_id=self.institution_id.data,
            precedence=self.precedence.data,
            is_active=self.is_active.data,
            hours=tuple(self[name].data or "" for name in DAYS),
        )


class HallForm(VersionedForm):
    """Create or change a hall."""

    institution_id = SelectField(_l("Institution"), coerce=int)
    name_en = _text(_l("Name in English"))
    name_ru = _text(_l("Name in Russian"))
    name_kk = _text(_l("Name in Kazakh"))
    capacity = IntegerField(
        _l("Seats"),
        [
            InputRequired(_l("Give a number from 1 to 5,000.")),
            NumberRange(1, 5_000, _l("Give a number from 1 to 5,000.")),
        ],
    )
    is_active = BooleanField(_l("In use"), default=True)

    def offer(self, institutions: list[tuple[int, str]]) -> None:
        """Fill the list of institutions."""
        self.institution_id.choices = institutions

    def show(self, row: Hall) -> None:
        """Fill the form from a stored hall."""
        choices = self.institution_id.choices
        self.process(obj=row)
        self.institution_id.choices = choices
        self.version.data = str(row.version)

    def details(self) -> HallDetails:
        """What was typed."""
        names = ("institution_id", "name_en", "name_ru", "name_kk", "capacity", "is_active")
        return HallDetails(**{name: self[name].data for name in names})
