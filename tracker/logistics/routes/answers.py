"""Ready answers to assistance requests, in three languages: the list, and the form that keeps one.

They belong to the installation; the election in the address is the one that is worked on.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.queries import election_for
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics.forms.assistance import AnswerForm
from tracker.logistics.operations.answers import delete_answer as delete
from tracker.logistics.operations.answers import keep_answer
from tracker.logistics.queries import assistance as queries
from tracker.logistics.routes.blueprint import blueprint


def _to_list(election: str, message: str) -> ResponseReturnValue:
    flash(message, "ok")
    return redirect(url_for("logistics.answers", election=election))


@blueprint.get("/e/<election>/requests/answers/")
@requires(Capability.HANDLE_REQUESTS)
def answers(election: str) -> ResponseReturnValue:
    """The answers that are given often."""
    row = election_for(actor(), election)
    return render_template("logistics/answers.html", election=row, rows=queries.canned_answers())


@blueprint.route("/e/<election>/requests/answers/new", methods=["GET", "POST"])
@requires(Capability.HANDLE_REQUESTS, writes=True)
def new_answer(election: str) -> ResponseReturnValue:
    """A new ready answer."""
    row = election_for(actor(), election)
    form = AnswerForm()
    if form.validate_on_submit():
        made = form.attempt(keep_answer, actor=actor(), details=form.details())
        if made is not None:
            return _to_list(row.slug, _("The answer is kept."))
    return render_template("logistics/new_answer.html", form=form, election=row), form.status


@blueprint.route("/e/<election>/requests/answers/<int:answer_id>/edit", methods=["GET", "POST"])
@requires(Capability.HANDLE_REQUESTS, writes=True)
def edit_answer(election: str, answer_id: int) -> ResponseReturnValue:
    """Change a ready answer."""
    row = election_for(actor(), election)
    found = queries.canned_answer_for(answer_id)
    form = AnswerForm()
    if request.method == "GET":
        form.show(found)
    if form.validate_on_submit():
        saved = form.attempt(
            keep_answer,
            actor=actor(),
            details=form.details(),
            answer=found,
            seen_version=form.seen_version,
        )
        if saved is not None:
            return _to_list(row.slug, _("The changes are saved."))
        form.renew(found)
    return render_template(
        "logistics/edit_answer.html", form=form, election=row, row=found
    ), form.status


@blueprint.post("/e/<election>/requests/answers/<int:answer_id>/delete")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def delete_answer(election: str, answer_id: int) -> ResponseReturnValue:
    """Keep the answer no longer."""
    row = election_for(actor(), election)
    delete(actor=actor(), answer=queries.canned_answer_for(answer_id))
    return _to_list(row.slug, _("The answer is deleted."))
