"""Business records for tests, straight into the tables; rules are tested through operations."""

import itertools
from datetime import UTC, date, datetime
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
from tracker.observers.models import DocumentType, Observer, Sex, TravelDocument
from tracker.officials.models import Institution, Official
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


def official(**values: Any) -> Official:
    """An official of an institution of their own."""
    number = next(_numbers)
    institution = values.pop("institution", None) or _saved(
        Institution(name_en=f"Institution {number}", name_ru="Учреждение", name_kk="Мекеме")
    )
    defaults: dict[str, Any] = {
        "institution": institution,
        "name_en": f"Official {number}",
        "name_ru": "Имя",
        "name_kk": "Аты",
        "position_en": "Chairman",
        "position_ru": "Председатель",
        "position_kk": "Төраға",
    }
    return _saved(Official(**defaults | values))
