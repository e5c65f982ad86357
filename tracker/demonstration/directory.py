"""The directory of the demonstration: institutions, officials, halls, interpreters, their times."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.demonstration.rows import DATA, rows_of
from tracker.kernel.actor import SYSTEM
from tracker.officials.models import Institution, Official, Owner
from tracker.officials.operations import (
    HallDetails,
    InstitutionDetails,
    InterpreterDetails,
    OfficialDetails,
    add_day,
    block_time,
    create_hall,
    create_institution,
    create_interpreter,
    create_official,
    set_travel_times,
)
from tracker.officials.rules import Pair, version_of


def build_directory(time_zone: str) -> dict[str, Official]:
    """Enter the whole directory; return the officials by the names in the data."""
    institutions = {
        row["name_en"]: create_institution(actor=SYSTEM, details=InstitutionDetails(**row))
        for row in rows_of(DATA / "institutions.csv")
    }
    _travel_times(institutions)
    officials = _officials(institutions)
    for row in rows_of(DATA / "days.csv"):
        add_day(
            actor=SYSTEM,
            official=officials[row["official"]],
            on=date.fromisoformat(row["on"]),
            hours=row["hours"],
            reason=row["label"],
            time_zone=time_zone,
        )
    owners: dict[str, Owner] = {**officials, **_halls(institutions), **_interpreters()}
    zone = ZoneInfo(time_zone)
    for row in rows_of(DATA / "blocked_times.csv"):
        starts, ends = (datetime.fromisoformat(row[name]) for name in ("starts", "ends"))
        block_time(
            actor=SYSTEM,
            owner=owners[row["owner"]],
            starts_at=starts.replace(tzinfo=zone),
            ends_at=ends.replace(tzinfo=zone),
            label=row["label"],
        )
    return officials


def _working_days(hours: str) -> tuple[str, ...]:
    return (hours,) * 5 + ("",) * 2


def _officials(institutions: dict[str, Institution]) -> dict[str, Official]:
    found: dict[str, Official] = {}
    rows: list[dict[str, Any]] = [dict(row) for row in rows_of(DATA / "officials.csv")]
    for row in rows:
        key, deputy_of = row.pop("key"), row.pop("deputy_of")
        details = OfficialDetails(
            institution_id=institutions[row.pop("institution")].id,
            precedence=int(row.pop("precedence")),
            deputy_of_id=found[deputy_of].id if deputy_of else None,
            buffer_minutes=int(row.pop("buffer_minutes")),
            most_a_day=int(row.pop("most_a_day") or 0) or None,
            hours=_working_days(row.pop("hours")),
            **row,
        )
        found[key] = create_official(actor=SYSTEM, details=details)
    return found


def _halls(institutions: dict[str, Institution]) -> dict[str, Owner]:
    found: dict[str, Owner] = {}
    for row in rows_of(DATA / "halls.csv"):
        whose = row["institution"]
        names: dict[str, Any] = {name: row[name] for name in ("name_en", "name_ru", "name_kk")}
        details = HallDetails(
            institution_id=institutions[whose].id, capacity=int(row["capacity"]), **names
        )
        found[f"{whose}, {row['name_en']}"] = create_hall(actor=SYSTEM, details=details)
    return found


def _interpreters() -> dict[str, Owner]:
    found: dict[str, Owner] = {}
    for row in rows_of(DATA / "interpreters.csv"):
        details = InterpreterDetails(
            name=row["name"],
            languages=tuple(row["languages"].split("|")),
            phone=row["phone"],
            email=row["email"],
            hours=_working_days(row["hours"]),
        )
        found[row["name"]] = create_interpreter(actor=SYSTEM, details=details)
    return found


def _travel_times(institutions: dict[str, Institution]) -> None:
    minutes: dict[Pair, int | None] = {}
    for row in rows_of(DATA / "travel_times.csv"):
        ends = institutions[row["from"]].id, institutions[row["to"]].id
        minutes[min(ends), max(ends)] = int(row["minutes"])
    set_travel_times(actor=SYSTEM, minutes=minutes, seen_version=version_of({}))
