"""The auditors' page: who did what to which record, and whether the record holds."""

from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.audit import queries
from tracker.audit.anchors import Anchor, Lines
from tracker.audit.chain import Break
from tracker.audit.changes import changes
from tracker.audit.disclosures import EXPORTS
from tracker.audit.forms import FilterForm
from tracker.audit.labels import ACTIONS, SUBJECTS, TABLES
from tracker.audit.models import AuditEntry
from tracker.kernel import tables
from tracker.kernel.i18n import ngettext, say
from tracker.kernel.permissions import Capability
from tracker.kernel.web import attachment_response, format_asked, requires

blueprint = Blueprint("audit", __name__)
MOST_SAID = 10  # places told one by one: what a page can say at once, and a session can carry

COLUMNS = (
    tables.Column("position", _l("No."), lambda row: row.position, "num"),
    tables.Column("recorded_at", _l("Recorded (UTC)"), lambda row: row.recorded_at),
    tables.Column("actor", _l("Who"), lambda row: row.actor_name),
    tables.Column("action", _l("Action"), lambda row: row.action),
    tables.Column("record_table", _l("Kind of record"), lambda row: row.record_table),
    tables.Column("record_id", _l("Record no."), lambda row: row.record_id),
    tables.Column("before", _l("Before"), lambda row: row.before),
    tables.Column("after", _l("After"), lambda row: row.after),
    tables.Column("erased_at", _l("Contents erased (UTC)"), lambda row: row.erased_at),
    tables.Column("request", _l("Request"), lambda row: row.request_id),
    tables.Column("content_digest", _l("Digest of the contents"), lambda row: row.content_digest),
    tables.Column("digest", _l("Digest"), lambda row: row.digest),
)


def _wanted(form: FilterForm) -> queries.Filter:
    zone = ZoneInfo("UTC")
    since, until = form.since.data, form.until.data
    mark = (form.mark.data or "").strip().upper()
    return queries.Filter(
        record_table=EXPORTS if mark else form.record_table.data or "",
        record_id=mark or form.record_id.data or "",
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
    if is_valid and (format_ := format_asked(fresh=True)):
        rows = queries.all_entries(wanted)
        return tables.export(COLUMNS, rows, name="audit", format=format_, title="audit")
    page = queries.entries(wanted, cursor=request.args.get("cursor"))
    return render_template(
        "audit/index.html",
        form=form,
        page=page,
        actions=ACTIONS,
        record_names=TABLES | SUBJECTS,
        addresses=_addresses([row[0] for row in page.rows]),
        last_anchor=_last_anchor(),
        changes=partial(changes, words=current_app.config["RECORDED_WORDS"]),
    ), (200 if is_valid else 422)


def _addresses(rows: list[AuditEntry]) -> dict[tuple[str, str], str]:
    """Where the records of these entries have pages of their own, by table and key."""
    pages: dict[str, tuple[str, str]] = current_app.config["RECORDED_PAGES"]
    found = {}
    for (table, key), slug in queries.elections_of(rows, pages).items():
        endpoint, name = pages[table]
        values: dict[str, Any] = {"election": slug, name: int(key)}
        found[table, key] = url_for(endpoint, **values)
    return found


@blueprint.post("/audit/verify")
@requires(Capability.VIEW_AUDIT)
def verify() -> ResponseReturnValue:
    """Recompute the whole chain, compare it with the anchors, and say whether it holds."""
    try:
        count, broken = queries.verify(Lines.of(_anchors_file()))
    except OSError:
        flash(_("The file of anchors cannot be read."), "bad")
        return redirect(url_for("audit.index"))
    for place in broken[:MOST_SAID]:
        flash(_place(place), "bad")
    if broken:
        message = ngettext(
            "The audit record does not hold in %(num)s place.",
            "The audit record does not hold in %(num)s places.",
            len(broken),
        )
        flash(message, "bad")
    else:
        message = ngettext(
            "The audit record holds: %(num)s entry.",
            "The audit record holds: %(num)s entries.",
            count,
        )
        flash(message, "ok")
    return redirect(url_for("audit.index"))


def _place(place: Break) -> str:
    reason = say(place.message, place.params)
    if place.line:
        return str(
            _("Line %(number)s of the anchors: %(reason)s", number=place.line, reason=reason)
        )
    return str(_("Entry %(number)s: %(reason)s", number=place.position, reason=reason))


@blueprint.get("/audit/anchors")
@requires(Capability.VIEW_AUDIT)
def anchors() -> ResponseReturnValue:
    """The file of anchors, to be kept elsewhere; it holds no personal data."""
    try:
        content = _anchors_file().read_bytes()
    except FileNotFoundError:
        content = b""
    return attachment_response(content, "audit-anchors.txt", "text/plain")


def _anchors_file() -> Path:
    file: Path = current_app.config["SETTINGS"].anchors_file
    return file


def _last_anchor() -> Anchor | None:
    with suppress(OSError):
        return Lines.of(_anchors_file()).last
    return None
