"""The filters of the audit page."""

import re
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from tracker.audit.labels import ACTIONS, SUBJECTS, TABLES
from tracker.kernel.database import db
from tracker.kernel.i18n import language
from tracker.kernel.text import sort_key

_NUMBERS = re.compile(r"[0-9]+(-[0-9]+)*")


class FilterForm(Form):
    """Read from the address; every field is optional."""

    record_table = SelectField(_l("Kind of record"), validators=[Optional()])
    record_id = StringField(
        _l("Record no."), [Optional(), Length(max=64)], filters=[lambda text: (text or "").strip()]
    )
    actor_name = StringField(_l("Who"), [Optional(), Length(max=200)])
    action = SelectField(_l("Action"), validators=[Optional()])
    mark = StringField(_l("Mark of an export"), [Optional(), Length(max=20)])
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("Until"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("All"))
        kinds = [(name, _(label)) for name, label in (TABLES | SUBJECTS).items()]
        kinds.sort(key=lambda kind: sort_key(kind[1], language()))
        self.record_table.choices = [everything, *kinds]
        self.action.choices = [everything, *((name, _(ACTIONS[name])) for name in ACTIONS)]

    def validate_record_id(self, field: StringField) -> None:
        """The key of a row is a number, or two of them; what else is recorded has names, too."""
        table = db.metadata.tables.get(self.record_table.data or "accreditations")
        is_number = table is not None and all(
            isinstance(column.type, sa.Integer) for column in table.primary_key
        )
        if is_number and not _NUMBERS.fullmatch(field.data or ""):
            raise ValidationError(_("Give a whole number."))

    def validate_until(self, field: DateField) -> None:
        """Between two days there is something only in their order."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("The last day cannot be before the first."))
