"""What everybody may read beyond the totals: who sent observers, and, where published, whom."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from tracker.accreditation.counts import IS_OBSERVER
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function, Transition
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.i18n import localized
from tracker.kernel.text import display_name, sort_key
from tracker.observers.models import Observer
from tracker.organizations.labels import acronym_of, sender_name
from tracker.organizations.models import Organization, OrganizationKind
from tracker.totals.figures import Figures


@dataclass
class Sender:
    """An organization or a State with its accredited observers."""

    organization: Organization
    name: str
    observers: int
    people: list[tuple[str, Function | None]] = field(default_factory=list)

    @property
    def kind(self) -> OrganizationKind:
        """What sends."""
        return self.organization.kind

    @property
    def code(self) -> str:
        """ISO 3166-1 alpha-2 code of a State, acronym of an organization for the reader."""
        return self.organization.country or acronym_of(self.organization) or ""


def key_of(organization: Organization) -> str:
    """The name under which the figures count a sender."""
    return organization.country or organization.acronym or organization.name_en


def organizations_of(election: Election) -> dict[str, Organization]:
    """The senders of an election's delegations by the name under which they are counted."""
    query = (
        sa.select(Organization)
        .join(Delegation, Delegation.organization_id == Organization.id)
        .where(Delegation.election_id == election.id)
        .order_by(Organization.id)
    )
    return {key_of(row): row for row in db.session.scalars(query)}


def called(election: Election, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts of organizations under what the reader calls these today; who is not known any more
    keeps the name under which it was counted."""
    known = organizations_of(election)
    return [
        (sender_name(known[key]) if key in known else key, count) for key, count in counts.items()
    ]


def senders_of(election: Election, found: Figures, language: str) -> list[Sender]:
    """Who has accredited observers, by the language's alphabet."""
    counts = {**found.by_organization, **found.by_state}
    senders = [
        Sender(row, localized(row, "name"), counts[key])
        for key, row in organizations_of(election).items()
        if key in counts
    ]
    senders.sort(key=lambda each: (sort_key(each.name, language), each.organization.id))
    if election.publishes_observers:
        people = _people(election)
        for each in senders:
            each.people = people[each.organization.id]
    return senders


def _people(election: Election) -> dict[int, list[tuple[str, Function | None]]]:
    """Accredited observers by sender: their names and functions, by name."""
    query = (
        sa.select(
            Delegation.organization_id,
            Observer.surname,
            Observer.given_names,
            Accreditation.function,
        )
        .select_from(Accreditation)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .where(
            Accreditation.election_id == election.id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            IS_OBSERVER,
        )
        .order_by(Observer.sort_key, Accreditation.id)
    )
    found: dict[int, list[tuple[str, Function | None]]] = defaultdict(list)
    for organization_id, surname, given_names, function in db.session.execute(query):
        found[organization_id].append((display_name(surname, given_names), function))
    return found


def last_recorded(election: Election) -> datetime | None:
    """The moment of the last step that was recorded of any accreditation; None before the first."""
    query = sa.select(sa.func.max(Transition.recorded_at)).where(
        Transition.election_id == election.id
    )
    return db.session.scalar(query)
