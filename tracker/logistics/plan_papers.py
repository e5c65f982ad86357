"""The deployment plan on paper: by region for headquarters, by delegation for who is sent."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.i18n import localized, ngettext
from tracker.kernel.printing import render_pdf
from tracker.kernel.text import sort_key
from tracker.logistics.models.deployment import DeploymentTeam, TeamStatus
from tracker.logistics.teams import Shown, days_text, shown_teams


def plan(
    election: Election, teams: Sequence[DeploymentTeam], *, day: date | None, by: str, code: str
) -> bytes:
    """The teams under their region, or under their delegation; `code` is the paper's language."""
    with force_locale(code):
        shown = shown_teams(election, teams)
        heading, name = str(_("Deployment of observers")), localized(election, "name")
        now = clock.local(clock.now(), election.time_zone)
        today = _date(now.date(), "d MMMM y")
        lead = [name, _date(day, "EEEE, d MMMM y") if day else "", _people(shown) if shown else ""]
        data = {
            "heading": heading,
            "lead": [line for line in lead if line],
            "days": _parts(shown, by == "region", code),
            "widths": [30, 68],
            "columns": [str(_("Days")), str(_("Who")), str(_("Liaison officer, transport"))],
            "running": str(_("As of %(day)s, %(time)s", day=today, time=f"{now:%H:%M}")),
            "page": str(_("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")),
            "empty": str(_("No teams.")),
        }
        return render_pdf("programme", data, language=code, title=f"{heading}, {name}")


def _parts(rows: Sequence[Shown], is_by_region: bool, code: str) -> list[dict[str, Any]]:
    def group_of(row: Shown) -> str:
        return row.region if is_by_region else localized(row.team.delegation.organization, "name")

    ordered = sorted(rows, key=lambda row: sort_key(group_of(row), code))  # stable: days within
    return [
        {
            "title": f"{name}: {_people(found)}",
            "rows": [_row(row, is_by_region=is_by_region) for row in found],
        }
        for name, group in groupby(ordered, key=group_of)
        if (found := list(group))
    ]


def _date(day: date, pattern: str) -> str:
    return dated(day, pattern)


def _people(rows: Sequence[Shown]) -> str:
    observers = ngettext(
        "%(num)s observer", "%(num)s observers", sum(row.observers for row in rows)
    )
    return ", ".join((ngettext("%(num)s team", "%(num)s teams", len(rows)), observers))


def _row(shown: Shown, *, is_by_region: bool) -> dict[str, Any]:
    team = shown.team
    sender = localized(team.delegation.organization, "name")
    name = str(_("team %(name)s", name=team.name))
    lines = [", ".join(each.name for each in shown.members if each.stands), team.place or ""]
    if team.status is TeamStatus.PLANNED:
        lines.append(str(_("Planned, not confirmed yet")))
    aside = [
        ", ".join(filter(None, (team.liaison_officer, team.liaison_phone))),
        ", ".join(filter(None, (team.vehicle, team.plate))),
        str(_("Driver: %(who)s", who=team.driver)) if team.driver else "",
        str(_("Interpreter: %(who)s", who=team.interpreter)) if team.interpreter else "",
    ]
    return {
        "time": days_text(team, has_year=False),
        "title": ", ".join((sender if is_by_region else shown.region, name)),
        "lines": [line for line in lines if line],
        "place": [line for line in aside if line] or [str(_("Nobody is named yet."))],
    }
