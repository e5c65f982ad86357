"""Lists of observers: brought, read, mended row by row, sent, returned, accepted, taken back."""

import base64
from collections.abc import Mapping
from typing import Any

from flask import url_for
from werkzeug.datastructures import Headers

from tracker.api.blueprint import blueprint, is_version, seen, serves
from tracker.api.shapes import lists as shapes
from tracker.api.shapes.common import Empty, listed
from tracker.delegations.queries import delegation_for
from tracker.elections.queries import election_for
from tracker.kernel.database import db
from tracker.kernel.disclosure import disclose_list
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor
from tracker.lists import acceptance, delivery, labels, operations, queries, undoing
from tracker.lists.models import ObserverList
from tracker.lists.queries import ShownRow

ABOUT = "Lists of observers"
LARGEST_UPLOAD = 176_000_000  # bytes: a list and its portraits in base 64


def _is_hidden(found: ObserverList) -> bool:
    """What headquarters finds out about a list that was sent is not said to its delegation."""
    return actor().is_of_delegation and not found.is_with_delegation


def _reading(found: ObserverList) -> shapes.Reading:
    facts = found.facts
    return shapes.Reading(
        columns=[
            shapes.Column(**{name: column[name] for name in ("index", "header", "field")})
            for column in found.columns
        ],
        **{name: facts[name] for name in ("sheet", "sheets", "encoding", "delimiter")},
        header_row=facts["header_row"],
    )


def _shown(found: ObserverList) -> shapes.ReceivedList:
    plain = ("id", "delegation_id", "filename", "status", "is_with_delegation", "function")
    moments = ("pledge_signed_on", "created_at", "created_by", "sent_at", "accepted_at")
    is_hidden = _is_hidden(found)
    is_read = "counts" in found.facts and not is_hidden
    return shapes.ReceivedList(
        **{name: getattr(found, name) for name in (*plain, *moments, "return_reason")},
        rows=shapes.RowCounts(**found.facts["counts"]) if is_read else None,
        reading=_reading(found) if is_read else None,
        dropped=found.facts.get("dropped", []),
        failure=None if is_hidden else labels.failure_text(found),
    )


def _answer(found: ObserverList) -> shapes.ReceivedList:
    db.session.flush()
    is_version(found.version)
    return _shown(found)


def _to_change(election: str, list_id: int) -> dict[str, Any]:
    """The list as the program has seen it, and what is around it, as operations name them."""
    row, found, delegation = queries.list_at(actor(), election, list_id)
    seen(found.version)
    return {"actor": actor(), "election": row, "delegation": delegation, "found": found}


@blueprint.get("/elections/<election>/lists")
@serves(Capability.DELIVER_LISTS, shapes.ReceivedLists, about=ABOUT)
def lists(election: str, query: shapes.ListQuery) -> Any:
    """Lists within the scope of the token's holder, the newest first."""
    row = election_for(actor(), election)
    found = queries.lists(actor(), row.id, delegation_id=query.delegation, status=query.status)
    page = queries.lists_page(found, query.cursor)
    return listed(shapes.ReceivedLists, page, (_shown(each) for each, *_more in page.rows))


@blueprint.get("/elections/<election>/lists/<int:list_id>")
@serves(Capability.DELIVER_LISTS, shapes.ReceivedList, about=ABOUT)
def received_list(election: str, list_id: int) -> Any:
    """One list."""
    return _answer(queries.list_at(actor(), election, list_id)[1])


@blueprint.post("/elections/<election>/lists")
@serves(
    Capability.DELIVER_LISTS,
    shapes.ReceivedList,
    about=ABOUT,
    status=201,
    writes=True,
    largest_upload=LARGEST_UPLOAD,
)
def deliver_list(election: str, json: shapes.NewList) -> Any:
    """Bring a list; it is read and checked, and nobody on it is entered yet."""
    row = election_for(actor(), election)
    delegation = delegation_for(actor(), row.id, json.delegation_id)
    received = operations.Received(
        filename=json.filename,
        content=base64.b64decode(json.content),
        portraits=base64.b64decode(json.portraits) if json.portraits else None,
        function=json.function,
        pledge_signed_on=json.pledge_signed_on,
    )
    found = operations.receive_list(
        actor=actor(), election=row, delegation=delegation, received=received
    )
    address = url_for("api.received_list", election=row.slug, list_id=found.id)
    return _answer(found), 201, Headers({"Location": address})


@blueprint.patch("/elections/<election>/lists/<int:list_id>")
@serves(Capability.DELIVER_LISTS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True)
def choose_reading(election: str, list_id: int, json: shapes.Choices) -> Any:
    """Read the list anew with other choices than those that were recognized."""
    around = _to_change(election, list_id)
    plain = ("sheet", "encoding", "delimiter", "header_row", "day_first", "surname_first")
    choices = operations.NewChoices(
        **{name: getattr(json, name) for name in (*plain, "function", "pledge_signed_on")},
        columns={each.index: each.field for each in json.columns},
    )
    operations.choose(**around, choices=choices)
    return _answer(around["found"])


def _cells(row: ShownRow) -> shapes.Cells:
    return shapes.Cells(
        **{name: row.values.get(name) or None for name in shapes.Cells.model_fields}
    )


def _row(row: ShownRow, *, is_hidden: bool) -> dict[str, Any]:
    """What was read of a row and, unless it is hidden, what was found out about it."""
    read = {"number": row.number, "is_left_out": row.is_left_out, "values": _cells(row)}
    if is_hidden:
        return read | {"status": None, "problems": [], "likenesses": []}
    problems = [
        shapes.RowProblem(cell=each["cell"], field=each["field"], message=labels.problem_text(each))
        for each in row.problems
    ]
    likes = [
        shapes.Likeness(person_id=like["observer_id"], name=like["name"]) for like in row.likes
    ]
    return read | {"status": row.status, "problems": problems, "likenesses": likes}


def _rows(found: ObserverList, rows: list[ShownRow]) -> list[shapes.ListedRow]:
    if rows:
        disclose_list(found, "rows")
    is_hidden, became = _is_hidden(found), queries.became(found.id, rows)
    shown = []
    for row in rows:
        observer_id, status = became.get(row.number, (None, None))
        values = _row(row, is_hidden=is_hidden)
        shown.append(shapes.ListedRow(**values, observer_id=observer_id, observer_status=status))
    return shown


@blueprint.get("/elections/<election>/lists/<int:list_id>/rows")
@serves(Capability.DELIVER_LISTS, shapes.ListedRows, about=ABOUT)
def list_rows(election: str, list_id: int, query: shapes.RowQuery) -> Any:
    """Rows by number, with what is wrong in each and what became of it."""
    found = queries.list_at(actor(), election, list_id)[1]
    status = None if _is_hidden(found) else query.status
    page = queries.rows_page(queries.rows_of(found.id, status=status), query.cursor)
    rows = _rows(found, [queries.shown(row) for row, *_more in page.rows])
    is_version(found.version)
    return listed(shapes.ListedRows, page, rows)


@blueprint.patch("/elections/<election>/lists/<int:list_id>/rows/<int:number>")
@serves(Capability.DELIVER_LISTS, shapes.ListedRow, about=ABOUT, writes=True, takes_version=True)
def mend_row(election: str, list_id: int, number: int, json: shapes.RowChange) -> Any:
    """Mend a row, leave it out or take it back in, say who it is; of the version of the list."""
    around = _to_change(election, list_id)
    found = around["found"]
    queries.row_for(found.id, number)
    if json.cells is not None:
        cells = {
            name: value or "" for name, value in json.cells.model_dump(exclude_unset=True).items()
        }
        operations.mend_row(**around, number=number, cells=cells)
    if json.is_left_out is not None:
        operations.leave_out(**around, number=number, is_left_out=json.is_left_out)
    if json.identity is not None:
        operations.answer_duplicate(
            **around,
            number=number,
            observer_id=json.identity.person_id,
            verdict=json.identity.verdict,
        )
    db.session.flush()
    is_version(found.version)
    return _rows(found, [queries.row_for(found.id, number)])[0]


def _decisions(found: ObserverList, json: shapes.Handing) -> Mapping[int, Mapping[str, Any]]:
    decided: dict[int, dict[str, Any]] = {key: {"action": "withdraw"} for key in json.withdrawn}
    for each in json.replaced:
        decided[each.observer_id] = {"action": "replace", "row": each.row}
    if not decided.keys() <= set(found.facts.get("dropped", ())):
        raise Refused(N_("Only who is in dropped is withdrawn or replaced."), field="withdrawn")
    return decided


@blueprint.post("/elections/<election>/lists/<int:list_id>/send")
@serves(Capability.DELIVER_LISTS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True)
def send_list(election: str, list_id: int, json: shapes.Handing) -> Any:
    """Hand the list over to headquarters."""
    around = _to_change(election, list_id)
    found = around["found"]
    operations.decide_dropped(actor=actor(), found=found, decisions=_decisions(found, json))
    delivery.send_list(**around)
    return _answer(found)


@blueprint.post("/elections/<election>/lists/<int:list_id>/return")
@serves(
    Capability.EDIT_OBSERVERS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True
)
def return_list(election: str, list_id: int, json: shapes.Return) -> Any:
    """Give the list back to the delegation, and say what is to be mended."""
    found = delivery.return_list(**_to_change(election, list_id), reason=json.reason)
    return _answer(found)


@blueprint.post("/elections/<election>/lists/<int:list_id>/accept")
@serves(
    Capability.EDIT_OBSERVERS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True
)
def accept_list(election: str, list_id: int, json: shapes.Handing) -> Any:
    """Accept the list: whom it names is entered, all or nobody, soon after; `status` says when."""
    found = _to_change(election, list_id)["found"]
    operations.decide_dropped(actor=actor(), found=found, decisions=_decisions(found, json))
    acceptance.accept_later(actor=actor(), found=found)
    return _answer(found)


@blueprint.post("/elections/<election>/lists/<int:list_id>/undo")
@serves(
    Capability.EDIT_OBSERVERS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True
)
def undo_list(election: str, list_id: int, json: Empty) -> Any:
    """Take an accepted list back: whom it entered is withdrawn, what it changed is put back."""
    around = _to_change(election, list_id)
    undoing.undo_list(**around)
    return _answer(around["found"])


@blueprint.post("/elections/<election>/lists/<int:list_id>/discard")
@serves(Capability.DELIVER_LISTS, shapes.ReceivedList, about=ABOUT, writes=True, takes_version=True)
def discard_list(election: str, list_id: int, json: Empty) -> Any:
    """Put a list away; nobody on it is entered."""
    found = _to_change(election, list_id)["found"]
    operations.discard_list(actor=actor(), found=found)
    return _answer(found)
