"""What is typed at headquarters: a matter put off, who gets the digest; and the styleguide's."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TimeField
from wtforms.validators import DataRequired, Optional

from tracker.kernel.forms import Boxes, Form, line
from tracker.kernel.i18n import LANGUAGES
from tracker.logistics.labels.attention import SPANS
from tracker.logistics.operations.digest import Recipient
from tracker.logistics.rules.attention import Span


class SnoozeForm(Form):
    """For how long a matter is put off, and why."""

    span = SelectField(_l("Put off"), coerce=Span, default=Span.FOUR_HOURS)
    reason = line(_l("Reason"), 300, required=_l("Give the reason."))

    def offer(self) -> None:
        """Fill the choices."""
        self.span.choices = [(span.value, _(label)) for span, label in SPANS.items()]


class DigestRecipientForm(Form):
    """Who receives the daily digest as well."""

    name = line(_l("Name"), 200, required=_l("Give the name."))
    email = line(_l("E-mail"), 254, required=_l("Give an e-mail address."))
    language = SelectField(_l("Language"), choices=list(LANGUAGES.items()))

    def recipient(self) -> Recipient:
        """What was typed."""
        return Recipient(
            name=self.name.data or "", email=self.email.data or "", language=self.language.data
        )


class DigestHourForm(Form):
    """When the daily digest is issued."""

    at = TimeField(_l("Issued daily at"), [Optional()])


class SampleForm(Form):
    """One field of each kind."""

    text = StringField("text", [DataRequired()], description="hint")
    wrong = StringField("wrong")
    choice = SelectField("choice", choices=[("one", "one"), ("two", "two")])
    several = Boxes("several", choices=[("one", "one"), ("two", "two")])
