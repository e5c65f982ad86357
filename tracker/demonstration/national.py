"""A national election with any number of observers, to measure on: everybody is invented, and
everything is as the operations would have left it.

People come from `crowd`, what becomes of them from `course`, their senders from `senders`. The rows
go in by bulk; history, numbers, words and namesakes agree with them, and one entry of the audit
record a table says what was brought in.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from tracker.accreditation import counts
from tracker.accreditation.models import (
    Accreditation,
    Assignment,
    Resolution,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.accreditation.rules import LIVE_STATUSES
from tracker.audit.capture import append
from tracker.demonstration.course import (
    GROUNDS,
    WAY,
    WAYS,
    ZONE,
    Course,
    S,
    Turn,
    moment_of,
)
from tracker.demonstration.crowd import Crowd, Person
from tracker.demonstration.people import OCCUPATIONS
from tracker.demonstration.portraits import draw_portrait
from tracker.demonstration.senders import enter_delegations
from tracker.elections.models import Election, ElectionKind
from tracker.elections.operations import ElectionDetails, create_election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.bulk import insert_rows, without_indexes
from tracker.kernel.database import Base, db, reserve_ids, sample_tables
from tracker.kernel.encryption import keyring
from tracker.kernel.storage import storage
from tracker.kernel.words import SearchWord, keep_words
from tracker.observers import identities
from tracker.observers.models import DocumentType, Observer, Sex, TravelDocument
from tracker.observers.operations import document_digest, identity_digest
from tracker.observers.queries import birth_digest

SLUG = "national"
AT_ONCE = 20_000  # persons held in memory
FACES = 12  # of each sex
FEW = 20  # drafts without a portrait, and with a passport that ends too early
PLEDGED = date(2022, 9, 20)
Papers = dict[int, tuple[int, int]]  # submission and resolution of each batch


def details(slug: str) -> ElectionDetails:
    """The election that is invented."""
    return ElectionDetails(
        slug=slug,
        kind=ElectionKind.PARLIAMENTARY,
        name_en="National election",
        name_ru="Общенациональные выборы",
        name_kk="Жалпыұлттық сайлау",
        host_country="KZ",
        time_zone=ZONE,
        election_on=date(2022, 11, 20),
        opens_at=clock.local_moment(date(2022, 9, 22), time(0), ZONE),
    )


OBSERVER = (
    *("id", "surname", "given_names", "native_name", "search_key", "sort_key", "sex", "birth_date"),
    *("identity_digest", "block_key", "birth_digest", "citizenship", "occupation", "languages"),
    *("portrait", "created_at", "version"),
)
DOCUMENT = (
    *("observer_id", "kind", "issuing_state", "number", "number_digest", "number_ending"),
    *("expires_on", "version"),
)
ACCREDITATION = (
    *("id", "election_id", "delegation_id", "observer_id", "sort_name", "status", "is_live"),
    *("status_at", "function", "region", "pledge_signed_on", "created_at", "version"),
)
ASSIGNMENT = (
    *("accreditation_id", "function", "region", "effective_at", "recorded_at", "actor_name"),
)
TRANSITION = (
    *("accreditation_id", "election_id", "from_status", "to_status", "effective_at"),
    *("recorded_at", "actor_name", "ground", "submission_id", "resolution_id"),
)
ITEM = (
    *("submission_id", "accreditation_id", "decision", "ground", "resolution_id", "decided_at"),
)
BROUGHT_IN: tuple[type[Base], ...] = (
    *(Observer, TravelDocument, Accreditation, Assignment, Transition, SubmissionItem),
)


class Member(NamedTuple):
    """One observer with the identities of their rows."""

    place: int
    observer_id: int
    accreditation_id: int
    person: Person
    turn: Turn


class National:
    """Brings one election in, within the transaction of the caller."""

    def __init__(self, election: Election, number: int) -> None:
        regions = [region.code for region in regions_of(election.host_country)]
        self.election, self.number = election, number
        delegations = [row.id for row in enter_delegations(election)]
        self.course = Course(delegations, [*regions, None], number)
        self.crowd = Crowd()
        self.connection = db.session.connection()
        self.faces = [
            [storage.put(draw_portrait(f"national/{sex}/{face}", is_woman=sex == "F"))
             for face in range(FACES)]
            for sex in "FM"
        ]  # fmt: skip
        self.without_portrait = self.expiring = FEW
        self.ciphertexts: dict[str, str] = {}

    def bring_in(self) -> None:
        """Everything that follows from the number of observers."""
        papers = self._papers()
        tables: list[type[Base]] = [*BROUGHT_IN, SearchWord]
        with without_indexes(self.connection, tables):
            for start in range(0, self.number, AT_ONCE):
                members = list(self._members(range(start, min(start + AT_ONCE, self.number))))
                self._people(members)
                self._accreditations(members, papers)
        append(
            db.session(),
            [
                {
                    "action": "insert",
                    "record_table": model.__tablename__,
                    "record_id": "*",
                    "before": None,
                    "after": {"election_id": self.election.id, "observers": self.number},
                }
                for model in BROUGHT_IN
            ],
        )
        identities.remake(self.connection)
        counts.remake(self.connection, self.election.id)
        sample_tables(self.connection)

    def _papers(self) -> Papers:
        """Submissions and the resolutions on them: identities by batch."""
        found = {}
        for number, (batch, moment) in enumerate(self.course.batches().items(), 1):
            with clock.at(moment):
                submission = Submission(
                    election_id=self.election.id,
                    number=number,
                    submitted_at=moment,
                    submitted_by=SYSTEM.name,
                )
            decided = self.course.decided_at(batch)
            resolution = Resolution(
                election_id=self.election.id,
                number=f"{number}/{decided:%y}",
                effective_at=decided,
                recorded_at=decided,
            )
            db.session.add_all((submission, resolution))
            found[batch] = submission, resolution
        db.session.flush()
        return {batch: (one.id, other.id) for batch, (one, other) in found.items()}

    def _members(self, places: range) -> Iterator[Member]:
        observers = reserve_ids(Observer, len(places))
        accreditations = reserve_ids(Accreditation, len(places))
        for place, observer, accreditation in zip(places, observers, accreditations, strict=True):
            turn = self.course.turn(place)
            yield Member(place, observer, accreditation, self.crowd.person(place), turn)

    def _sealed(self, text: str) -> str:
        """Ciphertext, the same for the same text: equal days of birth are no secret here."""
        if text not in self.ciphertexts:
            self.ciphertexts[text] = keyring.encrypt(text.encode()).decode()
        return self.ciphertexts[text]

    def _people(self, members: Sequence[Member]) -> None:
        rows = [self._observer(member) for member in members]
        insert_rows(self.connection, Observer, OBSERVER, rows)
        insert_rows(self.connection, TravelDocument, DOCUMENT, map(self._document, members))
        keep_words(
            self.connection, Observer, [dict(zip(OBSERVER, row, strict=True)) for row in rows]
        )

    def _observer(self, member: Member) -> tuple[Any, ...]:
        person, turn = member.person, member.turn
        name = person.name
        portrait: str | None = self.faces[name.sex == "M"][member.place % FACES]
        if turn.status is S.DRAFT and self.without_portrait:
            self.without_portrait, portrait = self.without_portrait - 1, None
        return (
            member.observer_id,
            *name[:3],
            name.search_key,
            name.sort_key,
            Sex(name.sex),
            self._sealed(person.born_on.isoformat()),
            identity_digest(name.surname, name.given_names, person.born_on),
            name.block_key,
            birth_digest(person.born_on),
            person.citizenship,
            OCCUPATIONS[member.place % len(OCCUPATIONS)],
            "en ru" if name.native_name else "en",
            portrait,
            turn.moments[0],
            1,
        )

    def _document(self, member: Member) -> tuple[Any, ...]:
        number = f"ZZ{member.observer_id:08}"  # no issuer numbers passports so
        expires_on = date(2024, 1, 1) + timedelta(days=member.place * 37 % 2500)
        if member.turn.status is S.DRAFT and self.expiring:
            self.expiring, expires_on = self.expiring - 1, date(2022, 11, 19)
        issuer = member.person.issuing_state
        return (
            member.observer_id,
            DocumentType.PASSPORT,
            issuer,
            keyring.encrypt(number.encode()).decode(),
            document_digest(issuer, number),
            self._sealed(number[-4:]),
            expires_on,
            1,
        )

    def _accreditations(self, members: Sequence[Member], papers: Papers) -> None:
        bring = partial(insert_rows, self.connection)
        bring(Accreditation, ACCREDITATION, map(self._accreditation, members))
        bring(Assignment, ASSIGNMENT, map(_assignment, members))
        steps = (row for member in members for row in self._steps(member, papers))
        bring(Transition, TRANSITION, steps)
        items = (_item(member, papers) for member in members if member.turn.was_submitted)
        bring(SubmissionItem, ITEM, items)

    def _accreditation(self, member: Member) -> tuple[Any, ...]:
        turn = member.turn
        return (
            member.accreditation_id,
            self.election.id,
            turn.delegation_id,
            member.observer_id,
            member.person.name.sort_key,
            turn.status,
            turn.status in LIVE_STATUSES,
            turn.moments[-1],
            turn.function,
            turn.region,
            PLEDGED,
            turn.moments[0],
            1,
        )

    def _steps(self, member: Member, papers: Papers) -> Iterator[tuple[Any, ...]]:
        turn = member.turn
        submission, resolution = papers.get(turn.batch, (None, None))
        source = None
        for status, moment in zip(WAYS[turn.status], turn.moments, strict=True):
            is_decided = status in (S.ACCREDITED, S.REFUSED)
            yield (
                member.accreditation_id,
                self.election.id,
                source,
                status,
                moment,
                moment,
                SYSTEM.name,
                GROUNDS.get(status),
                submission if is_decided or status is S.SUBMITTED else None,
                resolution if is_decided else None,
            )
            source = status


def _assignment(member: Member) -> tuple[Any, ...]:
    turn = member.turn
    moment = turn.moments[0]
    return member.accreditation_id, turn.function, turn.region, moment, moment, SYSTEM.name


def _item(member: Member, papers: Papers) -> tuple[Any, ...]:
    submission, resolution = papers[member.turn.batch]
    way = WAYS[member.turn.status]
    if len(way) == len(WAY):
        return submission, member.accreditation_id, None, None, None, None
    decision, decided_at = way[3], member.turn.moments[3]
    return (
        submission,
        member.accreditation_id,
        decision.value,
        GROUNDS.get(decision),
        resolution,
        decided_at,
    )


def build_national(*, slug: str, number: int) -> Election:
    """Enter the election with so many observers; within the caller's change, as the system."""
    with clock.at(moment_of(-2, time(9))):
        election = create_election(actor=SYSTEM, details=details(slug))
        election.is_demonstration = True
    National(election, number).bring_in()
    return election
