"""Deployment: the regions of a day, the list of teams, who has no place, one delegation's plan."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation.labels import FUNCTIONS, STATUSES, TONES
from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.kernel import tables
from tracker.kernel.disclosure import paper
from tracker.kernel.i18n import language_asked, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, format_asked, member_asked, pdf_response, requires
from tracker.logistics import plan_papers
from tracker.logistics.labels.deployment import TEAM_STATUSES, TEAM_TONES
from tracker.logistics.models.deployment import TeamStatus
from tracker.logistics.queries import deployment as queries
from tracker.logistics.queries import teams as team_queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.rules.deployment import Span
from tracker.logistics.teams import day_of_regions, double_uses, shown_teams

LABELS: dict[str, Any] = {
    "statuses": TEAM_STATUSES,
    "tones": TEAM_TONES,
    "functions": FUNCTIONS,
    "accreditation_statuses": STATUSES,
    "accreditation_tones": TONES,
}


def state_text(row: Any) -> str:
    """Whether a region has nobody or too many; empty where it has some."""
    if row.is_gap:
        return str(_("Nobody"))
    return str(_("Crowded")) if row.is_crowded else ""


REGION_COLUMNS = (
    tables.Column("code", _l("Code"), lambda row: row.region.code),
    tables.Column("region", _l("Region"), lambda row: localized(row.region, "name")),
    tables.Column("observers", _l("Observers"), lambda row: row.covered.observers, "num"),
    tables.Column("teams", _l("Teams"), lambda row: row.covered.teams, "num"),
    tables.Column("delegations", _l("Delegations"), lambda row: row.covered.delegations, "num"),
    tables.Column("long_term", _l("Long-term"), lambda row: row.covered.long_term, "num"),
    tables.Column("short_term", _l("Short-term"), lambda row: row.covered.short_term, "num"),
    tables.Column("state", _l("Coverage"), state_text),
)


@blueprint.get("/e/<election>/deployment/")
@requires(Capability.VIEW_HEADQUARTERS)
def deployment(election: str) -> ResponseReturnValue:
    """Which region has how many on a day: election day, or the day that is asked for."""
    row = election_for(actor(), election)
    day = day_asked() or row.election_on
    found = day_of_regions(row, day)
    if format_ := format_asked():
        name = f"{row.slug}-deployment-{day.isoformat()}"
        return tables.export(REGION_COLUMNS, found.rows, name=name, format=format_)
    return render_template(
        "logistics/deployment.html",
        election=row,
        day=day,
        step=timedelta(days=1),
        found=found,
        state_text=state_text,
        without=queries.not_deployed_by_delegation(row.id, day),
        ended=queries.ended_on(row.id, day),
        senders=delegation_names(actor(), row.id),
        double=[(use.what, _by_region(use.uses)) for use in double_uses(row, Span(day, day))],
        regions=region_names(row.host_country),
    )


def _by_region(uses: Iterable[team_queries.Use]) -> dict[str, list[team_queries.Use]]:
    found: dict[str, list[team_queries.Use]] = {}
    for use in uses:
        found.setdefault(use.region, []).append(use)
    return found


TEAM_COLUMNS = (
    tables.Column("region", _l("Region"), lambda row: row.region),
    tables.Column("starts", _l("First day"), lambda row: row.team.starts_on),
    tables.Column("ends", _l("Last day"), lambda row: row.team.ends_on),
    tables.Column("delegation", _l("Delegation"), lambda row: row.delegation),
    tables.Column("team", _l("Team"), lambda row: row.team.name),
    tables.Column("place", _l("Place"), lambda row: row.team.place),
    tables.Column("observers", _l("Observers"), lambda row: row.observers, "num"),
    tables.Column(
        "names",
        _l("Names"),
        lambda row: ", ".join(each.name for each in row.members if each.stands),
    ),
    tables.Column("liaison", _l("Liaison officer"), lambda row: row.team.liaison_officer),
    tables.Column("phone", _l("Telephone"), lambda row: row.team.liaison_phone),
    tables.Column("vehicle", _l("Vehicle"), lambda row: row.team.vehicle),
    tables.Column("plate", _l("Number plate"), lambda row: row.team.plate),
    tables.Column("driver", _l("Driver"), lambda row: row.team.driver),
    tables.Column("interpreter", _l("Interpreter"), lambda row: row.team.interpreter),
    tables.Column("status", _l("Status"), lambda row: _(TEAM_STATUSES[row.team.status])),
)


@blueprint.get("/e/<election>/deployment/teams/")
@requires(Capability.VIEW_DELEGATIONS)
def teams(election: str) -> ResponseReturnValue:
    """All teams by region and day, narrowed; a focal point: of its own delegations only."""
    row = election_for(actor(), election)
    wanted = team_queries.Filter(
        day=day_asked(),
        region=request.args.get("region", "")[:6],
        delegation_id=request.args.get("delegation", type=int),
        status=member_asked(TeamStatus, "status"),
    )
    query = team_queries.filtered(actor(), row, wanted)
    if format_ := format_asked():
        shown = shown_teams(row, team_queries.all_teams(query))
        return tables.export(TEAM_COLUMNS, shown, name=f"{row.slug}-teams", format=format_)
    page = team_queries.teams_page(query, request.args.get("cursor"))
    return render_template(
        "logistics/teams.html",
        election=row,
        rows=shown_teams(row, [each[0] for each in page.rows]),
        page=page,
        wanted=wanted,
        regions=region_names(row.host_country),
        delegations=delegation_names(actor(), row.id),
        **LABELS,
    )


UNPLACED_COLUMNS = (
    tables.Column("surname", _l("Surname"), lambda row: row.surname),
    tables.Column("given_names", _l("Given names"), lambda row: row.given_names),
    tables.Column("delegation", _l("Delegation"), lambda row: row.sender),
    tables.Column(
        "function", _l("Function"), lambda row: _(FUNCTIONS[row.function]) if row.function else ""
    ),
    tables.Column("region", _l("Region of the certificate"), lambda row: row.region),
)


@blueprint.get("/e/<election>/deployment/unplaced")
@requires(Capability.VIEW_HEADQUARTERS)
def unplaced(election: str) -> ResponseReturnValue:
    """Accredited observers without a place on a day, by name; of one delegation or of all."""
    row = election_for(actor(), election)
    day = day_asked() or row.election_on
    delegation_id = request.args.get("delegation", type=int)
    query = queries.unplaced(row.id, day, delegation_id)
    if format_ := format_asked():
        found = queries.all_unplaced(query)
        name = f"{row.slug}-not-deployed-{day.isoformat()}"
        return tables.export(UNPLACED_COLUMNS, found, name=name, format=format_)
    page, count = queries.unplaced_page(query, request.args.get("cursor"))
    return render_template(
        "logistics/unplaced.html",
        election=row,
        day=day,
        delegation_id=delegation_id,
        page=page,
        count=count,
        regions=region_names(row.host_country),
        delegations=delegation_names(actor(), row.id),
        **LABELS,
    )


@blueprint.get("/e/<election>/deployment/delegations/<int:delegation_id>")
@requires(Capability.VIEW_DELEGATIONS)
def delegation_plan(election: str, delegation_id: int) -> ResponseReturnValue:
    """Where one delegation's teams go and who of it has no place on election day."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    without = queries.unplaced(row.id, row.election_on, found.id)
    return render_template(
        "logistics/delegation_plan.html",
        election=row,
        delegation=found,
        rows=shown_teams(row, team_queries.teams_of_delegation(row.id, found.id)),
        without=queries.all_unplaced(without),
        **LABELS,
    )


def _printed(row: Election, teams: Any, *, day: date | None, by: str) -> ResponseReturnValue:
    with paper("deployment"):
        content = plan_papers.plan(row, teams, day=day, by=by, code=language_asked())
    return pdf_response(content, f"deployment-{(day or row.election_on).isoformat()}")


@blueprint.get("/e/<election>/deployment/print")
@requires(Capability.VIEW_HEADQUARTERS)
def print_deployment(election: str) -> ResponseReturnValue:
    """The plan as a PDF, by region or by delegation: of all days, or of the day asked for."""
    row, day = election_for(actor(), election), day_asked()
    by = "delegation" if request.args.get("by") == "delegation" else "region"
    return _printed(row, team_queries.standing_teams(row.id, day), day=day, by=by)


@blueprint.get("/e/<election>/deployment/delegations/<int:delegation_id>/print")
@requires(Capability.VIEW_DELEGATIONS)
def print_delegation_plan(election: str, delegation_id: int) -> ResponseReturnValue:
    """One delegation's plan as a PDF; a focal point: of its own delegation only."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    return _printed(
        row, team_queries.teams_of_delegation(row.id, found.id), day=None, by="delegation"
    )
