"""A week in which sixty delegations ask for two hundred meetings, for whoever tries scheduling.

All of it is invented: the requests belong to the practice election, whose clock stands on the
Friday before.
"""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from tracker.delegations.models import Delegation, DelegationFormat
from tracker.delegations.operations import DelegationDetails, create_delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.meetings.models import Whom
from tracker.meetings.operations import RequestDetails, request_meeting
from tracker.officials.models import Official
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.operations import ensure_state

MONDAY = date(2022, 11, 21)
DAYS = tuple(MONDAY + timedelta(days=number) for number in range(5))
ASKED = datetime(2022, 11, 14, 3, tzinfo=UTC)  # the first of them
DELEGATIONS, REQUESTS = 60, 200
# States that send nobody to the election of 20 November in this demonstration.
MORE_STATES = ("AU", "CL", "CZ", "DK", "FI", "GR", "IE", "MX", "NO", "NZ", "PT", "SE", "VN", "ZM")
LEFT = ("TR", "UZ")  # for whoever tries to enter a delegation
TOPICS = (
    "Registration of voters",
    "Voting abroad",
    "Complaints and appeals",
    "Accessibility of polling stations",
    "Women as candidates and in commissions",
    "Coverage of the campaign by the media",
    "Training of precinct commissions",
    "Counting and tabulation of results",
    "Security on election day",
    "Access of observers to the count",
    "Campaign finance",
    "Voting in hospitals and in custody",
    "Legal framework of the election",
    "Work of the headquarters for observers",
)


def build_week(election: Election) -> None:
    """Enter the delegations and what they ask for."""
    chance = random.Random(2022)  # the same each time  # nosec B311
    with clock.at(ASKED - timedelta(days=4)):
        delegations = _delegations(election)
    officials = db.session.scalars(
        sa.select(Official)
        .where(Official.is_active)
        .order_by(Official.precedence, Official.name_en, Official.id)
    ).all()
    for number in range(REQUESTS):
        moment = datetime(2022, 11, 14, 3, tzinfo=clock.now().tzinfo) + timedelta(
            minutes=9 * number
        )
        with clock.at(moment):
            request_meeting(
                actor=SYSTEM,
                election=election,
                delegation=delegations[chance.randrange(len(delegations))],
                details=_details(chance, officials),
            )


def _delegations(election: Election) -> list[Delegation]:
    for country in MORE_STATES:
        ensure_state(actor=SYSTEM, country=country)
    query = sa.select(Organization).where(
        sa.or_(
            Organization.country.is_(None),
            Organization.country.not_in((election.host_country, *LEFT)),
        )
    )
    senders = db.session.scalars(query.order_by(Organization.id).limit(DELEGATIONS)).all()
    return [
        create_delegation(
            actor=SYSTEM,
            election=election,
            organization=sender,
            details=DelegationDetails(
                format=DelegationFormat.STATE
                if sender.kind is OrganizationKind.FOREIGN_STATE
                else DelegationFormat.SHORT_TERM,
                invited_on=date(2022, 11, 1),
            ),
        )
        for sender in senders
    ]


def _details(chance: random.Random, officials: Sequence[Official]) -> RequestDetails:
    # The most eminent are asked for more often, as everywhere.
    official = officials[min(int(chance.expovariate(1 / 14)), len(officials) - 1)]
    whom = chance.choices((Whom.OFFICIAL, Whom.DEPUTY, Whom.INSTITUTION), (5, 2, 3))[0]
    is_institution = whom is Whom.INSTITUTION
    return RequestDetails(
        whom=whom,
        official_id=None if is_institution else official.id,
        institution_id=official.institution_id if is_institution else None,
        topics=chance.choice(TOPICS),
        days=tuple(sorted(chance.sample(DAYS, chance.choice((0, 1, 1, 2))))),
        length_minutes=chance.choice((30, 30, 45, 60)),
        language=chance.choice((None, None, None, "en", "en", "fr", "tr", "zh")),
        people=chance.randint(2, 9),
        needs_hall=chance.random() < 0.15,
        priority=chance.choice((1, 2, 3, 3, 3, 4, 5)),
    )
