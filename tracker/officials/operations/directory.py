"""What changes institutions, officials, halls and interpreters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.rules import is_email
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, move_version
from tracker.kernel.errors import Difference, Refused, Stale, Words
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.officials.models import (
    Hall,
    Institution,
    Interpreter,
    InterpreterHours,
    Official,
    OfficialHours,
)
from tracker.officials.rules import (
    DAYS,
    LONGEST_BUFFER,
    MOST_MEETINGS,
    Weekly,
    makes_a_circle,
    parse_hours,
    written_hours,
    written_languages,
)

Row = TypeVar("Row", Institution, Official, Hall, Interpreter)
NO_HOURS = ("",) * 7


@dataclass(frozen=True, kw_only=True)
class InstitutionDetails:
    """What a person decides of an institution."""

    name_en: str
    name_ru: str
    name_kk: str
    address: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfficialDetails:
    """What a person decides of an official."""

    institution_id: int
    name_en: str
    name_ru: str
    name_kk: str
    position_en: str
    position_ru: str
    position_kk: str
    precedence: int = 100
    deputy_of_id: int | None = None
    assistant_contact: str | None = None
    assistant_email: str | None = None
    buffer_minutes: int = 0
    most_a_day: int | None = None
    is_active: bool = True
    hours: tuple[str, ...] = NO_HOURS  # as typed, Monday first


@dataclass(frozen=True, kw_only=True)
class HallDetails:
    """What a person decides of a hall."""

    institution_id: int
    name_en: str
    name_ru: str
    name_kk: str
    capacity: int
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class InterpreterDetails:
    """What a person decides of an interpreter."""

    name: str
    languages: tuple[str, ...]  # ISO 639-1
    phone: str | None = None
    email: str | None = None
    is_active: bool = True
    hours: tuple[str, ...] = NO_HOURS  # as typed, Monday first


REFERENCES = {"institution_id": Institution, "deputy_of_id": Official}
TAKEN = N_("There is already an institution %(name)s.")
NO_INSTITUTION = N_("Choose an institution from the list.")
NO_EMAIL = N_("%(email)s is not an e-mail address.")


def _shown(name: str, value: Any) -> Any:
    """A value as people read it: a record by its name, nothing for None."""
    model = REFERENCES.get(name)
    record = db.session.get(model, value) if model and value else None
    if record is not None:
        return localized(record, "name")
    if isinstance(value, bool):
        return Words((N_("yes") if value else N_("no"),))
    return "" if value is None else value


def _check_fresh(
    row: Row, stored: Mapping[str, Any], typed: Mapping[str, Any], seen_version: int
) -> None:
    if row.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, _shown(name, stored[name]), _shown(name, value))
                for name, value in typed.items()
                if stored[name] != value
            ],
        )


def _flush(field: str | None, message: str, **params: Any) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(message, field=field, **params) from error


def _fill(
    row: Row, values: Mapping[str, Any], seen_version: int, week: Sequence[Weekly] = ()
) -> None:
    """Set what was typed on a stored row that nobody changed meanwhile; the week is compared."""
    stored, typed = {name: getattr(row, name) for name in values}, dict(values)
    if isinstance(row, Official | Interpreter):
        stored |= _written_week([(span.weekday, span.starts, span.ends) for span in row.hours])
        typed |= _written_week(week)
    _check_fresh(row, stored, typed, seen_version)
    for name, value in values.items():
        setattr(row, name, value)


def _week(typed: tuple[str, ...]) -> list[Weekly]:
    return [
        (weekday, starts, ends)
        for weekday, (name, text) in enumerate(zip(DAYS, typed, strict=True))
        for starts, ends in parse_hours(text, field=name)
    ]


def _written_week(week: Sequence[Weekly]) -> dict[str, str]:
    return {
        name: written_hours((starts, ends) for day, starts, ends in week if day == weekday)
        for weekday, name in enumerate(DAYS)
    }


def _check_email(email: str | None, *, field: str) -> None:
    if email and not is_email(email):
        raise Refused(NO_EMAIL, field=field, email=email)


# Institutions


def _checked_institution(details: InstitutionDetails) -> dict[str, Any]:
    zone = details.time_zone
    if zone and not clock.is_zone(zone):
        raise Refused(N_("%(zone)s is not a known time zone."), field="time_zone", zone=zone)
    return asdict(details) | {"time_zone": zone or None}


def create_institution(*, actor: Actor, details: InstitutionDetails) -> Institution:
    """Add an institution."""
    actor.require(Capability.EDIT_OFFICIALS)
    institution = Institution(**_checked_institution(details))
    db.session.add(institution)
    _flush("name_en", TAKEN, name=details.name_en)
    return institution


def update_institution(
    *, actor: Actor, institution: Institution, details: InstitutionDetails, seen_version: int
) -> Institution:
    """Change an institution; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    _fill(institution, _checked_institution(details), seen_version)
    _flush("name_en", TAKEN, name=details.name_en)
    return institution


# Officials


def _checked_official(details: OfficialDetails, official_id: int | None) -> dict[str, Any]:
    """The values to store without the hours; raises `Refused` beside the field that is wrong."""
    if not 0 <= details.buffer_minutes <= LONGEST_BUFFER:
        raise Refused(N_("Give a number from 0 to 240."), field="buffer_minutes")
    if details.most_a_day is not None and not 1 <= details.most_a_day <= MOST_MEETINGS:
        raise Refused(N_("Give a number from 1 to 30."), field="most_a_day")
    _check_email(details.assistant_email, field="assistant_email")
    if details.deputy_of_id is not None:
        _check_deputy(official_id, details.deputy_of_id)
    values = asdict(details)
    del values["hours"]
    return values


def _check_deputy(official_id: int | None, of: int) -> None:
    """Refuse a circle. All rows are locked, in order of id: two halves of one may come together."""
    query = sa.select(Official.id, Official.deputy_of_id).order_by(Official.id)
    rows = db.session.execute(query.with_for_update(key_share=True)).all()
    deputies = {row[0]: row[1] for row in rows}
    if of not in deputies:
        raise Refused(N_("Choose an official from the list."), field="deputy_of_id")
    if of == official_id:
        raise Refused(N_("Nobody is their own deputy."), field="deputy_of_id")
    if official_id is not None and makes_a_circle(deputies, official_id, of):
        who = localized(db.session.get_one(Official, of), "name")
        raise Refused(
            N_("%(who)s is already a deputy of this person, directly or through others."),
            field="deputy_of_id",
            who=who,
        )


def create_official(*, actor: Actor, details: OfficialDetails) -> Official:
    """Add an official."""
    actor.require(Capability.EDIT_OFFICIALS)
    hours = [OfficialHours(weekday=day, starts=a, ends=b) for day, a, b in _week(details.hours)]
    official = Official(hours=hours, **_checked_official(details, None))
    db.session.add(official)
    _flush("institution_id", NO_INSTITUTION)
    return official


def update_official(
    *, actor: Actor, official: Official, details: OfficialDetails, seen_version: int
) -> Official:
    """Change an official; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    week = _week(details.hours)
    _fill(official, _checked_official(details, official.id), seen_version, week)
    official.hours = [OfficialHours(weekday=day, starts=a, ends=b) for day, a, b in week]
    move_version(official, "precedence")  # the hours are rows of their own
    _flush("institution_id", NO_INSTITUTION)
    return official


# Halls


def create_hall(*, actor: Actor, details: HallDetails) -> Hall:
    """Add a hall."""
    actor.require(Capability.EDIT_OFFICIALS)
    hall = Hall(**asdict(details))
    db.session.add(hall)
    _flush("institution_id", NO_INSTITUTION)
    return hall


def update_hall(*, actor: Actor, hall: Hall, details: HallDetails, seen_version: int) -> Hall:
    """Change a hall; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    _fill(hall, asdict(details), seen_version)
    _flush("institution_id", NO_INSTITUTION)
    return hall


# Interpreters


def _checked_interpreter(details: InterpreterDetails) -> dict[str, Any]:
    _check_email(details.email, field="email")
    values = asdict(details) | {"languages": written_languages(details.languages)}
    del values["hours"]
    return values


def create_interpreter(*, actor: Actor, details: InterpreterDetails) -> Interpreter:
    """Add an interpreter."""
    actor.require(Capability.EDIT_OFFICIALS)
    hours = [InterpreterHours(weekday=day, starts=a, ends=b) for day, a, b in _week(details.hours)]
    interpreter = Interpreter(hours=hours, **_checked_interpreter(details))
    db.session.add(interpreter)
    db.session.flush()
    return interpreter


def update_interpreter(
    *, actor: Actor, interpreter: Interpreter, details: InterpreterDetails, seen_version: int
) -> Interpreter:
    """Change an interpreter; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.EDIT_OFFICIALS)
    week = _week(details.hours)
    _fill(interpreter, _checked_interpreter(details), seen_version, week)
    interpreter.hours = [InterpreterHours(weekday=day, starts=a, ends=b) for day, a, b in week]
    move_version(interpreter, "name")  # the hours are rows of their own
    db.session.flush()
    return interpreter
