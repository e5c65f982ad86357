"""Assistance requests, arrivals and departures."""

from typing import Any

from flask import url_for
from werkzeug.datastructures import Headers

from tracker.api.blueprint import blueprint, is_version, serves
from tracker.api.shapes import logistics as shapes
from tracker.api.shapes.common import listed, names
from tracker.delegations.queries import delegation_for
from tracker.elections.queries import election_for
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.operations.assistance import AssistanceDetails, ask_assistance
from tracker.logistics.queries import assistance as assistance_queries
from tracker.logistics.queries import movements as movement_queries

ASSISTANCE, MOVEMENTS = "Assistance requests", "Arrivals and departures"


def _assistance(row: AssistanceRequest) -> dict[str, Any]:
    plain = ("id", "number", "delegation_id", "kind", "title", "priority", "status", "due_at")
    more = ("settled_at", "meeting_id", "created_at", "created_by")
    found = {name: getattr(row, name) for name in (*plain, *more)}
    return found | {"observer_id": row.accreditation_id}


@blueprint.get("/elections/<election>/assistance-requests")
@serves(Capability.VIEW_DELEGATIONS, shapes.AssistanceList, about=ASSISTANCE)
def assistance_requests(election: str, query: shapes.AssistanceQuery) -> Any:
    """Assistance requests within the scope of the token's holder, the newest first."""
    row = election_for(actor(), election)
    wanted = assistance_queries.Wanted(
        status=query.status,
        kind=query.kind,
        delegation_id=query.delegation,
        is_open=query.is_open,
    )
    found = assistance_queries.requests_query(actor(), row.id, wanted)
    page = assistance_queries.requests_page(found, query.cursor)
    items = (shapes.AssistanceRow(**_assistance(each)) for each, *_keys in page.rows)
    return listed(shapes.AssistanceList, page, items)


@blueprint.get("/elections/<election>/assistance-requests/<int:assistance_id>")
@serves(Capability.VIEW_DELEGATIONS, shapes.Assistance, about=ASSISTANCE)
def assistance_request(election: str, assistance_id: int) -> Any:
    """One assistance request."""
    row = election_for(actor(), election)
    found = assistance_queries.request_for(actor(), row.id, assistance_id)
    is_version(found.version)
    return shapes.Assistance(**_assistance(found), text=found.text)


@blueprint.post("/elections/<election>/assistance-requests")
@serves(Capability.ASK_ASSISTANCE, shapes.Assistance, about=ASSISTANCE, status=201, writes=True)
def request_assistance(election: str, json: shapes.NewAssistance) -> Any:
    """Ask headquarters for assistance."""
    row = election_for(actor(), election)
    delegation = delegation_for(actor(), row.id, json.delegation_id)
    details = AssistanceDetails(
        kind=json.kind,
        title=json.title,
        text=json.text or None,
        priority=json.priority,
        accreditation_id=json.observer_id,
        meeting_id=json.meeting_id,
    )
    made = ask_assistance(actor=actor(), election=row, delegation=delegation, details=details)
    address = url_for("api.assistance_request", election=row.slug, assistance_id=made.id)
    is_version(made.version)
    answer = shapes.Assistance(**_assistance(made), text=made.text)
    return answer, 201, Headers({"Location": address})


@blueprint.get("/elections/<election>/movements")
@serves(Capability.VIEW_DELEGATIONS, shapes.MovementList, about=MOVEMENTS)
def movements(election: str, query: shapes.MovementQuery) -> Any:
    """Arrivals and departures within the scope of the token's holder, by time."""
    row = election_for(actor(), election)
    wanted = movement_queries.Filter(
        day=query.day,
        direction=query.direction,
        delegation_id=query.delegation,
        status=query.status,
    )
    page = movement_queries.movements_page(
        movement_queries.filtered(actor(), row, wanted), query.cursor
    )
    plain = ("id", "delegation_id", "direction", "means", "number", "place", "moves_at")
    more = ("people", "status", "hotel", "vehicle")
    items = (
        shapes.Movement(
            point=names(each.point), **{name: getattr(each, name) for name in (*plain, *more)}
        )
        for each, *_keys in page.rows
    )
    return listed(shapes.MovementList, page, items)
