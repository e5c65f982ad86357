"""After the meeting: who was there, what was said, papers, what is to follow, a press note."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import disclose
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, as_seen, attachment_response, requires
from tracker.meetings import operations, queries
from tracker.meetings.forms import DocumentForm, FollowUpForm, RecordForm
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.operations.record import LARGEST_DOCUMENT
from tracker.meetings.press import press_notes
from tracker.meetings.routes.blueprint import blueprint


def _around(election: str, meeting_id: int) -> tuple[Election, Meeting]:
    row = election_for(actor(), election)
    return row, queries.meeting_for(actor(), row.id, meeting_id)


def _to(election: Election, found: Meeting, part: str = "") -> ResponseReturnValue:
    page = url_for("meetings.meeting", election=election.slug, meeting_id=found.id, _anchor=part)
    return redirect(page)


@blueprint.route("/e/<election>/meetings/<int:meeting_id>/record", methods=["GET", "POST"])
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def record(election: str, meeting_id: int) -> ResponseReturnValue:
    """Record that a meeting took place: who was there and what was said."""
    row, found = _around(election, meeting_id)
    people = queries.participants_of(found.id)
    form = RecordForm()
    form.present.choices = [(each.accreditation_id, each.name) for each in people]
    if request.method == "GET":
        form.outcome.data, form.others_present.data = found.outcome, found.others_present
        form.present.data = [
            each.accreditation_id for each in people if each.was_present is not False
        ]
    if form.validate_on_submit():
        as_seen(found)
        kept = form.attempt(
            operations.keep_record, actor=actor(), meeting=found, record=form.record()
        )
        if kept is not None:
            flash(_("It is recorded that the meeting took place."), "ok")
            return _to(row, found)
    return render_template("meetings/record.html", form=form, election=row, row=found), form.status


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/follow-ups")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def add_follow_up(election: str, meeting_id: int) -> ResponseReturnValue:
    """Note what is to follow."""
    row, found = _around(election, meeting_id)
    form = FollowUpForm()
    if form.validate_on_submit():
        made = form.attempt(
            operations.add_follow_up,
            actor=actor(),
            meeting=found,
            task=form.task.data,
            responsible=form.responsible.data,
            due_on=form.due_on.data,
        )
        if made is not None:
            flash(_("The task is entered."), "ok")
            return _to(row, found, "follow-ups")
    return render_template(
        "meetings/add_follow_up.html", form=form, election=row, row=found
    ), form.status


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/follow-ups/<int:follow_up_id>")
@requires(Capability.SCHEDULE_MEETINGS, writes=True)
def finish_follow_up(election: str, meeting_id: int, follow_up_id: int) -> ResponseReturnValue:
    """Say that it is done, or that it is not after all."""
    row, found = _around(election, meeting_id)
    is_done = request.form.get("done") == "1"
    operations.finish_follow_up(
        actor=actor(), meeting=found, follow_up_id=follow_up_id, is_done=is_done
    )
    flash_undoable(
        _("The task is done.") if is_done else _("The task is open again."),
        "meetings.finish_follow_up",
        {"done": "0" if is_done else "1"},
        election=row.slug,
        meeting_id=found.id,
        follow_up_id=follow_up_id,
    )
    return _to(row, found, "follow-ups")


@blueprint.post("/e/<election>/meetings/<int:meeting_id>/documents")
@requires(Capability.SCHEDULE_MEETINGS, writes=True, largest_upload=LARGEST_DOCUMENT + 65_536)
def attach_document(election: str, meeting_id: int) -> ResponseReturnValue:
    """Keep a paper of the meeting."""
    row, found = _around(election, meeting_id)
    form = DocumentForm()
    if form.validate_on_submit():
        upload = form.document.data
        made = form.attempt(
            operations.attach_document,
            actor=actor(),
            meeting=found,
            filename=upload.filename,
            content=upload.read(),
        )
        if made is not None:
            flash(_("The file is attached."), "ok")
            return _to(row, found, "documents")
    return render_template(
        "meetings/attach_document.html", form=form, election=row, row=found
    ), form.status


@blueprint.get("/e/<election>/meetings/<int:meeting_id>/documents/<int:document_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def document(election: str, meeting_id: int, document_id: int) -> ResponseReturnValue:
    """A paper of the meeting, to keep: never shown inside the browser, whatever it is."""
    _row, found = _around(election, meeting_id)
    paper = queries.document_for(found, document_id)
    disclose(paper, "content")
    return attachment_response(storage.get(paper.content), paper.name)


@blueprint.get("/e/<election>/meetings/<int:meeting_id>/press-note")
@requires(Capability.VIEW_HEADQUARTERS)
def press_note(election: str, meeting_id: int) -> ResponseReturnValue:
    """A draft for the press in three languages, made of the meeting's record."""
    row, found = _around(election, meeting_id)
    return render_template(
        "meetings/press_note.html",
        election=row,
        row=found,
        is_held=found.status is MeetingStatus.HELD,
        notes=press_notes(row, found),
    )
