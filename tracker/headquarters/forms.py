"""The form that the styleguide shows."""

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.kernel.forms import Form


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
