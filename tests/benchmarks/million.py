"""An election of a million observers in a database file, in about a minute: what any number of
observers costs is measured on two of these.

`python -m tests.benchmarks.million FOLDER --observers 1000000` makes an installation on a copy of
the demonstration, with its accounts and its clock; nobody of the election changed on its last day.
Digests of names and documents are unique but not the real ones; keys of likeness are.
"""

import argparse
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.lists import GIVEN, born, surname
from tests.journeys.demonstration import demonstration
from tracker.accreditation import counts
from tracker.accreditation.models import LIVE, AccreditationStatus, Function
from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.elections.models import Election, ElectionKind
from tracker.elections.operations import ElectionDetails, create_election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.logistics.models.assistance import AssistanceKind, AssistanceRequest, AssistanceStep
from tracker.meetings.models import (
    Meeting,
    MeetingBooking,
    MeetingKind,
    meeting_delegations,
    meeting_officials,
)
from tracker.observers import identities
from tracker.observers.matching import block_key
from tracker.observers.models import Observer
from tracker.observers.queries import birth_digest
from tracker.officials.models import Official
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.operations import ensure_state
from tracker.organizations.states import state_codes

SLUG = "million"
NOW = datetime(2022, 11, 18, 5, tzinfo=UTC)
FIRST = datetime(2022, 9, 22, 3, tzinfo=UTC)
DELEGATIONS, STATES, SURNAMES, CHUNK, DAYS = 200, 60, 20_000, 50_000, 40
# So many of each are found however many are stored.
WITHOUT_PORTRAIT, EARLY, NAMESAKES = 30, 20, 20
S = AccreditationStatus
FATES = [
    *[S.ACCREDITED] * 70,
    *[S.SUBMITTED] * 9,
    *[S.REGISTERED] * 7,
    *[S.DRAFT] * 4,
    *[S.REFUSED] * 3,
    *[S.WITHDRAWN] * 3,
    S.REVOKED,
]  # 97 of them: no divisor in common with the functions and the delegations

# The way to each status, and the moment of each step on it; every step is an accreditation's row.
WAYS = {
    "drafted": (None, S.DRAFT, set(S)),
    "registered": (S.DRAFT, S.REGISTERED, set(S) - {S.DRAFT}),
    "submitted": (S.REGISTERED, S.SUBMITTED, set(S) - {S.DRAFT, S.REGISTERED}),
    "refused": (S.SUBMITTED, S.REFUSED, {S.REFUSED}),
    "accredited": (S.SUBMITTED, S.ACCREDITED, {S.ACCREDITED, S.WITHDRAWN, S.REVOKED}),
    "withdrawn": (S.ACCREDITED, S.WITHDRAWN, {S.WITHDRAWN}),
    "revoked": (S.ACCREDITED, S.REVOKED, {S.REVOKED}),
}
DOCUMENTS = """
    INSERT INTO travel_documents (observer_id, kind, issuing_state, number, number_digest,
        number_ending, expires_on, version)
    SELECT id, 'passport', 'TUR', :number, 'document ' || id, '0001',
        CASE WHEN id < :first + :early THEN '2022-11-19' ELSE '2030-01-01' END, 1
    FROM observers WHERE id >= :first
"""
ACCREDITATIONS = """
    INSERT INTO accreditations (election_id, delegation_id, observer_id, sort_name, status, is_live,
        status_at, function, region, pledge_signed_on, created_at, version)
    SELECT :election, :delegation + observers.id % :delegations, observers.id, sort_key, status,
        is_live, status_at, function, region, '2022-09-20', drafted, 1
    FROM observers
    JOIN fates ON fates.n = observers.id % :fates AND fates.day = observers.id % :days
    JOIN places ON places.n = observers.id % :places
    WHERE observers.id >= :first
"""
ASSIGNMENTS = """
    INSERT INTO assignments (accreditation_id, function, region, effective_at, recorded_at,
        actor_name)
    SELECT id, function, region, created_at, created_at, 'benchmark'
    FROM accreditations WHERE election_id = :election
"""
STEP = """
    INSERT INTO transitions (accreditation_id, election_id, from_status, to_status, effective_at,
        recorded_at, actor_name)
    SELECT accreditations.id, election_id, :source, :target, {moment}, {moment}, 'benchmark'
    FROM accreditations
    JOIN fates ON fates.n = observer_id % :fates AND fates.day = observer_id % :days
    WHERE election_id = :election AND accreditations.status IN ({ends})
"""


def _plain(name: str, rows: list[dict[str, Any]]) -> Any:
    """An insert that takes values as they are stored."""
    return sa.insert(sa.table(name, *(sa.column(key) for key in rows[0])))


def _stored(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _observers(count: int, first: int) -> Iterator[list[dict[str, Any]]]:
    days = [  # ciphertext costs; two persons may share one here
        (
            keyring.fernet.encrypt(born(number).isoformat().encode()).decode(),
            birth_digest(born(number)),
        )
        for number in range(18_000)
    ]
    countries = sorted(state_codes())[:151]
    for start in range(0, count, CHUNK):
        rows = []
        for number in range(start, min(count, start + CHUNK)):
            name, given = surname(number % SURNAMES), GIVEN[number % 12]
            key = f"{name} {given}".lower()
            alike = number // 2 if number < NAMESAKES else number
            rows.append(
                {
                    "id": first + number,
                    "surname": name,
                    "given_names": given,
                    "search_key": key,
                    "sort_key": key,
                    "sex": "FMX"[number % 3],
                    "birth_date": days[number % 18_000][0],
                    "identity_digest": hashlib.sha256(f"million {alike}".encode()).hexdigest(),
                    "block_key": block_key(name, given),
                    "birth_digest": days[number % 18_000][1],
                    "citizenship": countries[number % 151],
                    "languages": "en",
                    "portrait": None if number < WITHOUT_PORTRAIT else "0" * 64,
                    "created_at": _stored(FIRST),
                    "version": 1,
                }
            )
        yield rows


def _patterns(connection: sa.Connection) -> None:
    """Small tables that say what becomes of the n-th observer, when, and what they do."""
    moments = ", ".join(WAYS)
    connection.exec_driver_sql(
        "CREATE TEMP TABLE fates (n INTEGER, day INTEGER, status TEXT, is_live BOOLEAN, "
        f"status_at TEXT, {moments}, PRIMARY KEY (n, day))"
    )
    connection.exec_driver_sql(
        "CREATE TEMP TABLE places (n INTEGER PRIMARY KEY, function TEXT, region TEXT)"
    )
    rows = []
    for n, status in enumerate(FATES):
        for day in range(DAYS):
            at = {
                name: _stored(FIRST + timedelta(days=day + 2 * place, minutes=place))
                for place, name in enumerate(WAYS)
            }
            last = "drafted" if status is S.DRAFT else status.value
            values = {"n": n, "day": day, "status": status.value, "is_live": status in LIVE}
            rows.append(values | {"status_at": at[last]} | at)
    connection.execute(_plain("fates", rows), rows)
    functions = [kind.value for kind in Function]
    regions = [region.code for region in regions_of("KZ")][:7]
    places = [{"n": n, "function": functions[n // 7], "region": regions[n % 7]} for n in range(63)]
    connection.execute(_plain("places", places), places)


def _delegations() -> tuple[Election, int]:
    """The election and the first of its delegations, their identities in a row."""
    details = ElectionDetails(
        slug=SLUG,
        kind=ElectionKind.PARLIAMENTARY,
        name_en="A large election",
        name_ru="Большие выборы",
        name_kk="Үлкен сайлау",
        host_country="KZ",
        time_zone="Asia/Almaty",
        election_on=date(2022, 11, 20),
        opens_at=FIRST,
    )
    election = create_election(actor=SYSTEM, details=details)
    codes = [code for code in sorted(state_codes()) if code != "KZ"][:STATES]
    senders = [ensure_state(actor=SYSTEM, country=code) for code in codes]
    for number in range(DELEGATIONS - STATES):
        names = dict.fromkeys(("name_en", "name_ru", "name_kk"), f"Organization {number:03}")
        kind = OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION
        values = {"kind": kind, "acronym": f"L{number:03}", "search_key": f"l{number:03}"}
        senders.append(Organization(**names, **values))
        db.session.add(senders[-1])
    db.session.flush()
    rows = []
    for sender in senders:
        rows.append(
            Delegation(
                election_id=election.id,
                organization_id=sender.id,
                status=DelegationStatus.ACCREDITING,
                format=DelegationFormat.SHORT_TERM,
                note_verbale_number="NV",
                note_verbale_on=date(2022, 9, 20),
            )
        )
        db.session.add(rows[-1])
        db.session.flush()  # one by one: identities follow each other
    return election, rows[0].id


def fill(app: Flask, count: int, *, meetings: int = 0, requests: int = 0) -> None:
    """Enter the election `SLUG` with `count` accreditations over 200 delegations."""
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            election, delegation = _delegations()
            election_id = election.id
        db.session.remove()
        db.engine.dispose()
        expect_writes(True)
        with db.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA foreign_keys = OFF")  # a look-up a reference, all of them true
            driver.execute("PRAGMA cache_size = -400000")
            driver.execute("PRAGMA journal_mode = MEMORY")  # until the next connection
            driver.execute("PRAGMA synchronous = OFF")
            with connection.begin(), _without_indexes(connection):
                _people(connection, count, election_id, delegation)
                _meetings(connection, election_id, delegation, meetings)
                _requests(connection, election_id, delegation, requests)
            with connection.begin():
                counts.remake(connection, election_id)
                identities.remake(connection)
            connection.detach()
        db.engine.dispose()


@contextmanager
def _without_indexes(connection: sa.Connection) -> Iterator[None]:
    """Indexes are made once at the end instead of a million times."""
    tables = "observers", "travel_documents", "accreditations", "assignments", "transitions"
    query = sa.text(
        "SELECT name, sql FROM sqlite_master "
        "WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN :tables"
    ).bindparams(sa.bindparam("tables", tables, expanding=True))
    indexes = connection.execute(query).all()
    for name, _sql in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _name, sql in indexes:
        connection.exec_driver_sql(sql)


def _people(connection: sa.Connection, count: int, election_id: int, delegation: int) -> None:
    _patterns(connection)
    first = (connection.scalar(sa.select(sa.func.max(Observer.id))) or 0) + 1
    for rows in _observers(count, first):
        connection.execute(_plain("observers", rows), rows)
    number = keyring.fernet.encrypt(b"P00000001").decode()
    of = {"election": election_id, "first": first, "fates": len(FATES), "days": DAYS}
    modules = {"delegation": delegation, "delegations": DELEGATIONS, "places": 63}
    connection.execute(sa.text(DOCUMENTS), of | {"number": number, "early": EARLY})
    connection.execute(sa.text(ACCREDITATIONS), of | modules)
    connection.execute(sa.text(ASSIGNMENTS), of)
    for moment, (source, target, through) in WAYS.items():
        ends = ", ".join(f"'{status.value}'" for status in sorted(through))
        values = {"source": source, "target": target.value}
        connection.execute(sa.text(STEP.format(moment=moment, ends=ends)), of | values)
    for name in ("fates", "places"):
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _meetings(connection: sa.Connection, election_id: int, delegation: int, count: int) -> None:
    """Half an hour each, every forty minutes of the eight hours of a day, officials in turn."""
    if not count:
        return
    officials = connection.scalars(sa.select(Official.id).order_by(Official.id)).all()
    first = (connection.scalar(sa.select(sa.func.max(Meeting.id))) or 0) + 1
    rows, hosts, guests, bookings = [], [], [], []
    for number in range(count):
        turn, official = divmod(number, len(officials))
        start = FIRST + timedelta(days=turn // 12, minutes=40 * (turn % 12))
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
        names = {"id": first + number, "election_id": election_id, "title": f"Meeting {number}"}
        rows.append(names | times | {"kind": MeetingKind.BILATERAL})
        key, guest = first + number, delegation + number % DELEGATIONS
        hosts.append({"meeting_id": key, "official_id": officials[official]})
        guests.append({"meeting_id": key, "delegation_id": guest})
        for resource in (f"official:{officials[official]}", f"delegation:{guest}"):
            bookings.append({"meeting_id": key, "resource": resource} | times)
    for table, found in (
        (Meeting, rows),
        (meeting_officials, hosts),
        (meeting_delegations, guests),
        (MeetingBooking, bookings),
    ):
        connection.execute(sa.insert(table), found)


def _requests(connection: sa.Connection, election_id: int, delegation: int, count: int) -> None:
    """Requests of every kind, nine in ten of them done."""
    if not count:
        return
    kinds = list(AssistanceKind)
    first = (connection.scalar(sa.select(sa.func.max(AssistanceRequest.id))) or 0) + 1
    rows, steps = [], []
    for number in range(count):
        moment = FIRST + timedelta(minutes=number)
        is_new = number % 10 == 0
        status = "new" if is_new else "done"
        rows.append(
            {
                "id": first + number,
                "election_id": election_id,
                "number": number + 1,
                "delegation_id": delegation + number % DELEGATIONS,
                "kind": kinds[number % len(kinds)],
                "title": f"Request {number}",
                "status": status,
                "due_at": NOW + timedelta(days=1) if is_new else moment + timedelta(days=1),
                "settled_at": None if is_new else moment + timedelta(hours=2),
                "created_at": moment,
                "created_by": "benchmark",
            }
        )
        step = {"assistance_id": first + number, "actor_name": "benchmark"}
        steps.append(step | {"to_status": "new", "recorded_at": moment})
    connection.execute(sa.insert(AssistanceRequest), rows)
    connection.execute(sa.insert(AssistanceStep), steps)


def main() -> None:
    """Make an installation in a folder, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--observers", type=int, default=1_000_000)
    parser.add_argument("--meetings", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=50_000)
    asked = parser.parse_args()
    app = demonstration(asked.folder)
    start = time.perf_counter()
    fill(app, asked.observers, meetings=asked.meetings, requests=asked.requests)
    print(f"{asked.observers} observers in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
