"""The auditors' page: who did what to which record, and whether the record holds."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tracker.audit import queries
from tracker.audit.forms import FilterForm
from tracker.audit.labels import ACTIONS, TABLES
from tracker.kernel import tables
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires

blueprint = Blueprint("audit", __name__)

COLUMNS = (
    tables.Column("position", _l("No."), lambda row: row.position, "num"),
    tables.Column("recorded_at", _l("Recorded (UTC)"), lambda row: row.recorded_at),
    tables.Column("actor", _l("Who"), lambda row: row.actor_name),
    tables.Column("action", _l("Action"), lambda row: row.action),
    tables.Column("record_table", _l("Kind of record"), lambda row: row.record_table),
    tables.Column("record_id", _l("Record no."), lambda row: row.record_id),
    tables.Column("before", _l("Before"), lambda row: row.before),
    tables.Column("after", _l("After"), lambda row: row.after),
    tables.Column("request", _l("Request"), lambda row: row.request_id),
    tables.Column("digest", _l("Digest"), lambda row: row.digest),
)


def _wanted(form: FilterForm) -> queries.Filter:
    zone = ZoneInfo("UTC")
    since, until = form.since.data, form.until.data
    return queries.Filter(
        record_table=form.record_table.data or "",
        record_id=form.record_id.data or "",
        actor_name=form.actor_name.data or "",
        action=form.action.data or "",
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )


@blueprint.get("/audit/")
@requires(Capability.VIEW_AUDIT)
def index() -> ResponseReturnValue:
    """The record, the newest entry first, narrowed by the filters; also as a file."""
    form = FilterForm(request.args)
    is_valid = form.validate()
    wanted = _wanted(form) if is_valid else queries.Filter()
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        rows = queries.all_entries(wanted)
        return tables.export(COLUMNS, rows, name="audit", format=format_, title="audit")
    page = queries.entries(wanted, cursor=request.args.get("cursor"))
    return render_template(
        "audit/index.html", form=form, page=page, actions=ACTIONS, record_names=TABLES
    )


@blueprint.post("/audit/verify")
@requires(Capability.VIEW_AUDIT)
def verify() -> ResponseReturnValue:
    """Recompute the whole chain and say whether it holds."""
    count, broken = queries.verify()
    if broken:
        places = ", ".join(str(place.position) for place in broken[:10])
        flash(_("The audit record does not hold at: %(places)s.", places=places), "bad")
    else:
        message = ngettext(
            "The audit record holds: %(num)s entry.",
            "The audit record holds: %(num)s entries.",
            count,
        )
        flash(message, "ok")
    return redirect(url_for("audit.index"))
