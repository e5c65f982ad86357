"""Elections, organizations, delegations, institutions and officials."""

from typing import Any

from tracker.accreditation.models import AccreditationStatus
from tracker.accreditation.queries import counts_by_delegation
from tracker.api.blueprint import blueprint, is_version, serves
from tracker.api.shapes import directories as shapes
from tracker.api.shapes.common import PageQuery, listed, names
from tracker.delegations import queries as delegation_queries
from tracker.elections import queries as election_queries
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.listing import page_of
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor
from tracker.officials import queries as official_queries
from tracker.organizations import queries as organization_queries
from tracker.organizations.models import ACRONYMS

S = AccreditationStatus
ABOUT = "Elections and directories"


def _election(row: Election) -> shapes.Election:
    plain = ("slug", "kind", "host_country", "time_zone", "election_on")
    moments = ("opens_at", "closes_at", "ends_at")
    return shapes.Election(
        name=names(row), **{each: getattr(row, each) for each in (*plain, *moments)}
    )


@blueprint.get("/elections")
@serves(Capability.SIGNED_IN, shapes.ElectionList, about=ABOUT)
def elections(query: PageQuery) -> Any:
    """All elections, the latest first."""
    page = page_of(election_queries.elections(), cursor=query.cursor)
    return listed(shapes.ElectionList, page, (_election(row) for (row,) in page.rows))


@blueprint.get("/elections/<election>")
@serves(Capability.SIGNED_IN, shapes.Election, about=ABOUT)
def election(election: str) -> Any:
    """One election."""
    row = election_queries.election_for(actor(), election)
    is_version(row.version)
    return _election(row)


@blueprint.get("/organizations")
@serves(Capability.VIEW_DIRECTORIES, shapes.OrganizationList, about=ABOUT)
def organizations(query: shapes.OrganizationQuery) -> Any:
    """Organizations and States that send observers, by English name."""
    found = organization_queries.directory(search=query.q, kind=query.kind, archived=query.archived)
    page = organization_queries.directory_page(found, query.cursor)
    plain = ("id", "kind", *ACRONYMS.values(), "country", "seat_country", "is_archived")
    items = (
        shapes.Organization(name=names(row), **{each: getattr(row, each) for each in plain})
        for (row,) in page.rows
    )
    return listed(shapes.OrganizationList, page, items)


def _delegation(row: Any, counts: dict[int, dict[S, int]]) -> dict[str, Any]:
    """What the list says of a delegation."""
    numbers, sender = counts.get(row.id, {}), row.organization
    return {column: getattr(sender, column) for column in ACRONYMS.values()} | {
        "id": row.id,
        "organization_id": row.organization_id,
        "name": names(sender),
        "country": sender.country,
        "status": row.status,
        "format": row.format,
        "planned": row.planned_core + row.planned_long_term + row.planned_short_term,
        "observers": shapes.Numbers(
            draft=numbers.get(S.DRAFT, 0),
            registered=numbers.get(S.REGISTERED, 0),
            submitted=numbers.get(S.SUBMITTED, 0),
            accredited=numbers.get(S.ACCREDITED, 0),
        ),
    }


@blueprint.get("/elections/<election>/delegations")
@serves(Capability.VIEW_DELEGATIONS, shapes.DelegationList, about=ABOUT)
def delegations(election: str, query: shapes.DelegationQuery) -> Any:
    """Delegations within the scope of the token's holder, organizations first."""
    row = election_queries.election_for(actor(), election)
    found = [
        each
        for each in delegation_queries.delegations_of(actor(), row.id)
        if (query.status is None or each.status is query.status)
        and (not query.q or organization_queries.rank_of(each.organization, query.q) is not None)
    ]
    page = page_of(found, cursor=query.cursor)
    counts = counts_by_delegation(row.id)
    items = (shapes.DelegationRow(**_delegation(each, counts)) for (each,) in page.rows)
    return listed(shapes.DelegationList, page, items)


@blueprint.get("/elections/<election>/delegations/<int:delegation_id>")
@serves(Capability.VIEW_DELEGATIONS, shapes.Delegation, about=ABOUT)
def delegation(election: str, delegation_id: int) -> Any:
    """One delegation."""
    row = election_queries.election_for(actor(), election)
    found = delegation_queries.delegation_for(actor(), row.id, delegation_id)
    heads = delegation_queries.heads_of([found.id], clock.today(row.time_zone))
    is_version(found.version)
    plain = ("note_verbale_number", "note_verbale_on", "invited_on", "liaison_officer")
    more = ("planned_core", "planned_long_term", "planned_short_term", "arrival_on")
    names_of_all = (*plain, *more, "departure_on", "remarks")
    return shapes.Delegation(
        **_delegation(found, counts_by_delegation(row.id)),
        head=heads[found.id].name if found.id in heads else None,
        **{each: getattr(found, each) for each in names_of_all},
    )


@blueprint.get("/institutions")
@serves(Capability.VIEW_DIRECTORIES, shapes.InstitutionList, about=ABOUT)
def institutions(query: PageQuery) -> Any:
    """Institutions whose officials delegations meet, by English name."""
    page = page_of(official_queries.institutions(), cursor=query.cursor)
    items = (
        shapes.Institution(id=row.id, name=names(row), address=row.address, time_zone=row.time_zone)
        for (row,) in page.rows
    )
    return listed(shapes.InstitutionList, page, items)


@blueprint.get("/officials")
@serves(Capability.VIEW_DIRECTORIES, shapes.OfficialList, about=ABOUT)
def officials(query: PageQuery) -> Any:
    """Officials whom delegations meet, in order of precedence."""
    page = page_of(official_queries.officials(), cursor=query.cursor)
    plain = ("id", "institution_id", "precedence", "deputy_of_id", "is_active")
    items = (
        shapes.Official(
            name=names(row),
            position=names(row, "position"),
            **{each: getattr(row, each) for each in plain},
        )
        for (row,) in page.rows
    )
    return listed(shapes.OfficialList, page, items)
