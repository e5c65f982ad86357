"""The election of 20 November 2022, built through the same operations that people use.

Every submission and resolution happens at its moment on the clock, so that totals as of any
moment, and as known at any, come out as they were published.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accreditation import queries as accreditation_queries
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.accreditation.operations import (
    Decision,
    Entry,
    Place,
    create_accreditation,
    create_accreditations,
    decide_submission,
    submit_observers,
)
from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.delegations.operations import (
    DelegationDetails,
    advance_delegation,
    appoint_head,
    create_delegation,
)
from tracker.demonstration.assistance import build_assistance
from tracker.demonstration.certificates import build_certificates
from tracker.demonstration.deployment import build_deployment
from tracker.demonstration.digest import build_digest
from tracker.demonstration.duty import build_duty
from tracker.demonstration.lists import receive_demonstration_list
from tracker.demonstration.meetings import build_meetings
from tracker.demonstration.movements import build_movements
from tracker.demonstration.people import citizenships_of, invent
from tracker.demonstration.portraits import draw_portrait
from tracker.demonstration.publications import build_publications
from tracker.demonstration.rows import PUBLISHED, rows_of
from tracker.demonstration.talk import build_talk
from tracker.elections.models import Election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.storage import storage
from tracker.kernel.text import display_name
from tracker.observers.models import DocumentType, Sex
from tracker.observers.operations import PersonDetails
from tracker.observers.portraits import portrait_from
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.operations import (
    OrganizationDetails,
    create_organization,
    ensure_state,
)

HEADS = {"TURKPA": "Erol Kaya", "OSCE/ODIHR": "Urszula Gacek"}
UNANSWERED = ("BR", "CA", "ZA")
DECLINED = ("AR",)


class Builder:
    """Builds one election; keeps how many of each citizenship it has invented."""

    def __init__(self, election: Election) -> None:
        self.election = election
        self.zone = ZoneInfo(election.time_zone)
        self.delegations: dict[str, Delegation] = {}
        self.invented: Counter[str] = Counter()
        self.members: Counter[str] = Counter()
        self.regions = regions_of(election.host_country)

    def moment(self, text: str) -> datetime:
        """A local time of the data as a moment."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone)

    def organizations(self) -> None:
        """The ten international organizations."""
        for row in rows_of(PUBLISHED / "organizations.csv"):
            details = OrganizationDetails(
                kind=OrganizationKind(row["kind"]),
                acronym=row["acronym"],
                acronym_ru=row["acronym_ru"] or None,
                acronym_kk=row["acronym_kk"] or None,
                name_en=row["name_en"],
                name_ru=row["name_ru"],
                name_kk=row["name_kk"],
                seat_country=row["seat_country"],
            )
            create_organization(actor=SYSTEM, details=details)

    def delegation(self, kind: str, sender: str, first: datetime) -> None:
        """One delegation, invited, accepted and announced before its first resolution."""
        announced = (first - timedelta(days=8)).date()
        with clock.at(datetime(2022, 9, 23, 10, tzinfo=self.zone)):
            delegation = create_delegation(
                actor=SYSTEM,
                election=self.election,
                organization=self._sender(kind, sender),
                details=DelegationDetails(
                    format=_format(kind, sender),
                    invited_on=date(2022, 9, 23),
                    note_verbale_number=f"{sender.replace('/', '-').replace(' ', '-')}/2022/11",
                    note_verbale_on=announced,
                    liaison_officer="Asel Tulegen" if len(sender) % 2 else "Ruslan Kairat",
                    liaison_phone="+7 7172 00 00 00",
                    arrival_on=min(date(2022, 11, 15), announced + timedelta(days=25)),
                    departure_on=date(2022, 11, 22),
                ),
            )
        self.delegations[sender] = delegation
        for status, day in (
            (DelegationStatus.ACCEPTED, announced - timedelta(days=4)),
            (DelegationStatus.ANNOUNCED, announced),
            (DelegationStatus.ACCREDITING, announced + timedelta(days=1)),
        ):
            with clock.at(datetime(day.year, day.month, day.day, 11, tzinfo=self.zone)):
                advance_delegation(
                    actor=SYSTEM, delegation=delegation, to_status=status, effective_on=day
                )
        if sender in HEADS:
            self._head(delegation, HEADS[sender], announced)

    def _sender(self, kind: str, sender: str) -> Organization:
        if kind == "state":
            return ensure_state(actor=SYSTEM, country=sender)
        query = sa.select(Organization).where(Organization.acronym == sender)
        return db.session.scalars(query).one()

    def _head(self, delegation: Delegation, name: str, on: date) -> None:
        with clock.at(datetime(on.year, on.month, on.day, 12, tzinfo=self.zone)):
            appoint_head(
                actor=SYSTEM, delegation=delegation, name=name, title=None, effective_on=on
            )

    def members_of(self, sender: str, count: int, replaced: list[int]) -> list[int]:
        """Register invented observers; return their accreditations' ids."""
        first = self.members[sender]
        self.members[sender] += count
        entries = [
            self._observer(sender, first + position, replaced[position : position + 1])
            for position in range(count)
        ]
        made = create_accreditations(
            actor=SYSTEM,
            election=self.election,
            delegation=self.delegations[sender],
            entries=entries,
        )
        return made.ids

    def _observer(self, sender: str, place: int, replaces: list[int]) -> Entry:
        delegation = self.delegations[sender]
        mix = (sender,) if len(sender) == 2 else citizenships_of(sender)
        citizenship = mix[place % len(mix)]
        number = self.invented[citizenship]
        self.invented[citizenship] += 1
        person = invent(self.election.slug, citizenship, number)
        drawing = draw_portrait(person.document_number, is_woman=person.sex == "F")
        function = _function(sender, place)
        if function is Function.HEAD:
            name = display_name(person.surname, person.given_names)
            self._head(delegation, name, delegation.note_verbale_on or date(2022, 10, 1))
        return Entry(
            details=PersonDetails(
                surname=person.surname,
                given_names=person.given_names,
                native_name=person.native_name,
                sex=Sex(person.sex),
                birth_date=person.birth_date,
                citizenship=citizenship,
                occupation=person.occupation,
                languages="en" if number % 3 else "en ru",
                email=person.email,
                portrait=storage.put(portrait_from(drawing)),
                document_kind=DocumentType.PASSPORT,
                document_number=person.document_number,
                issuing_state=person.issuing_state,
                document_expires_on=person.document_expires_on,
            ),
            place=Place(
                function=function,
                region=self._region(function, place),
                pledge_signed_on=delegation.note_verbale_on,
                replaces_id=replaces[0] if replaces else None,
            ),
        )

    def _region(self, function: Function, place: int) -> str | None:
        if function not in {Function.LONG_TERM_OBSERVER, Function.SHORT_TERM_OBSERVER}:
            return None
        # Two in five go to the three largest cities, the others everywhere.
        cities = ("KZ-71", "KZ-75", "KZ-79")
        spread = place * 7 // 3 % len(self.regions)
        return cities[place % 3] if place % 5 < 2 else self.regions[spread].code

    def resolve(self, number: str, rows: list[dict[str, str]]) -> None:
        """Register, submit and decide what one resolution changed, each at its moment."""
        effective = self.moment(rows[0]["effective_at_local"])
        ids: list[int] = []
        with clock.at(effective - timedelta(days=5)):
            for row in rows:
                if row["change"] == "accredited":
                    gone = self._leaving(rows, row["sender"])
                    ids += self.members_of(row["sender"], int(row["observers"]), gone)
        with clock.at(effective - timedelta(days=3)):
            submission = submit_observers(
                actor=SYSTEM, election=self.election, accreditation_ids=ids
            )
        with clock.at(effective):
            items = accreditation_queries.items_of(submission.id)
            decide_submission(
                actor=SYSTEM,
                election=self.election,
                submission=submission,
                decisions={item.id: Decision("accredited") for item in items},
                resolution_number=number,
                effective_at=effective,
            )

    def _leaving(self, rows: list[dict[str, str]], sender: str) -> list[int]:
        """The accredited observers of a sender whom this resolution withdraws."""
        count = sum(
            int(row["observers"])
            for row in rows
            if row["sender"] == sender and row["change"] == "withdrawn"
        )
        if not count:
            return []
        query = (
            sa.select(Accreditation.id)
            .where(
                Accreditation.delegation_id == self.delegations[sender].id,
                Accreditation.status == AccreditationStatus.ACCREDITED,
                Accreditation.function == Function.SHORT_TERM_OBSERVER,
            )
            .order_by(Accreditation.id)
            .limit(count)
        )
        return list(db.session.scalars(query))

    def unfinished(self) -> None:
        """What waits on the demonstration's day: late candidates, a portrait, answers."""
        with clock.at(self.moment("2022-11-13T12:00")):
            late = self.members_of("IR", 2, []) + self.members_of("EG", 1, [])
        with clock.at(self.moment("2022-11-14T16:30")):
            submit_observers(actor=SYSTEM, election=self.election, accreditation_ids=late)
        with clock.at(self.moment("2022-11-17T15:00")):
            self._draft("TR", 90)
            self._draft("PK", 90)
            self.members_of("ID", 1, [])
        invited = dict.fromkeys(UNANSWERED, DelegationStatus.NO_ANSWER)
        for country, status in (
            invited | dict.fromkeys(DECLINED, DelegationStatus.DECLINED)
        ).items():
            with clock.at(self.moment("2022-09-23T10:00")):
                delegation = create_delegation(
                    actor=SYSTEM,
                    election=self.election,
                    organization=self._sender("state", country),
                    details=DelegationDetails(
                        format=DelegationFormat.STATE, invited_on=date(2022, 9, 23)
                    ),
                )
            with clock.at(self.moment("2022-10-20T10:00")):
                advance_delegation(
                    actor=SYSTEM,
                    delegation=delegation,
                    to_status=status,
                    effective_on=date(2022, 10, 20),
                )

    def _draft(self, country: str, number: int) -> None:
        person = invent(self.election.slug, country, number)
        create_accreditation(
            actor=SYSTEM,
            election=self.election,
            delegation=self.delegations[country],
            details=PersonDetails(
                surname=person.surname,
                given_names=person.given_names,
                sex=Sex(person.sex),
                citizenship=country,
                document_kind=DocumentType.PASSPORT,
                document_number=person.document_number,
                issuing_state=person.issuing_state,
                document_expires_on=date(2022, 11, 20),
            ),
            place=Place(function=Function.SHORT_TERM_OBSERVER),
        )


def _format(kind: str, sender: str) -> DelegationFormat:
    if kind == "state":
        return DelegationFormat.STATE
    if sender == "OSCE/ODIHR":
        return DelegationFormat.EOM
    return DelegationFormat.PARLIAMENTARY if "PA" in sender else DelegationFormat.SHORT_TERM


def _function(sender: str, place: int) -> Function:
    if sender == "OSCE/ODIHR":
        if place < 13:
            return Function.CORE_TEAM
        return Function.LONG_TERM_OBSERVER if place < 43 else Function.SHORT_TERM_OBSERVER
    if place == 0 and sender not in HEADS:
        return Function.HEAD
    if place == 1 and len(sender) > 2:
        return Function.DEPUTY_HEAD
    return Function.EXPERT if place % 17 == 16 else Function.SHORT_TERM_OBSERVER


def build_election(election: Election) -> None:
    """Build the whole election into an empty register."""
    builder = Builder(election)
    with clock.at(datetime(2022, 9, 22, 9, tzinfo=builder.zone)):
        builder.organizations()
    resolutions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of(PUBLISHED / "resolutions.csv"):
        resolutions[row["resolution"]].append(row)
        if row["sender"] not in builder.delegations:
            first = builder.moment(row["effective_at_local"])
            builder.delegation(row["sender_kind"], row["sender"], first)
    for number, rows in resolutions.items():
        builder.resolve(number, rows)
    builder.unfinished()
    with clock.at(builder.moment("2022-11-11T09:00")):
        build_meetings(election, builder.delegations, builder.moment)
    build_movements(election, builder.delegations, builder.moment("2022-11-18T10:40"))
    build_deployment(election, builder.delegations, builder.moment("2022-11-18T10:40"))
    with clock.at(builder.moment("2022-11-17T16:00")):
        _focal_point(builder)
        receive_demonstration_list(election)
    build_assistance(election, builder.delegations, builder.moment)
    build_duty(election, builder.delegations, builder.moment)
    build_certificates(election, builder.moment)
    build_publications(election, builder.moment)
    build_digest(election)


def _focal_point(builder: Builder) -> None:
    focal_point = db.session.scalar(sa.select(User).where(User.email.startswith("focal-point@")))
    if focal_point is not None:
        build_talk(builder.delegations["TURKPA"], focal_point, builder.moment)
