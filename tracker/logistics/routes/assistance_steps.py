"""What is done to an assistance request from its page or from the board."""

from flask import Response, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts.queries import users_who_may
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import disclose
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, attachment_response, back_to, requires
from tracker.logistics.forms.assistance import (
    AssignForm,
    AttachmentForm,
    CommentForm,
    MergeForm,
    StepForm,
)
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.operations.assistance import (
    LARGEST_ATTACHMENT,
    advance_assistance,
    assign_assistance,
    attach_to_assistance,
    comment_on_assistance,
    merge_assistance,
    take_assistance,
)
from tracker.logistics.operations.watchers import watch_assistance
from tracker.logistics.queries import assistance as queries
from tracker.logistics.routes.assistance import page_of, request_page
from tracker.logistics.routes.blueprint import blueprint

DONE = {
    "start": _l("The request is in progress."),
    "wait": _l("The request waits for the delegation."),
    "finish": _l("The request is done."),
    "decline": _l("The assistance request is declined."),
    "cancel": _l("The assistance request is taken back."),
    "reopen": _l("The assistance request is open again."),
}


def _around(election: str, assistance_id: int) -> tuple[Election, AssistanceRequest]:
    row = election_for(actor(), election)
    return row, queries.request_for(actor(), row.id, assistance_id)


def _step(election: str, assistance_id: int, name: str) -> ResponseReturnValue:
    row, found = _around(election, assistance_id)
    form = StepForm()
    if form.validate_on_submit():
        reason = form.reason.data
        done = form.attempt(
            advance_assistance, actor=actor(), request=found, name=name, reason=reason
        )
        if done is not None:
            flash(str(DONE[name]), "ok")
            return back_to(page_of(row, found))
    return request_page(row, found, step_form=form)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/assign")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def assign_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Give the request to somebody."""
    row, found = _around(election, assistance_id)
    form = AssignForm()
    form.assignee_id.choices = list(users_who_may(Capability.HANDLE_REQUESTS))
    if form.validate_on_submit():
        key = form.assignee_id.data
        done = form.attempt(assign_assistance, actor=actor(), request=found, assignee_id=key)
        if done is not None:
            name = done.assignee.name if done.assignee else ""
            flash(_("The request is with %(name)s.", name=name), "ok")
            return back_to(page_of(row, found))
    return request_page(row, found, assign_form=form)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/take")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def take_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """See to the request oneself."""
    row, found = _around(election, assistance_id)
    form = StepForm()
    if form.validate_on_submit() and form.attempt(take_assistance, actor=actor(), request=found):
        flash(_("The request is with %(name)s.", name=actor().name), "ok")
        return back_to(page_of(row, found))
    return request_page(row, found, step_form=form)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/start")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def start_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Work on it, or go on working on it."""
    return _step(election, assistance_id, "start")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/wait")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def hold_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Wait for the delegation, and say for what."""
    return _step(election, assistance_id, "wait")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/finish")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def finish_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """It is done."""
    return _step(election, assistance_id, "finish")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/decline")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def decline_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Say no, and why."""
    return _step(election, assistance_id, "decline")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/cancel")
@requires(Capability.ASK_ASSISTANCE, writes=True)
def cancel_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Take the request back."""
    return _step(election, assistance_id, "cancel")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/reopen")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def reopen_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Open a settled request again."""
    return _step(election, assistance_id, "reopen")


@blueprint.post("/e/<election>/requests/<int:assistance_id>/merge")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def merge_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Close the request as a duplicate of another."""
    row, found = _around(election, assistance_id)
    form = MergeForm()
    if form.validate_on_submit():
        number = form.number.data
        done = form.attempt(merge_assistance, actor=actor(), request=found, number=number)
        if done is not None:
            flash(_("The request is closed as a duplicate."), "ok")
            return redirect(page_of(row, found))
    return request_page(row, found, merge_form=form)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/comments")
@requires(Capability.ASK_ASSISTANCE, writes=True)
def comment_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Say something about the request, to the delegation or among headquarters."""
    row, found = _around(election, assistance_id)
    form = CommentForm()
    if form.validate_on_submit():
        made = form.attempt(
            comment_on_assistance,
            actor=actor(),
            request=found,
            text=form.text.data,
            is_internal=form.is_internal.data,
        )
        if made is not None:
            flash(_("The comment is added."), "ok")
            return redirect(page_of(row, found, "comments"))
    return request_page(row, found, comment_form=form)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/attachments")
@requires(Capability.ASK_ASSISTANCE, writes=True, largest_upload=LARGEST_ATTACHMENT + 65_536)
def attach_to_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Keep a paper of the request."""
    row, found = _around(election, assistance_id)
    form = AttachmentForm()
    if form.validate_on_submit():
        upload = form.document.data
        made = form.attempt(
            attach_to_assistance,
            actor=actor(),
            request=found,
            filename=upload.filename,
            content=upload.read(),
        )
        if made is not None:
            flash(_("The file is attached."), "ok")
            return redirect(page_of(row, found, "attachments"))
    return request_page(row, found, attachment_form=form)


@blueprint.get("/e/<election>/requests/<int:assistance_id>/attachments/<int:attachment_id>")
@requires(Capability.VIEW_DELEGATIONS)
def request_attachment(election: str, assistance_id: int, attachment_id: int) -> Response:
    """A paper of the request, to keep: never shown inside the browser, whatever it is."""
    _row, found = _around(election, assistance_id)
    paper = queries.attachment_for(found, attachment_id)
    disclose(paper, "content")
    return attachment_response(storage.get(paper.content), paper.name)


@blueprint.post("/e/<election>/requests/<int:assistance_id>/watch")
@requires(Capability.ASK_ASSISTANCE, writes=True)
def watch_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Be told by mail what becomes of it."""
    row, found = _around(election, assistance_id)
    watch_assistance(actor=actor(), request=found, is_watching=True)
    said = _("You are told by mail what becomes of this request.")
    links = {"election": row.slug, "assistance_id": found.id}
    flash_undoable(said, "logistics.unwatch_request", **links)
    return redirect(page_of(row, found))


@blueprint.post("/e/<election>/requests/<int:assistance_id>/unwatch")
@requires(Capability.ASK_ASSISTANCE, writes=True)
def unwatch_request(election: str, assistance_id: int) -> ResponseReturnValue:
    """Be told no more."""
    row, found = _around(election, assistance_id)
    watch_assistance(actor=actor(), request=found, is_watching=False)
    said = _("You are told of this request no more.")
    links = {"election": row.slug, "assistance_id": found.id}
    flash_undoable(said, "logistics.watch_request", **links)
    return redirect(page_of(row, found))
