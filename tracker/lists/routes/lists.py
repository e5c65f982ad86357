"""Lists received, and one list with its rows."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.labels import STATUSES as ACCREDITATION_STATUSES
from tracker.accreditation.labels import TONES as ACCREDITATION_TONES
from tracker.accreditation.queries import presenting_by
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock, tables
from tracker.kernel.disclosure import disclose_list
from tracker.kernel.jobs import jobs
from tracker.kernel.listing import Page
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, format_asked, member_asked, requires
from tracker.lists import labels, operations, queries
from tracker.lists.forms import ChoicesForm, UploadForm
from tracker.lists.models import ListStatus, ObserverList, RowStatus
from tracker.lists.queries import ShownRow
from tracker.lists.routes.blueprint import blueprint, list_at, url_of
from tracker.lists.rules import has_in_hand
from tracker.observers.intake.columns import fields
from tracker.observers.matching import REASONS
from tracker.organizations.labels import sender_name

LARGEST_UPLOAD = 96 * 1024 * 1024  # a list with its portraits


COLUMNS = (
    tables.Column("id", _l("No."), lambda row: row[0].id),
    tables.Column("delegation", _l("Delegation"), lambda row: sender_name(row[1])),
    tables.Column("filename", _l("File"), lambda row: row[0].filename),
    tables.Column("status", _l("Status"), lambda row: _(labels.standing_label(row[0]))),
    tables.Column("created_at", _l("Received"), lambda row: row[0].created_at),
    tables.Column("created_by", _l("Who"), lambda row: row[0].created_by),
)

STATUSES = {status.value: label for status, label in labels.LIST_STATUSES.items()} | {
    labels.SENT: labels.SENT_LABEL
}


@blueprint.get("/e/<election>/lists/")
@requires(Capability.DELIVER_LISTS)
def index(election: str) -> ResponseReturnValue:
    """Lists received, the latest first; also as a file."""
    row = election_for(actor(), election)
    query = queries.lists(
        actor(),
        row.id,
        delegation_id=request.args.get("delegation", type=int),
        status=member_asked(ListStatus, "status"),
        is_sent=request.args.get("status") == labels.SENT,
    )
    if format_ := format_asked():
        found = queries.all_lists(query)
        return tables.export(COLUMNS, found, name=f"{row.slug}-lists", format=format_)
    page = queries.lists_page(query, request.args.get("cursor"))
    return render_template(
        "lists/index.html",
        election=row,
        page=page,
        statuses=STATUSES,
        standing=labels.standing_label,
        tones=labels.LIST_TONES,
        received={item[0].id: clock.local(item[0].created_at, row.time_zone) for item in page.rows},
    )


@blueprint.route("/e/<election>/lists/new", methods=["GET", "POST"])
@requires(Capability.DELIVER_LISTS, writes=True, largest_upload=LARGEST_UPLOAD)
def receive(election: str) -> ResponseReturnValue:
    """Take in a file; it is read and checked, nothing is entered yet."""
    row = election_for(actor(), election)
    form = UploadForm()
    form.offer(list(delegation_names(actor(), row.id).items()))
    if request.method == "GET":
        form.delegation.data = request.args.get("delegation", type=int)
    elif form.validate():
        found = form.attempt(
            operations.receive_list,
            actor=actor(),
            election=row,
            delegation=delegation_for(actor(), row.id, form.delegation.data or 0),
            received=form.received(),
        )
        if found is not None:
            return redirect(url_of(row, found))
    return render_template("lists/receive.html", form=form, election=row), form.status


def _raw(name: str) -> Callable[[Any], str]:
    return lambda row: str(row.raw.get(name, ""))


ROW_COLUMNS = (
    tables.Column("number", _l("Row"), lambda row: row.number),
    tables.Column("status", _l("Status"), lambda row: _(labels.row_label(row))),
    tables.Column("name", _l("Name"), lambda row: row.name),
    tables.Column(
        "problems",
        _l("Problems"),
        lambda row: "; ".join(
            f"{each['cell']} {_(labels.FIELDS[each['field']])}: {labels.problem_text(each)}"
            for each in row.problems
        ),
    ),
    *(
        tables.Column(name, label, _raw(name))
        for name, label in labels.FIELDS.items()
        if name in labels.EDITABLE
    ),
)


def _wanted(found: ObserverList) -> str:
    """The rows that the address asks for; where it says nothing, those with problems first."""
    wanted = request.args.get("status", "")
    has_problems = found.facts.get("counts", {}).get("problem")
    if not wanted and has_problems and found.status is ListStatus.CHECKED:
        return RowStatus.PROBLEM.value
    return wanted


def _page_of_rows(found: ObserverList, query: Any) -> tuple[Page, list[ShownRow]]:
    """A page of rows; that they were shown goes on record."""
    page = queries.rows_page(query, request.args.get("cursor"))
    if page.rows:
        disclose_list(found, "rows")
    return page, [queries.shown(item[0]) for item in page.rows]


@blueprint.get("/e/<election>/lists/<int:list_id>")
@requires(Capability.DELIVER_LISTS)
def show(election: str, list_id: int) -> ResponseReturnValue:
    """What was recognized, what each row would do, and what is wrong; rows also as a file."""
    row, found, delegation = list_at(election, list_id)
    if not found.is_with_delegation and actor().is_of_delegation:
        return _sent(row, found, delegation)
    wanted = _wanted(found)
    if format_ := format_asked(fresh=True):
        rows = queries.all_rows(queries.rows_wanted(found.id, wanted))
        return tables.export(ROW_COLUMNS, rows, name=f"list-{found.id}-rows", format=format_)
    form = ChoicesForm()
    form.offer(found.facts.get("sheets", []))
    form.show(found)
    return checked_page(row, found, delegation, form)


def checked_page(
    election: Election, found: ObserverList, delegation: Delegation, form: ChoicesForm
) -> str:
    """The list as who works on it sees it."""
    wanted = _wanted(found)
    page, rows = _page_of_rows(found, queries.rows_wanted(found.id, wanted))
    dropped = found.facts.get("dropped", ())
    return render_template(
        "lists/show.html",
        election=election,
        found=found,
        delegation=delegation,
        sender=sender_name(delegation.organization),
        page=page,
        rows=rows,
        wanted=wanted,
        form=form,
        failure=labels.failure_text(found),
        counted=jobs.progress(f"list-{found.id}"),
        dropped=queries.names_of(dropped),
        new_rows=queries.new_rows(found.id) if dropped else [],
        problem_text=labels.problem_text,
        shown_value=labels.value_text,
        reasons=REASONS,
        presenting=presenting_by(actor(), election),
        labels=labels,
        fields=[name for name in fields() if name in labels.FIELDS],
        accreditation_statuses=ACCREDITATION_STATUSES,
        is_open=found.status is ListStatus.CHECKED and has_in_hand(actor(), found),
    )


def _sent(election: Election, found: ObserverList, delegation: Delegation) -> ResponseReturnValue:
    """The list as its delegation sees it once it is sent: who is on it, and what became of them;
    what headquarters finds out about them meanwhile is not said."""
    page, rows = _page_of_rows(found, queries.rows_of(found.id))
    return render_template(
        "lists/sent.html",
        election=election,
        found=found,
        delegation=delegation,
        sender=sender_name(delegation.organization),
        page=page,
        rows=rows,
        became=queries.became(found.id, rows),
        shown_value=labels.value_text,
        labels=labels,
        accreditation_statuses=ACCREDITATION_STATUSES,
        accreditation_tones=ACCREDITATION_TONES,
        sent=clock.local(found.sent_at, election.time_zone) if found.sent_at else None,
    )
