"""A delegation's own page, and what it confirms there."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker.accounts.presence import has_second_factor
from tracker.accreditation.labels import STATUSES, TONES
from tracker.accreditation.rules import MISSING_LABELS
from tracker.credentials.labels import STATUSES as CERTIFICATE_STATUSES
from tracker.credentials.labels import TONES as CERTIFICATE_TONES
from tracker.credentials.receipts import confirm_receipt
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import calendar_of, election_for
from tracker.elections.rules import may_submit
from tracker.kernel import clock
from tracker.kernel.i18n import ngettext
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.lists.labels import LIST_TONES, standing_label
from tracker.logistics.labels.assistance import STATUSES as REQUEST_STATUSES
from tracker.logistics.labels.assistance import TONES as REQUEST_TONES
from tracker.meetings.labels import REQUEST_STATUSES as MEETING_REQUEST_STATUSES
from tracker.meetings.labels import REQUEST_TONES as MEETING_REQUEST_TONES
from tracker.meetings.labels import STATUSES as MEETING_STATUSES
from tracker.meetings.labels import TONES as MEETING_TONES
from tracker.portal import labels
from tracker.portal.queries import standing_of
from tracker.portal.rules import Facts, Task, tasks

blueprint = Blueprint("portal", __name__)


@blueprint.get("/e/<election>/portal/")
@requires(Capability.VIEW_DELEGATIONS)
def index(election: str) -> ResponseReturnValue:
    """Where a focal point's work begins: its delegation, or the choice where it has several."""
    row = election_for(actor(), election)
    names = delegation_names(actor(), row.id)
    if len(names) == 1:
        [only] = names
        step = request.args.get("tour")  # of the tour, which begins here
        return redirect(
            url_for("portal.delegation", election=row.slug, delegation_id=only, tour=step)
        )
    return render_template("portal/index.html", election=row, delegations=names)


@blueprint.get("/e/<election>/portal/<int:delegation_id>")
@requires(Capability.VIEW_DELEGATIONS)
def delegation(election: str, delegation_id: int) -> ResponseReturnValue:
    """One delegation: what it is to do, where its people stand, and what comes next."""
    row, found = _around(election, delegation_id)
    now = clock.now()
    is_secured = has_second_factor(current_user)
    standing = standing_of(actor(), row, found, now=now, is_secured=is_secured)
    return render_template(
        "portal/delegation.html",
        election=row,
        delegation=found,
        standing=standing,
        tasks=_tasks(row, found, standing.facts, now),
        receipts=standing.facts.receipts if actor().may(Capability.CONFIRM_RECEIPT) else 0,
        closes=clock.local(row.closes_at, row.time_zone),
        is_open=may_submit(calendar_of(row), now),
        local=lambda moment: clock.local(moment, row.time_zone),
        missing=MISSING_LABELS,
        standing_label=standing_label,
        list_tones=LIST_TONES,
        **_words(),
    )


def _around(election: str, delegation_id: int) -> tuple[Election, Delegation]:
    row = election_for(actor(), election)
    return row, delegation_for(actor(), row.id, delegation_id)


def _tasks(
    election: Election, found: Delegation, facts: Facts, now: datetime
) -> list[tuple[str, str, str]]:
    """What waits for the delegation: the headline, its tone, and where it is done."""
    return [
        (labels.headline(task, count), labels.TONES[task], _leads_to(task, election, found))
        for task, count in tasks(facts, now=now, closes_at=election.closes_at)
    ]


def _words() -> dict[str, Any]:
    return {
        "statuses": STATUSES,
        "tones": TONES,
        "certificate_statuses": CERTIFICATE_STATUSES,
        "certificate_tones": CERTIFICATE_TONES,
        "request_statuses": REQUEST_STATUSES,
        "request_tones": REQUEST_TONES,
        "meeting_statuses": MEETING_STATUSES,
        "meeting_tones": MEETING_TONES,
        "meeting_request_statuses": MEETING_REQUEST_STATUSES,
        "meeting_request_tones": MEETING_REQUEST_TONES,
    }


def _leads_to(task: Task, election: Election, found: Delegation) -> str:
    """The address at which a task is done."""
    here: dict[str, Any] = {"election": election.slug}
    own: dict[str, Any] = {"delegation_id": found.id}
    match task:
        case Task.MESSAGE:
            return url_for("delegations.messages", **here, **own)
        case Task.INCOMPLETE:
            return url_for("headquarters.observers", **here, delegation=found.id, status="draft")
        case Task.RECEIPT:
            return "#certificates"
        case Task.NO_LIST:
            return url_for("lists.receive", **here, delegation=found.id)
        case Task.SECOND_FACTOR:
            return url_for("accounts.account")
        case _:
            return url_for("lists.index", **here)


@blueprint.post("/e/<election>/portal/<int:delegation_id>/receipt")
@requires(Capability.CONFIRM_RECEIPT, writes=True)
def receipt(election: str, delegation_id: int) -> ResponseReturnValue:
    """The delegation holds the certificates that were handed over to it."""
    row, found = _around(election, delegation_id)
    number = confirm_receipt(
        actor=actor(),
        delegation_id=found.id,
        number=request.form.get("number", 0, type=int),
    )
    message = ngettext(
        "You confirmed that you hold %(num)s certificate.",
        "You confirmed that you hold %(num)s certificates.",
        number,
    )
    flash(message, "ok")
    return redirect(url_for("portal.delegation", election=row.slug, delegation_id=found.id))
