"""Pages on which registrars take in the lists that delegations send."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.labels import STATUSES as ACCREDITATION_STATUSES
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.database import after_commit
from tracker.kernel.disclosure import disclose_list
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import language, localized, say
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.text import whole_number
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.lists import acceptance, labels, operations, queries
from tracker.lists.forms import ChoicesForm, UploadForm
from tracker.lists.models import ListStatus, ObserverList, RowStatus
from tracker.lists.operations import NewChoices, Received
from tracker.observers.intake.columns import fields
from tracker.observers.matching import REASONS
from tracker.observers.models import DuplicateVerdict

blueprint = Blueprint("lists", __name__)
LARGEST_UPLOAD = 96 * 1024 * 1024  # a list with its portraits


def _sender(row: Any) -> str:
    return str(row.acronym or localized(row, "name"))


COLUMNS = (
    tables.Column("id", _l("No."), lambda row: row[0].id),
    tables.Column("delegation", _l("Delegation"), lambda row: _sender(row[1])),
    tables.Column("filename", _l("File"), lambda row: row[0].filename),
    tables.Column("status", _l("Status"), lambda row: _(labels.LIST_STATUSES[row[0].status])),
    tables.Column("created_at", _l("Received"), lambda row: row[0].created_at),
    tables.Column("created_by", _l("Who"), lambda row: row[0].created_by),
)


@blueprint.get("/e/<election>/lists/")
@requires(Capability.EDIT_OBSERVERS)
def index(election: str) -> ResponseReturnValue:
    """Lists received, the latest first; also as a file."""
    row = election_for(actor(), election)
    status = member_asked(ListStatus, "status")
    query = queries.lists(
        row.id, delegation_id=request.args.get("delegation", type=int), status=status
    )
    if format_ := format_asked():
        found = queries.all_lists(query)
        return tables.export(COLUMNS, found, name=f"{row.slug}-lists", format=format_)
    page = queries.lists_page(query, request.args.get("cursor"))
    return render_template(
        "lists/index.html",
        election=row,
        page=page,
        status=status,
        statuses=labels.LIST_STATUSES,
        tones=labels.LIST_TONES,
        sender=_sender,
        received={item[0].id: clock.local(item[0].created_at, row.time_zone) for item in page.rows},
    )


@blueprint.route("/e/<election>/lists/new", methods=["GET", "POST"])
@requires(Capability.EDIT_OBSERVERS, writes=True, largest_upload=LARGEST_UPLOAD)
def receive(election: str) -> ResponseReturnValue:
    """Take in a file; it is read and checked, nothing is entered yet."""
    row = election_for(actor(), election)
    form = UploadForm()
    form.offer(list(delegation_names(actor(), row.id).items()))
    if request.method == "GET":
        form.delegation.data = request.args.get("delegation", type=int)
    elif form.validate():
        delegation = delegation_for(actor(), row.id, form.delegation.data or 0)
        portraits = form.portraits.data
        received = Received(
            filename=form.file.data.filename or "",
            content=form.file.data.read(),
            portraits=portraits.read() if portraits and portraits.filename else None,
            function=form.function.data,
            pledge_signed_on=form.pledge_signed_on.data,
        )
        found = form.attempt(
            operations.receive_list,
            actor=actor(),
            election=row,
            delegation=delegation,
            received=received,
        )
        if found is not None:
            return redirect(_url(row, found))
    return render_template("lists/receive.html", form=form, election=row), form.status


def _url(election: Election, found: ObserverList, **more: Any) -> str:
    return url_for("lists.show", election=election.slug, list_id=found.id, **more)


def _around(election: str, list_id: int) -> tuple[Election, ObserverList, Delegation]:
    row = election_for(actor(), election)
    found = queries.list_for(actor(), row.id, list_id)
    return row, found, delegation_for(actor(), row.id, found.delegation_id)


def problem_text(problem: dict[str, Any]) -> str:
    """A problem in the reader's words."""
    params = {
        name: value.get(language(), "") if isinstance(value, dict) else value
        for name, value in problem["params"].items()
    }
    for name in {"day", "needed"} & params.keys():
        params[name] = date.fromisoformat(params[name])
    return say(labels.PROBLEMS[problem["code"]], params)


def _shown_value(name: str, value: str) -> str:
    if name == "function" and value in set(FUNCTIONS):
        return str(_(FUNCTIONS[value]))  # type: ignore[index]
    return value


def _raw(name: str) -> Callable[[Any], str]:
    return lambda row: str(row.raw.get(name, ""))


ROW_COLUMNS = (
    tables.Column("number", _l("Row"), lambda row: row.number),
    tables.Column("status", _l("Status"), lambda row: _(labels.ROW_STATUSES[row.status])),
    tables.Column("name", _l("Name"), lambda row: row.name),
    tables.Column(
        "problems",
        _l("Problems"),
        lambda row: "; ".join(
            f"{problem['cell']} {_(labels.FIELDS[problem['field']])}: {problem_text(problem)}"
            for problem in row.problems
        ),
    ),
    *(
        tables.Column(name, label, _raw(name))
        for name, label in labels.FIELDS.items()
        if name in labels.EDITABLE
    ),
)


@blueprint.get("/e/<election>/lists/<int:list_id>")
@requires(Capability.EDIT_OBSERVERS)
def show(election: str, list_id: int) -> ResponseReturnValue:
    """What was recognized, what each row would do, and what is wrong; rows also as a file."""
    row, found, delegation = _around(election, list_id)
    wanted = request.args.get("status", "")
    counts = found.facts.get("counts", {})
    if not wanted and counts.get("problem") and found.status is ListStatus.CHECKED:
        wanted = RowStatus.PROBLEM.value
    status = RowStatus(wanted) if wanted in set(RowStatus) else None
    query = queries.rows_of(found.id, status=status, is_left_out=wanted == "left_out" or None)
    if format_ := format_asked(fresh=True):
        rows: Iterable[Any] = queries.all_rows(query)
        return tables.export(ROW_COLUMNS, rows, name=f"list-{found.id}-rows", format=format_)
    page = queries.rows_page(query, request.args.get("cursor"))
    if page.rows:
        disclose_list(found, "rows")
    return render_template(
        "lists/show.html",
        election=row,
        found=found,
        delegation=delegation,
        sender=_sender(delegation.organization),
        page=page,
        rows=[queries.shown(item[0]) for item in page.rows],
        wanted=wanted,
        form=_choices_form(found),
        failure=say(*json.loads(found.failure)) if found.failure else None,
        progress=jobs.progress(f"list-{found.id}"),
        dropped=queries.names_of(found.facts.get("dropped", ())),
        new_rows=queries.new_rows(found.id) if found.facts.get("dropped") else [],
        problem_text=problem_text,
        shown_value=_shown_value,
        reasons=REASONS,
        labels=labels,
        fields=[name for name in fields() if name in labels.FIELDS],
        accreditation_statuses=ACCREDITATION_STATUSES,
        is_open=found.status is ListStatus.CHECKED,
    )


DAYS = {"day": True, "month": False}
ORDERS = {"surname": True, "given": False}


def _word(chosen: bool | None, words: dict[str, bool]) -> str:
    return next((word for word, value in words.items() if value is chosen), "")


def _choices_form(found: ObserverList) -> ChoicesForm:
    facts = found.facts
    form = ChoicesForm(
        data={
            "sheet": facts.get("sheet"),
            "header_row": facts.get("header_row", 0),
            "encoding": facts.get("encoding"),
            "delimiter": facts.get("delimiter"),
            "day_first": _word(found.choices.get("day_first"), DAYS),
            "surname_first": _word(found.choices.get("surname_first"), ORDERS),
            "function": found.function,
            "pledge_signed_on": found.pledge_signed_on,
        }
        if request.method == "GET"
        else None
    )
    form.offer(
        facts.get("sheets", []),
        list(labels.ENCODING_LABELS.items()),
        [(key, _(label)) for key, label in labels.DELIMITER_LABELS.items()],
    )
    return form


@blueprint.post("/e/<election>/lists/<int:list_id>/choices")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def choose(election: str, list_id: int) -> ResponseReturnValue:
    """Read the list anew with what a person says of its sheet, header, columns and dates."""
    row, found, delegation = _around(election, list_id)
    form = _choices_form(found)
    columns = {
        column["index"]: request.form.get(f"column-{column['index']}", column["field"] or "")
        for column in found.columns
    }
    is_text = bool(found.facts.get("encoding"))
    operations.choose(
        actor=actor(),
        election=row,
        delegation=delegation,
        found=found,
        choices=NewChoices(
            sheet=form.sheet.data if found.facts.get("sheets") else None,
            encoding=form.encoding.data if is_text else None,
            delimiter=form.delimiter.data if is_text else None,
            header_row=form.header_row.data,
            day_first=DAYS.get(form.day_first.data or ""),
            surname_first=ORDERS.get(form.surname_first.data or ""),
            columns=columns,
            function=form.function.data,
            pledge_signed_on=form.pledge_signed_on.data,
        ),
    )
    flash(_("The list was read anew."), "ok")
    return redirect(_url(row, found))


@blueprint.post("/e/<election>/lists/<int:list_id>/rows/<int:number>")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def mend(election: str, list_id: int, number: int) -> ResponseReturnValue:
    """Mend a row in place, leave it out, or say who it is."""
    row, found, delegation = _around(election, list_id)
    queries.row_for(found.id, number)
    around: dict[str, Any] = {"actor": actor(), "election": row, "delegation": delegation}
    around["found"] = found
    action = request.form.get("action", "mend")
    if action in {"leave_out", "take_back"}:
        operations.leave_out(**around, number=number, is_left_out=action == "leave_out")
    elif action in set(DuplicateVerdict):
        other = request.form.get("observer_id", type=int) or 0
        operations.answer_duplicate(
            **around, number=number, observer_id=other, verdict=DuplicateVerdict(action)
        )
    else:
        typed = {
            name: request.form[f"cell-{name}"]
            for name in labels.FIELDS
            if f"cell-{name}" in request.form
        }
        operations.mend_row(**around, number=number, cells=typed)
    wanted = request.form.get("status", "")
    return redirect(_url(row, found, status=wanted or None, _anchor="rows"))


@blueprint.post("/e/<election>/lists/<int:list_id>/leave-out")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def leave_out(election: str, list_id: int) -> ResponseReturnValue:
    """Leave out every row that still has a problem."""
    row, found, delegation = _around(election, list_id)
    operations.leave_out(
        actor=actor(),
        election=row,
        delegation=delegation,
        found=found,
        number=None,
        is_left_out=True,
    )
    return redirect(_url(row, found))


def _dropped_decisions() -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for name, value in request.form.items():
        key = whole_number(name.removeprefix("dropped-")) if name.startswith("dropped-") else None
        if key is None or not value:
            continue
        if (row := whole_number(value)) is not None:
            found[key] = {"action": "replace", "row": row}
        elif value == "withdraw":
            found[key] = {"action": "withdraw"}
    return found


@blueprint.post("/e/<election>/lists/<int:list_id>/accept")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def accept(election: str, list_id: int) -> ResponseReturnValue:
    """Give the list out to be stored, in one transaction, by the job process."""
    row, found, _delegation = _around(election, list_id)
    operations.decide_dropped(actor=actor(), found=found, decisions=_dropped_decisions())
    acceptance.begin_acceptance(actor=actor(), found=found)
    after_commit(lambda: jobs.enqueue("accept_list", list_id=list_id))
    return redirect(_url(row, found))


@blueprint.post("/e/<election>/lists/<int:list_id>/undo")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def undo(election: str, list_id: int) -> ResponseReturnValue:
    """Take the whole list back."""
    row, found, delegation = _around(election, list_id)
    acceptance.undo_list(actor=actor(), election=row, delegation=delegation, found=found)
    flash(
        _("The list was undone: whom it entered is withdrawn, what it changed is put back."), "ok"
    )
    return redirect(url_for("lists.show", election=row.slug, list_id=list_id))


@blueprint.post("/e/<election>/lists/<int:list_id>/discard")
@requires(Capability.EDIT_OBSERVERS, writes=True)
def discard(election: str, list_id: int) -> ResponseReturnValue:
    """Put a list away."""
    row, found, _delegation = _around(election, list_id)
    if found.status not in {ListStatus.CHECKED, ListStatus.CHECKING}:
        raise NotFound("There is no such list.")
    operations.discard_list(actor=actor(), found=found)
    flash(_("The list was put away; nothing of it was entered."), "ok")
    return redirect(url_for("lists.index", election=row.slug))
