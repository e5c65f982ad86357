"""Issuing, printing, handing over and ending certificates; days are local days of the election."""

from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from tracker.credentials.labels import PAPERS
from tracker.credentials.models import PaperKind
from tracker.credentials.operations import Terms
from tracker.elections.models import Election
from tracker.kernel.clock import local_moment
from tracker.kernel.forms import Boxes, Form, line

EVERYBODY = "all"


class TermsForm(Form):
    """How long and where certificates hold."""

    valid_from = DateField(
        _l("Valid from"),
        [Optional()],
        description=_l("Left empty: from the moment of the accreditation."),
    )
    valid_until = DateField(
        _l("Valid through"),
        [Optional()],
        description=_l("The last day. Left empty: until accreditations expire."),
    )
    regions = Boxes(
        _l("Regions"),
        description=_l("None chosen: the region of the accreditation, or the whole country."),
    )

    def terms(self, election: Election) -> Terms:
        """What was typed; the last day holds until it ends."""

        def moment(day: date | None, days: int = 0) -> datetime | None:
            if day is None:
                return None
            return local_moment(day + timedelta(days=days), time(0), election.time_zone)

        return Terms(
            valid_from=moment(self.valid_from.data),
            valid_until=moment(self.valid_until.data, days=1),
            regions=tuple(self.regions.data) if self.regions.data else None,
        )


class IssueForm(TermsForm):
    """To whom certificates are issued."""

    whom = SelectField(_l("To whom"))

    def offer(self, whom: list[tuple[str, str]], regions: list[tuple[str, str]]) -> None:
        """Fill the lists to choose from."""
        self.whom.choices = whom
        self.regions.choices = regions


class StepForm(Form):
    """One step of a certificate's life: why, or who received it."""

    reason = line(_l("Why"), 500)
    received_by = line(_l("Received and signed for by"), 200)


class ReissueForm(TermsForm):
    """Another certificate in place of one."""

    reason = line(_l("Why"), 500)


class ManyForm(Form):
    """What is done with the chosen certificates."""

    paper = SelectField(_l("What to print"), validate_choice=False)  # asked for in printing only
    reason = line(_l("Why again"), 500, _l("Asked for where one was printed before."))
    received_by = line(_l("Received and signed for by"), 200)

    def offer(self) -> None:
        """Fill the list to choose from."""
        self.paper.choices = [(kind.value, _(PAPERS[kind])) for kind in PaperKind]

    @property
    def kind(self) -> PaperKind:
        """What to print; badges where nothing that exists was chosen."""
        chosen = self.paper.data
        return PaperKind(chosen) if chosen in set(PaperKind) else PaperKind.BADGES


class LostKeyForm(Form):
    """A key is declared lost."""

    reason = line(_l("What happened"), 500)
