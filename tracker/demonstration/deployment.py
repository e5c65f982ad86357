"""Deployment of the demonstration: teams by the regions of the certificates, some things amiss.

Nobody is sent to Ulytau, Astana and Almaty are crowded, two delegations have no plan yet, one
liaison officer and one vehicle are counted on in two regions: what headquarters is to notice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count, groupby

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.operations.deployment import (
    TeamDetails,
    advance_team,
    place_members,
    plan_team,
)
from tracker.logistics.rules.deployment import usual_days

CAPITAL = "KZ-71"
WITHOUT_A_PLAN = frozenset({"CSTO PA", "SCO"})
INSTEAD = {"KZ-62": "KZ-35"}  # nobody goes to Ulytau: they are sent from Karaganda
NEIGHBOUR = {"KZ-79": "KZ-61"}  # every third of Shymkent goes to Turkistan Region
LONG_TERM_FROM = date(2022, 10, 25)
LARGEST_TEAM = 6
LARGEST_OF_ONE_PLACE = 2  # people of a delegation that does not part
GIVEN = ("Aliya", "Bolat", "Madina", "Nurlan", "Zarina", "Askar", "Dana", "Yerlan", "Gulnar")
SURNAMES = ("Serik", "Daulet", "Kairat", "Tolegen", "Ospan", "Sabit", "Murat", "Rustem", "Oraz")
TORN = 40  # the team that counts on another region's liaison officer and vehicle
EARLY = frozenset({Function.CORE_TEAM, Function.LONG_TERM_OBSERVER})


@dataclass(frozen=True)
class Group:
    """Some people of one delegation who are sent to one region."""

    region: str
    is_early: bool
    people: Sequence[int]


def build_deployment(
    election: Election, delegations: Mapping[str, Delegation], until: datetime
) -> None:
    """Enter the plan as it is known by the moment `until`."""
    places = [region.code for region in regions_of(election.host_country)]
    numbers = count()
    for sender, delegation in delegations.items():
        if sender in WITHOUT_A_PLAN:
            continue
        for name, group in enumerate(_groups(delegation), start=1):
            number = next(numbers)
            details = _details(election, group, str(name), places.index(group.region), number)
            _enter(election, delegation, details, group, until, is_late=number % 9 == 8)


def _groups(delegation: Delegation) -> Iterator[Group]:
    query = (
        sa.select(Accreditation)
        .where(
            Accreditation.delegation_id == delegation.id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
        )
        .order_by(Accreditation.id)
    )
    rows = db.session.scalars(query).all()
    regions = [row.region for row in rows if row.region]
    usual = regions[0] if regions and len(rows) <= LARGEST_OF_ONE_PLACE else CAPITAL

    def place(row: Accreditation) -> tuple[bool, str]:
        region = row.region or usual
        if row.id % 3 == 0:
            region = NEIGHBOUR.get(region, region)
        return row.function not in EARLY, INSTEAD.get(region, region)

    for (is_late, region), found in groupby(sorted(rows, key=place), key=place):
        people = [row.id for row in found]
        for start in range(0, len(people), LARGEST_TEAM):
            yield Group(region, not is_late, people[start : start + LARGEST_TEAM])


def _details(election: Election, group: Group, name: str, place: int, number: int) -> TeamDetails:
    """The team as it is entered; every tenth has no liaison officer yet."""
    days = usual_days(election.election_on)
    liaison = 12 if number == TORN else place
    surname = SURNAMES[(liaison * 4 + liaison // len(SURNAMES)) % len(SURNAMES)]
    found = TeamDetails(
        name=name,
        region=group.region,
        starts_on=LONG_TERM_FROM if group.is_early else days.starts_on,
        ends_on=days.ends_on,
        liaison_officer=f"{GIVEN[liaison % len(GIVEN)]} {surname}",
        liaison_phone=f"+7 700 000 10 {liaison:02}",
        vehicle="Minibus" if len(group.people) > 3 else "Car",
        plate="338 ZZZ 13" if number == TORN else f"{number + 300:03} ZZZ {place + 1:02}",
        driver=f"Murat Bolat, +7 700 000 20 {place:02}" if number % 2 else None,
        interpreter=f"Dina Oraz, +7 700 000 30 {place:02}" if number % 4 == 1 else None,
    )
    if number % 10 == 9:
        return replace(found, liaison_officer=None, liaison_phone=None)
    return found


def _enter(
    election: Election,
    delegation: Delegation,
    details: TeamDetails,
    group: Group,
    until: datetime,
    *,
    is_late: bool,
) -> None:
    """Plan a team, place its people, and confirm it unless that is late."""
    planned = details.starts_on - timedelta(days=4)
    zone = until.tzinfo
    with clock.at(datetime(planned.year, planned.month, planned.day, 15, tzinfo=zone)):
        team = plan_team(actor=SYSTEM, election=election, delegation=delegation, details=details)
        place_members(
            actor=SYSTEM,
            election=election,
            team=team,
            accreditation_ids=group.people,
            seen_version=team.version,
        )
    if not is_late:
        confirmed = planned + timedelta(days=2)
        with clock.at(datetime(confirmed.year, confirmed.month, confirmed.day, 11, tzinfo=zone)):
            advance_team(actor=SYSTEM, team=team, name="confirm")
