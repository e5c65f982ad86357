"""Messages between delegations and headquarters."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.delegations import messages as operations
from tracker.delegations.forms import MessageForm
from tracker.delegations.models import Delegation
from tracker.delegations.routes.blueprint import blueprint, delegation_at
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import say
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, requires


def _thread(row: Election, found: Delegation, form: MessageForm) -> str:
    page = operations.messages_page(found.id, request.args.get("cursor"))
    messages = [item[0] for item in page.rows]
    for each in messages:
        disclose(each, "text")
    is_first = messages and not request.args.get("cursor")
    return render_template(
        "delegations/messages.html",
        form=form,
        election=row,
        delegation=found,
        page=page,
        messages=messages,
        local=lambda moment: clock.local(moment, row.time_zone),
        is_of_headquarters=not actor().is_of_delegation,
        waits=is_first and operations.Thread(found, messages[0]).waits_for(actor()),
    )


@blueprint.get("/e/<election>/messages/")
@requires(Capability.VIEW_MESSAGES)
def threads(election: str) -> ResponseReturnValue:
    """The threads of all delegations, those that wait for an answer first.

    Not paged: a thread a delegation, and these are some two hundred at most.
    """
    row = election_for(actor(), election)
    return render_template(
        "delegations/threads.html",
        election=row,
        threads=operations.threads(actor(), row.id),
        local=lambda moment: clock.local(moment, row.time_zone),
    )


@blueprint.route("/e/<election>/delegations/<int:delegation_id>/messages", methods=["GET"])
@requires(Capability.VIEW_MESSAGES)
def messages(election: str, delegation_id: int) -> ResponseReturnValue:
    """The thread of a delegation, the newest first."""
    row, found = delegation_at(election, delegation_id)
    return _thread(row, found, MessageForm())


@blueprint.post("/e/<election>/delegations/<int:delegation_id>/messages")
@requires(Capability.WRITE_MESSAGES, writes=True)
def write_message(election: str, delegation_id: int) -> ResponseReturnValue:
    """Write into the thread."""
    row, found = delegation_at(election, delegation_id)
    form = MessageForm()
    here: dict[str, Any] = {"election": row.slug, "delegation_id": found.id}
    if form.validate():
        written = form.attempt(
            operations.write_message,
            actor=actor(),
            delegation=found,
            text=form.text.data or "",
        )
        if written is not None:
            flash(_("The message is sent."), "ok")
            return redirect(url_for("delegations.messages", **here))
    return _thread(row, found, form), form.status


@blueprint.post("/e/<election>/delegations/<int:delegation_id>/messages/settle")
@requires(Capability.WRITE_MESSAGES, writes=True)
def settle_thread(election: str, delegation_id: int) -> ResponseReturnValue:
    """Say that the message shown as the last needs no answer, or take that back."""
    row, found = delegation_at(election, delegation_id)
    here: dict[str, Any] = {"election": row.slug, "delegation_id": found.id}
    is_settled, shown = request.form.get("settled") != "0", request.form.get("message", type=int)
    try:
        operations.settle_thread(
            actor=actor(), delegation=found, message_id=shown, is_settled=is_settled
        )
    except Refused as refusal:
        flash(say(refusal.message, refusal.params), "bad")
        return redirect(url_for("delegations.messages", **here))
    if is_settled:
        said, fields = _("The last message needs no answer."), {"message": str(shown)}
        flash_undoable(said, "delegations.settle_thread", fields | {"settled": "0"}, **here)
    else:
        flash(_("The last message waits for an answer again."), "ok")
    return redirect(url_for("delegations.messages", **here))
