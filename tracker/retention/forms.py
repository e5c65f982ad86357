"""What an administrator types about periods and purges, and who asks for what is held."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from tracker.kernel.forms import FILL_IN, Form, VersionedForm, line
from tracker.retention.models import RetentionPeriod
from tracker.retention.rules import LONGEST_DAYS

IN_RANGE = NumberRange(
    1, LONGEST_DAYS, _l("Give a number of days from 1 to %(most)s.", most=LONGEST_DAYS)
)


class PeriodForm(VersionedForm):
    """How long one category is kept."""

    days = IntegerField(
        _l("Days after election day"), [InputRequired(_l("Fill this in.")), IN_RANGE]
    )
    least_days = IntegerField(
        _l("At least, by law"),
        [Optional(), IN_RANGE],
        description=_l("Days; empty where no law says so."),
    )
    most_days = IntegerField(
        _l("At most, by law"),
        [Optional(), IN_RANGE],
        description=_l("Days; empty where no law says so."),
    )
    source = line(_l("Where the law says so"), 300, _l("Law, article and date."))

    def show(self, row: RetentionPeriod | None, days: int) -> None:
        """Fill the form from what is stored, else from the default."""
        self.days.data = days
        if row is not None:
            self.least_days.data, self.most_days.data = row.least_days, row.most_days
            self.source.data = row.source
        self.version.data = str(row.version) if row else "0"


class PurgeForm(Form):
    """A purge cannot be undone: the election's short name is typed out."""

    slug = StringField(_l("Short name of the election"), [DataRequired(_l("Fill this in."))])

    def is_meant(self, slug: str) -> bool:
        """Whether the name that was typed is the election's; else it says so beside the field."""
        if self.slug.data == slug:
            return True
        self.slug.errors = [_("Type %(slug)s to purge the data of this election.", slug=slug)]
        return False


class AccessForm(Form):
    """By what letter somebody asks for what is held about them."""

    reference = line(
        _l("Reference of the request"),
        100,
        _l("Number and date of the letter; it goes on record."),
        required=FILL_IN,
    )
    language = SelectField(_l("Language of the paper"))
