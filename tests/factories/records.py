"""Business records for tests, straight into the tables; rules are tested through operations."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tracker.accreditation.models import (
    LIVE,
    Accreditation,
    AccreditationStatus,
    Assignment,
    Function,
    Transition,
)
from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.elections.models import Election, ElectionKind
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.logistics.models.assistance import (
    AssistanceKind,
    AssistanceRequest,
    AssistanceStatus,
    AssistanceStep,
)
from tracker.logistics.models.deployment import DeploymentMember, DeploymentTeam
from tracker.logistics.models.duty import (
    DutyContact,
    DutyFunction,
    DutyNote,
    DutyShift,
    HandOver,
    NoteKind,
)
from tracker.logistics.models.movements import Point, PointKind
from tracker.observers.models import DocumentType, Observer, Sex, TravelDocument
from tracker.officials.models import (
    BlockedTime,
    BlockSource,
    Hall,
    Institution,
    Interpreter,
    InterpreterHours,
    Official,
    OfficialDay,
    TravelTime,
)
from tracker.organizations.models import Organization, OrganizationKind

_numbers = itertools.count(1)


def _saved(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def election(**values: Any) -> Election:
    """The election of 20 November 2022 (Asia/Almaty was UTC+6)."""
    defaults: dict[str, Any] = {
        "slug": "kz-2022",
        "kind": ElectionKind.EARLY_PRESIDENTIAL,
        "name_en": "Early presidential election",
        "name_ru": "Внеочередные выборы Президента",
        "name_kk": "Кезектен тыс Президент сайлауы",
        "host_country": "KZ",
        "time_zone": "Asia/Almaty",
        "election_on": date(2022, 11, 20),
        "opens_at": datetime(2022, 9, 21, 18, tzinfo=UTC),
        "closes_at": datetime(2022, 11, 14, 12, tzinfo=UTC),
        "ends_at": datetime(2022, 11, 21, 18, tzinfo=UTC),
    }
    return _saved(Election(**defaults | values))


def organization(**values: Any) -> Organization:
    """An intergovernmental organization."""
    number = next(_numbers)
    name = values.pop("name", f"Organization {number}")
    defaults: dict[str, Any] = {
        "kind": OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION,
        "acronym": f"ORG{number}",
        "name_en": name,
        "name_ru": name,
        "name_kk": name,
        "search_key": name.lower(),
    }
    return _saved(Organization(**defaults | values))


def state(country: str, name: str) -> Organization:
    """A foreign state."""
    return organization(
        kind=OrganizationKind.FOREIGN_STATE, acronym=None, country=country, name=name
    )


def delegation(of: Election, sender: Organization | None = None, **values: Any) -> Delegation:
    """A delegation whose note verbale has come."""
    defaults: dict[str, Any] = {
        "election_id": of.id,
        "organization": sender or organization(),
        "status": DelegationStatus.ACCREDITING,
        "format": DelegationFormat.SHORT_TERM,
        "note_verbale_number": "NV-1",
        "note_verbale_on": date(2022, 10, 1),
    }
    return _saved(Delegation(**defaults | values))


def observer(**values: Any) -> Observer:
    """A person with a valid passport and a portrait."""
    number = next(_numbers)
    surname = values.pop("surname", f"SURNAME{number}")
    document_number = values.pop("document_number", f"ZZ{number:07}")
    defaults: dict[str, Any] = {
        "surname": surname,
        "given_names": "ANNA",
        "search_key": f"{surname.lower()} anna",
        "sort_key": f"{surname.lower()} anna",
        "sex": Sex.FEMALE,
        "birth_date": "1980-01-02",
        "citizenship": "TR",
        "portrait": "0" * 64,
    }
    row = _saved(Observer(**defaults | values))
    _saved(
        TravelDocument(
            observer_id=row.id,
            kind=DocumentType.PASSPORT,
            issuing_state="TUR",
            number=document_number,
            number_digest=keyring.digest(document_number),
            number_ending=document_number[-4:],
            expires_on=date(2030, 1, 1),
        )
    )
    db.session.refresh(row)
    return row


def accreditation(
    of: Delegation,
    *,
    status: AccreditationStatus = AccreditationStatus.REGISTERED,
    person: Observer | None = None,
    at: datetime = datetime(2022, 11, 1, 6, tzinfo=UTC),
    **values: Any,
) -> Accreditation:
    """An accreditation with one row of history that put it straight into `status` at `at`."""
    person = person or observer()
    defaults: dict[str, Any] = {
        "election_id": of.election_id,
        "delegation_id": of.id,
        "observer_id": person.id,
        "sort_name": person.sort_key,
        "status": status,
        "is_live": status in LIVE,
        "status_at": at,
        "function": Function.SHORT_TERM_OBSERVER,
        "pledge_signed_on": date(2022, 10, 20),
    }
    row = _saved(Accreditation(**defaults | values))
    moments = {"effective_at": at, "recorded_at": at, "actor_name": "tests"}
    _saved(
        Transition(accreditation_id=row.id, election_id=of.election_id, to_status=status, **moments)
    )
    _saved(Assignment(accreditation_id=row.id, function=row.function, region=row.region, **moments))
    return row


def institution(**values: Any) -> Institution:
    """An institution in the election's zone."""
    names = {"name_en": f"Institution {next(_numbers)}", "name_ru": "Учреждение"}
    return _saved(Institution(**{**names, "name_kk": "Мекеме"} | values))


def official(**values: Any) -> Official:
    """An official of an institution of their own."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "institution": values.get("institution") or institution(),
        "name_en": f"Official {number}",
        "name_ru": "Имя",
        "name_kk": "Аты",
        "position_en": "Chairman",
        "position_ru": "Председатель",
        "position_kk": "Төраға",
    }
    return _saved(Official(**defaults | values))


def hall(**values: Any) -> Hall:
    """A hall of an institution of its own."""
    names = dict.fromkeys(("name_en", "name_ru", "name_kk"), f"Hall {next(_numbers)}")
    defaults = {"institution": values.get("institution") or institution(), "capacity": 16}
    return _saved(Hall(**{**names, **defaults} | values))


def interpreter(**values: Any) -> Interpreter:
    """An interpreter between English and French, on Mondays."""
    hours = InterpreterHours(weekday=0, starts=time(9), ends=time(18))
    defaults = {"name": f"Interpreter {next(_numbers)}", "languages": "en,fr", "hours": [hours]}
    return _saved(Interpreter(**defaults | values))


def day_off(official: Official, on: date, **values: Any) -> OfficialDay:
    """A day on which an official does not receive."""
    return _saved(OfficialDay(official_id=official.id, on=on, **values))


def travel_time(one: Institution, other: Institution, minutes: int = 20) -> TravelTime:
    """The way between two institutions."""
    first, last = sorted((one.id, other.id))
    pair = {"from_institution_id": first, "to_institution_id": last}
    return _saved(TravelTime(**pair, minutes=minutes))


def blocked_time(**values: Any) -> BlockedTime:
    """An hour on 18 November 2022 at which somebody (`official_id=…`) is not to be had."""
    starts_at = values.get("starts_at", datetime(2022, 11, 18, 5, tzinfo=UTC))
    defaults = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "source": BlockSource.TYPED,
        "label": "Board",
        "created_by": "tests",
    }
    return _saved(BlockedTime(**defaults | values))


def point(**values: Any) -> Point:
    """An airport."""
    names = dict.fromkeys(("name_en", "name_ru", "name_kk"), f"Airport {next(_numbers)}")
    return _saved(Point(**{**names, "kind": PointKind.AIRPORT} | values))


def team(of: Delegation, *members: Accreditation, **values: Any) -> DeploymentTeam:
    """A team in Almaty around the election day of 20 November 2022."""
    days = {"starts_on": date(2022, 11, 18), "ends_on": date(2022, 11, 21)}
    days = {name: values.get(name, day) for name, day in days.items()}
    defaults: dict[str, Any] = {
        "election_id": of.election_id,
        "delegation_id": of.id,
        "name": str(next(_numbers)),
        "region": "KZ-75",
        "members": [DeploymentMember(accreditation_id=row.id, **days) for row in members],
        "created_by": "tests",
    }
    return _saved(DeploymentTeam(**{**defaults, **days} | values))


def assistance(of: Delegation, **values: Any) -> AssistanceRequest:
    """A new assistance request that is owed a day after it was asked, with its first step."""
    asked_at = values.get("created_at", datetime(2022, 11, 10, 4, tzinfo=UTC))
    defaults: dict[str, Any] = {
        "election_id": of.election_id,
        "delegation_id": of.id,
        "number": next(_numbers),
        "kind": AssistanceKind.TRANSPORT,
        "title": "A car",
        "due_at": asked_at + timedelta(hours=24),
        "created_at": asked_at,
        "created_by": "tests",
    }
    row = _saved(AssistanceRequest(**defaults | values))
    moments = {"recorded_at": asked_at, "actor_name": "tests"}
    _saved(AssistanceStep(assistance_id=row.id, to_status=AssistanceStatus.NEW, **moments))
    return row


def duty(
    of: Delegation, *, number: int, at: datetime = datetime(2022, 11, 10, 5, tzinfo=UTC)
) -> None:
    """A note of the log that was handed over, a shift that runs, one to come, and a contact."""
    election_id = of.election_id
    for kind in (NoteKind.CALL, NoteKind.HAND_OVER):
        note = _saved(
            DutyNote(
                election_id=election_id,
                number=number * 2 + (kind is NoteKind.CALL),
                kind=kind,
                happened_at=at,
                recorded_at=at,
                author_name=f"Author {number}",
                text="A call",
                delegation_id=of.id,
                needs_follow_up=kind is NoteKind.CALL,
                is_open=kind is NoteKind.CALL,
            )
        )
    starts = [at + timedelta(hours=hours) for hours in (-12, 0, 2)]
    for start in starts:
        shift = DutyShift(
            election_id=election_id,
            function=DutyFunction.DUTY_OFFICER,
            name=f"Officer {number}",
            starts_at=start,
            ends_at=start + timedelta(hours=11),
            created_by="tests",
        )
        _saved(shift)
    _saved(HandOver(election_id=election_id, note_id=note.id, given_at=at, given_by="tests"))
    _saved(DutyContact(election_id=election_id, name_en=f"Desk {number}", phone="1"))
