"""What is typed at headquarters: a matter put off; and the form that the styleguide shows."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.kernel.forms import Form, one_line
from tracker.logistics.labels.attention import SPANS
from tracker.logistics.rules.attention import Span


class SnoozeForm(Form):
    """For how long a matter is put off, and why."""

    span = SelectField(_l("Put off"), coerce=Span, default=Span.FOUR_HOURS)
    reason = StringField(
        _l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=300)], filters=[one_line]
    )

    def offer(self) -> None:
        """Fill the choices."""
        self.span.choices = [(span.value, _(label)) for span, label in SPANS.items()]


class SampleForm(Form):
    """One field of each kind."""

    text = StringField("text", [DataRequired()], description="hint")
    wrong = StringField("wrong")
    choice = SelectField("choice", choices=[("one", "one"), ("two", "two")])
    several = SelectMultipleField(
        "several",
        choices=[("one", "one"), ("two", "two")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
