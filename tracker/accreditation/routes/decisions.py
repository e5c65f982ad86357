"""The Ministry presents, the commission decides: submissions and resolutions."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation import operations, queries
from tracker.accreditation.forms import DecisionForm, SubmissionForm
from tracker.accreditation.labels import DECISIONS, FUNCTIONS, GROUNDS, STATUSES, TONES
from tracker.accreditation.models import Ground, Resolution, Submission
from tracker.accreditation.operations import Decision, Reason
from tracker.accreditation.routes.blueprint import blueprint
from tracker.accreditation.rules import GROUNDS_OF_REFUSAL
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.i18n import LANGUAGES, language, ngettext
from tracker.kernel.permissions import Capability
from tracker.kernel.text import numbers
from tracker.kernel.web import actor, format_asked, requires
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
CHANGE_COLUMNS = (
    *CANDIDATE_COLUMNS[:5],
    tables.Column("became", _l("Became"), lambda row: _(STATUSES[row.to_status])),
    tables.Column("ground", _l("Ground"), lambda row: _(GROUNDS[row.ground]) if row.ground else ""),
    tables.Column("text", _l("In words"), lambda row: row.ground_text),
    tables.Column("submission", _l("Submission"), lambda row: row.submission_number, "num"),
)


def _submission_columns(time_zone: str) -> tuple[tables.Column, ...]:
    return (
        tables.Column("number", _l("No."), lambda row: row[0].number, "num"),
        tables.Column(
            "submitted",
            _l("Submitted"),
            lambda row: clock.local(row[0].submitted_at, time_zone),
        ),
        tables.Column("candidates", _l("Candidates"), lambda row: row[1], "num"),
        tables.Column("waiting", _l("Waiting"), lambda row: row[2], "num"),
        tables.Column("accredited", _l("Accredited"), lambda row: row[3], "num"),
    )


@blueprint.get("/e/<election>/submissions/")
@requires(Capability.VIEW_HEADQUARTERS)
def submissions(election: str) -> ResponseReturnValue:
    """Submissions and resolutions, the newest first."""
    row = election_for(actor(), election)
    if format_ := format_asked():
        columns, rows = _submission_columns(row.time_zone), queries.all_submissions(row.id)
        return tables.export(columns, rows, name=f"{row.slug}-submissions", format=format_)
    return render_template(
        "accreditation/submissions.html",
        election=row,
        page=queries.submissions(row.id, cursor=request.args.get("cursor")),
        resolutions=queries.resolutions(row.id, cursor=request.args.get("resolutions")),
        local=lambda moment: clock.local(moment, row.time_zone),
        presenting=queries.presenting_by(actor(), row),
    )


def _citizenships(rows: Iterable[Any]) -> dict[str | None, str]:
    return {row.citizenship: citizenship_name(row.citizenship, language()) for row in rows}


def _chosen() -> list[int]:
    return numbers(request.values.getlist("observer"))


def _delegation() -> int | None:
    """The delegation whose observers alone are shown, and presented or decided."""
    return request.args.get("delegation", type=int)


def _submit(*, election: Election, form: SubmissionForm, chosen: Sequence[int]) -> Submission:
    return operations.submit_observers(
        actor=actor(),
        election=election,
        accreditation_ids=chosen,
        remark=form.remark.data,
        override_reason=form.override_reason.data,
    )


def _choose_page(
    election: Election, form: SubmissionForm, chosen: Collection[int], *, is_everybody: bool
) -> ResponseReturnValue:
    """A page of those who may be presented, and everybody who is chosen so far."""
    delegation_id, cursor = _delegation(), request.args.get("cursor")
    page = queries.registered(election.id, delegation_id, language(), cursor=cursor)
    is_whole = not (page.next_cursor or page.previous_cursor)
    more = set() if is_everybody else set(chosen) - {item.accreditation_id for item in page.rows}
    rows = [*queries.registered_among(election.id, more, language()), *page.rows]
    return render_template(
        "accreditation/create_submission.html",
        form=form,
        election=election,
        page=page,
        rows=rows,
        chosen=set(chosen) or {item.accreditation_id for item in rows},
        is_everybody=is_everybody,
        total=None if is_whole else queries.count_registered(election.id, delegation_id),
        citizenships=_citizenships(rows),
        functions=FUNCTIONS,
        presenting=queries.presenting_by(actor(), election),
    ), form.status


@blueprint.route("/e/<election>/submissions/new", methods=["GET", "POST"])
@requires(Capability.SUBMIT_OBSERVERS, writes=True)
def create_submission(election: str) -> ResponseReturnValue:
    """Choose registered observers and present them to the commission."""
    row = election_for(actor(), election)
    form = SubmissionForm()
    is_everybody = bool(request.form.get("everybody"))
    chosen = queries.all_registered(row.id, _delegation()) if is_everybody else _chosen()
    if form.validate_on_submit():
        made = form.attempt(_submit, election=row, form=form, chosen=chosen)
        if made is not None:
            message = ngettext(
                "%(num)s observer was submitted to the CEC.",
                "%(num)s observers were submitted to the CEC.",
                len(set(chosen)),
            )
            flash(message, "ok")
            return redirect(_page_of(row, made))
    return _choose_page(row, form, chosen, is_everybody=is_everybody)


def _page_of(election: Election, found: Submission) -> str:
    return url_for("accreditation.submission", election=election.slug, submission_id=found.id)


@blueprint.get("/e/<election>/submissions/<int:submission_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def submission(election: str, submission_id: int) -> ResponseReturnValue:
    """One submission as the commission sees it; also as a file."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    if format_ := format_asked(fresh=True):
        name = f"{row.slug}-submission-{found.number}"
        rows = queries.all_candidates(found.id, language())
        return tables.export(CANDIDATE_COLUMNS, rows, name=name, format=format_)
    page = queries.candidates(found.id, language(), cursor=request.args.get("cursor"))
    return render_template(
        "accreditation/submission.html",
        election=row,
        submission=found,
        submitted_at=clock.local(found.submitted_at, row.time_zone),
        page=page,
        outcome=queries.outcomes([found.id])[found.id],
        citizenships=_citizenships(page.rows),
        functions=FUNCTIONS,
        decisions=DECISIONS,
        grounds=GROUNDS,
        statuses=STATUSES,
        tones=TONES,
        paper_languages=LANGUAGES,
    )


def _decisions(item_ids: Iterable[int]) -> dict[int, Decision]:
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


def _typed(item_ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """What was chosen row by row, to show it again."""
    typed = {
        item_id: (
            request.form.get(f"decision-{item_id}", ""),
            request.form.get(f"ground-{item_id}", ""),
            request.form.get(f"text-{item_id}", ""),
        )
        for item_id in item_ids
    }
    return {item_id: values for item_id, values in typed.items() if any(values)}


def decide_page(
    election: Election,
    found: Submission,
    form: DecisionForm,
    *,
    chosen: dict[int, tuple[str, str, str]],
    problems: Sequence[str] = (),
) -> ResponseReturnValue:
    """A page of those who wait, and everybody for whom something is chosen so far, typed or read
    from a file."""
    senders = queries.waiting_senders(found.id, language())
    sender = next((each for each in senders if each.id == _delegation()), None)
    page = queries.candidates(
        found.id,
        language(),
        cursor=request.args.get("cursor"),
        waiting=True,
        delegation_id=sender.id if sender else None,
    )
    more = set(chosen).difference(item.item_id for item in page.rows)
    rows = [*page.rows, *queries.waiting_candidates(found.id, language(), ids=more)]
    return render_template(
        "accreditation/decide.html",
        form=form,
        election=election,
        submission=found,
        page=page,
        rows=rows,
        senders=senders,
        sender=sender,
        total=sum(each.waiting for each in ([sender] if sender else senders)),
        chosen=chosen,
        problems=problems,
        citizenships=_citizenships(rows),
        functions=FUNCTIONS,
        decisions=DECISIONS,
        grounds=[(ground, GROUNDS[ground]) for ground in GROUNDS_OF_REFUSAL],
    ), form.status


def _waiting_or_named(found: Submission) -> set[int]:
    """The candidates who wait, and each for whom something was chosen: where another decided one
    of these meanwhile, that is told and not passed over."""
    named = numbers(key.removeprefix("decision-") for key, value in request.form.items() if value)
    return {*queries.waiting_items(found.id, _delegation()), *named}


def _decide(
    *, election: Election, submission: Submission, form: DecisionForm, ids: Iterable[int]
) -> Resolution | None:
    return operations.decide_submission(
        actor=actor(),
        election=election,
        submission=submission,
        decisions=_decisions(ids),
        resolution_number=form.resolution_number.data,
        effective_at=form.moment(election.time_zone),
        remark=form.remark.data,
    )


@blueprint.route("/e/<election>/submissions/<int:submission_id>/decide", methods=["GET", "POST"])
@requires(Capability.DECIDE_SUBMISSIONS, writes=True)
def decide(election: str, submission_id: int) -> ResponseReturnValue:
    """Decide row by row or all at once, by a numbered resolution with its moment."""
    row = election_for(actor(), election)
    found = queries.submission_for(row.id, submission_id)
    form = DecisionForm()
    if request.method != "POST":
        form.begin(row.time_zone)
        return decide_page(row, found, form, chosen={})
    ids = _waiting_or_named(found)
    if form.validate():
        form.attempt(_decide, election=row, submission=found, form=form, ids=ids)
        if not form.errors:  # there is no resolution where everybody was returned
            flash(_("The decision is recorded."), "ok")
            return redirect(_page_of(row, found))
    return decide_page(row, found, form, chosen=_typed(ids))


@blueprint.get("/e/<election>/resolutions/<int:resolution_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def resolution(election: str, resolution_id: int) -> ResponseReturnValue:
    """What one resolution changed, a person a row."""
    row = election_for(actor(), election)
    found = queries.resolution_for(row.id, resolution_id)
    if format_ := format_asked(fresh=True):
        name = f"{row.slug}-resolution-{found.number.replace('/', '-')}"
        rows = queries.all_changes_by(found.id, language())
        return tables.export(CHANGE_COLUMNS, rows, name=name, format=format_)
    page = queries.changes_by(found.id, language(), cursor=request.args.get("cursor"))
    return render_template(
        "accreditation/resolution.html",
        election=row,
        resolution=found,
        effective_at=clock.local(found.effective_at, row.time_zone),
        page=page,
        citizenships=_citizenships(page.rows),
        functions=FUNCTIONS,
        grounds=GROUNDS,
        statuses=STATUSES,
        tones=TONES,
    )
