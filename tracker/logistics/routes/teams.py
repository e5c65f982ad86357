"""One deployment team: its page, its forms, and who is in it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.delegations.queries import delegation_for, delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.elections.regions import region_names
from tracker.kernel import clock
from tracker.kernel.disclosure import disclose
from tracker.kernel.i18n import ngettext
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, requires
from tracker.logistics.forms.deployment import MembersForm, TeamForm
from tracker.logistics.forms.movements import CancelForm
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.operations import deployment as operations
from tracker.logistics.queries import teams as queries
from tracker.logistics.routes.blueprint import blueprint
from tracker.logistics.routes.deployment import LABELS
from tracker.logistics.rules.deployment import STANDING, STEPS, may_step, usual_days
from tracker.logistics.teams import days_text, shown_teams, warnings_of


def _page(election: Election, found: DeploymentTeam, page: str = "team") -> str:
    return url_for(f"logistics.{page}", election=election.slug, team_id=found.id)


def _form(election: Election) -> TeamForm:
    form = TeamForm()
    form.offer(
        delegations=list(delegation_names(actor(), election.id).items()),
        regions=[("", "—"), *region_names(election.host_country).items()],
    )
    return form


def _plan(*, election: Election, form: TeamForm) -> DeploymentTeam:
    return operations.plan_team(
        actor=actor(),
        election=election,
        delegation=delegation_for(actor(), election.id, form.delegation_id.data),
        details=form.details(),
    )


@blueprint.route("/e/<election>/deployment/teams/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def new_team(election: str) -> ResponseReturnValue:
    """A new team; a link may say of whom and where. Its people are placed next."""
    row = election_for(actor(), election)
    form = _form(row)
    if request.method == "GET":
        form.delegation_id.data = request.args.get("delegation", type=int)
        form.region.data = request.args.get("region")
        days = usual_days(row.election_on)
        form.starts_on.data, form.ends_on.data = days.starts_on, days.ends_on
    elif form.validate():
        made = form.attempt(_plan, election=row, form=form)
        if made is not None:
            flash(_("The team is entered. Now choose who is in it."), "ok")
            return redirect(_page(row, made, "team_members"))
    return render_template("logistics/new_team.html", form=form, election=row), form.status


def _shown(election: Election, found: DeploymentTeam) -> dict[str, Any]:
    return {"election": election, "row": found, "shown": shown_teams(election, [found])[0]}


@blueprint.get("/e/<election>/deployment/teams/<int:team_id>")
@requires(Capability.VIEW_DELEGATIONS)
def team(election: str, team_id: int) -> ResponseReturnValue:
    """One team; a focal point: of its own delegation only."""
    row = election_for(actor(), election)
    found = queries.team_for(actor(), row.id, team_id)
    page = _shown(row, found)
    return render_template(
        "logistics/team.html",
        **page,
        warnings=warnings_of(row, page["shown"]),
        steps=queries.steps_of(found.id),
        days_text=days_text,
        local=lambda moment: clock.local(moment, row.time_zone),
        regions=region_names(row.host_country),
        possible=[name for name in STEPS if may_step(found.status, name)],
        stands=found.status in STANDING,
        form=CancelForm(),
        **LABELS,
    )


def _change(*, election: Election, found: DeploymentTeam, form: TeamForm) -> DeploymentTeam:
    return operations.change_team(
        actor=actor(),
        election=election,
        team=found,
        details=form.details(),
        seen_version=form.seen_version,
        reason=form.reason.data,
    )


@blueprint.route("/e/<election>/deployment/teams/<int:team_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def edit_team(election: str, team_id: int) -> ResponseReturnValue:
    """Change a team; on other days its people must be free."""
    row = election_for(actor(), election)
    found = queries.team_for(actor(), row.id, team_id)
    form = _form(row)
    form.delegation_id.data = found.delegation_id
    if request.method == "GET":
        form.show(found)
        disclose(found, "liaison_phone", "driver", "interpreter")
    if form.validate_on_submit():
        saved = form.attempt(_change, election=row, found=found, form=form)
        if saved is not None:
            flash(_("The changes are saved."), "ok")
            return redirect(_page(row, found))
        form.renew(found)
    return render_template("logistics/edit_team.html", form=form, **_shown(row, found)), form.status


def _place(*, election: Election, found: DeploymentTeam, form: MembersForm) -> DeploymentTeam:
    return operations.place_members(
        actor=actor(),
        election=election,
        team=found,
        accreditation_ids=form.members.data or [],
        seen_version=form.seen_version,
    )


@blueprint.route("/e/<election>/deployment/teams/<int:team_id>/members", methods=["GET", "POST"])
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def team_members(election: str, team_id: int) -> ResponseReturnValue:
    """Choose who is in the team, among those without another place on its days."""
    row = election_for(actor(), election)
    found = queries.team_for(actor(), row.id, team_id)
    people = queries.who_may_go(found)
    form = MembersForm()
    if request.method == "GET":
        form.members.data = [each.accreditation_id for each in found.members]
        form.version.data = str(found.version)
    if form.validate_on_submit():
        saved = form.attempt(_place, election=row, found=found, form=form)
        if saved is not None:
            flash(_placed(len(found.members)), "ok")
            return redirect(_page(row, found))
        form.renew(found)
    return render_template(
        "logistics/team_members.html",
        form=form,
        people=sorted(people, key=lambda each: _rank(found, each.certificate_region)),
        chosen=set(form.members.data or ()),
        regions=region_names(row.host_country),
        **_shown(row, found),
        **LABELS,
    ), form.status


def _placed(count: int) -> str:
    """What is said once people are placed: how many are in the team now."""
    return ngettext("%(num)s person is in the team.", "%(num)s people are in the team.", count)


def _rank(team: DeploymentTeam, region: str | None) -> int:
    """Those first whose certificate names the team's region, then those whose names none."""
    return 0 if region == team.region else 1 if region is None else 2


@blueprint.post("/e/<election>/deployment/teams/<int:team_id>/confirm")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def confirm_team(election: str, team_id: int) -> ResponseReturnValue:
    """The delegation has confirmed it."""
    row = election_for(actor(), election)
    found = queries.team_for(actor(), row.id, team_id)
    operations.advance_team(actor=actor(), team=found, name="confirm")
    flash(_("The team is confirmed."), "ok")
    return redirect(_page(row, found))


@blueprint.post("/e/<election>/deployment/teams/<int:team_id>/cancel")
@requires(Capability.MANAGE_LOGISTICS, writes=True)
def cancel_team(election: str, team_id: int) -> ResponseReturnValue:
    """It does not go, and why; its people are free again."""
    row = election_for(actor(), election)
    found = queries.team_for(actor(), row.id, team_id)
    form = CancelForm()
    if form.validate_on_submit():
        done = form.attempt(
            operations.advance_team,
            actor=actor(),
            team=found,
            name="cancel",
            reason=form.reason.data,
        )
        if done is not None:
            flash(_("The team is cancelled; its people can be placed elsewhere."), "ok")
            return redirect(_page(row, found))
    return render_template("logistics/cancel_team.html", form=form, **_shown(row, found)), 422
