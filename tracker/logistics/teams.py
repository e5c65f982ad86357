"""Deployment as people read it: a team in words, the regions of a day, and what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.regions import Region, region_names, regions_of
from tracker.kernel.days import span
from tracker.kernel.i18n import language, localized, ngettext
from tracker.kernel.text import search_key, sort_key
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.queries import teams as queries
from tracker.logistics.queries.deployment import placings_on
from tracker.logistics.queries.teams import Member, Use
from tracker.logistics.rules.deployment import (
    STANDING,
    Coverage,
    Days,
    Span,
    coverage,
    crowded,
    even_share,
    gaps,
    in_two_regions,
    overlap,
)
from tracker.organizations.labels import sender_name

STEPS_OF_COLOUR = 4


def days_text(days: Days, *, has_year: bool = True) -> str:
    """The days of a team, as short as they can be said: 18–21 Nov 2022."""
    return span(days.starts_on, days.ends_on, has_year=has_year)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One team as lists and papers show it."""

    team: DeploymentTeam
    region: str
    delegation: str
    days: str
    members: Sequence[Member]

    @property
    def observers(self) -> int:
        """How many of them count."""
        return sum(each.counts for each in self.members)


def shown_teams(election: Election, teams: Sequence[DeploymentTeam]) -> list[Shown]:
    """Teams with their people, in one statement for all of them."""
    names = region_names(election.host_country)
    members = queries.members_of(team.id for team in teams)
    return [
        Shown(
            team=team,
            region=names.get(team.region, team.region),
            delegation=sender_name(team.delegation.organization),
            days=days_text(team),
            members=members.get(team.id, []),
        )
        for team in teams
    ]


@dataclass(frozen=True, kw_only=True)
class RegionOfDay:
    """One region with what it has on a day; `step` (0 to 4) colours its tile."""

    region: Region
    covered: Coverage
    is_gap: bool
    is_crowded: bool
    step: int


@dataclass(frozen=True, kw_only=True)
class DayOfRegions:
    """All regions on a day, by name; `share` is what each had if all had as many."""

    rows: Sequence[RegionOfDay]
    observers: int
    teams: int
    share: Fraction

    @property
    def covered(self) -> int:
        """How many regions have somebody."""
        return sum(bool(row.covered.observers) for row in self.rows)

    @property
    def gaps(self) -> list[RegionOfDay]:
        """The regions with nobody."""
        return [row for row in self.rows if row.is_gap]

    @property
    def crowded(self) -> list[RegionOfDay]:
        """The regions with too many."""
        return [row for row in self.rows if row.is_crowded]


def day_of_regions(election: Election, day: date) -> DayOfRegions:
    """The coverage of a local day."""
    regions = regions_of(election.host_country)
    found = coverage([region.code for region in regions], placings_on(election.id, day))
    teams = sum(covered.teams for covered in found.values())
    # Before anything is planned every region is empty: that is said once, not twenty times.
    empty, full = set(gaps(found)) if teams else set(), set(crowded(found))
    most = max((covered.observers for covered in found.values()), default=0) or 1
    rows = [
        RegionOfDay(
            region=region,
            covered=found[region.code],
            is_gap=region.code in empty,
            is_crowded=region.code in full,
            step=-(-STEPS_OF_COLOUR * found[region.code].observers // most),
        )
        for region in regions
    ]
    code = language()
    return DayOfRegions(
        rows=sorted(rows, key=lambda row: sort_key(localized(row.region, "name"), code)),
        observers=sum(covered.observers for covered in found.values()),
        teams=teams,
        share=even_share(found),
    )


@dataclass(frozen=True)
class DoubleUse:
    """A liaison officer or a vehicle that teams count on in two regions on one day."""

    what: str
    uses: Sequence[Use]


def _plate(use: Use) -> str | None:
    return search_key(use.plate).replace(" ", "") if use.plate else None


def _liaison(use: Use) -> str | None:
    return search_key(use.liaison_officer) if use.liaison_officer else None


def double_uses(election: Election, days: Days) -> list[DoubleUse]:
    """Who and what is counted on in two regions at once, on any of these days."""
    found = queries.uses(election.id, days)
    people, vehicles = in_two_regions(found, _liaison), in_two_regions(found, _plate)
    return [DoubleUse(rows[0].liaison_officer or "", rows) for rows in people] + [
        DoubleUse(rows[0].plate or "", rows) for rows in vehicles
    ]


def warnings_of(election: Election, shown: Shown) -> list[str]:
    """What does not fit a team that stands, in words; nothing of it is forbidden."""
    team = shown.team
    if team.status not in STANDING:
        return []
    found = _about_people(election, shown)
    names = region_names(election.host_country)
    for use in double_uses(election, team):
        if team.id in {each.team_id for each in use.uses}:
            others = (each for each in use.uses if each.region != team.region)
            regions = dict.fromkeys(
                names.get(each.region, each.region) for each in others if overlap(each, team)
            )
            words = {"what": use.what, "where": ", ".join(regions)}
            found.append(str(_("%(what)s is counted on elsewhere then: %(where)s.", **words)))
    return found


def _about_people(election: Election, shown: Shown) -> list[str]:
    team = shown.team
    standing = [each for each in shown.members if each.stands]
    day, found = Span(election.election_on, election.election_on), []
    if gone := len(shown.members) - len(standing):
        found.append(
            ngettext(
                "%(num)s person of the team is accredited no longer and does not count.",
                "%(num)s people of the team are accredited no longer and do not count.",
                gone,
            )
        )
    if elsewhere := sum(each.is_elsewhere(team.region) for each in standing):
        found.append(
            ngettext(
                "The certificate of %(num)s person names another region.",
                "The certificates of %(num)s people name another region.",
                elsewhere,
            )
        )
    if not overlap(team, day):
        ids = {each.accreditation_id for each in standing}
        if idle := len(ids - {key for key, _team in queries.places_of(ids, day)}):
            found.append(
                ngettext(
                    "%(num)s person of the team has no place on election day.",
                    "%(num)s people of the team have no place on election day.",
                    idle,
                )
            )
    return [str(text) for text in found]
