"""Pages on retention: what is due when, the dry run, the purge and its report."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.queries import accreditation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for, elections
from tracker.kernel import clock, tables
from tracker.kernel.database import after_commit, db
from tracker.kernel.i18n import LANGUAGES, language, localized
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, attachment_response, format_asked, requires, time_zone
from tracker.retention import operations, queries
from tracker.retention.access_paper import archive
from tracker.retention.forms import AccessForm, PeriodForm, PurgeForm
from tracker.retention.jobs import JOB
from tracker.retention.labels import CATEGORIES, PROBLEMS, STATUSES, TONES
from tracker.retention.models import OPEN, Category, RetentionPurge
from tracker.retention.report import COLUMNS, differing, report_lines
from tracker.retention.rules import BY_AGE, DEFAULT_DAYS

blueprint = Blueprint("retention", __name__)
MOST_DIFFERENCES = 50


def _done(name: str) -> Any:
    return lambda row: sum(numbers[name] for numbers in row[0].removed.values())


PURGES = (
    tables.Column("id", _l("No."), lambda row: row[0].id, "num"),
    tables.Column("election", _l("Election"), lambda row: row[0].election.slug),
    tables.Column("as_of", _l("As of"), lambda row: row[0].as_of),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row[0].status])),
    tables.Column("requested_by", _l("Asked for by"), lambda row: row[0].requested_by),
    tables.Column("finished_at", _l("Finished (UTC)"), lambda row: row[0].finished_at),
    tables.Column("deleted", _l("Rows deleted"), _done("deleted"), "num"),
    tables.Column("erased", _l("Rows erased"), _done("erased"), "num"),
    tables.Column("entries", _l("Entries of the audit record"), _done("entries"), "num"),
    tables.Column("files", _l("Files"), _done("files"), "num"),
    tables.Column("before", _l("SHA-256 of the totals before"), lambda row: row[0].digest_before),
    tables.Column("after", _l("SHA-256 of the totals after"), lambda row: row[0].digest_after),
)
PLANNED = (
    tables.Column("category", _l("Category"), lambda row: _(CATEGORIES[row.category])),
    tables.Column("days", _l("Days"), lambda row: row.days, "num"),
    tables.Column("due_on", _l("Due on"), lambda row: row.due_on),
    tables.Column("deleted", _l("Rows deleted"), lambda row: row.deleted, "num"),
    tables.Column("erased", _l("Rows erased"), lambda row: row.erased, "num"),
    tables.Column("entries", _l("Entries of the audit record"), lambda row: row.entries, "num"),
    tables.Column("files", _l("Files"), lambda row: row.files, "num"),
    tables.Column("bytes", _l("Bytes"), lambda row: row.bytes, "num"),
)
REPORTED = (
    tables.Column("category", _l("Category"), lambda row: _(CATEGORIES[Category(row[0])])),
    tables.Column("deleted", _l("Rows deleted"), lambda row: row[1]["deleted"], "num"),
    tables.Column("erased", _l("Rows erased"), lambda row: row[1]["erased"], "num"),
    tables.Column("entries", _l("Entries of the audit record"), lambda row: row[1]["entries"]),
    tables.Column("files", _l("Files"), lambda row: row[1]["files"], "num"),
    tables.Column("bytes", _l("Bytes"), lambda row: row[1]["bytes"], "num"),
)


@blueprint.get("/retention/")
@requires(Capability.VIEW_RETENTION)
def index() -> ResponseReturnValue:
    """Which election is due, the periods, and the purges that were made; these as a file, too."""
    query = queries.purges()
    if format_ := format_asked():
        rows = db.session.execute(query.order_by(RetentionPurge.id))
        return tables.export(PURGES, rows, name="purges", format=format_)
    return render_template(
        "retention/index.html",
        rows=[(row, queries.due_state(row)) for row in elections()],
        periods=queries.periods(),
        chosen=queries.period_rows(),
        defaults=DEFAULT_DAYS,
        by_age=BY_AGE,
        categories=CATEGORIES,
        page=queries.purges_page(query, request.args.get("cursor")),
        not_rewritten=queries.not_rewritten(),
        **_labels(),
    )


def _labels() -> dict[str, Any]:
    zone = time_zone()
    return {
        "statuses": STATUSES,
        "tones": TONES,
        "problems": PROBLEMS,
        "local": lambda moment: clock.local(moment, zone),
    }


@blueprint.route("/retention/periods/<int:place>", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def edit_period(place: int) -> ResponseReturnValue:
    """How long one category is kept; categories are numbered in the order of the page."""
    if not 0 <= place < len(Category):
        abort(404)
    category = list(Category)[place]
    row, form = queries.period_rows().get(category), PeriodForm()
    if request.method == "GET":
        form.show(row, queries.periods()[category])
    if form.validate_on_submit():
        values = {name: form[name].data for name in ("days", "least_days", "most_days", "source")}
        around = {"actor": actor(), "category": category, "seen_version": form.seen_version}
        if form.attempt(operations.set_period, **values, **around) is not None:
            flash(_("The period was saved."), "ok")
            return redirect(url_for("retention.index"))
    if row is not None:
        form.renew(row)
    title, usual = _(CATEGORIES[category]), DEFAULT_DAYS[category]
    return render_template(
        "retention/edit_period.html", form=form, title=title, usual=usual
    ), form.status


@blueprint.get("/retention/elections/<election>")
@requires(Capability.VIEW_RETENTION)
def plan(election: str) -> ResponseReturnValue:
    """The dry run: what a purge today would take of each category; also as a file."""
    row = election_for(actor(), election)
    found = queries.plan_purge(row, queries.today(row))
    if format_ := format_asked():
        return tables.export(PLANNED, found.categories, name="retention-plan", format=format_)
    return render_template(
        "retention/plan.html",
        plan=found,
        name=localized(row, "name"),
        open_purge=queries.open_purge(row.id),
        is_over=row.ends_at <= clock.now(),
        categories=CATEGORIES,
        by_age=BY_AGE,
    )


@blueprint.route("/retention/elections/<election>/purge", methods=["GET", "POST"])
@requires(Capability.ADMINISTER, writes=True, fresh=True)
def purge(election: str) -> ResponseReturnValue:
    """Purge what is due, after the election's short name was typed; the job process does it."""
    row, form = election_for(actor(), election), PurgeForm()
    if form.validate_on_submit() and form.is_meant(row.slug):
        made = form.attempt(operations.request_purge, actor=actor(), election=row)
        if made is not None:
            purge_id = made.id
            after_commit(lambda: jobs.enqueue(JOB, purge_id=purge_id))
            return redirect(url_for("retention.report", purge_id=purge_id))
    return _confirmation(row, form)


def _confirmation(row: Election, form: PurgeForm) -> ResponseReturnValue:
    found = queries.plan_purge(row, queries.today(row))
    name = localized(row, "name")
    return render_template(
        "retention/purge.html", plan=found, name=name, form=form, categories=CATEGORIES
    ), form.status


@blueprint.get("/retention/purges/<int:purge_id>")
@requires(Capability.VIEW_RETENTION)
def report(purge_id: int) -> ResponseReturnValue:
    """What was purged, and the proof that the totals stayed; also as a file."""
    row = queries.purge_for(purge_id)
    removed = [(name, row.removed[name]) for name in Category if name in row.removed]
    format_ = format_asked(more={"txt"})
    if format_ == "txt":
        text = "\n".join([*report_lines(row), ""]).encode()
        return attachment_response(text, f"purge-{row.id}.txt", "text/plain; charset=utf-8")
    if format_:
        return tables.export(REPORTED, removed, name=f"purge-{row.id}", format=format_)
    return render_template(
        "retention/report.html",
        row=row,
        removed=removed,
        sums={name: sum(numbers[name] for _name, numbers in removed) for name in COLUMNS},
        differing=differing(row)[:MOST_DIFFERENCES],
        categories=CATEGORIES,
        is_open=row.status in OPEN,
        elections_proven=_proven(row),
        **_labels(),
    )


def _proven(row: RetentionPurge) -> list[tuple[str, int, int]]:
    """Elections whose totals were counted: how many moments, how many observers on election day."""
    found = (row.totals_before or {}).get("elections", {})
    return [
        (slug, len(each["figures"]), each["figures"]["polls close"]["observers"])
        for slug, each in found.items()
    ]


@blueprint.route("/e/<election>/observers/<int:accreditation_id>/access", methods=["GET", "POST"])
@requires(Capability.GIVE_ACCESS, writes=True, fresh=True)
def subject_access(election: str, accreditation_id: int) -> ResponseReturnValue:
    """Everything that is held about an observer, as one archive; giving it is recorded."""
    row = election_for(actor(), election)
    found = accreditation_for(actor(), row.id, accreditation_id)
    form = AccessForm()
    form.language.choices = list(LANGUAGES.items())
    if request.method == "GET":
        form.language.data = language()
    if form.validate_on_submit():
        around: Any = {"actor": actor(), "reference": form.reference.data or ""}
        held = operations.give_access(observer=found.observer, **around)
        content = archive(held, language=form.language.data, **around)
        return attachment_response(content, f"access-{held.observer_id}.zip", "application/zip")
    return render_template(
        "retention/subject_access.html", form=form, row=found, election=row
    ), form.status
