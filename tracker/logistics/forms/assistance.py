"""What delegations and coordinators type about assistance requests, and ready answers."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from tracker.kernel.forms import Choices, Form, VersionedForm, chosen_number, line, lines
from tracker.logistics.labels.assistance import KINDS, PRIORITIES
from tracker.logistics.models.assistance import (
    AssistanceKind,
    AssistanceRequest,
    CannedAnswer,
    Priority,
)
from tracker.logistics.operations.answers import AnswerDetails
from tracker.logistics.operations.assistance import AssistanceDetails

ANSWER_FIELDS = ("title_en", "title_ru", "title_kk", "text_en", "text_ru", "text_kk")


class AssistanceForm(VersionedForm):
    """What a delegation asks for; the delegation is chosen before."""

    kind = SelectField(_l("Kind"), coerce=AssistanceKind)
    priority = SelectField(_l("Priority"), coerce=Priority, default=Priority.NORMAL)
    title = line(_l("What is asked for"), 200, required=_l("Say in a few words what is asked for."))
    text = lines(_l("Details"), 10_000)
    accreditation_id = SelectField(_l("Observer concerned"), coerce=chosen_number, default=0)
    meeting_id = SelectField(_l("Meeting concerned"), coerce=chosen_number, default=0)

    def offer(self, *, observers: Choices, meetings: Choices) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [(key.value, _(label)) for key, label in KINDS.items()]
        self.priority.choices = [(key.value, _(label)) for key, label in PRIORITIES.items()]
        self.accreditation_id.choices = [(0, "—"), *observers]
        self.meeting_id.choices = [(0, "—"), *meetings]

    def show(self, row: AssistanceRequest) -> None:
        """Fill the form from a stored request."""
        for name in ("kind", "priority", "title", "text"):
            self[name].data = getattr(row, name)
        self.accreditation_id.data = row.accreditation_id or 0
        self.meeting_id.data = row.meeting_id or 0
        self.version.data = str(row.version)

    def details(self) -> AssistanceDetails:
        """What was typed."""
        return AssistanceDetails(
            kind=self.kind.data,
            priority=self.priority.data,
            title=self.title.data,
            text=self.text.data,
            accreditation_id=self.accreditation_id.data or None,
            meeting_id=self.meeting_id.data or None,
        )


class AssignForm(Form):
    """Who is to see to a request."""

    assignee_id = SelectField(_l("Person responsible"), coerce=chosen_number)


class StepForm(Form):
    """Why a request takes a step; some steps need no reason."""

    reason = line(_l("Reason"), 500)


class MergeForm(Form):
    """Which request this one repeats."""

    number = IntegerField(
        _l("Number of the first request"),
        [
            InputRequired(_l("Give the number of a request.")),
            NumberRange(1, 2_000_000_000, _l("Give the number of a request.")),
        ],
    )


class CommentForm(Form):
    """What is said about a request."""

    text = lines(_l("Comment"), 10_000, required=_l("Write a comment."))
    is_internal = BooleanField(
        _l("For headquarters alone"), description=_l("The delegation does not see it.")
    )


class AttachmentForm(Form):
    """A paper of a request."""

    document = FileField(_l("Document"), [FileRequired(_l("Choose a file."))])


class AnswerForm(VersionedForm):
    """A ready answer in three languages."""

    title_en = line(_l("Title in English"), 100, required=_l("Give a title."))
    title_ru = line(_l("Title in Russian"), 100, required=_l("Give a title."))
    title_kk = line(_l("Title in Kazakh"), 100, required=_l("Give a title."))
    text_en = lines(_l("Answer in English"), 4_000, required=_l("Write the answer."))
    text_ru = lines(_l("Answer in Russian"), 4_000, required=_l("Write the answer."))
    text_kk = lines(_l("Answer in Kazakh"), 4_000, required=_l("Write the answer."))

    def show(self, row: CannedAnswer) -> None:
        """Fill the form from a stored answer."""
        for name in ANSWER_FIELDS:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> AnswerDetails:
        """What was typed."""
        return AnswerDetails(**{name: self[name].data for name in ANSWER_FIELDS})
