"""The Ministry presents, the commission decides: submissions and resolutions."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tracker.accreditation import operations, queries
from tracker.accreditation.forms import DecisionForm, SubmissionForm
from tracker.accreditation.labels import DECISIONS, FUNCTIONS, GROUNDS, STATUSES, TONES
from tracker.accreditation.models import Ground, Submission
from tracker.accreditation.operations import Decision, Reason
from tracker.accreditation.routes.blueprint import blueprint
from tracker.accreditation.rules import GROUNDS_OF_REFUSAL
from tracker.elections.models import Election
from tracker.elections.queries import calendar_of, election_for
from tracker.elections.rules import may_submit, moment_typed
from tracker.kernel import clock, tables
from tracker.kernel.i18n import LANGUAGES, language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.organizations.states import citizenship_name

CANDIDATE_COLUMNS = (
    tables.Column("no", _l("No."), lambda row: row.accreditation_id, "num"),
    tables.Column("name", _l("Name"), lambda row: row.name),
    tables.Column(
        "citizenship", _l("Citizenship"), lambda row: citizenship_name(row.citizenship, language())
    ),
    tables.Column("sender", _l("Delegation"), lambda row: row.sender),
    tables.Column(
        "function", _l("Function"), lambda row: _(FUNCTIONS[row.function]) if row.function else ""
    ),
    tables.Column("decision", _l("Decision"), lambda row: row.decision),
    tables.Column("resolution", _l("Resolution"), lambda row: row.resolution_number),
)


@blueprint.get("/e/<election>/submissions/")
@requires(Capability.VIEW_HEADQUARTERS)
def submissions(election: str) -> ResponseReturnValue:
    """Submissions, the newest first; an election has some dozens, so they are not paged."""
    row = election_for(actor(), election)
    rows = [
        (item[0], clock.local(item[0].submitted_at, row.time_zone), *item[1:])
        for item in queries.submissions(row.id)
    ]
    resolutions = [
        (item[0], clock.local(item[0].effective_at, row.time_zone), *item[1:])
        for item in queries.resolutions(row.id)
    ]
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        columns = (
            tables.Column("number", _l("No."), lambda item: item[0].number, "num"),
            tables.Column("submitted", _l("Submitted"), lambda item: item[1]),
            tables.Column("candidates", _l("Candidates"), lambda item: item[2], "num"),
            tables.Column("waiting", _l("Waiting"), lambda item: item[3], "num"),
            tables.Column("accredited", _l("Accredited"), lambda item: item[4], "num"),
        )
        return tables.export(columns, rows, name=f"{row.slug}-submissions", format=format_)
    return render_template(
        "accreditation/submissions.html", election=row, rows=rows, resolutions=resolutions
    )


def _chosen() -> list[int]:
    return [int(value) for value in request.values.getlist("observer") if value.isdecimal()]


@blueprint.route("/e/<election>/submissions/new", methods=["GET", "POST"])
@requires(Capability.SUBMIT_OBSERVERS, writes=True)
def create_submission(election: str) -> ResponseReturnValue:
    """Choose registered observers and present them to the commission."""
    row = election_for(actor(), election)
    form, chosen = SubmissionForm(), _chosen()
    if form.validate_on_submit():
        made = form.attempt(
            operations.submit_observers,
            actor=actor(),
            election=row,
            accreditation_ids=chosen,
            remark=form.remark.data,
            override_reason=form.override_reason.data,
        )
        if made is not None:
            message = ngettext(
                "%(num)s observer was submitted to the CEC.",
                "%(num)s observers were submitted to the CEC.",
                len(set(chosen)),
            )
            flash(message, "ok")
            return redirect(
                url_for("accreditation.submission", election=row.slug, submission_id=made.id)
            )
    candidates = queries.registered(row.id, request.args.get("delegation", type=int), language())
    return render_template(
        "accreditation/create_submission.html",
        form=form,
        election=row,
        candidates=candidates,
        chosen=set(chosen) or {item.accreditation_id for item in candidates},
        citizenships={
            item.citizenship: citizenship_name(item.citizenship, language()) for item in candidates
        },
        functions=FUNCTIONS,
        is_open=may_submit(calendar_of(row), clock.now()),
        closes_at=clock.local(row.closes_at, row.time_zone),
    ), form.status


@blueprint.get("/e/<election>/submissions/<int:submission_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def submission(election: str, submission_id: int) -> ResponseReturnValue:
    """One submission as the commission sees it; also as a file."""
    row = election_for(actor(), election)
    found = queries.submission_for(actor(), row.id, submission_id)
    candidates = queries.candidates(found.id, language())
    if format_ := request.args.get("format"):
        if not actor().may(Capability.EXPORT_LISTS) or format_ not in {"csv", "xlsx"}:
            abort(403)
        name = f"{row.slug}-submission-{found.number}"
        return tables.export(CANDIDATE_COLUMNS, candidates, name=name, format=format_)
    return render_template(
        "accreditation/submission.html",
        election=row,
        submission=found,
        submitted_at=clock.local(found.submitted_at, row.time_zone),
        candidates=candidates,
        waiting=sum(item.decision is None for item in candidates),
        citizenships={
            item.citizenship: citizenship_name(item.citizenship, language()) for item in candidates
        },
        functions=FUNCTIONS,
        decisions=DECISIONS,
        grounds=GROUNDS,
        statuses=STATUSES,
        tones=TONES,
        paper_languages=LANGUAGES,
    )


def _decisions(item_ids: list[int]) -> dict[int, Decision]:
    """The decision of each row, "all at once" first; rows left open are not decided now."""
    together = request.form.get("all", "")
    found = {}
    for item_id in item_ids:
        kind = request.form.get(f"decision-{item_id}", "") or together
        if not kind:
            continue
        ground = request.form.get(f"ground-{item_id}", "")
        text = request.form.get(f"text-{item_id}", "").strip()[:500] or None
        reason = Reason(Ground(ground) if ground in set(Ground) else None, text)
        found[item_id] = Decision(kind, reason if kind == "refused" else Reason())
    return found


def _typed(item_ids: list[int]) -> dict[int, tuple[str, str, str]]:
    """What was chosen row by row, to show it again."""
    return {
        item_id: (
            request.form.get(f"decision-{item_id}", ""),
            request.form.get(f"ground-{item_id}", ""),
            request.form.get(f"text-{item_id}", ""),
        )
        for item_id in item_ids
    }


def decide_page(
    election: Election,
    found: Submission,
    form: DecisionForm,
    *,
    chosen: dict[int, tuple[str, str, str]],
    problems: Sequence[str] = (),
) -> ResponseReturnValue:
    """The page of decisions with what is chosen so far, typed or read from a file."""
    waiting = [item for item in queries.candidates(found.id, language()) if item.decision is None]
    return render_template(
        "accreditation/decide.html",
        form=form,
        election=election,
        submission=found,
        waiting=waiting,
        chosen=chosen,
        problems=problems,
        citizenships={
            item.citizenship: citizenship_name(item.citizenship, language()) for item in waiting
        },
        functions=FUNCTIONS,
        decisions=DECISIONS,
        grounds=[(ground, GROUNDS[ground]) for ground in GROUNDS_OF_REFUSAL],
    ), form.status


@blueprint.route("/e/<election>/submissions/<int:submission_id>/decide", methods=["GET", "POST"])
@requires(Capability.DECIDE_SUBMISSIONS, writes=True)
def decide(election: str, submission_id: int) -> ResponseReturnValue:
    """Decide row by row or all at once, by a numbered resolution with its moment."""
    row = election_for(actor(), election)
    found = queries.submission_for(actor(), row.id, submission_id)
    form = DecisionForm()
    ids = [item.id for item in queries.items_of(found.id) if item.decision is None]
    if request.method == "GET":
        local_now = clock.local(clock.now(), row.time_zone)
        form.effective_at.data = local_now.replace(tzinfo=None, second=0, microsecond=0)
    if form.validate_on_submit():
        typed = form.effective_at.data
        before = form.errors
        form.attempt(
            operations.decide_submission,
            actor=actor(),
            election=row,
            submission=found,
            decisions=_decisions(ids),
            resolution_number=form.resolution_number.data,
            effective_at=moment_typed(typed, row.time_zone, clock.now()) if typed else None,
            remark=form.remark.data,
        )
        if form.errors == before:
            flash(_("The decision is recorded."), "ok")
            return redirect(
                url_for("accreditation.submission", election=row.slug, submission_id=found.id)
            )
    return decide_page(row, found, form, chosen=_typed(ids))


@blueprint.get("/e/<election>/resolutions/<int:resolution_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def resolution(election: str, resolution_id: int) -> ResponseReturnValue:
    """What one resolution changed, a person a row."""
    row = election_for(actor(), election)
    found = queries.resolution_for(actor(), row.id, resolution_id)
    return render_template(
        "accreditation/resolution.html",
        election=row,
        resolution=found,
        effective_at=clock.local(found.effective_at, row.time_zone),
        changes=queries.changes_by(found.id, language()),
        statuses=STATUSES,
        tones=TONES,
    )
