"""The attention list: its lines as the dashboard shows them, and putting one of them off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.headquarters import queries
from tracker.headquarters.forms import SnoozeForm
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel import clock
from tracker.kernel.days import short_moment
from tracker.kernel.permissions import Capability
from tracker.kernel.undo import flash_undoable
from tracker.kernel.web import actor, requires
from tracker.lists.labels import SENT
from tracker.logistics.labels.attention import DETAILS, headline
from tracker.logistics.models.attention import Kind
from tracker.logistics.operations.attention import snooze_matter, wake_matter
from tracker.logistics.rules.attention import Matter


@dataclass(frozen=True)
class Line:
    """A matter in words, with the address of the list that it counts."""

    matter: Matter
    headline: str
    detail: str
    url: str | None  # None where the reader may not open the list
    until: datetime | None  # local, where it is put off


def attention_of(election: Election, now: datetime) -> tuple[list[Line], list[Line]]:
    """What needs a person now, and what was put off; in four statements."""
    lines = [
        Line(
            matter,
            headline(matter),
            _(DETAILS[matter.kind]),
            _list_of(election, matter.kind),
            clock.local(matter.snooze.until_at, election.time_zone) if matter.snooze else None,
        )
        for matter in queries.matters_now(election, now)
    ]
    return (
        [line for line in lines if line.matter.snooze is None],
        [line for line in lines if line.matter.snooze],
    )


def _list_of(election: Election, kind: Kind) -> str | None:
    lists: dict[Kind, tuple[str, dict[str, Any]]] = {
        Kind.OVERDUE_REQUEST: ("logistics.requests", {"view": "overdue"}),
        Kind.MESSAGE: ("delegations.threads", {}),
        Kind.LIST: ("lists.index", {"status": SENT}),
        Kind.LATE_REGISTERED: ("headquarters.observers", {"status": "registered"}),
        Kind.WAITING: ("accreditation.submissions", {}),
        Kind.EXPIRING: ("headquarters.observers", {"missing": "passport"}),
        Kind.PORTRAIT: ("headquarters.observers", {"missing": "portrait"}),
        Kind.DRAFT: ("headquarters.observers", {"status": "draft"}),
        Kind.DUPLICATE: ("headquarters.observers", {"missing": "duplicate"}),
        Kind.FOLLOW_UP: ("meetings.index", {"tasks": "overdue"}),
        Kind.NO_ANSWER: ("headquarters.delegations", {"status": "unanswered"}),
        Kind.NO_ARRIVAL: ("headquarters.observers", {"missing": "arrival"}),
        Kind.NO_CERTIFICATE: ("headquarters.observers", {"missing": "certificate"}),
    }
    endpoint, query = lists[kind]
    view: Any = current_app.view_functions[endpoint]
    if not actor().may(view.capability):
        return None
    return url_for(endpoint, election=election.slug, **query)


def _line(election: Election, name: str) -> Line:
    """The line of this kind as it stands now; 404 for none."""
    awake, asleep = attention_of(election, clock.now())
    found = next((line for line in (*awake, *asleep) if line.matter.kind == name), None)
    return found or abort(404)


@blueprint.route("/e/<election>/attention/<string:matter>/snooze", methods=["GET", "POST"])
@requires(Capability.HANDLE_REQUESTS, writes=True)
def snooze(election: str, matter: str) -> ResponseReturnValue:
    """Put a matter off, with a reason."""
    row = election_for(actor(), election)
    line, form = _line(row, matter), SnoozeForm()
    form.offer()
    if form.validate_on_submit():
        done = form.attempt(
            snooze_matter,
            actor=actor(),
            election=row,
            kind=line.matter.kind,
            count=line.matter.count,
            span=form.span.data,
            reason=form.reason.data,
        )
        if done is not None:
            until = clock.local(done.until_at, row.time_zone)
            said = _("It is put off until %(moment)s.", moment=short_moment(until))
            flash_undoable(said, "headquarters.wake", election=row.slug, matter=matter)
            return redirect(url_for("headquarters.dashboard", election=row.slug))
    return render_template(
        "headquarters/snooze.html", election=row, line=line, form=form
    ), form.status


@blueprint.post("/e/<election>/attention/<string:matter>/wake")
@requires(Capability.HANDLE_REQUESTS, writes=True)
def wake(election: str, matter: str) -> ResponseReturnValue:
    """Bring a matter back before its time."""
    row = election_for(actor(), election)
    wake_matter(actor=actor(), election=row, kind=_line(row, matter).matter.kind)
    flash(_("It is on the list again."), "ok")
    return redirect(url_for("headquarters.dashboard", election=row.slug))
