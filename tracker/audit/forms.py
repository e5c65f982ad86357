"""The filters of the audit page."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import Length, Optional

from tracker.audit.labels import ACTIONS, SUBJECTS, TABLES
from tracker.kernel.i18n import language
from tracker.kernel.text import sort_key


class FilterForm(Form):
    """Read from the address; every field is optional."""

    record_table = SelectField(_l("Kind of record"), validators=[Optional()])
    record_id = StringField(_l("Record no."), [Optional(), Length(max=64)])
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
